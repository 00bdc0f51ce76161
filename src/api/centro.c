/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * POST /v1/modems/{nombre}/centro writes the number of the message centre to a SIM; GET tells how
 * far that is.
 */
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"

#include <string.h>

enum { NUMBER_MAX = 32 };

const struct json_shape centro_set_shape = {.fields = {{"numero", .max_bytes = NUMBER_MAX}}};

static void put_centre(struct buf *out, const struct modem *modem, enum modem_centre_step step,
                       enum cc_err why)
{
    static const char *const tokens[] = {"sin_poner", "escribiendo", "puesto", "fallido"};
    struct modem_status status;
    modem_status(modem, &status);
    json_put_text(out, "nombre", modem_name(modem));
    json_put_text(out, "estado", tokens[step]);
    json_put_text(out, "centro_mensajes", status.sample.smsc);
    json_put_text(out, "error", why != CC_OK ? err_token(why) : "");
    json_put_text(out, "error_texto", why != CC_OK ? err_text(why) : "");
}

/* Without the spaces that people write. */
static enum cc_err read_number(struct exchange *x, const struct json_value *text,
                               char ret[NUMBER_MAX + 1])
{
    size_t len = 0;
    for (const char *c = text->text; *c != '\0'; c++)
        if (*c != ' ')
            ret[len++] = *c;
    ret[len] = '\0';
    return phone_is_centre(ret) ? CC_OK : exchange_blame(x, "numero", CC_ERR_CENTRE_FORMAT);
}

enum cc_err centro_set(struct exchange *x, struct buf *out)
{
    struct modem *modem;
    char number[NUMBER_MAX + 1];
    enum cc_err err = input_modem(x, &modem);
    if (err == CC_OK)
        err = read_number(x, &x->in[0], number);
    if (err == CC_OK)
        err = service_set_centre(x->service, modem, number, &x->caller, x->now_ms);
    if (err == CC_OK) /* as it is from its commit on */
        put_centre(out, modem, MODEM_CENTRE_WRITING, CC_OK);
    return err;
}

enum cc_err centro_show(struct exchange *x, struct buf *out)
{
    struct modem *modem;
    enum cc_err err = input_modem(x, &modem), why = CC_OK;
    if (err != CC_OK)
        return err;
    enum modem_centre_step step = modem_centre_step(modem, &why);
    put_centre(out, modem, step, why);
    return CC_OK;
}
