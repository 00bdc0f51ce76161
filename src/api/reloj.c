/* SPDX-License-Identifier: EUPL-1.2 */
/* POST /v1/reloj/aceptacion: a person says that the clock is right. */
#include "api/resources.h"
#include "base/loop.h"
#include "http/exchange.h"
#include "http/json_write.h"

enum cc_err reloj_accept(struct exchange *x, struct buf *out)
{
    json_put_utc(out, "hora", loop_wall_ms(x->service->loop));
    return service_accept_clock(x->service, &x->caller);
}
