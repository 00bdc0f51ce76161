/* SPDX-License-Identifier: EUPL-1.2 */
#include "at/command.h"

#include "at/fields.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct gsm_cause bare_error = {.kind = GSM_CAUSE_ERROR, .code = 0};

static const struct {
    const char *text;
    struct gsm_cause cause;
} error_texts[] = {
    {"ERROR", {.kind = GSM_CAUSE_ERROR}},
    {"COMMAND NOT SUPPORT", {.kind = GSM_CAUSE_ERROR}}, /* Huawei's, as the next */
    {"TOO MANY PARAMETERS", {.kind = GSM_CAUSE_ERROR}},
    /* Ai-Thinker's: what became of a message is not known. */
    {"COMMAND NO RESPONSE!", {.kind = GSM_CAUSE_CMS, .code = 500}},
};

static const char *const pdu_prefixes[] = {"+CDS:", "+CMT:", "+CBM:"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The same text in any case, but for blanks behind it, which some firmware sends. */
static bool is_text(const char *line, const char *text)
{
    size_t len = strlen(text);

    return strncasecmp(line, text, len) == 0 && line[len + strspn(line + len, " ")] == '\0';
}

/* A code that is no number and no text we know leaves just the fact that it failed. */
static struct gsm_cause read_cause(enum gsm_cause_kind kind, struct at_fields *fields)
{
    struct gsm_cause cause = {.kind = kind, .code = -1};

    if (!at_fields_int(fields, &cause.code))
        cause.code = gsm_cause_from_text(kind, fields->at);
    return cause.code < 0 ? bare_error : cause;
}

static const char error_word[] = "ERROR";
static const char error_colon[] = "ERROR:"; /* followed by a text, or a code of no known kind */

static bool begins_with(const char *text, const char *word)
{
    return strncasecmp(text, word, strlen(word)) == 0;
}

/* The letters of the name in front of ERROR, "CMS"; 0 if they are too few or too many. */
static size_t name_length(const char *name)
{
    enum { NAME_MIN = 3, NAME_MAX = 4 };
    size_t len = 0;
    while (len <= NAME_MAX && isalpha((unsigned char)name[len]) &&
           !begins_with(name + len, error_word))
        len++;
    return len >= NAME_MIN && len <= NAME_MAX ? len : 0;
}

/*
 * +CME ERROR: 14 and +CMS ERROR: 38 as makers write them: with the command's own name (+CMGS ERROR:
 * 38, Fibocom G510), with more or fewer blanks, without the colon, without a code, without the plus
 * (warthog618/modem#17). NULL if it is none; else what is behind it.
 */
static const char *coded_error(const char *line, enum gsm_cause_kind *ret_kind)
{
    bool has_plus = *line == '+';
    bool is_bare = begins_with(line, "CME") || begins_with(line, "CMS");
    line += has_plus;
    size_t len = has_plus || is_bare ? name_length(line) : 0;
    if (len == 0)
        return NULL;
    const char *at = line + len + strspn(line + len, " :");
    if (!begins_with(at, error_word))
        return NULL;
    at += sizeof(error_word) - 1;
    if (strchr(" :", *at) == NULL) /* the end counts too */
        return NULL;
    bool is_message = begins_with(line, "CM") && !begins_with(line, "CME");
    *ret_kind = is_message ? GSM_CAUSE_CMS : GSM_CAUSE_CME;
    return at + strspn(at, " :");
}

enum at_result at_final(const char *line, struct gsm_cause *ret_cause)
{
    struct at_fields fields;

    if (is_text(line, "OK"))
        return AT_RESULT_OK;
    for (size_t i = 0; i < COUNT(error_texts); i++) {
        if (is_text(line, error_texts[i].text)) {
            *ret_cause = error_texts[i].cause;
            return AT_RESULT_ERROR;
        }
    }
    if (begins_with(line, error_colon)) {
        *ret_cause = bare_error;
        return AT_RESULT_ERROR;
    }
    enum gsm_cause_kind kind;
    const char *code = coded_error(line, &kind);
    if (code != NULL) {
        (void)at_fields_init(&fields, code, "");
        *ret_cause = read_cause(kind, &fields);
        return AT_RESULT_ERROR;
    }
    return AT_RESULT_NONE;
}

/* The end of the command, whose beginning was lost or spoilt on its way. */
static bool is_echo_end(const char *command, const char *line)
{
    enum { ECHO_MIN = 4, ECHO_JUNK = 3 };
    size_t whole = strlen(command), len = strlen(line);
    for (size_t junk = 0; junk <= ECHO_JUNK && len - junk >= ECHO_MIN && junk < len; junk++)
        if (len - junk <= whole && strcmp(command + whole - (len - junk), line + junk) == 0)
            return true;
    return false;
}

bool at_line_is_echo(const char *line, const char *command, const char *payload)
{
    enum { END_MAX = 1 };
    if (strcmp(line, command) == 0 || is_echo_end(command, line))
        return true;
    if (payload == NULL)
        return false;
    const char *echo = line + strspn(line, "> ");
    size_t len = strcspn(payload, "\x1A");
    return strncmp(echo, payload, len) == 0 && strlen(echo) <= len + END_MAX;
}

size_t at_line_before_ok(const char *line)
{
    size_t len = strlen(line);
    if (len < 3 || strcmp(line + len - 2, "OK") != 0)
        return 0;
    for (len -= 2; len > 0 && line[len - 1] == ' ';)
        len--;
    return len;
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

static bool brings_message(const char *line)
{
    for (size_t i = 0; i < COUNT(pdu_prefixes); i++)
        if (at_line_behind(line, pdu_prefixes[i]) != NULL)
            return true;
    return false;
}

/* 26/11/29, with a year of two digits or of four: the name of a sender may have strokes too. */
static bool is_date(const char *text)
{
    static const char form[] = "dd/dd/dd";
    for (size_t i = 0; form[i] != '\0'; i++)
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    return true;
}

bool at_line_is_text_mode(const char *line)
{
    if (!brings_message(line))
        return false;
    while (*line != '\0' && !is_date(line))
        line++;
    return *line != '\0';
}

bool at_line_has_pdu(const char *line)
{
    return brings_message(line) && !at_line_is_text_mode(line);
}
