/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/auditoria/comprobacion: the check of the whole database against its key, begun by an auditor
 * and done in steps; how far it is, and what it found. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/auditor.h"
#include "service/inspect.h"

static void put_rows(struct buf *out, const struct inspect_report *report)
{
    json_open(out, "filas", '[');
    for (size_t i = 0; i < report->row_count; i++) {
        json_open(out, NULL, '{');
        json_put_text(out, "tabla", rowtag_table_name(report->rows[i].table));
        json_put_int(out, "id", report->rows[i].id);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_open(out, "faltan", '[');
    for (int table = 0; table < CHECK_TABLES; table++)
        if (report->is_missing[table])
            json_put_text(out, NULL, rowtag_table_name((enum rowtag_table)table));
    json_close(out, ']');
}

enum cc_err comprobacion_show(struct exchange *x, struct buf *out)
{
    static const char *const states[] = {[INSPECT_NEVER] = "ninguna",
                                         [INSPECT_RUNNING] = "en_curso",
                                         [INSPECT_DONE] = "hecha",
                                         [INSPECT_FAILED] = "fallida"};
    const struct inspect_report *report = inspect_report_of(x->service->upkeep.inspect);
    json_put_text(out, "estado", states[report->state]);
    json_put_utc_or_null(out, "empezada", report->began_ms);
    json_put_utc_or_null(out, "acabada", report->ended_ms);
    json_put_int(out, "leidas", report->read);
    json_put_int(out, "anotaciones", report->total);
    bool is_at_table = report->state == INSPECT_RUNNING && report->table >= 0;
    json_put_text_or_null(out, "tabla",
                          is_at_table ? rowtag_table_name((enum rowtag_table)report->table) : "");
    json_put_bool_if(out, "correcta", report->state == INSPECT_DONE, report->is_good);
    json_put_int_if(out, "primera_rota", report->first_bad != 0, report->first_bad);
    put_rows(out, report);
    return CC_OK;
}

enum cc_err comprobacion_begin(struct exchange *x, struct buf *out)
{
    enum cc_err err = auditor_check(x->service, &x->caller, x->now_ms);
    return err == CC_OK ? comprobacion_show(x, out) : err;
}
