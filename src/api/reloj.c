/* SPDX-License-Identifier: EUPL-1.2 */
/* POST /control/reloj/aceptar: the clock is right, whatever was seen before. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"

const struct json_shape control_clock_shape = {.count = 0};

enum cc_err control_clock_accept(struct exchange *x, const struct json_text *in, struct buf *out)
{
    (void)in;
    enum cc_err err = service_accept_clock(x->service, x->caller.name);
    if (err != CC_OK)
        return err;
    json_open(out, NULL, '{');
    json_put_utc(out, "hora", service_now_ms(x->service));
    json_close(out, '}');
    return CC_OK;
}
