/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/nif.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

enum {
    NUMBER_DIGITS = 7, /* between prefix and control */
    ES_CHARS = 2 + NIF_CHARS,
    OLD_NIE_CHARS = NIF_CHARS + 1,
};

enum control { CONTROL_LETTER, CONTROL_DIGIT, CONTROL_EITHER };

struct prefix_rule {
    const char *prefixes;
    enum nif_kind kind;
    enum control control;
};

static const struct prefix_rule prefix_rules[] = {
    {"0123456789", NIF_KIND_DNI, CONTROL_LETTER}, {"XYZ", NIF_KIND_NIE, CONTROL_LETTER},
    {"KLM", NIF_KIND_KLM, CONTROL_LETTER},        {"ABEH", NIF_KIND_LEGAL, CONTROL_DIGIT},
    {"PQRSW", NIF_KIND_LEGAL, CONTROL_LETTER},    {"CDFGJNUV", NIF_KIND_LEGAL, CONTROL_EITHER},
};

/* The text as people wrote it, folded. `count` goes on behind the room: the length error needs only
 * that. */
struct folded {
    char text[ES_CHARS + 1];
    size_t count;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool all_digits(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]))
            return false;
    }
    return true;
}

/* Full-width forms (U+FF01-FF5E, U+3000) to ASCII, small letters to capitals. */
static int32_t fold_char(int32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E)
        c -= 0xFF01 - '!';
    if (c == 0x3000)
        c = ' ';
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

/* The marks that people put between the characters of a NIF. */
static bool is_separator(int32_t c)
{
    bool is_ascii = c > 0 && c < 0x80 && strchr(" \t\r\n-./_", (int)c) != NULL;
    bool is_no_break_space = c == 0xA0 || c == 0x202F;
    bool is_hyphen = c >= 0x2010 && c <= 0x2015;
    return is_ascii || is_no_break_space || is_hyphen;
}

static bool fold_text(const char *text, size_t len, struct folded *ret)
{
    *ret = (struct folded){.count = 0};
    for (size_t pos = 0; pos < len;) {
        int32_t c = utf8_next(text, len, &pos);
        if (c < 0)
            return false;
        c = fold_char(c);
        if (is_separator(c))
            continue;
        if (c > 'Z' || (!is_digit((char)c) && !is_letter((char)c)))
            return false;
        if (ret->count < ES_CHARS)
            ret->text[ret->count] = (char)c;
        ret->count++;
    }
    return true;
}

static void drop_chars(struct folded *f, size_t at, size_t count)
{
    memmove(f->text + at, f->text + at + count, f->count - at - count);
    f->count -= count;
}

/* Undoes the three ways of writing a NIF with other than nine characters. */
static void restore_length(struct folded *f)
{
    if (f->count == ES_CHARS && memcmp(f->text, "ES", 2) == 0)
        drop_chars(f, 0, 2);
    if (f->count == OLD_NIE_CHARS && memcmp(f->text, "X0", 2) == 0 &&
        all_digits(f->text + 2, NUMBER_DIGITS) && is_letter(f->text[OLD_NIE_CHARS - 1]))
        drop_chars(f, 1, 1);
    if (f->count >= 2 && f->count < NIF_CHARS && all_digits(f->text, f->count - 1) &&
        is_letter(f->text[f->count - 1])) {
        size_t missing = NIF_CHARS - f->count;
        memmove(f->text + missing, f->text, f->count);
        memset(f->text, '0', missing);
        f->count = NIF_CHARS;
    }
}

static const struct prefix_rule *rule_for(char prefix)
{
    for (size_t i = 0; i < sizeof(prefix_rules) / sizeof(prefix_rules[0]); i++) {
        if (strchr(prefix_rules[i].prefixes, prefix) != NULL)
            return &prefix_rules[i];
    }
    return NULL;
}

/* The letter of a person: DNI by all its digits, NIE with X Y Z as 0 1 2, KLM by its seven. */
static char person_control(const char *text)
{
    uint32_t number = 0;
    if (is_digit(text[0]))
        number = (uint32_t)(text[0] - '0');
    else if (text[0] >= 'X')
        number = (uint32_t)(text[0] - 'X');
    for (size_t i = 1; i <= NUMBER_DIGITS; i++)
        number = number * 10 + (uint32_t)(text[i] - '0');
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23];
}

/* The control of a legal person as a digit, 0-9; its letter is that one of "JABCDEFGHI". */
static unsigned legal_control(const char *text)
{
    unsigned sum = 0;
    for (size_t i = 1; i <= NUMBER_DIGITS; i++) {
        unsigned digit = (unsigned)(text[i] - '0');
        unsigned doubled = i % 2 == 1 ? 2 * digit : digit;
        sum += doubled / 10 + doubled % 10;
    }
    return (10 - sum % 10) % 10;
}

static bool is_control_class_right(const struct prefix_rule *rule, const char *text)
{
    bool is_foreign_entity = memcmp(text + 1, "00", 2) == 0;
    if (rule->control == CONTROL_EITHER || (rule->control == CONTROL_DIGIT && is_foreign_entity))
        return true;
    return is_digit(text[NIF_KEY_CHARS]) == (rule->control == CONTROL_DIGIT);
}

static bool is_control_right(const struct prefix_rule *rule, const char *text)
{
    char control = text[NIF_KEY_CHARS];
    if (rule->kind != NIF_KIND_LEGAL)
        return control == person_control(text);
    unsigned c = legal_control(text);
    return control == (is_digit(control) ? (char)('0' + c) : "JABCDEFGHI"[c]);
}

enum cc_err nif_parse(const char *text, size_t len, struct nif *ret)
{
    struct folded f;
    if (!fold_text(text, len, &f))
        return CC_ERR_NIF_FORMAT;
    restore_length(&f);
    if (f.count != NIF_CHARS)
        return CC_ERR_NIF_LENGTH;
    const struct prefix_rule *rule = rule_for(f.text[0]);
    if (rule == NULL)
        return CC_ERR_NIF_PREFIX;
    if (!all_digits(f.text + 1, NUMBER_DIGITS))
        return f.text[0] == 'M' ? CC_ERR_NIF_M_ALNUM : CC_ERR_NIF_FORMAT;
    if (!is_control_class_right(rule, f.text))
        return CC_ERR_NIF_KIND;
    if (!is_control_right(rule, f.text))
        return CC_ERR_NIF_CHECKSUM;
    memcpy(ret->text, f.text, NIF_CHARS);
    ret->text[NIF_CHARS] = '\0';
    ret->kind = rule->kind;
    return CC_OK;
}

bool nif_is_test_number(const struct nif *nif)
{
    static const char numbers[][NIF_CHARS + 1] = {
        "00000000T", "00000001R", "99999999R", "X0000000T", "Q0000000J",
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (memcmp(nif->text, numbers[i], NIF_CHARS) == 0)
            return true;
    }
    return false;
}

const char *nif_kind_token(enum nif_kind kind)
{
    static const char *const tokens[] = {
        [NIF_KIND_DNI] = "dni",
        [NIF_KIND_NIE] = "nie",
        [NIF_KIND_KLM] = "nif_klm",
        [NIF_KIND_LEGAL] = "persona_juridica",
    };
    return tokens[kind];
}

void nif_mask(const struct nif *nif, char out[NIF_MASK_SIZE])
{
    memset(out, '*', NIF_CHARS);
    memcpy(out + 3, nif->text + 3, 4);
    out[NIF_CHARS] = '\0';
}
