/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /v1/registro/ciudadanos: everybody in the registry, in pages, for supervisors. `siguiente` of
 * a page is the `cursor` of the next one; null = it was the last. NIF and phone are masked.
 */
#include "api/ciudadanos.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/dossier.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { CURSOR };
enum { ID_SIZE = 24 };

const struct json_shape lista_shape = {
    .fields = {[CURSOR] = {"cursor", .optional = true, .max_bytes = 32}},
};

static enum cc_err parse_cursor(struct exchange *x, const struct json_value *text, int64_t *ret)
{
    char *end;
    *ret = 0;
    if (text->text == NULL)
        return CC_OK;
    errno = 0;
    *ret = strtoll(text->text, &end, 10);
    bool is_good = errno == 0 && text->len > 0 && *end == '\0' && *ret > 0;
    return is_good ? CC_OK : exchange_blame(x, "cursor", CC_ERR_RANGE);
}

static void put_next(struct buf *out, int64_t last_id)
{
    char cursor[ID_SIZE] = "";
    if (last_id != 0)
        (void)snprintf(cursor, sizeof(cursor), "%" PRId64, last_id);
    json_put_text_or_null(out, "siguiente", cursor);
}

static void put_row(const struct citizen *citizen, void *user)
{
    struct buf *out = user;
    char nif[NIF_MASK_SIZE];
    json_open(out, NULL, '{');
    json_put_bool(out, "legible", citizen != NULL);
    if (citizen != NULL) {
        nif_mask(&citizen->nif, nif);
        json_put_text(out, "nif", nif);
        ciudadanos_put_registration(out, citizen);
    }
    json_close(out, '}');
}

enum cc_err lista_show(struct exchange *x, struct buf *out)
{
    int64_t after, last = 0;
    enum cc_err err = parse_cursor(x, &x->in[CURSOR], &after);
    if (err != CC_OK)
        return err;
    json_open(out, "ciudadanos", '[');
    err = roll_list(x->service, after, put_row, out, &last);
    json_close(out, ']');
    put_next(out, last);
    return err == CC_OK
               ? dossier_note_look(x->service, DOSSIER_LOOK_LIST, NULL, &x->caller, x->now_ms)
               : err;
}
