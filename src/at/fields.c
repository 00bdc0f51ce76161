/* SPDX-License-Identifier: EUPL-1.2 */
#include "at/fields.h"

#include "base/hex.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

static const char *skip_blanks(const char *at)
{
    while (*at == ' ')
        at++;
    return at;
}

/* The first character may be lost on its way, such as to a port that sleeps. */
const char *at_line_behind(const char *line, const char *prefix)
{
    prefix += *prefix == '+' && *line == prefix[1];
    for (; *prefix != '\0'; prefix++, line++) {
        if (*prefix == ':')
            line = skip_blanks(line);
        if (tolower((unsigned char)*line) != tolower((unsigned char)*prefix))
            return NULL;
    }
    return skip_blanks(line);
}

bool at_fields_init(struct at_fields *f, const char *line, const char *prefix)
{
    const char *behind = at_line_behind(line, prefix);

    if (behind == NULL)
        return false;
    f->at = behind;
    f->done = *f->at == '\0' || *f->at == ')';
    return true;
}

/*
 * The first byte behind the field: its comma, the end, or a bracket that the field did not open
 * (so that a list taken out of its brackets ends where its bracket does).
 */
static const char *field_end(const char *at)
{
    bool quoted = false;
    int depth = 0;

    for (; *at != '\0'; at++) {
        if (*at == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        if ((*at == ',' || *at == ')') && depth == 0)
            break;
        depth += (*at == '(') - (*at == ')');
    }
    return at;
}

/* The field's text without the blanks and the quotes around it. */
static const char *field_span(const struct at_fields *f, const char *end, size_t *ret_len)
{
    const char *start = skip_blanks(f->at);

    while (end > start && end[-1] == ' ')
        end--;
    if (*start == '"') {
        start++;
        if (end > start && end[-1] == '"')
            end--;
    }
    *ret_len = end > start ? (size_t)(end - start) : 0;
    return start;
}

static void move_behind(struct at_fields *f, const char *end)
{
    f->done = *end != ',';
    f->at = f->done ? end : end + 1;
}

static bool has_plus(const char *text, size_t len, int base)
{
    return base == 10 && len > 1 && *text == '+';
}

/* The one reader behind both number forms; max_negative is 0 where no sign is taken. */
static bool read_number(struct at_fields *f, int base, uint64_t max, uint64_t max_negative,
                        int64_t *ret)
{
    if (f->done)
        return false;

    const char *end = field_end(f->at);
    size_t len = 0;
    const char *text = field_span(f, end, &len);
    bool negative = max_negative > 0 && len > 0 && *text == '-';
    uint64_t limit = negative ? max_negative : max;
    uint64_t value = 0;
    size_t sign = negative || has_plus(text, len, base);

    text += sign;
    len -= sign;
    if (len == 0)
        return false;
    for (; len > 0; text++, len--) {
        int digit = hex_value(*text);

        if (digit < 0 || digit >= base)
            return false;
        value = value * (uint64_t)base + (uint64_t)digit;
        if (value > limit)
            return false;
    }
    *ret = negative ? -(int64_t)value : (int64_t)value;
    move_behind(f, end);
    return true;
}

bool at_fields_int(struct at_fields *f, int *ret)
{
    int64_t value = 0;

    if (!read_number(f, 10, INT_MAX, (uint64_t)INT_MAX + 1, &value))
        return false;
    *ret = (int)value;
    return true;
}

bool at_fields_hex(struct at_fields *f, uint32_t *ret)
{
    int64_t value = 0;

    if (!read_number(f, 16, UINT32_MAX, 0, &value))
        return false;
    *ret = (uint32_t)value;
    return true;
}

bool at_fields_text(struct at_fields *f, char *out, size_t cap)
{
    if (f->done || cap == 0)
        return false;

    const char *end = field_end(f->at);
    size_t len = 0;
    const char *text = field_span(f, end, &len);

    if (len > cap - 1)
        len = cap - 1;
    memcpy(out, text, len);
    out[len] = '\0';
    move_behind(f, end);
    return true;
}

bool at_value_is(const char *value, const char *wanted)
{
    if (isdigit((unsigned char)*wanted)) {
        value += *value == '+';
        while (*value == '0' && isdigit((unsigned char)value[1]))
            value++;
    }
    return strcasecmp(value, wanted) == 0;
}

bool at_fields_skip(struct at_fields *f)
{
    if (f->done)
        return false;
    move_behind(f, field_end(f->at));
    return true;
}

size_t at_fields_count(const struct at_fields *f)
{
    struct at_fields rest = *f;
    size_t count = 0;

    while (at_fields_skip(&rest))
        count++;
    return count;
}
