/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whole PDUs, by tests/vectors/pdu.txt: what they say, the way back, every truncation, and noise.
 * PDUs are decoded from blocks of exactly their size, so that a sanitizer sees an octet too far.
 */
#include "base/buf.h"
#include "base/hex.h"
#include "sim/tpdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 2048, TEXT_SIZE = 1024, PDU_SIZE = 300 };

static const char vectors[] = "tests/vectors/pdu.txt";

static void put_content(enum gsm_alphabet alphabet, const struct gsm_concat *concat,
                        struct buf *out)
{
    static const char *const names[] = {"7bit", "8bit", "ucs2"};
    buf_fmt(out, " alphabet=%s concat=", names[alphabet]);
    if (concat->present)
        buf_fmt(out, "%d/%d/%d", concat->reference, concat->total, concat->index);
    else
        buf_str(out, "-");
    buf_str(out, " text=");
}

/* Decodes and writes down everything; again (may be NULL) gets the PDU as we would write it. */
static bool read_submit(const uint8_t *pdu, size_t len, struct buf *out, struct buf *again)
{
    struct gsm_submit submit;
    struct gsm_addr smsc;
    size_t tpdu_len;
    if (!sim_submit_decode(pdu, len, &submit, &smsc, &tpdu_len))
        return false;
    assert_null(submit.smsc);
    buf_fmt(out, "tpdu=%zu smsc=%s to=%s mr=%d srr=%d rd=%d", tpdu_len, smsc.text, submit.to.text,
            submit.reference, submit.want_report, submit.reject_duplicates);
    buf_fmt(out, " replace=%d flash=%d vp=%" PRId64, submit.replace, submit.flash,
            submit.validity_s);
    put_content(submit.alphabet, &submit.concat, out);
    sim_submit_text(&submit, out);
    if (again != NULL) {
        submit.smsc = smsc.text;
        const bool is_ours = submit.validity_s >= 0 && submit.concat.reference <= UINT8_MAX;
        assert_int_equal(gsm_submit_encode(&submit, again, &tpdu_len), is_ours);
    }
    return true;
}

static bool read_deliver(const uint8_t *pdu, size_t len, struct buf *out, struct buf *again)
{
    struct gsm_deliver deliver;
    size_t tpdu_len;
    if (!gsm_deliver_decode(pdu, len, &deliver))
        return false;
    buf_fmt(out, "smsc=%s from=%s sent=%" PRId64 " pid=%d", deliver.smsc.text, deliver.from.text,
            deliver.sent_ms, deliver.pid);
    if (deliver.is_cut)
        buf_str(out, " cut");
    put_content(deliver.alphabet, &deliver.concat, out);
    gsm_deliver_text(&deliver, out);
    if (again != NULL) {
        const bool is_half = deliver.alphabet == GSM_ALPHABET_UCS2 && deliver.data_len % 2 != 0;
        const bool is_ours = !is_half && deliver.language.shift == 0 &&
                             deliver.language.locking == 0 && deliver.concat.reference <= UINT8_MAX;
        assert_int_equal(sim_deliver_encode(&deliver, again, &tpdu_len), is_ours);
    }
    return true;
}

static bool read_report(const uint8_t *pdu, size_t len, struct buf *out, struct buf *again)
{
    struct gsm_report report;
    size_t tpdu_len;
    if (!gsm_report_decode(pdu, len, &report))
        return false;
    buf_fmt(out, "smsc=%s mr=%d to=%s submitted=%" PRId64 " done=%" PRId64 " status=%d",
            report.smsc.text, report.reference, report.to.text, report.submitted_ms, report.done_ms,
            report.status);
    if (again != NULL)
        (void)sim_report_encode(&report, again, &tpdu_len);
    return true;
}

static const struct reader {
    const char *name;
    bool (*read)(const uint8_t *pdu, size_t len, struct buf *out, struct buf *again);
} readers[] = {{"submit", read_submit}, {"deliver", read_deliver}, {"report", read_report}};
enum { READER_COUNT = sizeof(readers) / sizeof(readers[0]) };

/* Reads from a block that ends where the PDU does; the description in text, "" if refused. */
static bool read_exactly(const struct reader *reader, const uint8_t *pdu, size_t len,
                         char text[TEXT_SIZE], struct buf *again)
{
    uint8_t *block = malloc(len > 0 ? len : 1);
    assert_non_null(block);
    memcpy(block, pdu, len);
    struct buf out;
    buf_init(&out, text, TEXT_SIZE);
    const bool is_read = reader->read(len > 0 ? block : block + 1, len, &out, again);
    free(block);
    if (!is_read) {
        assert_int_equal(out.len, 0);
        if (again != NULL)
            assert_int_equal(again->len, 0);
    }
    assert_non_null(buf_cstr(&out));
    return is_read;
}

struct vector {
    const struct reader *reader;
    const char *variant; /* "", "-in" or "-bad" */
    const char *expect;
    uint8_t pdu[PDU_SIZE];
    size_t len;
};

static void parse_vector(char *line, struct vector *ret)
{
    line[strcspn(line, "\n")] = '\0';
    char *hex = strchr(line, ' ');
    assert_non_null(hex);
    *hex++ = '\0';
    char *expect = strchr(hex, ' ');
    assert_non_null(expect);
    *expect++ = '\0';
    ret->expect = expect;
    ret->reader = NULL;
    for (size_t i = 0; i < READER_COUNT; i++) {
        const size_t name_len = strlen(readers[i].name);
        if (strncmp(line, readers[i].name, name_len) == 0) {
            ret->reader = &readers[i];
            ret->variant = line + name_len;
        }
    }
    assert_non_null(ret->reader);
    assert_true(hex_decode(hex, strlen(hex), ret->pdu, sizeof(ret->pdu), &ret->len));
}

/* Calls fn for each line of the file; the test fails when it is missing or thin. */
static void for_each_vector(void (*fn)(const struct vector *vector))
{
    FILE *file = fopen(vectors, "r");
    if (file == NULL) {
        fail_msg("%s is missing (run from the top of the tree)", vectors);
        return;
    }
    char line[LINE_SIZE];
    size_t count = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        if (line[0] != '#' && line[0] != '\n') {
            struct vector vector;
            parse_vector(line, &vector);
            fn(&vector);
            count++;
        }
    }
    (void)fclose(file);
    assert_true(count > 100);
}

static void check_vector(const struct vector *vector)
{
    char text[TEXT_SIZE];
    uint8_t storage[PDU_SIZE];
    struct buf again;
    buf_init(&again, storage, sizeof(storage));
    const bool is_read = read_exactly(vector->reader, vector->pdu, vector->len, text, &again);
    const bool is_bad = strcmp(vector->variant, "-bad") == 0;
    if (is_read == is_bad) {
        fail_msg("%s %s: %s", vector->reader->name, is_bad ? "accepted" : "refused",
                 vector->expect);
    }
    if (is_bad)
        return;
    assert_string_equal(text, vector->expect);
    const bool is_same =
        again.len == vector->len && memcmp(again.data, vector->pdu, vector->len) == 0;
    if (strcmp(vector->variant, "") == 0 && !is_same)
        fail_msg("%s encodes otherwise: %s", vector->reader->name, vector->expect);
}

static void test_vectors(void **state)
{
    (void)state;
    for_each_vector(check_vector);
}

static void check_truncations(const struct vector *vector)
{
    char text[TEXT_SIZE];
    const bool is_submit = vector->reader->read == read_submit;
    for (size_t len = 0; len < vector->len; len++) {
        const bool is_read = read_exactly(vector->reader, vector->pdu, len, text, NULL);
        if (is_read && is_submit && strcmp(vector->variant, "-bad") != 0)
            fail_msg("a SUBMIT cut to %zu octets was read: %s", len, vector->expect);
    }
}

static void test_truncations(void **state)
{
    (void)state;
    for_each_vector(check_truncations);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Checks that a PDU that was read can be written, and is read the same again. */
static void check_stable(const struct reader *reader, const uint8_t *pdu, size_t len)
{
    char text[TEXT_SIZE];
    char text_again[TEXT_SIZE];
    uint8_t storage[PDU_SIZE];
    struct buf again;
    buf_init(&again, storage, sizeof(storage));
    /* Stamps that are no date come back as the year 2070, and a report needs a number. */
    if (!read_exactly(reader, pdu, len, text, &again) || !buf_ok(&again) || again.len < 12 ||
        strstr(text, "sent=0 ") != NULL || strstr(text, "submitted=0 ") != NULL ||
        strstr(text, "done=0 ") != NULL || strstr(text, " cut ") != NULL)
        return;
    assert_true(read_exactly(reader, again.data, again.len, text_again, NULL));
    if (reader->read != read_submit)
        assert_string_equal(text, text_again);
    else /* the length differs where a header was dropped or a form normalised */
        assert_string_equal(strchr(text, ' '), strchr(text_again, ' '));
}

static void test_noise(void **state)
{
    (void)state;
    uint32_t seed = 20260101;
    uint8_t pdu[PDU_SIZE];
    for (unsigned round = 0; round < 70000; round++) {
        const size_t len = next_random(&seed) % 200;
        for (size_t i = 0; i < len; i++)
            pdu[i] = (uint8_t)next_random(&seed);
        for (size_t i = 0; i < READER_COUNT; i++)
            check_stable(&readers[i], pdu, len);
    }
}

/* Noise close to the truth gets deeper than noise alone. */
static void check_mutations(const struct vector *vector)
{
    uint32_t seed = 20261121;
    for (unsigned round = 0; round < 1500; round++) {
        uint8_t pdu[PDU_SIZE];
        memcpy(pdu, vector->pdu, sizeof(pdu));
        for (uint32_t flips = 1 + next_random(&seed) % 4; flips > 0; flips--)
            pdu[next_random(&seed) % vector->len] = (uint8_t)next_random(&seed);
        const size_t cut = next_random(&seed) % 4 == 0 ? next_random(&seed) % vector->len : 0;
        check_stable(vector->reader, pdu, vector->len - cut);
    }
}

static void test_mutations(void **state)
{
    (void)state;
    for_each_vector(check_mutations);
}

static struct gsm_submit hello(void)
{
    struct gsm_submit submit = {.to = {"+34600123123"}, .data = {'h', 'i'}, .data_len = 2};
    return submit;
}

static void test_submit_refuses(void **state)
{
    (void)state;
#define TO .to = { "+34600123123" }
#define PART(reference, total, index) .concat = {true, reference, total, index}
    static const struct {
        const char *name;
        struct gsm_submit submit;
    } rows[] = {
        {"name as destination", {.to = {"MOVISTAR"}, .data_len = 2}},
        {"space in the service centre", {TO, .smsc = "+34 609", .data_len = 2}},
        {"replace type 8", {TO, .replace = 8, .data_len = 2}},
        {"validity under 5 minutes", {TO, .validity_s = 299, .data_len = 2}},
        {"negative validity", {TO, .validity_s = -1, .data_len = 2}},
        {"161 septets", {TO, .data_len = 161}},
        {"141 octets", {TO, .alphabet = GSM_ALPHABET_8BIT, .data_len = 141}},
        {"half a UCS-2 character", {TO, .alphabet = GSM_ALPHABET_UCS2, .data_len = 3}},
        {"154 septets behind a header", {TO, PART(1, 2, 1), .data_len = 154}},
        {"136 octets behind a header",
         {TO, PART(1, 2, 1), .alphabet = GSM_ALPHABET_UCS2, .data_len = 136}},
        {"reference over 8 bits", {TO, PART(256, 2, 1), .data_len = 2}},
        {"part 3 of 2", {TO, PART(1, 2, 3), .data_len = 2}},
        {"part 0", {TO, PART(1, 2, 0), .data_len = 2}},
        {NULL, {TO, PART(1, 2, 1), .validity_s = 300, .data_len = 2}}, /* a good one */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t storage[PDU_SIZE];
        struct buf out;
        buf_init(&out, storage, sizeof(storage));
        size_t tpdu_len = 77;
        bool is_taken = gsm_submit_encode(&rows[i].submit, &out, &tpdu_len);
        if (is_taken != (rows[i].name == NULL) || (!is_taken && (tpdu_len != 77 || out.len != 0)))
            fail_msg("row %zu: %s", i, is_taken ? "accepted" : "refused");
    }
}

/* A storage too small for the PDU is an error, at whatever octet it ends. */
static void test_no_room(void **state)
{
    (void)state;
    const struct gsm_submit submit = hello();
    const struct gsm_deliver deliver = {.smsc = {"+34609"}, .from = {"Ayto"}, .data_len = 5};
    const struct gsm_report report = {.smsc = {"+34609"}, .to = {"+34600123123"}};
    uint8_t storage[PDU_SIZE];
    for (size_t cap = 0; cap < 16; cap++) {
        struct buf out;
        size_t tpdu_len;
        buf_init(&out, storage, cap);
        assert_false(gsm_submit_encode(&submit, &out, &tpdu_len));
        buf_init(&out, storage, cap);
        assert_false(sim_deliver_encode(&deliver, &out, &tpdu_len));
        buf_init(&out, storage, cap);
        assert_false(sim_report_encode(&report, &out, &tpdu_len));
    }
}

static void test_deliver_and_report_refuse(void **state)
{
    (void)state;
    uint8_t storage[PDU_SIZE];
    struct buf out;
    size_t tpdu_len;
    const struct gsm_deliver delivers[] = {
        {.from = {"TwelveLetter"}},
        {.from = {"ÁREA"}},
        {.smsc = {"x"}, .from = {"1"}},
        {.from = {"1"}, .data_len = 161},
        {.from = {"1"}, .concat = {true, 1, 1, 2}},
    };
    for (size_t i = 0; i < sizeof(delivers) / sizeof(delivers[0]); i++) {
        buf_init(&out, storage, sizeof(storage));
        if (sim_deliver_encode(&delivers[i], &out, &tpdu_len))
            fail_msg("DELIVER %zu accepted", i);
    }
    const struct gsm_report reports[] = {{.to = {"Ayto"}}, {.smsc = {"x"}, .to = {"1"}}};
    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
        buf_init(&out, storage, sizeof(storage));
        if (sim_report_encode(&reports[i], &out, &tpdu_len))
            fail_msg("STATUS-REPORT %zu accepted", i);
    }
}

/* The simulator may not care for the service centre. */
static void test_smsc_is_optional(void **state)
{
    (void)state;
    const struct gsm_submit submit = hello();
    struct gsm_submit back;
    uint8_t storage[PDU_SIZE];
    struct buf out;
    size_t tpdu_len;
    buf_init(&out, storage, sizeof(storage));
    assert_true(gsm_submit_encode(&submit, &out, &tpdu_len));
    assert_int_equal(tpdu_len, out.len - 1);
    assert_true(sim_submit_decode(out.data, out.len, &back, NULL, &tpdu_len));
    assert_string_equal(back.to.text, "+34600123123");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_truncations),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_submit_refuses),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_deliver_and_report_refuse),
        cmocka_unit_test(test_smsc_is_optional),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
