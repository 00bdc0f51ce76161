/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * /v1/registro/importacion: people from a CSV file, for supervisors. A POST of the file looks it
 * through and registers nobody; `aplicacion` with its id registers all of them; a DELETE forgets
 * it. There is one import at a time, and a GET tells how it goes.
 */
#include "api/ciudadanos.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "http/problem_words.h"
#include "http/upload.h"
#include "service/import.h"

enum { ENVELOPE_BYTES = 4096 }; /* what stands around the file */

const struct upload_sink importacion_upload = {
    .field = "fichero",
    .files_max = 1,
    .file_bytes_max = IMPORT_BYTES_MAX,
    .body_bytes_max = IMPORT_BYTES_MAX + ENVELOPE_BYTES,
    .open = import_upload_open,
    .begin = import_upload_begin,
    .add = import_upload_add,
    .end = import_upload_end,
    .close = import_upload_close,
};

const struct json_shape importacion_order_shape = {.fields = {{"id", .max_bytes = 64}}};

static const char *const states[IMPORT_STATES] = {
    [IMPORT_NONE] = "ninguna",        [IMPORT_READING] = "leyendo",
    [IMPORT_READ] = "leida",          [IMPORT_STORING] = "preparando",
    [IMPORT_UNDOING] = "deshaciendo", [IMPORT_WRITING] = "aplicando",
    [IMPORT_DONE] = "hecha"};

static void put_fault(struct buf *out, enum text_lang lang, const struct import_fault *fault)
{
    json_open(out, NULL, '{');
    json_put_int(out, "linea", fault->line);
    json_put_text(out, "campo", fault->column);
    json_put_text(out, "type", err_token(fault->err));
    json_put_text(out, "title", problem_title(lang, fault->err));
    json_close(out, '}');
}

/* Masked: enough to see whether the columns are the right ones. */
static void put_person(struct buf *out, const struct import_person *person)
{
    char nif[NIF_MASK_SIZE], phone[PHONE_MASK_SIZE], email[EMAIL_SIZE];
    email_mask(&person->email, email);
    nif_mask(&person->input.nif, nif);
    phone_mask(&person->input.phone, phone);
    json_open(out, NULL, '{');
    json_put_text(out, "nif", nif);
    ciudadanos_put_name(out, &person->input.name);
    json_put_text(out, "movil", phone);
    json_put_text(out, "idioma", text_lang_token(person->input.lang));
    json_put_bool(out, "contraste", person->input.contrast.text[0] != '\0');
    json_put_bool(out, "comparte_movil", person->input.shares_phone);
    json_put_text(out, "instancia", person->input.reference);
    json_put_text(out, "correo", email);
    json_close(out, '}');
}

static void put_sample(const struct import *import, struct buf *out)
{
    struct import_person people[IMPORT_SAMPLE_MAX];
    size_t count = import_sample(import, people);
    json_open(out, "primeras", '[');
    for (size_t i = 0; i < count; i++)
        put_person(out, &people[i]);
    json_close(out, ']');
    secret_wipe(people, sizeof(people));
}

static void put_import(const struct import *import, enum text_lang lang, struct buf *out)
{
    struct import_view view;
    import_look(import, &view);
    json_put_text(out, "estado", states[view.state]);
    json_put_text(out, "id", view.id);
    json_put_text(out, "operador", view.actor);
    json_put_int(out, "porcentaje", view.percent);
    json_put_int(out, "personas", view.counts.people);
    json_put_int(out, "omitidas", view.counts.left_out);
    json_put_int(out, "escritas", view.counts.written);
    json_put_int(out, "errores_total", view.counts.faults);
    json_open(out, "errores", '[');
    for (size_t i = 0; i < view.fault_count; i++)
        put_fault(out, lang, &view.faults[i]);
    json_close(out, ']');
    put_sample(import, out);
    json_put_text(out, "problema", view.trouble == CC_OK ? "" : problem_title(lang, view.trouble));
}

enum cc_err importacion_begin(struct exchange *x, struct buf *out)
{
    enum cc_err err =
        import_begin(x->service->documents.import, upload_user(x->upload), &x->caller);
    if (err == CC_OK)
        put_import(x->service->documents.import, x->problem.lang, out);
    return err;
}

enum cc_err importacion_show(struct exchange *x, struct buf *out)
{
    put_import(x->service->documents.import, x->problem.lang, out);
    return CC_OK;
}

enum cc_err importacion_order(struct exchange *x, struct buf *out)
{
    enum cc_err err = import_order(x->service->documents.import, x->in[0].text, &x->caller);
    if (err == CC_OK)
        put_import(x->service->documents.import, x->problem.lang, out);
    return err;
}

enum cc_err importacion_cancel(struct exchange *x, struct buf *out)
{
    enum cc_err err = import_cancel(x->service->documents.import);
    if (err == CC_OK)
        put_import(x->service->documents.import, x->problem.lang, out);
    return err;
}
