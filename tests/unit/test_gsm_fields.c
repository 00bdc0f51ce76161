/* SPDX-License-Identifier: EUPL-1.2 */
/* The fields of PDUs one by one: addresses, stamps, validity, headers, coding schemes. */
#include "base/buf.h"
#include "base/hex.h"
#include "gsm/addr.h"
#include "gsm/dcs.h"
#include "gsm/scts.h"
#include "gsm/udh.h"
#include "sim/tpdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

enum { ROOM = 64 };

static size_t bytes_of(const char *hex, uint8_t out[ROOM])
{
    size_t len = 0;
    assert_true(hex_decode(hex, strlen(hex), out, ROOM, &len));
    return len;
}

/* expect NULL = refused, and nothing written. */
static void check_out(const char *what, const char *text, const char *expect,
                      bool (*encode)(const char *, struct buf *))
{
    uint8_t bytes[ROOM];
    char hex[2 * ROOM + 1];
    struct buf out;
    buf_init(&out, bytes, sizeof(bytes));
    const bool done = encode(text, &out);
    hex_encode(bytes, out.len, hex);
    if (done != (expect != NULL) || strcmp(hex, expect != NULL ? expect : "") != 0)
        fail_msg("%s of \"%s\": %d, %s", what, text, done, hex);
    for (size_t cap = 0; done && cap < out.len; cap++) {
        struct buf small;
        buf_init(&small, bytes, cap);
        assert_false(encode(text, &small));
    }
}

static void test_addresses_out(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *destination;
        const char *sender;
        const char *sca;
    } rows[] = {
        {"+34600123123", "0B914306103221F3", "0B914306103221F3", "07914306103221F3"},
        {"600123123", "098106103221F3", "098106103221F3", "068106103221F3"},
        {"22770", "05812277F0", "05812277F0", "04812277F0"},
        {"1", "0181F1", "0181F1", "0281F1"},
        {"*#06#", "0581BA60FB", "0581BA60FB", "0481BA60FB"},
        {"abc", "0381DCFE", "0381DCFE", "0381DCFE"},
        {"12345678901234567890", "148121436587092143658709", "148121436587092143658709",
         "0B8121436587092143658709"},
        {"123456789012345678901", NULL, NULL, NULL},
        {"+", NULL, "02D02B", NULL},
        {"++34", NULL, "07D0ABD58C06", NULL},
        {"", NULL, "00D0", "00"},
        {"600 123", NULL, "0DD036180C1493CD00", NULL},
        {"d", NULL, "02D064", NULL},
        {"Ayto", NULL, "07D0C13CFD0D", NULL},
        {"Alpedrete", NULL, "10D04136BC4C9697E965", NULL},
        {"ElevenChars", NULL, "14D04576D95E760FD161F91C", NULL},
        {"TwelveLetter", NULL, NULL, NULL},
        {"Á", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_out("destination", rows[i].text, rows[i].destination, gsm_addr_encode);
        check_out("sender", rows[i].text, rows[i].sender, sim_sender_encode);
        check_out("service centre", rows[i].text, rows[i].sca, gsm_sca_encode);
        assert_int_equal(gsm_addr_is_number(rows[i].text), rows[i].destination != NULL);
    }
    uint8_t bytes[ROOM];
    struct buf out;
    buf_init(&out, bytes, sizeof(bytes));
    assert_true(gsm_sca_encode(NULL, &out));
    assert_int_equal(out.len, 1);
    assert_int_equal(bytes[0], 0);
}

static void check_in(const char *hex, const char *expect,
                     bool (*decode)(const uint8_t *, size_t, size_t *, struct gsm_addr *))
{
    uint8_t bytes[ROOM];
    const size_t len = bytes_of(hex, bytes);
    struct gsm_addr addr = {"untouched"};
    size_t pos = 1;
    const bool done = decode(bytes, len, &pos, &addr);
    if (done != (expect != NULL) || strcmp(addr.text, expect != NULL ? expect : "untouched") != 0)
        fail_msg("%s: %d, \"%s\"", hex, done, addr.text);
    assert_int_equal(pos, done ? len - 1 : 1);
    pos = len + 1;
    assert_false(decode(bytes, len, &pos, &addr));
    assert_int_equal(pos, len + 1);
}

/* Each between an octet to be left before and one behind; NULL = refused, nothing moved. */
static void test_addresses_in(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        const char *expect;
    } rows[] = {
        {"550B914306103221F355", "+34600123123"},
        {"5509A106103221F355", "600123123"},
        {"550981061032210355", "600123123"},      /* filler of 0: some networks */
        {"550B114306103221F355", "+34600123123"}, /* extension bit forgotten */
        {"55008155", ""},
        {"55009155", ""},
        {"5500D055", ""},
        {"550DD036180C1493CD0055", "600 123"},
        {"550ED036180C1493CD0055", "600 123@"}, /* 14 semi-octets say eight septets */
        {"550BD050F4DB5D9E0355", "Phones"},
        {"5514D04576D95E760FD161F91C55", "ElevenChars"},
        {"5504D09B3255", "€"},
        {"55158121436587092143658709F155", NULL}, /* 21 digits */
        {"55FF9155", NULL},
        {"550B91430610F221F355", NULL}, /* filler in the middle */
        {"550281F155", NULL},
        {"550B914306", NULL},
        {"550B", NULL},
        {"55", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_in(rows[i].hex, rows[i].expect, gsm_addr_decode);
    static const struct {
        const char *hex;
        const char *expect;
    } centres[] = {
        {"550055", ""},
        {"55019155", ""},
        {"5507914306103221F355", "+34600123123"},
        {"550681061032213355", "6001231233"},
        {"550B812143658709214365870955", "12345678901234567890"},
        {"550C81214365870921436587091155", NULL},
        {"5502A1F155", "1"},
        {"550281FF55", NULL},
        {"5502811F55", NULL},
        {"550791430610", NULL},
        {"55", NULL},
    };
    for (size_t i = 0; i < sizeof(centres) / sizeof(centres[0]); i++)
        check_in(centres[i].hex, centres[i].expect, gsm_sca_decode);
}

static void test_same_number(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool is_same;
    } rows[] = {
        {"+34600123123", "+34600123123", true},
        {"+34600123123", "34600123123", true},
        {"+34600123123", "0034600123123", true},
        {"+34600123123", "600123123", true},
        {"34600123123", "600123123", true},
        {"+34600123123", "600123124", false},
        {"+34600123123", "+33600123123", false},
        {"+34600123123", "+351600123123", false}, /* both say their country */
        {"0034600123123", "+351600123123", false},
        {"22770", "22770", true},
        {"22770", "+22770", true},
        {"22770", "2277", false},
        {"22770", "122770", false},
        {"123456789", "23456789", false},
        {"MOVISTAR", "MOVISTAR", true},
        {"MOVISTAR", "movistar", false},
        {"", "", true},
        {"", "600123123", false},
        {"MOVISTAR", "600123123", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (gsm_addr_same(rows[i].a, rows[i].b) != rows[i].is_same ||
            gsm_addr_same(rows[i].b, rows[i].a) != rows[i].is_same)
            fail_msg("%s and %s", rows[i].a, rows[i].b);
}

static void test_stamps(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        int64_t at_s;
        int quarters;
    } rows[] = {
        {"62111222959500", INT64_C(1795301999), 0},   /* 2026-11-21 22:59:59 */
        {"62111232959540", INT64_C(1795301999), 4},   /* the same in Madrid */
        {"62309230000080", INT64_C(1774746000), 8},   /* 2026-03-29 01:00:00 */
        {"72101000500010", INT64_C(1798761000), 1},   /* 2026-12-31 23:50:00, next year there */
        {"52211332550018", INT64_C(1767226200), -1},  /* 2026-01-01 00:10:00, last year there */
        {"6220827100008A", INT64_C(1772323200), -28}, /* 2026-03-01 00:00:00 */
        {"62301091540097", INT64_C(1772323200), 79},  {"6220824051009F", INT64_C(1772323200), -79},
        {"42209232959500", INT64_C(1709251199), 0}, /* 2024-02-29 23:59:59 */
        {"00209221000000", INT64_C(951825600), 0},  /* 2000-02-29 12:00:00 */
        {"09101000000000", INT64_C(631152000), 0},  /* 1990-01-01, the first that can be */
        {"98211332959500", INT64_C(3786911999), 0}, /* 2089-12-31 23:59:59, the last */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[ROOM];
        uint8_t stamp[ROOM];
        struct buf out;
        int64_t at_ms = 0;
        size_t pos = 0;
        const size_t len = bytes_of(rows[i].hex, bytes);
        if (!gsm_scts_decode(bytes, len, &pos, &at_ms) || at_ms != rows[i].at_s * 1000)
            fail_msg("%s is %" PRId64, rows[i].hex, at_ms);
        assert_int_equal(pos, 7);
        buf_init(&out, stamp, sizeof(stamp));
        sim_scts_encode(rows[i].at_s * 1000 + 999, rows[i].quarters, &out);
        assert_int_equal(out.len, 7);
        assert_memory_equal(stamp, bytes, 7);
    }
}

static void test_stamps_refused(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "00000000000000", /* month 0, day 0 */
        "62001000000000", "62311000000000", "62100000000000", "62102300000000",
        "62209200000000", "62101042000000", "62101000060000", "62101000000600",
        "6A101000000000", "A6101000000000", "62F01000000000", "62101000000F00",
        "621010000000A0", "621010000000FF", "52209200000000", /* 29 February 2025 */
        "FFFFFFFFFFFFFF",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[ROOM];
        const size_t len = bytes_of(rows[i], bytes);
        size_t pos = 0;
        int64_t at_ms = 77;
        if (gsm_scts_decode(bytes, len, &pos, &at_ms) || pos != 0 || at_ms != 77)
            fail_msg("%s taken for %" PRId64, rows[i], at_ms);
        assert_true(gsm_scts_read(bytes, len, &pos, &at_ms));
        assert_int_equal(pos, 7);
        assert_int_equal(at_ms, 0);
    }
    const uint8_t good[] = {0x62, 0x11, 0x12, 0x22, 0x95, 0x95, 0x00};
    for (size_t start = 1; start < 10; start++) {
        size_t pos = start;
        int64_t at_ms = 77;
        assert_false(gsm_scts_decode(good, sizeof(good), &pos, &at_ms));
        assert_false(gsm_scts_read(good, sizeof(good), &pos, &at_ms));
        assert_int_equal(pos, start);
        assert_int_equal(at_ms, 77);
    }
}

/* 23.040 9.2.3.12.1 at its corners. */
static void test_validity_values(void **state)
{
    (void)state;
    static const struct {
        uint8_t vp;
        int64_t seconds;
    } rows[] = {
        {0, 300},           {1, 600},         {11, 3600},        {142, 42900},
        {143, 43200},       {144, 45000},     {145, 46800},      {167, 86400},
        {168, 2 * 86400},   {170, 4 * 86400}, {196, 30 * 86400}, {197, 5 * 604800},
        {255, 63 * 604800},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(gsm_vp_seconds(rows[i].vp), rows[i].seconds);
}

static void test_validity_never_exceeds(void **state)
{
    (void)state;
    for (unsigned vp = 0; vp <= UINT8_MAX; vp++) {
        const int64_t seconds = gsm_vp_seconds((uint8_t)vp);
        assert_int_equal(gsm_vp_not_after(seconds), vp);
        assert_int_equal(gsm_vp_not_after(seconds - 1), vp > 0 ? vp - 1 : 0);
        assert_true(vp == 0 || seconds > gsm_vp_seconds((uint8_t)(vp - 1)));
    }
    uint8_t last = 0;
    for (int64_t max_s = 300; max_s < 40000000; max_s += 997) {
        const uint8_t vp = gsm_vp_not_after(max_s);
        assert_true(gsm_vp_seconds(vp) <= max_s);
        assert_true(vp == UINT8_MAX || gsm_vp_seconds((uint8_t)(vp + 1)) > max_s);
        assert_true(vp >= last);
        last = vp;
    }
    assert_int_equal(gsm_vp_not_after(INT64_MAX), UINT8_MAX);
    assert_int_equal(gsm_vp_not_after(299), 0);
    assert_int_equal(gsm_vp_not_after(0), 0);
    assert_int_equal(gsm_vp_not_after(INT64_MIN), 0);
}

static void test_headers(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        bool is_good;
        size_t bytes;
        struct gsm_concat concat;
    } rows[] = {
        {"050003C80301", true, 6, {true, 200, 3, 1}},
        {"050003C80301FFFF", true, 6, {true, 200, 3, 1}},
        {"06080412340201", true, 7, {true, 0x1234, 2, 1}},
        {"00", true, 1, {0}},
        {"022400", true, 3, {0}},                /* a known element without data */
        {"09240101050003C80301", true, 10, {0}}, /* an octet too few for the last */
        {"082401010003C80302", true, 9, {true, 200, 3, 2}},
        {"050003C80300", true, 6, {0}},                            /* part 0 */
        {"050003C80304", true, 6, {0}},                            /* part 4 of 3 */
        {"050003C80000", true, 6, {0}},                            /* of none */
        {"040002C803", true, 5, {0}},                              /* concatenation too short */
        {"06000403C8FF01", true, 7, {0}},                          /* and too long */
        {"0A0003C80301000307FFFE", true, 11, {true, 7, 255, 254}}, /* the last one counts */
        {"0100", true, 2, {0}}, /* elements that run over the end: the rest can be read */
        {"020001", true, 3, {0}},
        {"050004C80301", true, 6, {0}},
        {"00", true, 1, {0}},
        {"050003C803", false, 0, {0}},
        {"05", false, 0, {0}},
        {"FF0003C80301", false, 0, {0}},
        {"", false, 0, {0}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[ROOM];
        const size_t len = bytes_of(rows[i].hex, bytes);
        struct gsm_udh udh = {.concat = {true, 77, 77, 77}, .bytes = 77};
        const bool done = gsm_udh_decode(bytes, len, &udh);
        const struct gsm_concat concat = udh.concat;
        const size_t header_bytes = udh.bytes;
        const struct gsm_concat untouched = {true, 77, 77, 77};
        const struct gsm_concat *expect = rows[i].is_good ? &rows[i].concat : &untouched;
        if (done != rows[i].is_good || header_bytes != (done ? rows[i].bytes : 77) ||
            concat.present != expect->present || concat.reference != expect->reference ||
            concat.total != expect->total || concat.index != expect->index) {
            fail_msg("%s: %d, %zu bytes, %d %d/%d/%d", rows[i].hex, done, header_bytes,
                     concat.present, concat.reference, concat.total, concat.index);
        }
    }
    const struct gsm_concat concat = {true, 200, 3, 1};
    uint8_t bytes[GSM_UDH_CONCAT8_BYTES];
    struct buf out;
    buf_init(&out, bytes, sizeof(bytes));
    gsm_udh_encode_concat8(&concat, &out);
    assert_true(buf_ok(&out));
    assert_memory_equal(bytes, "\x05\x00\x03\xC8\x03\x01", 6);
}

/* 23.038 4, the whole octet by its groups; what we write reads back. */
static void test_coding_schemes(void **state)
{
    (void)state;
    static const struct {
        uint8_t first;
        uint8_t last;
        enum gsm_alphabet alphabet;
        bool is_readable;
    } rows[] = {
        {0x00, 0x03, GSM_ALPHABET_7BIT, true},  {0x04, 0x07, GSM_ALPHABET_8BIT, true},
        {0x08, 0x0B, GSM_ALPHABET_UCS2, true},  {0x0C, 0x0F, GSM_ALPHABET_7BIT, false},
        {0x10, 0x13, GSM_ALPHABET_7BIT, true},  {0x14, 0x17, GSM_ALPHABET_8BIT, true},
        {0x18, 0x1B, GSM_ALPHABET_UCS2, true},  {0x1C, 0x1F, GSM_ALPHABET_7BIT, false},
        {0x20, 0x3F, GSM_ALPHABET_8BIT, false}, {0x40, 0x43, GSM_ALPHABET_7BIT, true},
        {0x58, 0x5B, GSM_ALPHABET_UCS2, true},  {0x60, 0x7F, GSM_ALPHABET_8BIT, false},
        {0x80, 0xBF, GSM_ALPHABET_7BIT, false}, {0xC0, 0xDF, GSM_ALPHABET_7BIT, true},
        {0xE0, 0xEF, GSM_ALPHABET_UCS2, true},  {0xF0, 0xF3, GSM_ALPHABET_7BIT, true},
        {0xF4, 0xF7, GSM_ALPHABET_8BIT, true},  {0xFC, 0xFF, GSM_ALPHABET_8BIT, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (unsigned dcs = rows[i].first; dcs <= rows[i].last; dcs++) {
            const struct gsm_dcs read = gsm_dcs_decode((uint8_t)dcs);
            const bool has_class = (dcs & 0x90) == 0x10 || dcs >= 0xF0;
            if (read.alphabet != rows[i].alphabet || read.is_readable != rows[i].is_readable ||
                read.is_flash != (has_class && (dcs & 3) == 0))
                fail_msg("%02X", dcs);
        }
    }
    for (int alphabet = GSM_ALPHABET_7BIT; alphabet <= GSM_ALPHABET_UCS2; alphabet++) {
        for (int flash = 0; flash <= 1; flash++) {
            const uint8_t dcs = gsm_dcs_encode((enum gsm_alphabet)alphabet, flash != 0);
            const struct gsm_dcs read = gsm_dcs_decode(dcs);
            assert_int_equal(read.alphabet, alphabet);
            assert_int_equal(read.is_flash, flash);
            assert_true(read.is_readable);
        }
    }
    assert_int_equal(gsm_dcs_encode(GSM_ALPHABET_7BIT, true), 0x10);
    assert_int_equal(gsm_dcs_encode(GSM_ALPHABET_UCS2, true), 0x18);
    assert_int_equal(gsm_dcs_encode(GSM_ALPHABET_UCS2, false), 0x08);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_out),
        cmocka_unit_test(test_addresses_in),
        cmocka_unit_test(test_same_number),
        cmocka_unit_test(test_stamps),
        cmocka_unit_test(test_stamps_refused),
        cmocka_unit_test(test_validity_values),
        cmocka_unit_test(test_validity_never_exceeds),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_coding_schemes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
