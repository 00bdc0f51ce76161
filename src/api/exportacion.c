/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * POST /v1/registro/ciudadanos/busqueda/exportacion: everybody in the registry with nothing masked,
 * in pages, for supervisors. `siguiente` of a page is the `cursor` of the next one; null = it was
 * the last. The first page is audited, and the cursor goes on for the same caller alone.
 */
#include "api/ciudadanos.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/roll.h"

enum { CURSOR };

const struct json_shape exportacion_shape = {
    .count = 1,
    .fields = {[CURSOR] = {"cursor", .optional = true, .max_bytes = CURSOR_SIZE - 1}},
};

struct listing {
    struct buf *out;
    int64_t unreadable;
};

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
    json_close(out, '}');
}

enum cc_err exportacion_tell(struct exchange *x, const struct json_value *in, struct buf *out)
{
    struct listing listing = {.out = out};
    char next[CURSOR_SIZE];
    json_open(out, NULL, '{');
    json_open(out, "ciudadanos", '[');
    enum cc_err err =
        roll_tell(x->service, &x->caller, in[CURSOR].text, x->now_ms, put_person, &listing, next);
    json_close(out, ']');
    json_put_int(out, "ilegibles", listing.unreadable);
    if (next[0] != '\0')
        json_put_text(out, "siguiente", next);
    else
        json_put_null(out, "siguiente");
    json_close(out, '}');
    return err == CC_ERR_RANGE ? exchange_blame(x, "cursor", err) : err;
}
