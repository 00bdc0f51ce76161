/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/input.h"

#include "base/loop.h"
#include "base/template.h"
#include "base/utf8.h"
#include "domain/clave.h"
#include "http/problem_words.h"
#include "service/access.h"
#include "service/mail.h"

#include <string.h>
#include <time.h>

const struct json_shape input_no_fields = {.fields = {{.name = NULL}}};

enum cc_err input_nif(struct exchange *x, const struct json_value *text, struct nif *ret)
{
    return exchange_blame(x, "nif", service_parse_nif(x->service, text->text, text->len, ret));
}

enum cc_err input_clave(struct exchange *x, const struct json_value *text, char *ret)
{
    return exchange_blame(
        x, "clave", clave_parse(text->text, text->len, CLAVE_DIGITS, CC_ERR_CLAVE_FORMAT, ret));
}

enum cc_err input_contrast(struct exchange *x, const struct json_value *text, enum nif_kind kind,
                           struct contraste *ret)
{
    *ret = (struct contraste){0};
    if (text->text == NULL || text->len == 0)
        return CC_OK;
    return exchange_blame(x, "contraste", contraste_parse(text->text, text->len, kind, ret));
}

/* *ret_is_paced: the address is given, and of no network that is exempt. */
static enum cc_err parse_address(struct exchange *x, const struct json_value *text,
                                 struct address *address, struct address_keys *ret,
                                 bool *ret_is_paced)
{
    *ret = (struct address_keys){"", ""};
    *ret_is_paced = false;
    if (text->text == NULL)
        return (x->caller.scopes & CLIENT_NEEDS_IP) != 0
                   ? exchange_blame(x, "ip_usuario", CC_ERR_FIELD_MISSING)
                   : CC_OK;
    enum cc_err err = exchange_blame(x, "ip_usuario", address_parse(text->text, address));
    if (err != CC_OK)
        return err;
    x->caller.address = *address;
    x->caller.has_address = true;
    if (address_is_in(address, x->service->settings->exempt_networks))
        return CC_OK;
    address_make_keys(address, ret);
    *ret_is_paced = true;
    return CC_OK;
}

enum cc_err input_address_keys(struct exchange *x, const struct json_value *text,
                               struct address_keys *ret)
{
    struct address address;
    bool is_paced = false;
    return parse_address(x, text, &address, ret, &is_paced);
}

enum cc_err input_address(struct exchange *x, const struct json_value *text,
                          struct address_keys *ret)
{
    struct address address;
    bool is_paced = false;
    enum cc_err err = parse_address(x, text, &address, ret, &is_paced);
    return is_paced
               ? access_take_address(x->service->access, &address, &x->service->settings->limits,
                                     loop_now_us(x->service->loop), &x->wait_s)
               : err;
}

enum cc_err input_language(struct exchange *x, const struct json_value *asked,
                           enum text_lang absent, enum text_lang *ret)
{
    *ret = absent;
    if (asked->text == NULL)
        return CC_OK;
    return exchange_blame(x, "idioma", text_lang_parse(asked->text, asked->len, ret));
}

enum cc_err input_name(struct exchange *x, const struct json_value *text, char *ret, size_t cap)
{
    return exchange_blame(x, "nombre", utf8_normalize_name(text->text, text->len, ret, cap));
}

static enum cc_err read_surname(struct exchange *x, const struct json_value *text,
                                const char *field, char ret[NAME_PART_SIZE])
{
    ret[0] = '\0';
    if (text->text == NULL || text->len == 0)
        return CC_OK;
    return exchange_blame(x, field,
                          utf8_normalize_name(text->text, text->len, ret, NAME_PART_SIZE));
}

enum cc_err input_person(struct exchange *x, const struct json_value *given,
                         const struct json_value *first, const struct json_value *second,
                         struct person_name *ret)
{
    enum cc_err err = input_name(x, given, ret->given, sizeof(ret->given));
    if (err == CC_OK)
        err = read_surname(x, first, "apellido1", ret->first_surname);
    if (err == CC_OK)
        err = read_surname(x, second, "apellido2", ret->second_surname);
    if (err == CC_OK && ret->first_surname[0] == '\0' && ret->second_surname[0] != '\0')
        err = exchange_blame(x, "apellido1", CC_ERR_FIELD_MISSING);
    return err;
}

enum cc_err input_phone(struct exchange *x, const struct json_value *text, struct phone *ret)
{
    return exchange_blame(x, "movil", phone_parse(text->text, text->len, ret));
}

enum cc_err input_email(struct exchange *x, const struct json_value *text, struct email *ret)
{
    *ret = (struct email){""};
    if (text->text == NULL || text->len == 0)
        return CC_OK;
    enum cc_err err = email_parse(text->text, text->len, ret);
    if (err == CC_OK && !mail_reaches_citizens(x->service))
        err = CC_ERR_NOT_CONFIGURED;
    return exchange_blame(x, "correo", err);
}

enum cc_err input_channel(struct exchange *x, const struct json_value *text,
                          enum citizen_channel *ret)
{
    static const enum citizen_channel of_staff[] = {CITIZEN_CHANNEL_IN_PERSON,
                                                    CITIZEN_CHANNEL_PHONE};
    *ret = CITIZEN_CHANNEL_IN_PERSON;
    if (text->text == NULL || text->len == 0)
        return CC_OK;
    for (size_t i = 0; i < sizeof(of_staff) / sizeof(of_staff[0]); i++) {
        if (strcmp(text->text, citizen_channel_token(of_staff[i])) == 0) {
            *ret = of_staff[i];
            return CC_OK;
        }
    }
    return exchange_blame(x, "via", CC_ERR_CHANNEL_UNKNOWN);
}

enum cc_err input_words(struct exchange *x, const struct json_value *text, const char *field,
                        char *ret, size_t cap)
{
    ret[0] = '\0';
    if (text->text == NULL || text->len == 0)
        return CC_OK;
    bool is_good = utf8_normalize_name(text->text, text->len, ret, cap) == CC_OK;
    return is_good ? CC_OK : exchange_blame(x, field, CC_ERR_WORDS_FORMAT);
}

enum cc_err input_instant(struct exchange *x, const struct json_value *text, const char *field,
                          int64_t min_ms, int64_t max_ms, int64_t *ret_ms)
{
    struct tm tm = {0};
    const char *rest = strptime(text->text, "%Y-%m-%dT%H:%M:%SZ", &tm);
    int64_t at_ms = (int64_t)timegm(&tm) * 1000;
    if (rest == NULL || *rest != '\0' || at_ms < min_ms || at_ms > max_ms)
        return exchange_blame(x, field, CC_ERR_RANGE);
    *ret_ms = at_ms;
    return CC_OK;
}

/* The ways for a new person; the telephone is none. */
static const enum problem_phrase way_phrases[] = {
    [WAY_IN_PERSON] = PHRASE_IN_PERSON,
    [WAY_FORM] = PHRASE_BY_FORM,
    [WAY_CERTIFICATE] = PHRASE_BY_CERTIFICATE,
    [WAY_IDENTITY] = PHRASE_BY_IDENTITY,
};

enum { WAYS_OF_NEW = sizeof(way_phrases) / sizeof(way_phrases[0]) };

/* Names the open ways, with "or" between two. */
static void put_open_ways(const void *user, const char *name, size_t len, struct buf *out)
{
    const struct exchange *x = user;
    const char *before = "";
    if (!template_is_name("vias", name, len))
        return;
    for (size_t i = 0; i < WAYS_OF_NEW; i++) {
        if (!period_has(&x->service->settings->ways[i], x->now_ms))
            continue;
        buf_fmt(out, before[0] != '\0' ? " %s %s" : "%s%s", before,
                problem_phrase(x->problem.lang, way_phrases[i]));
        before = problem_phrase(x->problem.lang, PHRASE_OR);
    }
}

static bool is_any_way_open(const struct exchange *x)
{
    bool is_open = false;
    for (size_t i = 0; i < WAYS_OF_NEW; i++)
        is_open = is_open || period_has(&x->service->settings->ways[i], x->now_ms);
    return is_open;
}

enum cc_err input_way(struct exchange *x, enum way way)
{
    if (period_has(&x->service->settings->ways[way], x->now_ms))
        return CC_OK;
    exchange_explain(x, is_any_way_open(x) ? PHRASE_WAY_CLOSED : PHRASE_NO_WAY, put_open_ways, x);
    return CC_ERR_WAY_CLOSED;
}

static void put_town_phone(const void *user, const char *name, size_t len, struct buf *out)
{
    const struct exchange *x = user;
    if (template_is_name("telefono", name, len))
        buf_str(out, x->service->settings->town_phone);
}

enum cc_err input_explain_registered(struct exchange *x)
{
    bool has_phone = x->service->settings->town_phone[0] != '\0';
    exchange_explain(x, has_phone ? PHRASE_REGISTERED_CALL : PHRASE_REGISTERED_ASK, put_town_phone,
                     x);
    return CC_ERR_ALREADY_REGISTERED;
}

enum cc_err input_modem(struct exchange *x, struct modem **ret)
{
    return exchange_blame(x, "nombre", service_find_modem(x->service, x->params[0].text, ret));
}
