/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * POST /v1/auditoria/busqueda and …/exportacion: the audit trail, newest first, in pages, for
 * auditors. A person is known in it by `persona`, the blind index of the NIF, with which a search
 * can go on. `siguiente` of a page is the `cursor` of the next one; null = it was the last. A page
 * may be empty and not the last: `quedan` tells how much of the trail is left to read.
 */
#include "api/input.h"
#include "api/resources.h"
#include "base/hex.h"
#include "base/span.h"
#include "domain/expiry.h"
#include "http/json_write.h"
#include "service/auditor.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NIF, PERSON, ACTOR, EVENT, SINCE, UNTIL, CURSOR };
enum { PERSON_SIZE = 2 * SECRET_TAG_BYTES + 1, DAY_CHARS = 10 };

const struct json_shape anotaciones_shape = {
    .fields = {[NIF] = {"nif", .optional = true, .max_bytes = 64},
               [PERSON] = {"persona", .optional = true, .max_bytes = PERSON_SIZE - 1},
               [ACTOR] = {"quien", .optional = true, .max_bytes = CALLER_NAME_SIZE - 1},
               [EVENT] = {"suceso", .optional = true, .max_bytes = 48},
               [SINCE] = {"desde", .optional = true, .max_bytes = 64},
               [UNTIL] = {"hasta", .optional = true, .max_bytes = 64},
               [CURSOR] = {"cursor", .optional = true, .max_bytes = CURSOR_SIZE - 1}},
};

/* Values that the question points to while it is asked. */
struct given {
    struct nif nif;
    uint8_t person[SECRET_TAG_BYTES];
};

static bool is_given(const struct json_value *text)
{
    return text->text != NULL && text->len > 0;
}

/*
 * A civil day of the town, "2026-11-24", or an instant in UTC. As an end, a day is whole. timegm()
 * takes 31 February for 3 March: a day is one that comes back as it went in.
 */
static enum cc_err read_bound(struct exchange *x, const struct json_value *text, const char *field,
                              bool is_end, int64_t *ret_ms)
{
    struct tm tm = {0};
    char again[DAY_CHARS + 1];
    if (!is_given(text))
        return CC_OK;
    if (text->len != DAY_CHARS)
        return input_instant(x, text, field, 0, INT64_MAX, ret_ms);
    const char *rest = strptime(text->text, "%Y-%m-%d", &tm);
    int64_t day = (int64_t)timegm(&tm) / DAY_S;
    if (rest == NULL || strftime(again, sizeof(again), "%Y-%m-%d", &tm) != DAY_CHARS ||
        strcmp(again, text->text) != 0 || day < 0)
        return exchange_blame(x, field, CC_ERR_RANGE);
    *ret_ms = expiry_day_start(is_end ? day + 1 : day);
    return CC_OK;
}

static enum cc_err read_person(struct exchange *x, struct given *given,
                               struct auditor_question *question)
{
    size_t len = 0;
    if (x->in[NIF].text != NULL) {
        question->nif = &given->nif;
        return input_nif(x, &x->in[NIF], &given->nif);
    }
    if (x->in[PERSON].text == NULL)
        return CC_OK;
    question->filter.subject = given->person;
    return hex_decode(x->in[PERSON].text, x->in[PERSON].len, given->person, sizeof(given->person),
                      &len) &&
                   len == sizeof(given->person)
               ? CC_OK
               : exchange_blame(x, "persona", CC_ERR_RANGE);
}

static enum cc_err read_question(struct exchange *x, struct given *given,
                                 struct auditor_question *question)
{
    enum cc_err err = read_person(x, given, question);
    question->filter.actor = is_given(&x->in[ACTOR]) ? x->in[ACTOR].text : "";
    question->filter.event = is_given(&x->in[EVENT]) ? x->in[EVENT].text : "";
    question->filter.until_ms = INT64_MAX;
    question->cursor = x->in[CURSOR].text;
    if (err == CC_OK)
        err = read_bound(x, &x->in[SINCE], "desde", false, &question->filter.from_ms);
    if (err == CC_OK)
        err = read_bound(x, &x->in[UNTIL], "hasta", true, &question->filter.until_ms);
    return err == CC_OK && question->filter.until_ms <= question->filter.from_ms
               ? exchange_blame(x, "hasta", CC_ERR_RANGE)
               : err;
}

static void put_row(const struct audit_found *row, void *user)
{
    struct buf *out = user;
    char person[PERSON_SIZE] = "";
    if (row->subject != NULL)
        hex_encode_lower(row->subject, SECRET_TAG_BYTES, person);
    json_open(out, NULL, '{');
    json_put_int(out, "numero", row->id);
    json_put_utc(out, "hora", row->at_ms);
    json_put_text(out, "suceso", row->event);
    json_put_text(out, "quien", row->actor);
    json_put_text_or_null(out, "persona", person);
    json_put_text(out, "resultado", row->result);
    json_put_int(out, "referencia", row->reference);
    json_put_text_or_null(out, "ip", row->address);
    json_put_text_or_null(out, "evidencia", row->evidence);
    json_close(out, '}');
}

static enum cc_err tell_page(struct exchange *x, enum auditor_act act, struct buf *out)
{
    struct given given;
    struct auditor_page page = {.left = 0};
    struct auditor_question question = {.act = act, .caller = &x->caller};
    enum cc_err err = read_question(x, &given, &question);
    if (err != CC_OK)
        return err;
    json_open(out, "anotaciones", '[');
    err = auditor_search(x->service, &question, x->now_ms, put_row, out, &page);
    json_close(out, ']');
    json_put_int(out, "quedan", page.left);
    json_put_text_or_null(out, "siguiente", page.next);
    if (err == CC_ERR_EVENT_UNKNOWN)
        return exchange_blame(x, "suceso", err);
    return err == CC_ERR_RANGE ? exchange_blame(x, "cursor", err) : err;
}

enum cc_err anotaciones_find(struct exchange *x, struct buf *out)
{
    return tell_page(x, AUDITOR_SEARCH, out);
}

enum cc_err anotaciones_export(struct exchange *x, struct buf *out)
{
    return tell_page(x, AUDITOR_EXPORT, out);
}
