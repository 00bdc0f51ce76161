/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * POST /v1/registro/ciudadanos/busqueda/expediente: all that the box holds on a person, who has
 * asked for it (GDPR art. 15). Without `parte`, the registration whole and its history; with it, a
 * page of what else there is, and in `sigue` where the next one begins.
 */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/dossier.h"

#include <string.h>

enum { NIF, PART, BEFORE };

const struct json_shape expediente_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [PART] = {"parte", .optional = true, .max_bytes = 16},
               [BEFORE] = {"antes", JSON_KIND_INTEGER, .optional = true, .min = 1,
                           .max = INT64_MAX}},
};

static void put_request(const struct dossier_row *row, struct buf *out)
{
    json_put_utc(out, "caduca", row->expires_ms);
    json_put_bool(out, "con_contraste", row->with_contrast);
    json_put_int(out, "fallos", row->tries);
    json_put_int(out, "usos", row->uses);
}

static void put_message(const struct dossier_row *row, struct buf *out)
{
    json_put_text(out, "clase", outbox_class_token(row->class));
    json_put_text(out, "estado", outbox_state_token(row->state));
    json_put_utc_or_null(out, "enviado", row->sent_ms);
    json_put_utc_or_null(out, "acabado", row->done_ms);
}

static void put_failure(const struct dossier_row *row, struct buf *out)
{
    json_put_text(out, "que", row->failure == FAILURE_CONTRAST ? "contraste" : "contraclave");
}

static void put_audit(const struct dossier_row *row, struct buf *out)
{
    json_put_text(out, "suceso", row->event);
    json_put_text(out, "quien", row->actor);
    json_put_text(out, "resultado", row->result);
    json_put_text_or_null(out, "ip", row->address);
    json_put_text_or_null(out, "evidencia", row->evidence);
}

static const struct {
    const char *name;
    void (*put)(const struct dossier_row *row, struct buf *out);
} parts[DOSSIER_PARTS] = {
    [DOSSIER_REQUESTS] = {"peticiones", put_request},
    [DOSSIER_MESSAGES] = {"mensajes", put_message},
    [DOSSIER_FAILURES] = {"fallos", put_failure},
    [DOSSIER_AUDIT] = {"auditoria", put_audit},
};

struct listing {
    struct buf *out;
    enum dossier_part part;
};

static void put_row(const struct dossier_row *row, void *user)
{
    const struct listing *listing = user;
    json_open(listing->out, NULL, '{');
    json_put_utc(listing->out, "hora", row->at_ms);
    parts[listing->part].put(row, listing->out);
    json_close(listing->out, '}');
}

static enum cc_err put_part(struct exchange *x, const struct nif *nif, struct buf *out)
{
    struct listing listing = {.out = out};
    struct dossier_page page = {.nif = nif,
                                .before_id =
                                    x->in[BEFORE].is_given ? x->in[BEFORE].number : INT64_MAX,
                                .caller = &x->caller};
    int64_t next = 0;
    while (listing.part < DOSSIER_PARTS && strcmp(parts[listing.part].name, x->in[PART].text) != 0)
        listing.part++;
    if (listing.part == DOSSIER_PARTS)
        return exchange_blame(x, "parte", CC_ERR_RANGE);
    json_open(out, "filas", '[');
    page.part = listing.part;
    enum cc_err err = dossier_tell(x->service, &page, x->now_ms, put_row, &listing, &next);
    json_close(out, ']');
    json_put_int_if(out, "sigue", next != 0, next);
    return err;
}

/* Nothing is masked here. */
static enum cc_err put_person(struct exchange *x, struct buf *out, const struct citizen *citizen)
{
    json_open(out, "persona", '{');
    ciudadanos_put_whole(out, citizen);
    enum cc_err err = ciudadanos_put_email(x->service, &citizen->nif, true, out);
    json_put_text(out, "registro", citizen_grade_token(citizen->grade));
    json_put_text(out, "via_alta", citizen_channel_token(citizen->channel));
    json_put_utc(out, "alta", citizen->created_ms);
    json_put_bool(out, "comparte_movil", citizen->shares_phone);
    json_put_bool(out, "bloqueado", citizen->locked);
    json_put_bool(out, "contraste_bloqueado", citizen->contrast_locked);
    json_close(out, '}');
    return err;
}

static enum cc_err put_registration(struct exchange *x, const struct nif *nif, struct buf *out)
{
    CC_WIPED(citizen) citizen;
    enum cc_err err = dossier_begin(x->service, nif, &x->caller, x->now_ms, &citizen);
    if (err == CC_OK)
        err = put_person(x, out, &citizen);
    if (err == CC_OK)
        err = credenciales_put_of(x, &citizen, out);
    if (err == CC_OK)
        err = vida_put_history(x, &citizen, out);
    return err;
}

enum cc_err expediente_tell(struct exchange *x, struct buf *out)
{
    struct nif nif;
    enum cc_err err = input_nif(x, &x->in[NIF], &nif);
    if (err != CC_OK)
        return err;
    return x->in[PART].text != NULL ? put_part(x, &nif, out) : put_registration(x, &nif, out);
}
