/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/scts.h"

#include <time.h>

enum {
    STAMP_OCTETS = 7,
    QUARTER_MS = 15 * 60 * 1000,
    SIGN_BIT = 0x08,   /* of the zone's octet as sent: in its tens */
    FIRST_YEAR = 1990, /* no short message is older; two digits mean this year to 2089 */
    MINUTE_S = 60,
    HOUR_S = 60 * MINUTE_S,
    DAY_S = 24 * HOUR_S,
};

/* -1 if a semi-octet is not a digit. */
static int from_swapped(uint8_t octet)
{
    const int tens = octet & 0x0F;
    const int units = octet >> 4;
    return tens > 9 || units > 9 ? -1 : tens * 10 + units;
}

/* timegm() takes 31 February for 3 March: a date is one that comes back as it went in. */
static bool is_date(const struct tm *given, time_t at)
{
    struct tm tm;
    return gmtime_r(&at, &tm) != NULL && tm.tm_mon == given->tm_mon &&
           tm.tm_mday == given->tm_mday && tm.tm_hour == given->tm_hour &&
           tm.tm_min == given->tm_min && tm.tm_sec == given->tm_sec;
}

bool gsm_scts_decode(const uint8_t *bytes, size_t len, size_t *pos, int64_t *ret_ms)
{
    if (*pos > len || len - *pos < STAMP_OCTETS)
        return false;
    const uint8_t *stamp = bytes + *pos;
    int field[STAMP_OCTETS];
    for (size_t i = 0; i < STAMP_OCTETS; i++) {
        const bool is_zone = i == STAMP_OCTETS - 1;
        field[i] = from_swapped(is_zone ? stamp[i] & (uint8_t)~SIGN_BIT : stamp[i]);
        if (field[i] < 0)
            return false;
    }
    const int century = field[0] >= FIRST_YEAR % 100 ? 0 : 100;
    const struct tm given = {.tm_year = century + field[0],
                             .tm_mon = field[1] - 1,
                             .tm_mday = field[2],
                             .tm_hour = field[3],
                             .tm_min = field[4],
                             .tm_sec = field[5]};
    struct tm scratch = given; /* timegm() rewrites what it is given */
    const time_t local_s = timegm(&scratch);
    if (!is_date(&given, local_s))
        return false;
    const int quarters = stamp[STAMP_OCTETS - 1] & SIGN_BIT ? -field[6] : field[6];
    *ret_ms = (int64_t)local_s * 1000 - (int64_t)quarters * QUARTER_MS;
    *pos += STAMP_OCTETS;
    return true;
}

bool gsm_scts_read(const uint8_t *bytes, size_t len, size_t *pos, int64_t *ret_ms)
{
    if (*pos > len || len - *pos < STAMP_OCTETS)
        return false;
    if (!gsm_scts_decode(bytes, len, pos, ret_ms)) {
        *pos += STAMP_OCTETS;
        *ret_ms = 0;
    }
    return true;
}

int64_t gsm_vp_seconds(uint8_t vp)
{
    if (vp <= 143)
        return (vp + INT64_C(1)) * 5 * MINUTE_S;
    if (vp <= 167)
        return 12 * HOUR_S + (vp - 143) * 30 * MINUTE_S;
    return vp <= 196 ? (int64_t)(vp - 166) * DAY_S : (int64_t)(vp - 192) * 7 * DAY_S;
}

uint8_t gsm_vp_not_after(int64_t max_s)
{
    uint8_t vp = UINT8_MAX;
    while (vp > 0 && gsm_vp_seconds(vp) > max_s)
        vp--;
    return vp;
}
