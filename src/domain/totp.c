/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/totp.h"

#include "base/hmac.h"

#include <string.h>

enum { STEP_MS = 30 * 1000, CODES = 1000000, SLACK_STEPS = 1 };

uint32_t totp_code(const uint8_t secret[TOTP_SECRET_BYTES], int64_t step)
{
    uint8_t counter[8], mac[HMAC_SHA1_BYTES];
    for (size_t i = 0; i < sizeof(counter); i++)
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    hmac_sha1(secret, TOTP_SECRET_BYTES, counter, sizeof(counter), mac);
    const uint8_t *at = mac + (mac[HMAC_SHA1_BYTES - 1] & 0x0F);
    uint32_t number = (uint32_t)(at[0] & 0x7F) << 24 | (uint32_t)at[1] << 16 |
                      (uint32_t)at[2] << 8 | (uint32_t)at[3];
    return number % CODES;
}

static bool read_code(const char *text, uint32_t *ret)
{
    uint32_t code = 0;
    if (strlen(text) != TOTP_DIGITS || strspn(text, "0123456789") != TOTP_DIGITS)
        return false;
    for (size_t i = 0; i < TOTP_DIGITS; i++)
        code = 10 * code + (uint32_t)(text[i] - '0');
    *ret = code;
    return true;
}

bool totp_accepts(const uint8_t secret[TOTP_SECRET_BYTES], const char *text, int64_t now_ms,
                  int64_t last_step, int64_t *ret_step)
{
    uint32_t code;
    int64_t now = now_ms / STEP_MS, found = 0;
    if (!read_code(text, &code))
        return false;
    for (int64_t step = now - SLACK_STEPS; step <= now + SLACK_STEPS; step++) {
        if (totp_code(secret, step) == code && step > last_step)
            found = step;
    }
    if (found != 0)
        *ret_step = found;
    return found != 0;
}

void totp_secret_text(const uint8_t secret[TOTP_SECRET_BYTES], char out[TOTP_TEXT_SIZE])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    size_t at = 0;
    for (size_t i = 0; i < TOTP_SECRET_BYTES; i += 5) {
        uint64_t group = 0;
        for (size_t j = 0; j < 5; j++)
            group = group << 8 | secret[i + j];
        for (size_t j = 0; j < 8; j++)
            out[at++] = digits[group >> (35 - 5 * j) & 31];
    }
    out[at] = '\0';
}
