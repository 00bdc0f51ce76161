/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/csv.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

bool csv_next_line(const char *text, size_t len, size_t *pos, struct csv_field *ret)
{
    if (*pos >= len)
        return false;
    const char *from = text + *pos, *end = text + len, *at = from;
    while (at < end && *at != '\n' && *at != '\r')
        at++;
    *ret = (struct csv_field){from, (size_t)(at - from)};
    if (at + 1 < end && at[0] == '\r' && at[1] == '\n')
        at++;
    *pos = (size_t)(at - text) + (at < end);
    return true;
}

char csv_find_separator(const struct csv_field *line)
{
    for (size_t i = 0; i < line->len; i++)
        if (memchr(";,\t", line->text[i], 3) != NULL)
            return line->text[i];
    return ',';
}

static bool is_blank(char c, char separator)
{
    return (c == ' ' || c == '\t') && c != separator;
}

/* The text of a field between quotes, its doubled quotes made single in place. Moves *at behind the
 * closing quote. False without one. */
static bool take_quoted(char **at, const char *end, struct csv_field *ret)
{
    char *from = *at + 1, *out = from;
    for (char *c = from; c < end; c++) {
        if (*c == '"' && (c + 1 == end || c[1] != '"')) {
            *ret = (struct csv_field){from, (size_t)(out - from)};
            *at = c + 1;
            return true;
        }
        c += *c == '"';
        *out++ = *c;
    }
    return false;
}

static void take_plain(char **at, const char *end, char separator, struct csv_field *ret)
{
    char *from = *at, *c = from;
    while (c < end && *c != separator)
        c++;
    *at = c;
    while (c > from && is_blank(c[-1], separator))
        c--;
    *ret = (struct csv_field){from, (size_t)(c - from)};
}

/* The export puts an apostrophe before what a spreadsheet would take for a formula. */
static void drop_apostrophe(struct csv_field *field)
{
    if (field->len > 1 && field->text[0] == '\'' && memchr("=+-@\t\r", field->text[1], 6) != NULL)
        *field = (struct csv_field){field->text + 1, field->len - 1};
}

static char *skip_blanks(char *at, const char *end, char separator)
{
    while (at < end && is_blank(*at, separator))
        at++;
    return at;
}

enum cc_err csv_split(char *line, size_t len, char separator, struct csv_row *ret)
{
    char *at = line;
    const char *end = line + len;
    for (ret->count = 0; ret->count < CSV_FIELDS_MAX; at++) {
        struct csv_field *field = &ret->fields[ret->count++];
        at = skip_blanks(at, end, separator);
        if (at == end || *at != '"')
            take_plain(&at, end, separator, field);
        else if (!take_quoted(&at, end, field))
            return CC_ERR_CSV_QUOTES;
        drop_apostrophe(field);
        at = skip_blanks(at, end, separator);
        if (at == end)
            return CC_OK;
        if (*at != separator)
            return CC_ERR_CSV_QUOTES;
    }
    return CC_ERR_CSV_COUNT;
}

/* 0x80 to 0x9F of Windows-1252; five of them stand for the controls that they are in Latin-1. */
static const uint16_t upper_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

bool csv_decode_1252(const char *text, size_t len, char *out, size_t cap, size_t *ret_len)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        char bytes[4];
        uint8_t byte = (uint8_t)text[i];
        size_t count =
            utf8_encode(byte >= 0x80 && byte < 0xA0 ? upper_1252[byte - 0x80] : byte, bytes);
        if (count > cap - used)
            return false;
        memcpy(out + used, bytes, count);
        used += count;
    }
    *ret_len = used;
    return true;
}
