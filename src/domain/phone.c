/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/phone.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
    E164_DIGITS_MIN = 7, /* the shortest numbers in use, country included */
    E164_DIGITS_MAX = 15,
    SPAIN_DIGITS = 9,
    WRITTEN_MAX = E164_DIGITS_MAX + 2, /* "00" before the country */
};

/* The digits as written, and whether a + came before them. */
struct written {
    char digits[WRITTEN_MAX + 1];
    size_t count;
    bool plus;
};

static bool is_separator(int32_t c)
{
    bool is_ascii = c > 0 && c < 0x80 && strchr(" .-()", (int)c) != NULL;
    bool is_no_break_space = c == 0xA0 || c == 0x202F;
    bool is_hyphen = c >= 0x2010 && c <= 0x2015;
    return is_ascii || is_no_break_space || is_hyphen;
}

static bool written_add(struct written *w, int32_t c)
{
    if (is_separator(c))
        return true;
    if (c == '+' && !w->plus && w->count == 0) {
        w->plus = true;
        return true;
    }
    if (c < '0' || c > '9' || w->count == WRITTEN_MAX)
        return false;
    w->digits[w->count++] = (char)c;
    return true;
}

/*
 * International prefixes, without the +, behind which no mobile subscriber is reached by SMS.
 * Source: ITU-T E.164 Annex to the Operational Bulletin, "List of assigned country codes" (shared,
 * global and satellite codes), and the national plan named.
 */
static const char *const not_mobile[] = {
    "800",          /* universal freephone, UIFN */
    "808",          /* shared cost, UISCN */
    "870",          /* Inmarsat, SNAC */
    "878",          /* universal personal numbers */
    "881",          /* global mobile satellite */
    "882",   "883", /* international networks */
    "888",          /* disaster relief, withdrawn */
    "979",          /* international premium rate */
    "991",          /* trial of ITPCS */
    "1700",  "1800", "1833", "1844", "1855", "1866", "1877", "1888", /* NANP: carriers, toll-free */
    "1900",                                                          /* NANP: premium */
    "4470",                                                          /* Ofcom: personal numbers */
    "49700",                                                         /* BNetzA: personal numbers */
};

static bool has_prefix(const char *digits, size_t count, const char *prefix)
{
    size_t len = strlen(prefix);
    return count >= len && memcmp(digits, prefix, len) == 0;
}

/* 6, and of 7 only 71 to 74; 70 is personal numbering, 75 to 79 are not assigned to mobiles. */
static bool is_spanish_mobile(const char *national)
{
    return national[0] == '6' || (national[0] == '7' && national[1] >= '1' && national[1] <= '4');
}

static enum cc_err accept_spanish(const char *national, size_t count, struct phone *ret)
{
    if (count != SPAIN_DIGITS)
        return CC_ERR_PHONE_FORMAT;
    if (!is_spanish_mobile(national))
        return CC_ERR_PHONE_NOT_MOBILE;
    memcpy(ret->e164, "+34", 3);
    memcpy(ret->e164 + 3, national, SPAIN_DIGITS);
    ret->e164[3 + SPAIN_DIGITS] = '\0';
    return CC_OK;
}

static enum cc_err accept_abroad(const char *digits, size_t count, struct phone *ret)
{
    if (count < E164_DIGITS_MIN || count > E164_DIGITS_MAX || digits[0] == '0')
        return CC_ERR_PHONE_FORMAT;
    for (size_t i = 0; i < sizeof(not_mobile) / sizeof(not_mobile[0]); i++) {
        if (has_prefix(digits, count, not_mobile[i]))
            return CC_ERR_PHONE_NOT_MOBILE;
    }
    ret->e164[0] = '+';
    memcpy(ret->e164 + 1, digits, count);
    ret->e164[1 + count] = '\0';
    return CC_OK;
}

enum cc_err phone_parse(const char *text, size_t len, struct phone *ret)
{
    struct written w = {.count = 0};
    for (size_t pos = 0; pos < len;) {
        int32_t c = utf8_next(text, len, &pos);
        if (c < 0 || !written_add(&w, c))
            return CC_ERR_PHONE_FORMAT;
    }
    const char *digits = w.digits;
    size_t count = w.count;
    bool is_international = w.plus;
    if (!w.plus && count > 2 && memcmp(digits, "00", 2) == 0) {
        is_international = true;
        digits += 2;
        count -= 2;
    }
    if (!is_international)
        return accept_spanish(digits, count, ret);
    if (count > 2 && memcmp(digits, "34", 2) == 0)
        return accept_spanish(digits + 2, count - 2, ret);
    return accept_abroad(digits, count, ret);
}

/* Source: ITU-T E.164, list of assigned country codes. */
static const char *const cheap[] = {
    "+30",  "+31",  "+32",  "+33",  "+34",  "+351", "+352", "+353", "+354", "+356",
    "+357", "+358", "+359", "+36",  "+370", "+371", "+372", "+385", "+386", "+39",
    "+40",  "+420", "+421", "+423", "+43",  "+45",  "+46",  "+47",  "+48",  "+49",
};

bool phone_is_cheap(const struct phone *phone)
{
    for (size_t i = 0; i < sizeof(cheap) / sizeof(cheap[0]); i++)
        if (strncmp(phone->e164, cheap[i], strlen(cheap[i])) == 0)
            return true;
    return false;
}

void phone_mask(const struct phone *phone, char out[PHONE_MASK_SIZE])
{
    static const char stars[] = "*****";
    size_t len = strlen(phone->e164);
    size_t shown = strncmp(phone->e164, "+34", 3) == 0 ? 3 : 1;
    if (len == 0) { /* of who has left */
        out[0] = '\0';
        return;
    }
    /* Always five: the number of stars must not tell the length of the number. */
    memcpy(out, phone->e164, shown);
    memcpy(out + shown, stars, sizeof(stars) - 1);
    memcpy(out + shown + sizeof(stars) - 1, phone->e164 + len - 3, 4);
}

bool phone_is_centre(const char *text)
{
    enum { DIGITS_MIN = 7, DIGITS_MAX = 15 };
    if (text[0] != '+' || text[1] < '1' || text[1] > '9')
        return false;
    size_t len = strlen(text + 1);
    return len >= DIGITS_MIN && len <= DIGITS_MAX && strspn(text + 1, "0123456789") == len;
}
