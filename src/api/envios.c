/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/envios/pausa: POST stops all sending, DELETE lets it go on. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/sending.h"

const struct json_shape envios_pause_shape = {
    .fields = {{"motivo", .optional = true, .max_bytes = PAUSE_REASON_SIZE - 1}}};

enum cc_err envios_pause(struct exchange *x, struct buf *out)
{
    const char *reason = x->in[0].text != NULL ? x->in[0].text : "";
    json_put_bool(out, "en_pausa", true);
    return sending_pause(x->service, &x->caller, reason, x->now_ms);
}

enum cc_err envios_resume(struct exchange *x, struct buf *out)
{
    json_put_bool(out, "en_pausa", false);
    return sending_resume(x->service, &x->caller, x->now_ms);
}
