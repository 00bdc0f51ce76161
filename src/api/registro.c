/* SPDX-License-Identifier: EUPL-1.2 */
/* POST /v1/registro/ciudadanos (and /control/ciudadanos): alta in person, by staff. */
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/enrol.h"

enum { NIF, NAME, PHONE, CONTRAST };

const struct json_shape registro_shape = {
    .count = 4,
    /* a name may come decomposed and with stray white space: its rule is for the normal form */
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [NAME] = {"nombre", .max_bytes = 480},
               [PHONE] = {"movil", .max_bytes = 64},
               [CONTRAST] = {"contraste", .optional = true, .max_bytes = 64}},
};

static enum cc_err parse(struct exchange *x, const struct json_text *in, struct enrol_input *ret)
{
    enum cc_err err = input_nif(x, &in[NIF], &ret->nif);
    if (err == CC_OK)
        err = input_name(x, &in[NAME], ret->name, sizeof(ret->name));
    if (err != CC_OK)
        return err;
    err = phone_parse(in[PHONE].text, in[PHONE].len, &ret->phone);
    if (err != CC_OK)
        return exchange_blame(x, "movil", err);
    return input_contrast(x, &in[CONTRAST], ret->nif.kind, &ret->contrast);
}

/* A conflict, too, says which field it is about. */
static enum cc_err blame_conflict(struct exchange *x, enum cc_err err)
{
    if (err == CC_ERR_ALREADY_REGISTERED)
        return exchange_blame(x, "nif", err);
    return err == CC_ERR_PHONE_IN_USE ? exchange_blame(x, "movil", err) : err;
}

enum cc_err registro_create(struct exchange *x, const struct json_text *in, struct buf *out)
{
    char phone[PHONE_MASK_SIZE];
    struct citizen citizen;
    struct enrol_input input = {.actor = x->caller.name};
    enum cc_err err = parse(x, in, &input);
    if (err == CC_OK)
        err = blame_conflict(x, enrol_in_person(x->service, &input, x->now_ms, &citizen));
    secret_wipe(&input.contrast, sizeof(input.contrast));
    if (err != CC_OK)
        return err;
    phone_mask(&citizen.phone, phone);
    json_open(out, NULL, '{');
    json_put_text(out, "nif", citizen.nif.text);
    json_put_text(out, "nombre", citizen.name);
    json_put_text(out, "movil", phone);
    json_put_bool(out, "contraste", citizen.contrast.text[0] != '\0');
    json_put_text(out, "estado", citizen_state_token(citizen.state));
    json_put_text(out, "nivel", citizen_level_token(citizen.level));
    json_put_text(out, "via_alta", citizen_channel_token(citizen.channel));
    json_put_utc(out, "alta", citizen.created_ms);
    json_close(out, '}');
    secret_wipe(&citizen.contrast, sizeof(citizen.contrast));
    return CC_OK;
}
