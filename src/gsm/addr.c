/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/addr.h"

#include "gsm/gsm7.h"
#include "gsm/scts.h"

#include <string.h>

enum {
    DIGITS_MAX = 20,
    ALPHA_MAX = 11, /* septets in ten octets */
    SCA_OCTETS_MAX = 1 + DIGITS_MAX / 2,
    TOA_UNKNOWN = 0x81,
    TOA_INTERNATIONAL = 0x91,
    TOA_ALPHANUMERIC = 0xD0,
    TON_MASK = 0x70,
    FILLER = 0xF,
    NATIONAL_DIGITS = 9, /* a Spanish number without its country */
};

/* 23.040 9.1.2.3, by semi-octet; 0xF is the filler. */
static const char semi_octets[] = "0123456789*#abc";

static bool is_international(const char *number)
{
    return number[0] == '+';
}

static const char *digits_of(const char *number)
{
    return is_international(number) ? number + 1 : number;
}

bool gsm_addr_is_number(const char *text)
{
    const char *digits = digits_of(text);
    const size_t count = strlen(digits);
    return count >= 1 && count <= DIGITS_MAX && strspn(digits, semi_octets) == count;
}

static uint8_t semi_octet(char digit)
{
    return (uint8_t)(strchr(semi_octets, digit) - semi_octets);
}

static void put_number(const char *number, struct buf *out)
{
    const char *digits = digits_of(number);
    buf_byte(out, is_international(number) ? TOA_INTERNATIONAL : TOA_UNKNOWN);
    for (size_t i = 0; digits[i] != '\0'; i += 2) {
        const unsigned low = semi_octet(digits[i]);
        const unsigned high = digits[i + 1] == '\0' ? FILLER : semi_octet(digits[i + 1]);
        buf_byte(out, (uint8_t)(high << 4 | low));
        if (digits[i + 1] == '\0')
            break;
    }
}

bool gsm_addr_encode(const char *number, struct buf *out)
{
    if (!gsm_addr_is_number(number))
        return false;
    buf_byte(out, (uint8_t)strlen(digits_of(number)));
    put_number(number, out);
    return buf_ok(out);
}

bool gsm_sca_encode(const char *number, struct buf *out)
{
    if (number == NULL || number[0] == '\0') {
        buf_byte(out, 0);
        return buf_ok(out);
    }
    if (!gsm_addr_is_number(number))
        return false;
    buf_byte(out, (uint8_t)(1 + (strlen(digits_of(number)) + 1) / 2));
    put_number(number, out);
    return buf_ok(out);
}

/* False at a filler that is not at the end. */
static bool get_number(uint8_t toa, const uint8_t *octets, size_t count, struct gsm_addr *ret)
{
    size_t len = 0;
    if ((toa & TON_MASK) == (TOA_INTERNATIONAL & TON_MASK) && count > 0)
        ret->text[len++] = '+';
    for (size_t i = 0; i < count; i++) {
        const unsigned semi = octets[i / 2] >> (i % 2 * 4) & 0xF;
        if (semi == FILLER)
            return false;
        ret->text[len++] = semi_octets[semi];
    }
    ret->text[len] = '\0';
    return true;
}

static bool get_alphanumeric(const uint8_t *octets, size_t semi, struct gsm_addr *ret)
{
    uint8_t septets[ALPHA_MAX];
    const size_t count = semi * 4 / 7;
    const bool is_whole = gsm7_unpack(octets, (semi + 1) / 2, 0, count, septets);
    struct buf text;
    buf_init(&text, ret->text, sizeof(ret->text));
    gsm7_to_utf8(septets, is_whole ? count : 0, &text);
    return is_whole && buf_cstr(&text) != NULL;
}

bool gsm_addr_decode(const uint8_t *bytes, size_t len, size_t *pos, struct gsm_addr *ret)
{
    if (*pos > len || len - *pos < 2)
        return false;
    const size_t semi = bytes[*pos];
    const uint8_t toa = bytes[*pos + 1];
    const uint8_t *octets = bytes + *pos + 2;
    const size_t octets_len = (semi + 1) / 2;
    if (semi > DIGITS_MAX || octets_len > len - *pos - 2)
        return false;
    struct gsm_addr addr = {0};
    const bool alphanumeric = (toa & TON_MASK) == (TOA_ALPHANUMERIC & TON_MASK);
    if (!(alphanumeric ? get_alphanumeric(octets, semi, &addr)
                       : get_number(toa, octets, semi, &addr)))
        return false;
    *pos += 2 + octets_len;
    *ret = addr;
    return true;
}

bool gsm_sca_decode(const uint8_t *bytes, size_t len, size_t *pos, struct gsm_addr *ret)
{
    if (*pos >= len)
        return false;
    const size_t octets_len = bytes[*pos];
    if (octets_len > SCA_OCTETS_MAX || octets_len > len - *pos - 1)
        return false;
    struct gsm_addr addr = {0};
    if (octets_len > 1) {
        const uint8_t *octets = bytes + *pos + 2;
        size_t semi = 2 * (octets_len - 1);
        semi -= octets[octets_len - 2] >> 4 == FILLER;
        if (!get_number(bytes[*pos + 1], octets, semi, &addr))
            return false;
    }
    *pos += 1 + octets_len;
    *ret = addr;
    return true;
}

/* Some modems leave the service centre out altogether: the first octet is then that of the message,
 * and what follows has not the top bit of a type of address. */
static bool lacks_sca(const uint8_t *bytes, size_t len, size_t pos)
{
    const bool is_odd_type = (bytes[pos] & 1) != 0; /* no DELIVER and no STATUS-REPORT */
    return bytes[pos] != 0 && !is_odd_type && len - pos > 1 && (bytes[pos + 1] & 0x80) == 0;
}

bool gsm_sca_skip(const uint8_t *bytes, size_t len, size_t *pos, struct gsm_addr *ret)
{
    if (*pos < len && lacks_sca(bytes, len, *pos)) {
        *ret = (struct gsm_addr){{0}};
        return true;
    }
    if (*pos >= len || bytes[*pos] > len - *pos - 1)
        return false;
    size_t end = *pos;
    if (!gsm_sca_decode(bytes, len, &end, ret))
        *ret = (struct gsm_addr){{0}};
    *pos += 1 + (size_t)bytes[*pos];
    return true;
}

/* The address in so many octets of digits: as told, or all that they hold up to a filler. */
static bool read_octets(const uint8_t *bytes, size_t octets_len, struct gsm_addr *ret)
{
    const uint8_t toa = bytes[1];
    const uint8_t *octets = bytes + 2;
    const bool is_told = octets_len == (bytes[0] + 1U) / 2;
    size_t semi = is_told ? bytes[0] : 2 * octets_len;
    if ((toa & TON_MASK) == (TOA_ALPHANUMERIC & TON_MASK))
        return get_alphanumeric(octets, semi, ret);
    size_t count = 0;
    while (count < semi && (octets[count / 2] >> (count % 2 * 4) & 0xF) != FILLER)
        count++;
    return get_number(toa, octets, count, ret);
}

static bool has_date(const uint8_t *bytes, size_t len, size_t pos)
{
    int64_t at_ms;
    return gsm_scts_decode(bytes, len, &pos, &at_ms);
}

bool gsm_addr_read(const uint8_t *bytes, size_t len, size_t *pos, size_t gap, struct gsm_addr *ret)
{
    if (*pos > len || len - *pos < 2)
        return false;
    const size_t start = *pos + 2;
    const size_t told = (bytes[*pos] + 1U) / 2;
    size_t octets_len = told;
    if (!has_date(bytes, len, start + told + gap)) {
        for (size_t n = 0; n <= DIGITS_MAX / 2; n++)
            if (has_date(bytes, len, start + n + gap))
                octets_len = n;
    }
    struct gsm_addr addr = {{0}};
    if (octets_len > len - start)
        return false;
    /* one that cannot be read is left out where a date behind it proves its length: the text counts
     */
    if (octets_len > DIGITS_MAX / 2 || !read_octets(bytes + *pos, octets_len, &addr)) {
        if (!has_date(bytes, len, start + octets_len + gap))
            return false;
        addr = (struct gsm_addr){{0}};
    }
    *pos = start + octets_len;
    *ret = addr;
    return true;
}

/* Skips the mark of an international number; true if there was one. */
static bool skip_international(const char **number)
{
    const size_t mark = is_international(*number) ? 1 : strncmp(*number, "00", 2) == 0 ? 2 : 0;
    *number += mark;
    return mark > 0;
}

bool gsm_addr_same(const char *a, const char *b)
{
    if (!gsm_addr_is_number(a) || !gsm_addr_is_number(b))
        return strcmp(a, b) == 0;
    const bool a_full = skip_international(&a);
    const bool b_full = skip_international(&b);
    const size_t a_len = strlen(a);
    const size_t b_len = strlen(b);
    /* Two numbers that both say their country differ when their lengths do. */
    if (a_len == b_len || (a_full && b_full))
        return strcmp(a, b) == 0;
    return a_len >= NATIONAL_DIGITS && b_len >= NATIONAL_DIGITS &&
           strcmp(a + a_len - NATIONAL_DIGITS, b + b_len - NATIONAL_DIGITS) == 0;
}
