/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/registro/altas: online altas that wait for a clerk. */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "base/hex.h"
#include "http/json_write.h"
#include "service/application.h"

#include <string.h>

enum { CURSOR, STATE }; /* of a list */
enum { PREVIEW_SIZE = 480 };

const struct json_shape altas_list_shape = {
    .fields = {[CURSOR] = {"cursor", .kind = JSON_KIND_INTEGER, .optional = true, .min = 0,
                           .max = INT64_MAX},
               [STATE] = {"estado", .optional = true, .max_bytes = 16}},
};
const struct json_shape altas_accept_shape = {
    .fields = {{"motivo", .optional = true, .max_bytes = 480}}};
const struct json_shape altas_reject_shape = {.fields = {{"motivo", .max_bytes = 32}}};

struct list {
    struct buf *out;
    int64_t last_id;
    int count;
};

/* What a list and a whole alta share; `whole` tells NIF and mobile as they are. */
static void put_application(struct buf *out, const struct application *application, bool whole)
{
    char id[APPLICATION_ID_SIZE], nif[NIF_MASK_SIZE], phone[PHONE_MASK_SIZE];
    hex_encode_lower(application->public_id, APPLICATION_ID_BYTES, id);
    nif_mask(&application->nif, nif);
    phone_mask(&application->phone, phone);
    json_put_text(out, "id", id);
    json_put_text(out, "estado", application_state_token(application->state));
    json_put_text(out, "motivo", application_reason_token(application->reason));
    json_put_utc(out, "solicitada", application->created_ms);
    json_put_text(out, "nif", whole ? application->nif.text : nif);
    ciudadanos_put_name(out, &application->name);
    json_put_text(out, "movil", whole ? application->phone.e164 : phone);
    json_put_text(out, "idioma", text_lang_token(application->lang));
    json_put_int(out, "documentos", (int64_t)application->document_count);
}

static void put_row(const struct application *application, void *user)
{
    struct list *list = user;
    json_open(list->out, NULL, '{');
    put_application(list->out, application, false);
    json_close(list->out, '}');
    list->last_id = application->id;
    list->count++;
}

enum cc_err altas_list(struct exchange *x, struct buf *out)
{
    enum application_state state = APPLICATION_STATES;
    struct list list = {.out = out};
    if (x->in[STATE].text != NULL && application_parse_state(x->in[STATE].text, &state) != CC_OK)
        return exchange_blame(x, "estado", CC_ERR_RANGE);
    json_open(out, "altas", '[');
    enum cc_err err = application_list(x->service, state, x->in[CURSOR].number, put_row, &list);
    json_close(out, ']');
    if (list.count == APPLICATION_LIST_MAX)
        json_put_int(out, "siguiente", list.last_id);
    return err;
}

static void put_documents(struct buf *out, const struct application *application)
{
    json_open(out, "copias", '[');
    for (size_t i = 0; i < application->document_count; i++) {
        json_open(out, NULL, '{');
        json_put_int(out, "n", (int64_t)i + 1);
        json_put_text(out, "tipo", document_media_type(application->documents[i].type));
        json_put_int(out, "bytes", application->documents[i].size);
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* What the person would be told for each reason that a clerk may give. */
static enum cc_err put_previews(struct exchange *x, const struct application *application,
                                struct buf *out)
{
    enum cc_err err = CC_OK;
    json_open(out, "avisos", '[');
    for (unsigned reason = APPLICATION_ILLEGIBLE; reason <= APPLICATION_OTHER; reason++) {
        char text[PREVIEW_SIZE];
        struct buf b;
        buf_init(&b, text, sizeof(text));
        err = application_preview(x->service, application, (enum application_reason)reason, &b);
        if (err == CC_OK && buf_cstr(&b) == NULL)
            err = CC_ERR_NO_SPACE;
        if (err != CC_OK)
            break;
        json_open(out, NULL, '{');
        json_put_text(out, "motivo", application_reason_token((enum application_reason)reason));
        json_put_text(out, "sms", text);
        json_close(out, '}');
    }
    json_close(out, ']');
    return err;
}

enum cc_err altas_show(struct exchange *x, struct buf *out)
{
    CC_WIPED(application) application = {0};
    enum cc_err err =
        application_look(x->service, x->params[0].text, &x->caller, x->now_ms, &application);
    if (err == CC_OK) {
        put_application(out, &application, true);
        json_put_text(out, "contraste", application.contrast.text);
        json_put_bool(out, "con_contrasena", application.secret_hash[0] != '\0');
        put_documents(out, &application);
        err = put_previews(x, &application, out);
    }
    return err;
}

/* ---- a document ------------------------------------------------------------------------------ */

static ssize_t read_document(void *user, uint64_t offset, char *out, size_t cap)
{
    (void)offset;
    ssize_t got = sealed_reader_take(user, out, cap);
    return got > 0    ? got
           : got == 0 ? MHD_CONTENT_READER_END_OF_STREAM
                      : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void close_document(void *user)
{
    sealed_reader_free(user);
}

/* The header's texts are copied after the handler has returned. */
static const char *disposition_of(size_t index, enum document_type type)
{
    static const char *const names[DOCUMENTS_MAX][DOCUMENT_TYPES] = {
        {"attachment; filename=\"documento-1.pdf\"", "attachment; filename=\"documento-1.jpg\"",
         "attachment; filename=\"documento-1.png\""},
        {"attachment; filename=\"documento-2.pdf\"", "attachment; filename=\"documento-2.jpg\"",
         "attachment; filename=\"documento-2.png\""},
    };
    return names[index][type];
}

enum cc_err altas_show_document(struct exchange *x, struct buf *out)
{
    struct application_document document;
    struct sealed_reader *reader = NULL;
    const char *number = x->params[1].text;
    (void)out;
    if (strlen(number) != 1 || number[0] < '1' || number[0] > '0' + DOCUMENTS_MAX)
        return CC_ERR_NOT_FOUND;
    size_t index = (size_t)(number[0] - '1');
    enum cc_err err = application_read(x->service, x->params[0].text, index, &x->caller, x->now_ms,
                                       &document, &reader);
    if (err != CC_OK)
        return err;
    x->answer.type = document_media_type(document.type);
    answer_add_header(&x->answer, "Content-Disposition", disposition_of(index, document.type));
    answer_add_header(&x->answer, "Content-Security-Policy", "sandbox");
    x->answer.source = (struct answer_source){.size = (uint64_t)document.size,
                                              .read = read_document,
                                              .close = close_document,
                                              .user = reader};
    secret_wipe(&document, sizeof(document));
    return CC_OK;
}

/* ---- the decision ---------------------------------------------------------------------------- */

static enum cc_err put_decision(struct buf *out, const struct application *application,
                                enum cc_err err)
{
    if (err == CC_OK)
        put_application(out, application, false);
    return err;
}

enum cc_err altas_accept(struct exchange *x, struct buf *out)
{
    CC_WIPED(application) application = {0};
    char verified[LIFE_REASON_SIZE];
    enum cc_err err = input_words(x, &x->in[0], "motivo", verified, sizeof(verified));
    if (err == CC_OK)
        err = application_accept(x->service, x->params[0].text, verified, &x->caller, x->now_ms,
                                 &application);
    return put_decision(out, &application, ciudadanos_blame(x, err));
}

enum cc_err altas_reject(struct exchange *x, struct buf *out)
{
    CC_WIPED(application) application = {0};
    enum application_reason reason;
    enum cc_err err = application_parse_reason(x->in[0].text, &reason);
    if (err != CC_OK)
        return exchange_blame(x, "motivo", err);
    err = application_reject(x->service, x->params[0].text, reason, &x->caller, x->now_ms,
                             &application);
    return put_decision(out, &application, err);
}
