/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/pins.h"

#include "base/buf.h"
#include "base/hex.h"
#include "base/list.h"

#include <string.h>

static const char authority[] = "autoridad";

/* 64 digits, or 32 pairs with a colon between each two. */
static bool parse_print(const char *text, size_t len, uint8_t ret[PIN_BYTES])
{
    char digits[2 * PIN_BYTES];
    size_t count = 0, bytes = 0;
    bool has_colons = len == 3 * PIN_BYTES - 1;
    if (!has_colons && len != sizeof(digits))
        return false;
    for (size_t i = 0; i < len; i++) {
        bool is_colon = has_colons && i % 3 == 2;
        if (is_colon != (text[i] == ':'))
            return false;
        if (!is_colon)
            digits[count++] = text[i];
    }
    return hex_decode(digits, count, ret, PIN_BYTES, &bytes);
}

static bool parse_item(const char *text, size_t len, struct pins *pins)
{
    if (len == strlen(authority) && memcmp(text, authority, len) == 0) {
        pins->by_authority = true;
        return true;
    }
    return pins->count < PINS_MAX && parse_print(text, len, pins->prints[pins->count++]);
}

bool pins_parse(const char *text, struct pins *ret)
{
    struct pins pins = {.count = 0};
    const char *item;
    size_t len;
    text += strspn(text, " ");
    while (*text != '\0')
        if (!list_take(&text, &item, &len) || !parse_item(item, len, &pins))
            return false;
    *ret = pins;
    return true;
}

void pins_format(const struct pins *pins, char out[PINS_TEXT_SIZE])
{
    struct buf b;
    buf_init(&b, out, PINS_TEXT_SIZE);
    if (pins->by_authority)
        buf_str(&b, authority);
    for (size_t i = 0; i < pins->count; i++) {
        if (b.len > 0)
            buf_str(&b, ", ");
        for (size_t at = 0; at < PIN_BYTES; at++)
            buf_fmt(&b, at > 0 ? ":%02X" : "%02X", pins->prints[i][at]);
    }
    (void)buf_cstr(&b); /* all of them fit: see PINS_TEXT_SIZE */
}

bool pins_ask(const struct pins *pins)
{
    return pins->by_authority || pins->count > 0;
}

bool pins_admit(const struct pins *pins, const uint8_t print[PIN_BYTES])
{
    for (size_t i = 0; i < pins->count; i++)
        if (memcmp(pins->prints[i], print, PIN_BYTES) == 0)
            return true;
    return pins->count == 0;
}
