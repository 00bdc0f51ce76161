/* SPDX-License-Identifier: EUPL-1.2 */
/* POST /control/ciudadanos/ver, /contraste and /desbloquear. The NIF comes in the body: URLs end up
 * in logs. */
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/enrol.h"
#include "store/failures.h"

const struct json_shape control_nif_shape = {
    .count = 1,
    .fields = {{"nif", .max_bytes = 64}},
};

enum { NIF, CONTRAST };

const struct json_shape control_contrast_shape = {
    .count = 2,
    .fields = {[NIF] = {"nif", .max_bytes = 64}, [CONTRAST] = {"contraste", .max_bytes = 64}},
};

static void put_citizen(struct buf *out, const struct citizen *citizen,
                        const struct limits_citizen *counted)
{
    char nif[NIF_MASK_SIZE];
    char phone[PHONE_MASK_SIZE];
    nif_mask(&citizen->nif, nif);
    phone_mask(&citizen->phone, phone);
    json_open(out, NULL, '{');
    json_put_text(out, "nif", nif);
    json_put_text(out, "nombre", citizen->name);
    json_put_text(out, "movil", phone);
    json_put_bool(out, "contraste", citizen->contrast.text[0] != '\0');
    json_put_text(out, "estado", citizen_state_token(citizen->state));
    json_put_text(out, "nivel", citizen_level_token(citizen->level));
    json_put_text(out, "via_alta", citizen_channel_token(citizen->channel));
    json_put_utc(out, "alta", citizen->created_ms);
    json_put_int(out, "fallos_seguidos", counted->failures_in_a_row);
    json_put_bool(out, "bloqueado", citizen->locked);
    json_put_bool(out, "contraste_bloqueado", citizen->contrast_locked);
    json_close(out, '}');
}

static enum cc_err find_and_put(struct exchange *x, const struct nif *nif, struct buf *out)
{
    const struct service *service = x->service;
    struct citizen citizen;
    struct limits_citizen counted = {0};
    enum cc_err err = citizens_find(service->store, nif, &citizen);
    if (err == CC_OK)
        err = failures_count_for(service->store, citizen.id, &service->settings->limits, x->now_ms,
                                 &counted);
    if (err == CC_OK)
        put_citizen(out, &citizen, &counted);
    return err;
}

enum cc_err control_citizen_show(struct exchange *x, const struct json_text *in, struct buf *out)
{
    struct nif nif;
    enum cc_err err = input_nif(x, &in[0], &nif);
    return err == CC_OK ? find_and_put(x, &nif, out) : err;
}

enum cc_err control_citizen_contrast(struct exchange *x, const struct json_text *in,
                                     struct buf *out)
{
    struct nif nif;
    struct contraste contrast;
    enum cc_err err = input_nif(x, &in[NIF], &nif);
    if (err == CC_OK)
        err = input_contrast(x, &in[CONTRAST], nif.kind, &contrast);
    if (err != CC_OK)
        return err;
    err = enrol_set_contrast(x->service, &nif, &contrast, x->caller.name, x->now_ms);
    secret_wipe(&contrast, sizeof(contrast));
    return err == CC_OK ? find_and_put(x, &nif, out) : err;
}

enum cc_err control_citizen_unlock(struct exchange *x, const struct json_text *in, struct buf *out)
{
    struct nif nif;
    enum cc_err err = input_nif(x, &in[0], &nif);
    if (err == CC_OK)
        err = enrol_unlock(x->service, &nif, x->caller.name, x->now_ms);
    return err == CC_OK ? find_and_put(x, &nif, out) : err;
}
