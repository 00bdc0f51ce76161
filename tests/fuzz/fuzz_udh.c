/* SPDX-License-Identifier: EUPL-1.2 */
/* gsm/udh: a header stays within its bytes, does not look behind itself, and its numbers make
   sense. */
#include "fuzz.h"

#include "gsm/udh.h"

static bool is_same(const struct gsm_concat *a, const struct gsm_concat *b)
{
    return a->present == b->present && a->reference == b->reference && a->total == b->total &&
           a->index == b->index;
}

static void check_round_trip(const struct gsm_concat *concat)
{
    uint8_t bytes[GSM_UDH_CONCAT8_BYTES];
    struct gsm_udh again;
    struct buf out;
    buf_init(&out, bytes, sizeof(bytes));
    gsm_udh_encode_concat8(concat, &out);
    REQUIRE(buf_ok(&out) && out.len == sizeof(bytes));
    REQUIRE(gsm_udh_decode(bytes, sizeof(bytes), &again));
    REQUIRE(again.bytes == sizeof(bytes) && is_same(concat, &again.concat));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gsm_udh udh, alone;
    if (!gsm_udh_decode(data, size, &udh))
        return 0;
    const struct gsm_concat *concat = &udh.concat;
    REQUIRE(udh.bytes >= 1 && udh.bytes <= size && udh.bytes == data[0] + 1U);
    REQUIRE(!concat->present || (concat->index >= 1 && concat->index <= concat->total));
    REQUIRE(udh.language.shift < GSM_LANGUAGE_COUNT && udh.language.locking < GSM_LANGUAGE_COUNT);
    uint8_t *header = fuzz_copy(data, udh.bytes);
    REQUIRE(gsm_udh_decode(header, udh.bytes, &alone));
    REQUIRE(alone.bytes == udh.bytes && is_same(concat, &alone.concat));
    REQUIRE(!gsm_udh_decode(header, udh.bytes - 1, &alone));
    free(header);
    if (concat->present && concat->reference <= UINT8_MAX)
        check_round_trip(concat);
    return 0;
}
