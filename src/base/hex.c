/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/hex.h"

int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static void encode_with(const char *digits, const uint8_t *bytes, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 0x0F];
    }
    *out = '\0';
}

void hex_encode(const uint8_t *bytes, size_t len, char *out)
{
    encode_with("0123456789ABCDEF", bytes, len, out);
}

void hex_encode_lower(const uint8_t *bytes, size_t len, char *out)
{
    encode_with("0123456789abcdef", bytes, len, out);
}

bool hex_decode(const char *text, size_t len, uint8_t *out, size_t cap, size_t *ret_len)
{
    if (len % 2 != 0 || len / 2 > cap)
        return false;
    for (size_t i = 0; i < len; i += 2) {
        int high = hex_value(text[i]);
        int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    *ret_len = len / 2;
    return true;
}
