/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/retencion: what has had its term is destroyed now, and how far that is. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/purge.h"

enum cc_err retencion_show(struct exchange *x, struct buf *out)
{
    static const char *const states[] = {[PURGE_NEVER] = "ninguna",
                                         [PURGE_RUNNING] = "en_curso",
                                         [PURGE_DONE] = "hecha",
                                         [PURGE_FAILED] = "fallida",
                                         [PURGE_PASSED_ON] = "pedida"};
    const struct purge_report *report = purge_report_of(x->service->upkeep.purge);
    json_put_text(out, "estado", states[report->state]);
    json_put_utc_or_null(out, "empezada", report->began_ms);
    json_put_utc_or_null(out, "acabada", report->ended_ms);
    json_put_text(out, "quien", report->by);
    json_put_text_or_null(out, "error",
                          report->state == PURGE_FAILED ? err_token(report->err) : "");
    json_open(out, "filas", '{');
    for (int kind = 0; kind < PURGE_KINDS; kind++)
        json_put_int(out, purge_kind_token((enum purge_kind)kind), report->counts[kind]);
    json_close(out, '}');
    return CC_OK;
}

enum cc_err retencion_begin(struct exchange *x, struct buf *out)
{
    enum cc_err err = purge_ask(x->service->upkeep.purge, &x->caller, x->now_ms);
    return err == CC_OK ? retencion_show(x, out) : err;
}
