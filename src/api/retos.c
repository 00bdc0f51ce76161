/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * POST /v1/retos: a proof of work and a plain question, for the form of who chooses a password
 * online (seed 002). And POST /v1/contrasenas/reglas: the rules of a password, each with whether
 * one that is being typed keeps it, for the ticks of that form.
 */
#include "api/input.h"
#include "api/resources.h"
#include "base/utf8.h"
#include "http/json_write.h"
#include "http/problem_words.h"
#include "service/challenge.h"
#include "service/entry.h"

enum { LANGUAGE };

const struct json_shape retos_shape = {
    .fields = {[LANGUAGE] = {"idioma", .optional = true, .max_bytes = 64}}};

enum cc_err retos_create(struct exchange *x, struct buf *out)
{
    struct challenge challenge;
    enum text_lang lang = TEXT_LANG_ES;
    enum cc_err err = input_language(x, &x->in[LANGUAGE], x->problem.lang, &lang);
    if (err == CC_OK)
        err = challenge_make(x->service, caller_client_id(&x->caller), lang, x->now_ms, &challenge);
    if (err != CC_OK)
        return err;
    json_put_text(out, "reto", challenge.text);
    json_put_text(out, "algoritmo", "sha-256");
    json_put_int(out, "dificultad", challenge.bits);
    json_put_text(out, "pregunta", challenge.question.text);
    json_put_utc(out, "caduca", challenge.expires_ms);
    return CC_OK;
}

/* ---- the rules of a password ------------------------------------------------------------------*/

enum { SECRET, NIF, NAME, FIRST, SECOND, PHONE };

const struct json_shape contrasenas_rules_shape = {
    .fields = {[SECRET] = {"contrasena", .optional = true, .max_bytes = 4 * 1024},
               [NIF] = {"nif", .optional = true, .max_bytes = 64},
               [NAME] = {"nombre", .optional = true, .max_bytes = 480},
               [FIRST] = {"apellido1", .optional = true, .max_bytes = 480},
               [SECOND] = {"apellido2", .optional = true, .max_bytes = 480},
               [PHONE] = {"movil", .optional = true, .max_bytes = 64}},
};

/* Facts of the person, those that are typed already and right. */
static void take_name(const struct json_value *given, char ret[NAME_PART_SIZE])
{
    if (given->text == NULL ||
        utf8_normalize_name(given->text, given->len, ret, NAME_PART_SIZE) != CC_OK)
        ret[0] = '\0';
}

static void take_person(const struct exchange *x, struct citizen *ret)
{
    *ret = (struct citizen){.id = 0};
    take_name(&x->in[NAME], ret->name.given);
    take_name(&x->in[FIRST], ret->name.first_surname);
    take_name(&x->in[SECOND], ret->name.second_surname);
    if (x->in[NIF].text != NULL &&
        service_parse_nif(x->service, x->in[NIF].text, x->in[NIF].len, &ret->nif) != CC_OK)
        ret->nif = (struct nif){.text = ""};
    if (x->in[PHONE].text != NULL &&
        phone_parse(x->in[PHONE].text, x->in[PHONE].len, &ret->phone) != CC_OK)
        ret->phone = (struct phone){.e164 = ""};
}

static void put_rule(const struct exchange *x, struct buf *out, const char *token,
                     enum problem_phrase phrase, bool is_kept)
{
    json_open(out, NULL, '{');
    json_put_text(out, "regla", token);
    json_put_text(out, "texto", problem_phrase(x->problem.lang, phrase));
    json_put_bool(out, "cumple", is_kept);
    json_close(out, '}');
}

/* The length comes first: a short password keeps none of the others either. */
enum cc_err contrasenas_tell_rules(struct exchange *x, struct buf *out)
{
    const struct citizen nobody = {.id = 0};
    CC_WIPED(citizen) person;
    enum cc_err alone = CC_ERR_PASSWORD_SHORT, with_own = CC_ERR_PASSWORD_SHORT;
    if (x->in[SECRET].text != NULL && x->in[SECRET].len > 0) {
        take_person(x, &person);
        alone = entry_check_own(&nobody, x->in[SECRET].text, x->in[SECRET].len);
        with_own = alone == CC_OK ? entry_check_own(&person, x->in[SECRET].text, x->in[SECRET].len)
                                  : alone;
    }
    bool is_long = alone == CC_OK || alone == CC_ERR_PASSWORD_COMMON;
    answer_add_header(&x->answer, MHD_HTTP_HEADER_CONTENT_LANGUAGE,
                      text_lang_token(x->problem.lang));
    json_put_bool(out, "vale", with_own == CC_OK);
    json_open(out, "reglas", '[');
    put_rule(x, out, "longitud", PHRASE_RULE_LENGTH, is_long);
    put_rule(x, out, "comun", PHRASE_RULE_COMMON, alone == CC_OK);
    put_rule(x, out, "datos", PHRASE_RULE_OWN, is_long && with_own == alone);
    json_close(out, ']');
    return CC_OK;
}
