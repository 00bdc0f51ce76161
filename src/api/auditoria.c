/* SPDX-License-Identifier: EUPL-1.2 */
/* POST /v1/auditoria/aceptacion: a person has looked, and this database is the good one. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/access.h"

enum cc_err auditoria_accept(struct exchange *x, struct buf *out)
{
    json_put_utc(out, "aceptada", x->now_ms);
    return accept_database(x->service, &x->caller, x->now_ms);
}
