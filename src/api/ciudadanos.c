/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/registro/ciudadanos: the alta in person, by staff, and what staff look up and mend. */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "domain/clave.h"
#include "http/header.h"
#include "http/json_write.h"
#include "service/dossier.h"
#include "service/enrol.h"
#include "service/health.h"
#include "service/mail.h"
#include "service/mobile.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    NIF,
    NAME,
    FIRST,
    SECOND,
    PHONE,
    SHARES,
    CONTRAST,
    LANGUAGE,
    REFERENCE,
    DOCUMENT,
    CODE,
    EMAIL
}; /* of an alta */
enum { NEW_CONTRAST = 1 };

const struct json_shape ciudadanos_create_shape = {
    /* a name may come decomposed and with stray white space: its rule is for the normal form */
    .fields = {[NIF] = {"nif", .max_bytes = 64},
               [NAME] = {"nombre", .max_bytes = 480},
               [FIRST] = {"apellido1", .optional = true, .max_bytes = 480},
               [SECOND] = {"apellido2", .optional = true, .max_bytes = 480},
               [PHONE] = {"movil", .max_bytes = 64},
               [SHARES] = {"comparte_movil", .optional = true, .max_bytes = 480},
               [CONTRAST] = {"contraste", .optional = true, .max_bytes = 64},
               [LANGUAGE] = {"idioma", .optional = true, .max_bytes = 16},
               [REFERENCE] = {"instancia", .optional = true, .max_bytes = 240},
               [DOCUMENT] = {"documento", .optional = true, .max_bytes = 240},
               [CODE] = {"codigo", .optional = true, .max_bytes = 16},
               [EMAIL] = {"correo", .optional = true, .max_bytes = 320}},
};

static enum cc_err parse_alta(struct exchange *x, struct enrol_input *ret)
{
    enum cc_err err = input_nif(x, &x->in[NIF], &ret->nif);
    if (err == CC_OK)
        err = input_person(x, &x->in[NAME], &x->in[FIRST], &x->in[SECOND], &ret->name);
    if (err != CC_OK)
        return err;
    err = input_phone(x, &x->in[PHONE], &ret->phone);
    if (err == CC_OK)
        err = input_language(x, &x->in[LANGUAGE], TEXT_LANG_ES, &ret->lang);
    if (err == CC_OK)
        err = ciudadanos_read_sharing(x, &x->in[SHARES], ret->reason, &ret->shares_phone);
    if (err == CC_OK)
        err =
            input_words(x, &x->in[REFERENCE], "instancia", ret->reference, sizeof(ret->reference));
    if (err == CC_OK)
        err = input_words(x, &x->in[DOCUMENT], "documento", ret->document, sizeof(ret->document));
    return err != CC_OK ? err : input_contrast(x, &x->in[CONTRAST], ret->nif.kind, &ret->contrast);
}

enum cc_err ciudadanos_read_sharing(struct exchange *x, const struct json_value *why, char *reason,
                                    bool *ret)
{
    *ret = why->text != NULL && why->len > 0;
    if (!*ret)
        return CC_OK;
    if (!caller_has_scope(&x->caller, SCOPE_SUPERVISION))
        return exchange_blame(x, "comparte_movil", CC_ERR_FORBIDDEN);
    return input_words(x, why, "comparte_movil", reason, LIFE_REASON_SIZE);
}

void ciudadanos_put_name(struct buf *out, const struct person_name *name)
{
    json_put_text(out, "nombre", name->given);
    json_put_text(out, "apellido1", name->first_surname);
    json_put_text(out, "apellido2", name->second_surname);
}

enum cc_err ciudadanos_blame(struct exchange *x, enum cc_err err)
{
    if (err == CC_ERR_ALREADY_REGISTERED)
        return exchange_blame(x, "nif", err);
    return err == CC_ERR_PHONE_IN_USE || err == CC_ERR_PHONE_SAME ? exchange_blame(x, "movil", err)
                                                                  : err;
}

void ciudadanos_put_whole(struct buf *out, const struct citizen *citizen)
{
    json_put_text(out, "nif", citizen->nif.text);
    ciudadanos_put_name(out, &citizen->name);
    json_put_text(out, "movil", citizen->phone.e164);
    json_put_text(out, "contraste", citizen->contrast.text);
    json_put_text(out, "idioma", text_lang_token(citizen->lang));
    json_put_text(out, "estado", life_state_token(citizen->state));
}

void ciudadanos_put_registration(struct buf *out, const struct citizen *citizen)
{
    char phone[PHONE_MASK_SIZE];
    phone_mask(&citizen->phone, phone);
    ciudadanos_put_name(out, &citizen->name);
    json_put_text(out, "movil", phone);
    json_put_bool(out, "comparte_movil", citizen->shares_phone);
    json_put_text(out, "idioma", text_lang_token(citizen->lang));
    json_put_bool(out, "contraste", citizen->contrast.text[0] != '\0');
    json_put_text(out, "estado", life_state_token(citizen->state));
    json_put_text(out, "registro", citizen_grade_token(citizen->grade));
    json_put_text(out, "via_alta", citizen_channel_token(citizen->channel));
    json_put_utc(out, "alta", citizen->created_ms);
}

void ciudadanos_put_new(struct buf *out, const struct citizen *citizen)
{
    json_put_text(out, "nif", citizen->nif.text);
    ciudadanos_put_registration(out, citizen);
}

/* The address of an alta, which gets a link. */
static enum cc_err write_email(struct exchange *x, const struct nif *nif,
                               const struct email *address)
{
    if (address->text[0] == '\0')
        return CC_OK;
    enum cc_err err = mail_change(x->service, nif, address, &x->caller, x->now_ms, &x->wait_s);
    return exchange_blame(x, "correo", err);
}

static void make_etag(const struct citizen *citizen, char ret[ANSWER_ETAG_SIZE])
{
    (void)snprintf(ret, ANSWER_ETAG_SIZE, "\"%016" PRIx64 "\"", citizen->version);
}

/* Of who is registered now: the next act can name it. */
static enum cc_err tell_version(struct exchange *x, const struct nif *nif)
{
    CC_WIPED(figures_citizen) found = {0};
    enum cc_err err = figures_find_citizen(x->service, nif, x->now_ms, &found);
    if (err == CC_OK)
        make_etag(&found.citizen, x->answer.etag);
    return err;
}

static enum cc_err tell_new(struct exchange *x, const struct citizen *citizen, enum cc_err verdict,
                            struct buf *out)
{
    if (verdict != CC_OK) {
        exchange_tell_problem(x, movil_blame(x, verdict), out);
        return CC_OK;
    }
    ciudadanos_put_new(out, citizen);
    return tell_version(x, &citizen->nif);
}

enum cc_err ciudadanos_create(struct exchange *x, struct buf *out)
{
    char digits[CODE_SIZE] = "";
    enum cc_err verdict = CC_OK;
    CC_WIPED(citizen) citizen = {.id = 0};
    struct email address;
    CC_WIPED(enrol_input) input = {.channel = CITIZEN_CHANNEL_IN_PERSON, .caller = &x->caller};
    enum cc_err err = input_way(x, WAY_IN_PERSON);
    if (err == CC_OK)
        err = parse_alta(x, &input);
    if (err == CC_OK)
        err = input_email(x, &x->in[EMAIL], &address);
    if (err == CC_OK && x->in[CODE].text != NULL && x->in[CODE].len > 0)
        err = movil_parse_code(x, &x->in[CODE], digits);
    if (err == CC_OK)
        err = movil_blame(x,
                          ciudadanos_blame(x, mobile_enrol(x->service, &input,
                                                           x->in[CODE].text != NULL ? digits : NULL,
                                                           x->now_ms, &citizen, &verdict)));
    if (err == CC_OK && verdict == CC_OK)
        err = write_email(x, &input.nif, &address);
    secret_wipe(digits, sizeof(digits));
    return err == CC_OK ? tell_new(x, &citizen, verdict, out) : err;
}

const struct json_shape ciudadanos_nif_shape = {
    .fields = {{"nif", .max_bytes = 64}},
};

const struct json_shape ciudadanos_contrast_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64}, [NEW_CONTRAST] = {"contraste", .max_bytes = 64}},
};

enum cc_err ciudadanos_put_email(struct service *service, const struct nif *nif, bool is_whole,
                                 struct buf *out)
{
    char masked[EMAIL_SIZE] = "";
    CC_WIPED(email_row) row;
    enum cc_err err = mail_find(service, nif, &row);
    if (err == CC_OK && !is_whole)
        email_mask(&row.address, masked);
    json_put_text(out, "correo", err == CC_OK && is_whole ? row.address.text : masked);
    json_put_text(out, "correo_estado", err == CC_OK ? mail_proof_token(&row) : "");
    return err_allow_absent(err);
}

static enum cc_err put_citizen(struct exchange *x, struct buf *out, const struct citizen *citizen,
                               const struct limits_citizen *counted)
{
    char nif[NIF_MASK_SIZE];
    nif_mask(&citizen->nif, nif);
    json_put_text(out, "nif", nif);
    ciudadanos_put_registration(out, citizen);
    enum cc_err err = ciudadanos_put_email(x->service, &citizen->nif, false, out);
    json_put_int(out, "fallos_seguidos", counted->failures_in_a_row);
    json_put_bool(out, "bloqueado", citizen->locked);
    json_put_bool(out, "contraste_bloqueado", citizen->contrast_locked);
    return err;
}

enum cc_err ciudadanos_check_version(struct exchange *x, const struct nif *nif)
{
    char etag[ANSWER_ETAG_SIZE];
    CC_WIPED(figures_citizen) found = {0};
    const char *seen = exchange_header(x, MHD_HTTP_HEADER_IF_MATCH);
    if (seen == NULL)
        return CC_OK;
    enum cc_err err = figures_find_citizen(x->service, nif, x->now_ms, &found);
    if (err != CC_OK)
        return err;
    make_etag(&found.citizen, etag);
    return header_matches(seen, etag) ? CC_OK : CC_ERR_VERSION;
}

enum cc_err ciudadanos_put(struct exchange *x, const struct nif *nif, struct buf *out)
{
    CC_WIPED(figures_citizen) found = {0};
    enum cc_err err = figures_find_citizen(x->service, nif, x->now_ms, &found);
    if (err == CC_OK) {
        make_etag(&found.citizen, x->answer.etag);
        err = put_citizen(x, out, &found.citizen, &found.open);
    }
    return err;
}

enum cc_err ciudadanos_find(struct exchange *x, struct buf *out)
{
    struct nif nif;
    enum cc_err err = input_nif(x, &x->in[0], &nif);
    if (err == CC_OK)
        err = ciudadanos_put(x, &nif, out);
    return err == CC_OK
               ? dossier_note_look(x->service, DOSSIER_LOOK_PERSON, &nif, &x->caller, x->now_ms)
               : err;
}

enum cc_err ciudadanos_set_contrast(struct exchange *x, struct buf *out)
{
    struct nif nif;
    struct contraste contrast;
    enum cc_err err = input_nif(x, &x->in[NIF], &nif);
    if (err == CC_OK)
        err = input_contrast(x, &x->in[NEW_CONTRAST], nif.kind, &contrast);
    if (err == CC_OK)
        err = ciudadanos_check_version(x, &nif);
    if (err != CC_OK)
        return err;
    err = enrol_set_contrast(x->service, &nif, &contrast, &x->caller, x->now_ms);
    secret_wipe(&contrast, sizeof(contrast));
    return err == CC_OK ? ciudadanos_put(x, &nif, out) : err;
}

enum cc_err ciudadanos_unlock(struct exchange *x, struct buf *out)
{
    struct nif nif;
    enum cc_err err = input_nif(x, &x->in[0], &nif);
    if (err == CC_OK)
        err = ciudadanos_check_version(x, &nif);
    if (err == CC_OK)
        err = enrol_unlock(x->service, &nif, &x->caller, x->now_ms);
    return err == CC_OK ? ciudadanos_put(x, &nif, out) : err;
}
