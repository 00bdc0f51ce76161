/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /healthz and /readyz: for whoever watches the daemon. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "store/notice.h"

static enum cc_err put_state(struct buf *out, const char *state)
{
    json_open(out, NULL, '{');
    json_put_text(out, "estado", state);
    json_close(out, '}');
    return CC_OK;
}

enum cc_err probes_health(struct exchange *x, const struct json_value *in, struct buf *out)
{
    (void)x;
    (void)in;
    return put_state(out, "ok");
}

enum cc_err probes_ready(struct exchange *x, const struct json_value *in, struct buf *out)
{
    (void)in;
    static const enum cc_err errors[DATA_NOTICE_COUNT] = {
        [DATA_FINE] = CC_OK,     [DATA_BUSY] = CC_ERR_DB_BUSY,
        [DATA_FULL] = CC_ERR_DB, [DATA_READ_ONLY] = CC_ERR_DB,
        [DATA_DISK] = CC_ERR_DB, [DATA_OLD] = CC_ERR_INTEGRITY,
        [DATA_ALTERED] = CC_OK,  [DATA_DAMAGED] = CC_ERR_DB_DAMAGED,
    };
    enum cc_err err = errors[notice_gravest(x->service->store)];
    if (err != CC_OK)
        return err;
    if (!service_clock_is_good(x->service))
        return CC_ERR_CLOCK_UNRELIABLE;
    if (!pool_is_ready(x->service->pool))
        return CC_ERR_MODEM_NOT_READY;
    return put_state(out, "listo");
}
