/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * GET /v1/evidencias/{id}: what the box knew when a person entered, as one JSON object in canonical
 * form. Its member `firma` is the box's signature over the object without it; GET
 * /v1/evidencias/clave has the key to verify it with.
 */
#include "api/ciudadanos.h"
#include "api/resources.h"
#include "base/hex.h"
#include "http/exchange.h"
#include "http/json_canonical.h"
#include "http/json_write.h"
#include "service/evidence.h"

#include <string.h>

enum { DOCUMENT_MAX = 6 * 1024 };

static void put_person(const struct evidence *evidence, struct buf *out)
{
    char phone[PHONE_MASK_SIZE];
    phone_mask(&evidence->phone, phone);
    json_open(out, "persona", '{');
    json_put_text(out, "nif", evidence->nif.text);
    json_put_text(out, "tipo", nif_kind_token(evidence->nif.kind));
    ciudadanos_put_name(out, &evidence->name);
    json_put_text(out, "movil", phone);
    json_close(out, '}');
}

static void put_alta(const struct evidence_alta *alta, struct buf *out)
{
    json_open(out, "alta", '{');
    json_put_utc(out, "hora", alta->at_ms);
    json_put_text(out, "via", citizen_channel_token(alta->channel));
    json_put_text(out, "registro", citizen_grade_token(alta->grade));
    json_put_text_or_null(out, "identidad_comprobada_por", alta->actor);
    json_put_text_or_null(out, "documento", alta->document);
    json_close(out, '}');
}

static void put_request(const struct evidence_request *request, struct buf *out)
{
    json_open(out, "peticion", '{');
    json_put_utc(out, "hora", request->created_ms);
    json_put_utc(out, "caduca", request->expires_ms);
    json_put_bool(out, "con_contraste", request->with_contrast);
    json_put_int(out, "fallos", request->tries);
    json_put_int(out, "usos", request->uses);
    json_close(out, '}');
}

static void put_verification(const struct evidence *evidence, struct buf *out)
{
    json_open(out, "verificacion", '{');
    json_put_utc(out, "hora", evidence->at_ms);
    json_put_text(out, "metodo", evidence->method);
    json_put_text(out, "nivel", evidence->is_substantial ? "substantial" : "low");
    json_put_bool(out, "con_contraste", evidence->with_contrast);
    json_put_text(out, "cliente", evidence->client);
    json_put_text_or_null(out, "cliente_ip", evidence->client_address);
    json_put_text_or_null(out, "usuario_ip", evidence->address);
    json_close(out, '}');
}

/* Nothing is served while the clock is not believed: what is told is who vouched for it. */
static void put_clock(const struct evidence *evidence, struct buf *out)
{
    static const char *const said[] = {[CLOCK_NETWORK_SILENT] = "calla",
                                       [CLOCK_NETWORK_NEAR] = "coincide",
                                       [CLOCK_NETWORK_FAR] = "difiere"};
    const char *source = evidence->network == CLOCK_NETWORK_NEAR ? "red_movil" : "equipo";
    json_open(out, "reloj", '{');
    json_put_bool(out, "fiable", true);
    json_put_text(out, "fuente", evidence->is_synchronised ? "servicio_de_hora" : source);
    json_put_text(out, "red_movil", said[evidence->network]);
    json_close(out, '}');
}

static void put_message(const struct evidence_message *message, struct buf *out)
{
    json_open(out, NULL, '{');
    json_put_text(out, "estado", outbox_state_token(message->state));
    json_put_utc(out, "pedido", message->created_ms);
    json_put_utc_or_null(out, "enviado", message->sent_ms);
    json_put_utc_or_null(out, "entregado", message->delivered_ms);
    json_put_text_or_null(out, "modem", message->modem);
    json_put_int(out, "intentos", message->attempts);
    json_close(out, '}');
}

static void put_key(const struct service *service, struct buf *out)
{
    uint8_t key[SECRET_PUBLIC_BYTES];
    char text[2 * SECRET_PUBLIC_BYTES + 1];
    evidence_public_key(service, key);
    hex_encode_lower(key, sizeof(key), text);
    json_put_text(out, "clave_publica", text);
}

static void put_document(struct exchange *x, const struct evidence *evidence, struct buf *out)
{
    const char *entity = x->service->installation.entity;
    json_open(out, NULL, '{');
    json_put_text(out, "formato", "contraclaved-evidencia-1");
    json_put_text(out, "evidencia", x->params[0].text);
    json_put_text(out, "entidad", entity != NULL ? entity : "");
    json_put_text_or_null(out, "configuracion", evidence->config);
    put_key(x->service, out);
    put_person(evidence, out);
    put_alta(&evidence->alta, out);
    put_request(&evidence->request, out);
    put_verification(evidence, out);
    put_clock(evidence, out);
    json_open(out, "sms", '[');
    for (size_t i = evidence->message_count; i > 0; i--)
        put_message(&evidence->messages[i - 1], out);
    json_close(out, ']');
    json_close(out, '}');
}

/* Adds a member to the object that a text ends with. */
static void add_member(struct buf *text, const char *key, const char *value)
{
    text->len--;
    json_put_text(text, key, value);
    json_close(text, '}');
}

/* Signs the canonical form of the object in text, and appends that with its signature to out. */
static enum cc_err sign_document(const struct service *service, struct buf *text, struct buf *out)
{
    char signature[EVIDENCE_SIGNATURE_SIZE];
    size_t begin = out->len;
    if (!buf_ok(text))
        return CC_ERR_NO_SPACE;
    enum cc_err err = json_canonical((const char *)text->data, text->len, out);
    if (err != CC_OK)
        return err;
    evidence_sign(service, out->data + begin, out->len - begin, signature);
    out->len = begin;
    add_member(text, "firma", signature);
    if (!buf_ok(text))
        return CC_ERR_NO_SPACE;
    return json_canonical((const char *)text->data, text->len, out);
}

enum cc_err evidencias_show(struct exchange *x, struct buf *out)
{
    struct evidence evidence;
    char storage[DOCUMENT_MAX];
    struct buf text;
    enum cc_err err =
        evidence_tell(x->service, x->params[0].text, &x->caller, x->now_ms, &evidence);
    if (err != CC_OK)
        return err;
    buf_init(&text, storage, sizeof(storage));
    put_document(x, &evidence, &text);
    err = sign_document(x->service, &text, out);
    secret_wipe(&evidence, sizeof(evidence));
    secret_wipe(storage, sizeof(storage));
    return err;
}

enum cc_err evidencias_show_key(struct exchange *x, struct buf *out)
{
    uint8_t key[SECRET_PUBLIC_BYTES];
    char pem[SECRET_PUBLIC_PEM_SIZE];
    evidence_public_key(x->service, key);
    secret_public_pem(key, pem);
    json_put_text(out, "algoritmo", "Ed25519");
    json_put_text(out, "clave_publica", pem);
    json_open(out, "anteriores", '[');
    for (size_t i = evidence_old_keys(x->service); i > 0; i--) {
        evidence_old_public_key(x->service, i - 1, key);
        secret_public_pem(key, pem);
        json_put_text(out, NULL, pem);
    }
    json_close(out, ']');
    return CC_OK;
}
