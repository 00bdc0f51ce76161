/* SPDX-License-Identifier: EUPL-1.2 */
/* GET /v1/cola: the newest messages and how each went; never their text. */
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/health.h"

enum { QUEUE_SHOWN = 50, CAUSE_SIZE = 32 };

/* From the send to its report, in seconds: what a citizen has waited. */
static void put_delivery(struct buf *out, const struct outbox_message *message)
{
    int64_t took_ms = message->done_ms - message->sent_ms;
    json_put_int_if(out, "entrega_s", message->state == OUTBOX_DELIVERED && took_ms >= 0,
                    (took_ms + 500) / 1000);
}

static bool put_message(const struct outbox_message *message, void *user)
{
    struct buf *out = user;
    char phone[PHONE_MASK_SIZE];
    char cause[CAUSE_SIZE] = "";
    bool has_cause = message->cause.kind != GSM_CAUSE_NONE;
    phone_mask(&message->phone, phone);
    if (has_cause)
        gsm_cause_format(message->cause, cause, sizeof(cause));
    json_open(out, NULL, '{');
    json_put_int(out, "id", message->id);
    json_put_text(out, "clase", outbox_class_token(message->class));
    json_put_text(out, "estado", outbox_state_token(message->state));
    json_put_text(out, "movil", phone);
    json_put_utc(out, "creado", message->created_ms);
    json_put_int(out, "intentos", message->attempts);
    json_put_text(out, "modem", message->modem);
    put_delivery(out, message);
    json_put_text(out, "causa", cause);
    json_put_text(out, "causa_texto", has_cause ? gsm_cause_text(message->cause) : "");
    json_close(out, '}');
    return true;
}

enum cc_err cola_list(struct exchange *x, struct buf *out)
{
    json_open(out, "mensajes", '[');
    enum cc_err err = health_list_queue(x->service, QUEUE_SHOWN, put_message, out);
    json_close(out, ']');
    return err;
}
