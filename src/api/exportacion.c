/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * POST /v1/registro/ciudadanos/busqueda/exportacion: everybody in the registry with nothing masked,
 * in pages, for supervisors. `siguiente` of a page is the `cursor` of the next one; null = it was
 * the last. The first page is audited, and the cursor goes on for the same caller alone.
 */
#include "api/ciudadanos.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/credential.h"
#include "service/dossier.h"

enum { CURSOR };

const struct json_shape exportacion_shape = {
    .fields = {[CURSOR] = {"cursor", .optional = true, .max_bytes = CURSOR_SIZE - 1}},
};

struct listing {
    struct service *service;
    struct buf *out;
    int64_t unreadable;
    enum cc_err err;
};

/* A row that was changed without the key is told, and the rest is exported. */
static void note_error(struct listing *listing, enum cc_err err)
{
    listing->unreadable += err == CC_ERR_ALTERED;
    if (err != CC_OK && err != CC_ERR_ALTERED)
        listing->err = err;
}

static void note_state(const struct citizen *citizen, const struct credential *credential,
                       void *user)
{
    const char **states = user;
    (void)citizen;
    states[credential->kind] = credential_state_token(credential->state);
}

/* Of each kind the state of the secret, "" where there is none. */
static void put_credentials(struct listing *listing, const struct citizen *citizen)
{
    const char *states[CREDENTIAL_KINDS] = {NULL};
    enum cc_err err = credential_each_citizen(listing->service, citizen, note_state, states);
    for (enum credential_kind kind = CREDENTIAL_NONE + 1; kind < CREDENTIAL_KINDS; kind++)
        json_put_text(listing->out, credential_kind_token(kind),
                      states[kind] != NULL ? states[kind] : "");
    note_error(listing, err);
}

static void put_person(const struct citizen *citizen, void *user)
{
    struct listing *listing = user;
    struct buf *out = listing->out;
    if (citizen == NULL) {
        listing->unreadable++;
        return;
    }
    json_open(out, NULL, '{');
    ciudadanos_put_whole(out, citizen);
    json_put_bool(out, "comparte_movil", citizen->shares_phone);
    json_put_utc(out, "alta", citizen->created_ms);
    note_error(listing, ciudadanos_put_email(listing->service, &citizen->nif, true, out));
    put_credentials(listing, citizen);
    json_close(out, '}');
}

enum cc_err exportacion_tell(struct exchange *x, struct buf *out)
{
    struct listing listing = {.service = x->service, .out = out};
    char next[CURSOR_SIZE];
    json_open(out, "ciudadanos", '[');
    enum cc_err err = roll_tell(x->service, &x->caller, x->in[CURSOR].text, x->now_ms, put_person,
                                &listing, next);
    json_close(out, ']');
    err = err == CC_OK ? listing.err : err;
    json_put_int(out, "ilegibles", listing.unreadable);
    json_put_text_or_null(out, "siguiente", next);
    return err == CC_ERR_RANGE ? exchange_blame(x, "cursor", err) : err;
}
