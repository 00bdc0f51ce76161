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
    struct gsm_concat again;
    struct buf out;
    size_t used = 0;
    buf_init(&out, bytes, sizeof(bytes));
    gsm_udh_encode_concat8(concat, &out);
    REQUIRE(buf_ok(&out) && out.len == sizeof(bytes));
    REQUIRE(gsm_udh_decode(bytes, sizeof(bytes), &again, &used));
    REQUIRE(used == sizeof(bytes) && is_same(concat, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gsm_concat concat, alone;
    size_t used = 0, used_alone = 0;
    if (!gsm_udh_decode(data, size, &concat, &used))
        return 0;
    REQUIRE(used >= 1 && used <= size && used == data[0] + 1U);
    REQUIRE(!concat.present || (concat.index >= 1 && concat.index <= concat.total));
    uint8_t *header = fuzz_copy(data, used);
    REQUIRE(gsm_udh_decode(header, used, &alone, &used_alone));
    REQUIRE(used_alone == used && is_same(&concat, &alone));
    REQUIRE(!gsm_udh_decode(header, used - 1, &alone, &used_alone));
    free(header);
    if (concat.present && concat.reference <= UINT8_MAX)
        check_round_trip(&concat);
    return 0;
}
