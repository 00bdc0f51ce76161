/* SPDX-License-Identifier: EUPL-1.2 */
#include "at/command.h"

#include "at/fields.h"

#include <stddef.h>
#include <string.h>

static const struct gsm_cause bare_error = {.kind = GSM_CAUSE_ERROR, .code = 0};

static const char *const error_texts[] = {
    "ERROR", "COMMAND NOT SUPPORT", "TOO MANY PARAMETERS", /* the last two are Huawei's */
};

static const struct {
    const char *prefix;
    enum gsm_cause_kind kind;
} coded_errors[] = {
    {"+CME ERROR:", GSM_CAUSE_CME},
    {"+CMS ERROR:", GSM_CAUSE_CMS},
};

static const char *const pdu_prefixes[] = {"+CDS:", "+CMT:", "+CBM:"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The same text but for blanks behind it, which some firmware sends. */
static bool is_text(const char *line, const char *text)
{
    size_t len = strlen(text);

    return strncmp(line, text, len) == 0 && line[len + strspn(line + len, " ")] == '\0';
}

/* A code that is no number and no text we know leaves just the fact that it failed. */
static struct gsm_cause read_cause(enum gsm_cause_kind kind, struct at_fields *fields)
{
    struct gsm_cause cause = {.kind = kind, .code = -1};

    if (!at_fields_int(fields, &cause.code))
        cause.code = gsm_cause_from_text(kind, fields->at);
    return cause.code < 0 ? bare_error : cause;
}

enum at_result at_final(const char *line, struct gsm_cause *ret_cause)
{
    struct at_fields fields;

    if (is_text(line, "OK"))
        return AT_RESULT_OK;
    for (size_t i = 0; i < COUNT(error_texts); i++) {
        if (is_text(line, error_texts[i])) {
            *ret_cause = bare_error;
            return AT_RESULT_ERROR;
        }
    }
    for (size_t i = 0; i < COUNT(coded_errors); i++) {
        if (at_fields_init(&fields, line, coded_errors[i].prefix)) {
            *ret_cause = read_cause(coded_errors[i].kind, &fields);
            return AT_RESULT_ERROR;
        }
    }
    return AT_RESULT_NONE;
}

enum at_result at_final_numeric(const char *line, struct gsm_cause *ret_cause)
{
    if (is_text(line, "0"))
        return AT_RESULT_OK;
    if (!is_text(line, "4"))
        return AT_RESULT_NONE;
    *ret_cause = bare_error;
    return AT_RESULT_ERROR;
}

bool at_line_has_pdu(const char *line)
{
    for (size_t i = 0; i < COUNT(pdu_prefixes); i++) {
        if (strncmp(line, pdu_prefixes[i], strlen(pdu_prefixes[i])) == 0)
            return true;
    }
    return false;
}
