/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/clave/cambio: another master key, begun by an administrator and made in steps; how far it is.
 */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/key_change.h"

enum cc_err clave_show_change(struct exchange *x, struct buf *out)
{
    static const char *const states[] = {[KEY_CHANGE_NEVER] = "ninguno",
                                         [KEY_CHANGE_RUNNING] = "en_curso",
                                         [KEY_CHANGE_DONE] = "hecho",
                                         [KEY_CHANGE_FAILED] = "fallido"};
    const struct key_change_report report = key_change_report(x->service->upkeep.key_change);
    bool is_done = report.state == KEY_CHANGE_DONE;
    bool has_failed = report.state == KEY_CHANGE_FAILED;
    json_put_text(out, "estado", states[report.state]);
    json_put_utc_or_null(out, "empezado", report.began_ms);
    json_put_utc_or_null(out, "acabado", report.ended_ms);
    json_put_int(out, "porcentaje",
                 is_done            ? 100
                 : report.total > 0 ? report.rows * 99 / report.total
                                    : 0);
    json_put_text_or_null(out, "error", has_failed ? err_token(report.trouble) : "");
    json_put_text_or_null(out, "motivo", has_failed ? err_text(report.trouble) : "");
    return CC_OK;
}

enum cc_err clave_begin_change(struct exchange *x, struct buf *out)
{
    enum cc_err err = key_change_ask(x->service, &x->caller, x->now_ms);
    return err == CC_OK ? clave_show_change(x, out) : err;
}
