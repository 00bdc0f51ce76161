/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /control/auditoria/comprobar: whether the audit trail is whole, and where it is not. */
#include "http/exchange.h"
#include "http/json_write.h"
#include "http/resources.h"
#include "store/audit.h"

/* Walks the whole trail, and the loop waits meanwhile: for a person, not for a timer. */
enum cc_err control_audit_verify(struct exchange *x, const struct json_text *in, struct buf *out)
{
    struct store *store = x->context->service->store;
    int64_t bad = 0;
    (void)in;
    enum cc_err err = audit_close(store); /* this turn's rows are not committed yet */
    if (err == CC_OK)
        err = audit_verify(store, &bad);
    if (err != CC_OK)
        return err;
    json_open(out, NULL, '{');
    json_put_bool(out, "correcta", bad == 0);
    if (bad == 0)
        json_put_null(out, "primera_rota");
    else
        json_put_int(out, "primera_rota", bad);
    json_close(out, '}');
    return CC_OK;
}
