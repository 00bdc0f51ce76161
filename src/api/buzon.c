/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /v1/buzon and POST /v1/buzon/lectura: what came in, for technicians. */
#include "api/estado.h"
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/dossier.h"
#include "service/receive.h"

#include <string.h>

enum {
    SHOWN = 200,
    TEXT_SHOWN = 2000, /* bytes of one text: a stranger's long one must not hide the others */
    LIST_END = 64
};

enum { ID };

const struct json_shape buzon_read_shape = {
    .fields = {[ID] = {"id", JSON_KIND_INTEGER, .optional = true, .min = 1, .max = INT64_MAX}},
};

struct listing {
    struct buf *out;
    bool is_cut;
};

/* Cut where a letter of UTF-8 begins. */
static void clip_text(const char *text, char out[TEXT_SHOWN + sizeof("…")])
{
    size_t len = strlen(text);
    bool is_long = len > TEXT_SHOWN;
    if (is_long)
        for (len = TEXT_SHOWN; len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80; len--)
            ;
    memcpy(out, text, len);
    memcpy(out + len, is_long ? "…" : "", is_long ? sizeof("…") : 1);
}

static void put_row(const struct inbox_message *message, struct buf *out)
{
    char text[TEXT_SHOWN + sizeof("…")];
    clip_text(message->text, text);
    json_open(out, NULL, '{');
    json_put_int(out, "id", message->id);
    json_put_text(out, "clase", inbox_kind_token(message->kind));
    json_put_text(out, "modem", message->modem);
    json_put_text(out, "de", message->from);
    json_put_text(out, "texto", text);
    json_put_int(out, "partes", message->parts);
    json_put_utc_or_null(out, "enviado", message->sent_ms);
    json_put_utc(out, "recibido", message->received_ms);
    json_put_utc_or_null(out, "leido", message->read_ms);
    json_close(out, '}');
    secret_wipe(text, sizeof(text));
}

/* A message that does not fit is left out; smaller ones after it may fit. */
static bool put_message(const struct inbox_message *message, void *user)
{
    struct listing *listing = user;
    struct buf before = *listing->out;
    put_row(message, listing->out);
    if (buf_ok(listing->out) && listing->out->cap - listing->out->len >= LIST_END)
        return true;
    *listing->out = before;
    listing->is_cut = true;
    return true;
}

enum cc_err buzon_list(struct exchange *x, struct buf *out)
{
    struct listing listing = {.out = out};
    json_open(out, "mensajes", '[');
    enum cc_err err = mailbox_list(x->service, SHOWN, put_message, &listing);
    json_close(out, ']');
    json_put_bool(out, "recortado", listing.is_cut);
    return err == CC_OK
               ? dossier_note_look(x->service, DOSSIER_LOOK_INBOX, NULL, &x->caller, x->now_ms)
               : err;
}

/* Without an id all of them. */
enum cc_err buzon_mark_read(struct exchange *x, struct buf *out)
{
    int64_t unread = 0;
    enum cc_err err = mailbox_mark_read(x->service, x->in[ID].number, x->now_ms, &unread);
    json_put_int(out, "sin_leer", unread);
    return err == CC_ERR_NOT_FOUND ? exchange_blame(x, "id", err) : err;
}

static void put_modem_name(const char *modem, void *user)
{
    json_put_text(user, NULL, modem);
}

enum cc_err buzon_put_status(const struct estado_view *view, struct buf *out)
{
    int64_t unread = 0;
    enum cc_err err = mailbox_count_unread(view->service, &unread);
    json_open(out, "buzon", '{');
    json_put_int(out, "sin_leer", unread);
    json_open(out, "saldo_bajo", '[');
    if (err == CC_OK)
        err = mailbox_list_low_balances(view->service, put_modem_name, out);
    json_close(out, ']');
    json_close(out, '}');
    return err;
}
