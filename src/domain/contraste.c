/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/contraste.h"

#include <string.h>

enum {
    DATE_FIELDS = 3,
    /* 01/01/9999, which permanent documents print, is no secret: the last year is far below. */
    FIRST_YEAR = 1940,
    LAST_YEAR = 2099,
    SUPPORT_DIGITS = 8,
    NUMBER_DIGITS_MAX = 4
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_separator(char c)
{
    return c == '/' || c == '-' || c == '.' || c == ' ';
}

/* Cuts spaces at both ends. */
static void trim_blanks(const char **text, size_t *len)
{
    while (*len > 0 && (*text)[0] == ' ') {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && (*text)[*len - 1] == ' ')
        (*len)--;
}

/* Three numbers with one kind of separator between them; *ret_digits counts those of the first. */
static bool read_numbers(const char *text, size_t len, int ret[DATE_FIELDS], size_t *ret_digits)
{
    size_t at = 0;
    char separator = '\0';
    for (int field = 0; field < DATE_FIELDS; field++) {
        size_t first = at;
        ret[field] = 0;
        for (; at < len && is_digit(text[at]); at++) {
            if (at - first == NUMBER_DIGITS_MAX)
                return false;
            ret[field] = ret[field] * 10 + (text[at] - '0');
        }
        if (at == first)
            return false;
        if (field == 0)
            *ret_digits = at - first;
        if (field == DATE_FIELDS - 1)
            break;
        if (at == len || !is_separator(text[at]) || (separator != '\0' && text[at] != separator))
            return false;
        separator = text[at++];
    }
    return at == len;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : days[month - 1];
}

static void put_number(char *out, int digits, int number)
{
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

static enum cc_err parse_date(const char *text, size_t len, struct contraste *ret)
{
    int numbers[DATE_FIELDS] = {0};
    size_t digits = 0;
    if (!read_numbers(text, len, numbers, &digits))
        return CC_ERR_CONTRAST_DATE;
    bool is_year_first = digits == NUMBER_DIGITS_MAX;
    int year = numbers[is_year_first ? 0 : 2], month = numbers[1];
    int day = numbers[is_year_first ? 2 : 0];
    if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return CC_ERR_CONTRAST_DATE;
    *ret = (struct contraste){.text = "0000-00-00"};
    put_number(ret->text, 4, year);
    put_number(ret->text + 5, 2, month);
    put_number(ret->text + 8, 2, day);
    return CC_OK;
}

static char to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/*
 * Source: Orden INT/1202/2011 and the card itself: a letter and eight digits ("E12345678"). Old
 * cards print fewer: the tax office (AEAT) has them written with zeros after the letter.
 */
static enum cc_err parse_support(const char *text, size_t len, struct contraste *ret)
{
    char digits[SUPPORT_DIGITS], letter = '\0';
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        char c = to_upper(text[i]);
        if (c == ' ' || c == '-')
            continue;
        if (letter == '\0' && c >= 'A' && c <= 'Z')
            letter = c;
        else if (letter != '\0' && is_digit(c) && count < SUPPORT_DIGITS)
            digits[count++] = c;
        else
            return CC_ERR_CONTRAST_SUPPORT;
    }
    if (count == 0)
        return CC_ERR_CONTRAST_SUPPORT;
    *ret = (struct contraste){.text = "?00000000"};
    ret->text[0] = letter;
    memcpy(ret->text + 1 + SUPPORT_DIGITS - count, digits, count);
    return CC_OK;
}

enum cc_err contraste_parse(const char *text, size_t len, enum nif_kind kind, struct contraste *ret)
{
    trim_blanks(&text, &len);
    if (kind == NIF_KIND_LEGAL)
        return CC_ERR_CONTRAST_NONE;
    return kind == NIF_KIND_NIE ? parse_support(text, len, ret) : parse_date(text, len, ret);
}
