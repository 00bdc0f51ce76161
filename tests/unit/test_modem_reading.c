/* SPDX-License-Identifier: EUPL-1.2 */
/* Readings that modems tell, sensible and absurd. */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/registry.h"
#include "modem/tell/reading.h"

#include <string.h>

#define UNKNOWN MODEM_SAMPLE_UNKNOWN
#define NOW_MS INT64_C(1795000000000) /* 2026-11-18T11:06:40Z */
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct modem_sample fresh(void)
{
    struct modem_sample sample;
    modem_sample_clear(&sample);
    return sample;
}

/* ---- registration --------------------------------------------------------------------------- */

static void test_registration(void **state)
{
    static const struct {
        const char *line;
        bool is_sense, is_answer;
        int stat, area, cell, rat;
    } rows[] = {
        {"+CREG: 0,1", true, true, 1, UNKNOWN, UNKNOWN, UNKNOWN},
        {"+CREG: 1,1", true, true, 1, UNKNOWN, UNKNOWN, UNKNOWN},
        {"+CREG: 2,5,\"00A1\",\"0F3B\"", true, true, 5, 0xA1, 0xF3B, UNKNOWN},
        {"+CREG: 2,1,\"00A1\",\"0000F3B0\",7", true, true, 1, 0xA1, 0xF3B0, 7},
        {"+CREG: 2,1,00A1,0F3B,0", true, true, 1, 0xA1, 0xF3B, 0},
        {"+CREG: 2,10", true, true, 10, UNKNOWN, UNKNOWN, UNKNOWN},
        {"+CREG: 2,6,\"FFFF\",\"FFFFFFFF\",7", true, true, 6, UNKNOWN, UNKNOWN, 7},
        {"+CREG: 2,1,\"zz\",\"0F3B\",7", true, true, 1, UNKNOWN, 0xF3B, 7},
        {"+CREG: 2,1,\"00A1\",\"0F3B\",99", true, true, 1, 0xA1, 0xF3B, UNKNOWN},
        {"+CREG: 2,1,\"00A1\",\"9F3B00000\",7", true, true, 1, 0xA1, UNKNOWN, 7},
        {"+CREG: 1", true, false, 1, UNKNOWN, UNKNOWN, UNKNOWN},
        {"+CREG: 1,\"00A1\",\"0F3B\"", true, false, 1, 0xA1, 0xF3B, UNKNOWN},
        {"+CREG: 1,\"00A1\",\"0000F3B0\",7", true, false, 1, 0xA1, 0xF3B0, 7},
        {"+CREG: 1,\"1234\",\"5678\",0", true, false, 1, 0x1234, 0x5678, 0},
        {"+CREG: 1,1234,5678,0", true, false, 1, 0x1234, 0x5678, 0},
        /* Huawei: no quotes, no zeros */
        {"+CREG: 1,4CA,81DE445", true, false, 1, 0x4CA, 0x81DE445, UNKNOWN},
        {"+CREG: 1,9,81DE", true, false, 1, 9, 0x81DE, UNKNOWN},
        {"+CREG: 1,9,81DE,6", true, false, 1, 9, 0x81DE, 6},
        {"+CREG: 5,9,81DE,6,1", true, false, 5, 9, 0x81DE, 6},
        {"+CREG: 1,4CA", true, false, 1, 0x4CA, UNKNOWN, UNKNOWN},
        {"+creg : 1, \"4CA\", \"81DE445\", 2", true, false, 1, 0x4CA, 0x81DE445, 2},
        {"+CREG: 2,1,9,81DE", true, true, 1, 9, 0x81DE, UNKNOWN},
        {"+CREG: 2,1,9,9,7", true, true, 1, 9, 9, 7},
        {"+CREG: 1,1,00A1,0F3B", true, true, 1, 0xA1, 0xF3B, UNKNOWN},
        {"+CREG: 2,1,", true, true, 1, UNKNOWN, UNKNOWN, UNKNOWN},
        /* ModemManager's and gammu's collections: Iridium, Samsung Wave, Gobi, Novatel, Altair,
           WATCOM, and three with quotes that do not close */
        {"+CREG:002,001,\"18d8\",\"ffff\"", true, true, 1, 0x18D8, 0xFFFF, UNKNOWN},
        {"+CREG:001,001", true, true, 1, UNKNOWN, UNKNOWN, UNKNOWN},
        {"+CREG: 001,\"0001\",\"0010\",000", true, false, 1, 1, 0x10, 0},
        {"+CREG: 1,0001,0010,0", true, false, 1, 1, 0x10, 0},
        {"+CREG: 2,1,000B,2816, B, C2816", true, true, 1, 0xB, 0x2816, UNKNOWN},
        {"+CREG: 2,1,  0 5, 2715", true, true, 1, UNKNOWN, 0x2715, UNKNOWN},
        {"+CREG: 2,1, 1F00, 20 ,79D903 ,7", true, true, 1, 0x1F00, 0x20, UNKNOWN},
        {"+CREG: 1, 2, 0001, 00000100, 7", true, true, 2, 1, 0x100, 7},
        {"+CREG: 2, 0001, 00000100, 7", true, false, 2, 1, 0x100, 7},
        {"+CREG: 5,\"25FF\",\"825E", true, false, 5, 0x25FF, 0x825E, UNKNOWN},
        {"+CREG: 2,1,\"5E25", true, true, 1, 0x5E25, UNKNOWN, UNKNOWN},
        {"+CREG: 2,1,\"0B,\"0100701\",7", true, true, 1, UNKNOWN, UNKNOWN, UNKNOWN},
        {"+CREG: 2,1,\"\",\"605F\"", true, true, 1, UNKNOWN, 0x605F, UNKNOWN},
        {"+CREG: 5,\"76C1\",\"0102D103\",9,,,\"00000111\",\"00000111\"", true, false, 5, 0x76C1,
         0x102D103, 9},
        {"+CREG: 2,6,\"8B37\",\"0A265185\",7", true, true, 6, 0x8B37, 0xA265185, 7},
        {"+CREG: 1,77", false, false, 0, 0, 0, 0},
        {"+CREG: 77", false, false, 0, 0, 0, 0},
        {"+CREG: -5", false, false, 0, 0, 0, 0},
        {"+CREG: 2,,", true, false, 2, UNKNOWN, UNKNOWN, UNKNOWN},
        {"+CREG: 2,\"\",\"\"", true, false, 2, UNKNOWN, UNKNOWN, UNKNOWN},
        {"+CREG: 1,770", false, false, 0, 0, 0, 0},
        {"+CREG: 2,99999999999999", false, false, 0, 0, 0, 0},
        {"+CREG: ", false, false, 0, 0, 0, 0},
        {"+CREG: hola", false, false, 0, 0, 0, 0},
        {"+CGREG: 0,1", false, false, 0, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct reading_registration told = {.stat = 123};
        bool is_sense = reading_registration(rows[i].line, "+CREG:", &told);
        if (is_sense != rows[i].is_sense)
            fail_msg("%s", rows[i].line);
        if (!is_sense) {
            assert_int_equal(told.stat, 123);
            continue;
        }
        if (told.is_answer != rows[i].is_answer || told.stat != rows[i].stat ||
            told.area != rows[i].area || told.cell != rows[i].cell || told.rat != rows[i].rat)
            fail_msg("%s: %d %d %d %d %d", rows[i].line, told.is_answer, told.stat, told.area,
                     told.cell, told.rat);
    }
}

static void test_who_can_send(void **state)
{
    static const bool can[] = {
        [1] = true, [5] = true, [6] = true, [7] = true, [9] = true, [10] = true};
    (void)state;
    for (int stat = 0; stat < (int)COUNT(can); stat++)
        assert_int_equal(reading_can_send(stat), can[stat]);
    assert_false(reading_can_send(-1));
    assert_false(reading_can_send(UNKNOWN));
    assert_false(reading_can_send(77));
}

/* ---- one number --------------------------------------------------------------------------- */

struct row {
    const char *line;
    bool is_sense;
    int expected;
};

static void check(const struct row *rows, size_t count, reading_fn read, size_t offset)
{
    for (size_t i = 0; i < count; i++) {
        struct modem_sample sample = fresh(), before = sample;
        bool is_sense = read(&sample, rows[i].line, NOW_MS);
        int value = *(const int *)(const void *)((const char *)&sample + offset);
        if (is_sense != rows[i].is_sense || value != rows[i].expected)
            fail_msg("%s: %d %d", rows[i].line, is_sense, value);
        if (!is_sense)
            assert_memory_equal(&sample, &before, sizeof(sample));
    }
}
#define CHECK(rows, read, member)                                                                  \
    check(rows, COUNT(rows), read, offsetof(struct modem_sample, member))

static void test_signal(void **state)
{
    static const struct row rows[] = {
        {"+CSQ: 0,99", true, -113},
        {"+CSQ: 20,99", true, -73},
        {"+CSQ: 31,0", true, -51},
        {"+CSQ: 99,99", true, UNKNOWN},
        {"+CSQ: 100,99", true, -116},
        {"+CSQ: 191,99", true, -25},
        {"+CSQ: 199,99", true, UNKNOWN},
        {"+CSQ: 32,99", false, UNKNOWN},
        {"+CSQ: 999999", false, UNKNOWN},
        {"+CSQ: -5,99", false, UNKNOWN},
        {"+CSQ: 99999999999", false, UNKNOWN},
        {"+CSQ: x", false, UNKNOWN},
        {"+CSQ:", false, UNKNOWN},
        {"+CESQ: 20", false, UNKNOWN},
    };
    (void)state;
    CHECK(rows, reading_signal, signal_dbm);
}

static void test_extended_signal(void **state)
{
    static const struct row powers[] = {
        {"+CESQ: 99,99,255,255,20,80", true, -61},
        {"+CESQ: 99,99,255,255,0,0", true, -141},
        {"+CESQ: 99,99,255,255,255,255", true, UNKNOWN},
        {"+CESQ: 99,99,255,255,20,98", false, UNKNOWN},
        {"+CESQ: 99,99,255,255,20", false, UNKNOWN},
        {"+CESQ: 40,0,255,255", true, UNKNOWN},
        {"+CESQ: 64,99,255,255,20,80", false, UNKNOWN},
        {"+CESQ: -1,-1,-1,-1,-1,-1", false, UNKNOWN},
    };
    static const struct row qualities[] = {
        {"+CESQ: 99,99,255,255,1,80", true, -195},
        {"+CESQ: 99,99,255,255,34,80", true, -30},
    };
    static const struct row levels[] = {
        {"+CESQ: 40,0,255,255,255,255", true, -71},
        {"+CESQ: 99,99,60,30,255,255", true, -61},
        {"+CESQ: 99,99,255,255,20,50", true, -91},
    };
    (void)state;
    CHECK(powers, reading_extended_signal, rsrp_dbm);
    CHECK(qualities, reading_extended_signal, rsrq_cb);
    CHECK(levels, reading_extended_signal, signal_dbm);
    struct modem_sample sample = fresh(); /* what CSQ told stays */
    assert_true(reading_signal(&sample, "+CSQ: 20,99", 0));
    assert_true(reading_extended_signal(&sample, "+CESQ: 99,99,255,255,20,50", 0));
    assert_int_equal(sample.signal_dbm, -73);
    assert_int_equal(sample.rsrp_dbm, -91);
    assert_true(reading_signal(&sample, "+CSQ: 99,99", 0));
    assert_int_equal(sample.signal_dbm, -73);
}

static void test_sms_service(void **state)
{
    static const struct row rows[] = {
        {"+CGSMS: 0", true, 0},
        {"+CGSMS: 3", true, 3},
        {"+CGSMS: 4", false, UNKNOWN},
        {"+CGSMS: ", false, UNKNOWN},
    };
    (void)state;
    CHECK(rows, reading_sms_service, sms_service);
}

static void test_storage(void **state)
{
    static const struct row rows[] = {
        {"+CPMS: \"ME\",0,23,\"ME\",0,23,\"SM\",18,20", true, 18},
        {"+CPMS: \"SM\",3,20,\"SM\",3,20", true, 3},
        {"+CPMS: \"SM\",3,20", true, 3},
        {"+CPMS: 1,23,2,23,18,20", true, 18}, /* as the answer to AT+CPMS= */
        {"+CPMS: 3,20,4,20", true, 3},
        {"+CPMS: 3,20", true, 3},
        {"+CPMS: \"ME\",0,23,\"ME\",0,23,\"SM\",20,20", true, 20},
        {"+CPMS: \"ME\",0,23,\"ME\",0,23,\"SM\",-5,20", false, UNKNOWN},
        {"+CPMS: \"ME\",0,23,\"ME\",0,23,\"SM\",21,20", false, UNKNOWN},
        {"+CPMS: \"ME\",0,23,\"ME\",0,23,\"SM\",0,0", false, UNKNOWN},
        {"+CPMS: \"SM\",99999999999,20", false, UNKNOWN},
        {"+CPMS: -5", false, UNKNOWN},
        {"+CPMS: ", false, UNKNOWN},
    };
    (void)state;
    CHECK(rows, reading_storage, storage_used);
}

static void test_clock(void **state)
{
    static const struct row rows[] = {
        {"+CCLK: \"26/11/18,12:06:40+04\"", true, 0},
        {"+CCLK: \"2026/11/18,11:06:40+00\"", true, 0},
        {"+CCLK: \"26/11/18,07:06:50-16\"", true, 10},
        {"+CCLK: \"26/11/18,13:06:40+04,1\"", true, 3600},
        {"+CCLK: 26/11/18,12:06:40+04", true, 0},
        {"+CCLK:\"26/11/18,12:06:40+04", true, 0},
        {"+CCLK: \"26/11/18,12:06:40\"", true, UNKNOWN},
        {"+CCLK: \"80/01/06,00:00:12+00\"", true, UNKNOWN},
        {"+CCLK: \"04/01/01,00:00:12+00\"", true, UNKNOWN},
        {"+CCLK: \"26/11/18,12:06:40+99\"", true, UNKNOWN},
        {"+CCLK: \"26/02/31,11:26:40+04\"", false, UNKNOWN},
        {"+CCLK: \"26/13/01,11:26:40+04\"", false, UNKNOWN},
        {"+CCLK: \"26/11/18,25:26:40+04\"", false, UNKNOWN},
        {"+CCLK: \"26-11-18,12:06:40+04\"", false, UNKNOWN},
        {"+CCLK: \"\"", true, UNKNOWN},
        {"+CCLK:", false, UNKNOWN},
    };
    (void)state;
    CHECK(rows, reading_clock, clock_offset_s);
}

/* ---- texts ---------------------------------------------------------------------------------- */

static void test_operator(void **state)
{
    static const struct {
        const char *line;
        bool is_sense;
        const char *name;
        int rat;
    } rows[] = {
        {"+COPS: 0,0,\"Red Simulada\",7", true, "Red Simulada", 7},
        {"+COPS: 0,2,\"21407\"", true, "21407", UNKNOWN},
        {"+COPS: 0", true, "", UNKNOWN},
        {"+COPS: 0,0,\"a,b\x01\x1b[31m\",2", true, "a,b  [31m", 2},
        {"+COPS: 0,0,\"<script>\",0", true, "<script>", 0},
        {"+COPS: 0,0,\"un nombre muy largo que no cabe en su sitio\",0", true,
         "un nombre muy largo que no cabe ", 0},
        {"+COPS: 9,0,\"x\",7", false, "", UNKNOWN},
        {"+COPS: 0,0,\"x\",20", true, "x", UNKNOWN}, /* a technology of later years */
        {"+COPS: 0,0,\"x\",77", false, "", UNKNOWN},
        {"+COPS: 0,2,21407,7", true, "21407", 7},
        {"+COPS: 0,0,\"004D006F007600690073007400610072\",7", true, "Movistar", 7},
        {"+COPS: 0,0,\"004500730070006100F10061\",7", true, "Espa\u00f1a", 7},
        {"+COPS: 0,0,\"00410042\",7", true, "AB", 7},
        {"+COPS: 0,0,\"0041\",7", true, "0041", 7},
        {"+COPS: 0,0,\"009B003100410042\",7", true, "009B003100410042", 7}, /* CSI */
        {"+COPS: 0,0,\"004100420043001B\",7", true, "004100420043001B", 7}, /* ESC */
        {"+COPS: ", false, "", UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct modem_sample sample = fresh();
        assert_int_equal(reading_operator(&sample, rows[i].line, 0), rows[i].is_sense);
        assert_string_equal(sample.operator, rows[i].name);
        assert_int_equal(sample.rat, rows[i].rat);
    }
}

static void test_smsc(void **state)
{
    static const struct {
        const char *line;
        bool is_sense;
        const char *smsc;
    } rows[] = {
        {"+CSCA: \"+34607003110\",145", true, "+34607003110"},
        {"+CSCA: \"34607003110\",145", true, "+34607003110"},
        {"+CSCA: \"607003110\",129", true, "607003110"},
        {"+CSCA: \"+34607003110\"", true, "+34607003110"},
        {"+CSCA: +34607003110,145", true, "+34607003110"},
        {"+CSCA: \"0034607003110\",129", true, "+34607003110"},
        {"+CSCA: \"+34 607-003-110\",145", true, "+34607003110"},
        {"+CSCA: \"002B00330034003600300037003000300033003100310030\",145", true, "+34607003110"},
        {"+CSCA: \"00330034003600300037003000300033003100310030\",145", true, "+34607003110"},
        {"+CSCA: \"+10787132000000000000000000000000000000000\",145", false, "antes"},
        {"+CSCA: \"\",129", true, ""},
        {"+CSCA: \"\",145", true, ""},
        {"+CSCA: \"+\",145", false, "antes"},
        {"+CSCA: \"hola\",145", false, "antes"},
        {"+CSCA: \"12345678901234567890123456\",129", false, "antes"},
        {"+CSCA:", false, "antes"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct modem_sample sample = fresh();
        memcpy(sample.smsc, "antes", sizeof("antes"));
        if (reading_smsc(&sample, rows[i].line, 0) != rows[i].is_sense)
            fail_msg("%s", rows[i].line);
        assert_string_equal(sample.smsc, rows[i].smsc);
    }
}

static void test_same_centre(void **state)
{
    (void)state;
    assert_true(reading_is_same_centre("+34607003110", "34607003110"));
    assert_true(reading_is_same_centre("607003110", "607003110"));
    assert_false(reading_is_same_centre("+34607003110", "607003110"));
    assert_false(reading_is_same_centre("+34607003110", ""));
}

/* ---- the vendor's --------------------------------------------------------------------------- */

static void test_driver(void **state)
{
    static const struct driver_reading volts = {
        DRIVER_SUPPLY_MV, "AT+CBC", "+CBC:", 0, 1000, 0, 0, 2000, 20000};
    static const struct driver_reading tenths = {
        DRIVER_TEMPERATURE_C, "AT^T", "^T:", 1, 1, 10, 0, -50, 120};
    static const struct driver_reading scaled = {
        DRIVER_SIGNAL_DBM, "AT^HCSQ?", "^HCSQ:", 1, 0, 0, -121, -120, -25};
    static const struct {
        const struct driver_reading *row;
        const char *line;
        bool is_sense;
        int expected;
    } rows[] = {
        {&volts, "+CBC: 3.799V", true, 3799},
        {&volts, "+CBC: 4", true, 4000},
        {&volts, "+CBC: 3.7999999", true, 3799},
        {&volts, "+CBC: 99", true, UNKNOWN},
        {&volts, "+CBC: -3.8", true, UNKNOWN},
        {&volts, "+CBC: 99999999999", false, UNKNOWN},
        {&volts, "+CBC: V", false, UNKNOWN},
        {&volts, "+CBC:", false, UNKNOWN},
        {&volts, "+CSQ: 20", false, UNKNOWN},
        {&tenths, "^T: \"pa\",385", true, 38},
        {&tenths, "^T: \"pa\",-72", true, -7},
        {&tenths, "^T: 1", true, UNKNOWN},
        {&tenths, "^T: 1,", false, UNKNOWN},
        {&scaled, "^HCSQ: \"LTE\",60", true, -61},
        {&scaled, "^HCSQ: \"LTE\",255", true, UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct modem_sample sample = fresh();
        const int *const places[DRIVER_QUANTITY_COUNT] = {
            [DRIVER_TEMPERATURE_C] = &sample.temperature_c,
            [DRIVER_SUPPLY_MV] = &sample.supply_mv,
            [DRIVER_SIGNAL_DBM] = &sample.signal_dbm,
            [DRIVER_IMS] = &sample.ims,
        };
        bool is_sense = reading_driver(&sample, rows[i].row, rows[i].line);
        if (is_sense != rows[i].is_sense || *places[rows[i].row->what] != rows[i].expected)
            fail_msg("%s: %d %d", rows[i].line, is_sense, *places[rows[i].row->what]);
    }
}

static void test_the_worse_of_two(void **state)
{
    static const struct driver_reading hot = {
        DRIVER_TEMPERATURE_C, "AT+QTEMP", "+QTEMP:", 0, 0, 0, 0, -50, 120};
    static const struct driver_reading low = {
        DRIVER_SUPPLY_MV, "AT+CBC", "+CBC:", 0, 0, 0, 0, 0, 20000};
    static const struct driver_reading weak = {
        DRIVER_SIGNAL_DBM, "AT+QCSQ", "+QCSQ:", 0, 0, 0, 0, -140, 0};
    struct modem_sample sample = fresh();
    (void)state;
    assert_true(reading_driver(&sample, &hot, "+QTEMP: 30"));
    assert_true(reading_driver(&sample, &hot, "+QTEMP: 41"));
    assert_true(reading_driver(&sample, &hot, "+QTEMP: 29"));
    assert_int_equal(sample.temperature_c, 41);
    assert_true(reading_driver(&sample, &low, "+CBC: 3900"));
    assert_true(reading_driver(&sample, &low, "+CBC: 3700"));
    assert_int_equal(sample.supply_mv, 3700);
    assert_true(reading_signal(&sample, "+CSQ: 20", 0));
    assert_true(reading_driver(&sample, &weak, "+QCSQ: -90"));
    assert_int_equal(sample.signal_dbm, -73);
}

/* As many rows of readings as the rounds have room for. */
static void test_drivers_fit(void **state)
{
    (void)state;
    for (size_t i = 0; driver_registry.families[i] != NULL; i++) {
        size_t count = 0;
        for (const struct driver_reading *row = driver_registry.families[i]->readings;
             row != NULL && row->command != NULL; row++)
            count++;
        assert_true(count <= 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registration), cmocka_unit_test(test_who_can_send),
        cmocka_unit_test(test_signal),       cmocka_unit_test(test_extended_signal),
        cmocka_unit_test(test_sms_service),  cmocka_unit_test(test_storage),
        cmocka_unit_test(test_clock),        cmocka_unit_test(test_operator),
        cmocka_unit_test(test_smsc),         cmocka_unit_test(test_same_centre),
        cmocka_unit_test(test_driver),       cmocka_unit_test(test_the_worse_of_two),
        cmocka_unit_test(test_drivers_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
