/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /v1/cifras: what the service did each month, for supervisors. Numbers alone, of nobody. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/monthly.h"

#include <stdio.h>

static const struct {
    const char *name;
    enum monthly_kind kind;
} members[] = {
    {"altas_presencial", MONTHLY_IN_PERSON},    {"altas_en_linea", MONTHLY_ONLINE},
    {"altas_certificado", MONTHLY_CERTIFICATE}, {"altas_telefono", MONTHLY_PHONE},
    {"altas_identidad", MONTHLY_ASSERTED},      {"bajas", MONTHLY_LEFT},
    {"peticiones", MONTHLY_REQUESTS},           {"entradas", MONTHLY_ENTERED},
    {"entradas_rechazadas", MONTHLY_REFUSED},
};

static void put_month(struct buf *out, const struct monthly_row *row)
{
    char month[32];
    (void)snprintf(month, sizeof(month), "%04d-%02d", (int)(row->month / 12),
                   (int)(row->month % 12 + 1));
    json_open(out, NULL, '{');
    json_put_text(out, "mes", month);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        json_put_int(out, members[i].name, row->counts[members[i].kind]);
    json_put_int_if(out, "sms_enviados", row->knows_sms, row->counts[MONTHLY_SMS_SENT]);
    json_put_int_if(out, "sms_fallidos", row->knows_sms, row->counts[MONTHLY_SMS_FAILED]);
    json_put_int(out, "personas", row->people);
    json_put_int_if(out, "activas", row->knows_active, row->active);
    json_close(out, '}');
}

enum cc_err cifras_show(struct exchange *x, struct buf *out)
{
    struct monthly_table table;
    enum cc_err err = monthly_tell(x->service, x->now_ms, &table);
    if (err != CC_OK)
        return err;
    json_open(out, "meses", '[');
    for (size_t i = 0; i < table.count; i++)
        put_month(out, &table.rows[i]);
    json_close(out, ']');
    json_put_bool(out, "al_dia", table.is_whole);
    return CC_OK;
}
