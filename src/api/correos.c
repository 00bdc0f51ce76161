/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/correos/prueba: the token of a link, which the sede gives back, proves an address of mail. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/mail.h"

const struct json_shape correos_prove_shape = {.count = 1, .fields = {{"prueba", .max_bytes = 64}}};

enum cc_err correos_prove(struct exchange *x, const struct json_value *in, struct buf *out)
{
    enum cc_err err = mail_prove(x->service, in[0].text, in[0].len, &x->caller, x->now_ms);
    if (err != CC_OK)
        return err == CC_ERR_EMAIL_LINK ? exchange_blame(x, "prueba", err) : err;
    json_open(out, NULL, '{');
    json_put_text(out, "estado", "probado");
    json_close(out, '}');
    return CC_OK;
}
