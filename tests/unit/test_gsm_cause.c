/* SPDX-License-Identifier: EUPL-1.2 */
/* Causes: the class that decides what happens to a message, and what people and logs read. */
#include "gsm/cause.h"

#include "base/utf8.h"
#include "gsm/cause_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

struct row {
    struct gsm_cause cause;
    enum gsm_class before_pdu;
    enum gsm_class after_pdu;
};

#define SAME(kind, code, class)                                                                    \
    {                                                                                              \
        {GSM_CAUSE_##kind, code}, GSM_CLASS_##class, GSM_CLASS_##class                             \
    }
/* Nothing has gone out before the PDU; behind it, who knows. */
#define OPEN(kind, code)                                                                           \
    {                                                                                              \
        {GSM_CAUSE_##kind, code}, GSM_CLASS_TEMPORARY, GSM_CLASS_UNKNOWN                           \
    }

/* MODEMS 3, number by number. */
static const struct row rows[] = {
    SAME(CMS, 1, PERMANENT),
    SAME(CMS, 8, PERMANENT),
    SAME(CMS, 10, PERMANENT),
    SAME(CMS, 21, PERMANENT),
    SAME(CMS, 28, PERMANENT),
    SAME(CMS, 29, PERMANENT),
    SAME(CMS, 30, PERMANENT),
    SAME(CMS, 50, PERMANENT),
    SAME(CMS, 69, PERMANENT),
    SAME(CMS, 95, PERMANENT),
    SAME(CMS, 96, PERMANENT),
    SAME(CMS, 97, PERMANENT),
    SAME(CMS, 98, PERMANENT),
    SAME(CMS, 99, PERMANENT),
    SAME(CMS, 111, PERMANENT),
    SAME(CMS, 304, PERMANENT),
    SAME(CMS, 305, PERMANENT),
    SAME(CMS, 513, PERMANENT),
    SAME(CMS, 514, PERMANENT),
    SAME(CMS, 515, PERMANENT),
    SAME(CMS, 516, PERMANENT),
    SAME(CMS, 517, PERMANENT),
    SAME(CMS, 518, PERMANENT),
    SAME(CMS, 519, PERMANENT),
    SAME(CMS, 520, PERMANENT),
    SAME(CME, 24, PERMANENT),
    SAME(CME, 25, PERMANENT),
    SAME(CME, 26, PERMANENT),
    SAME(CME, 27, PERMANENT),
    SAME(CMS, 27, TEMPORARY),
    SAME(CMS, 38, TEMPORARY),
    SAME(CMS, 41, TEMPORARY),
    SAME(CMS, 42, TEMPORARY),
    SAME(CMS, 47, TEMPORARY),
    SAME(CMS, 331, TEMPORARY),
    SAME(CME, 30, TEMPORARY),
    SAME(CMS, 192, TEMPORARY),
    SAME(CMS, 194, TEMPORARY),
    OPEN(CMS, 332),
    OPEN(CMS, 350),
    OPEN(CMS, 500),
    OPEN(CME, 31),
    OPEN(CMS, 197),
    SAME(CMS, 301, BUSY),
    SAME(CMS, 314, BUSY),
    SAME(CMS, 256, BUSY),
    SAME(CMS, 512, BUSY),
    SAME(CMS, 532, BUSY),
    SAME(CME, 14, BUSY),
    SAME(CME, 515, BUSY),
    SAME(CMS, 320, STORAGE),
    SAME(CMS, 321, STORAGE),
    SAME(CMS, 322, STORAGE),
    SAME(CME, 20, STORAGE),
    SAME(CME, 21, STORAGE),
    SAME(CME, 23, STORAGE),
    SAME(CMS, 300, FAULT),
    SAME(CMS, 302, FAULT),
    SAME(CMS, 303, FAULT),
    SAME(CMS, 310, FAULT),
    SAME(CMS, 311, FAULT),
    SAME(CMS, 313, FAULT),
    SAME(CMS, 315, FAULT),
    SAME(CMS, 316, FAULT),
    SAME(CMS, 330, FAULT),
    SAME(CME, 3, FAULT),
    SAME(CME, 10, FAULT),
    SAME(CME, 11, FAULT),
    SAME(CME, 12, FAULT),
    SAME(CME, 13, FAULT),
    SAME(CME, 15, FAULT),
    SAME(CME, 16, FAULT),
    SAME(CME, 17, FAULT),
    SAME(CME, 18, FAULT),
    SAME(CME, 100, FAULT),
    /* in no table */
    OPEN(CMS, 0),
    OPEN(CMS, 77),
    OPEN(CMS, 230),
    OPEN(CMS, 511),
    OPEN(CMS, 521),
    OPEN(CMS, 9999),
    OPEN(CMS, -1),
    OPEN(CME, 99),
    OPEN(CME, 600),
    OPEN(CME, -1),
    OPEN(ERROR, 0),
    OPEN(LOCAL, 0),
    OPEN(NONE, 0),
    /* reports: the moment makes no difference */
    SAME(STATUS, 0x00, UNKNOWN),
    SAME(STATUS, 0x02, UNKNOWN),
    SAME(STATUS, 0x30, UNKNOWN),
    SAME(STATUS, 0x40, PERMANENT),
    SAME(STATUS, 0x46, PERMANENT),
    SAME(STATUS, 0x5F, PERMANENT),
    SAME(STATUS, 0x60, TEMPORARY),
    SAME(STATUS, 0x63, TEMPORARY),
    SAME(STATUS, 0x7F, TEMPORARY),
    SAME(STATUS, 0x80, TEMPORARY),
    SAME(STATUS, 0xFF, TEMPORARY),
};

static void test_classes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char name[32];
        gsm_cause_format(rows[i].cause, name, sizeof(name));
        const enum gsm_class before = gsm_cause_class(rows[i].cause, false);
        const enum gsm_class after = gsm_cause_class(rows[i].cause, true);
        if (before != rows[i].before_pdu || after != rows[i].after_pdu)
            fail_msg("%s: class %u before the PDU, %u after it", name, before, after);
    }
}

static void test_formats(void **state)
{
    (void)state;
    static const struct {
        struct gsm_cause cause;
        const char *expect;
        const char *text;
    } lines[] = {
        {{GSM_CAUSE_CMS, 38}, "CMS 38", "red fuera de servicio"},
        {{GSM_CAUSE_CME, 14}, "CME 14", "SIM ocupada"},
        {{GSM_CAUSE_STATUS, 0x46}, "estado 0x46", "caducado sin entregar"},
        {{GSM_CAUSE_STATUS, 0}, "estado 0x00", "entregado"},
        {{GSM_CAUSE_ERROR, 0}, "ERROR", "error del módem sin detalle"},
        {{GSM_CAUSE_LOCAL, 0}, "local", "el módem no ha respondido"},
        {{GSM_CAUSE_NONE, 0}, "-", "sin error"},
        {{GSM_CAUSE_CMS, 77}, "CMS 77", "rechazado por la red"},
        {{GSM_CAUSE_CMS, -1}, "CMS -1", "rechazado por la red"},
        {{GSM_CAUSE_CMS, 230}, "CMS 230", "rechazado por el centro de mensajes"},
        {{GSM_CAUSE_CMS, 399}, "CMS 399", "error del módem"},
        {{GSM_CAUSE_CMS, 777}, "CMS 777", "error propio del fabricante del módem"},
        {{GSM_CAUSE_CMS, INT32_MAX}, "CMS 2147483647", "error propio del fabricante del módem"},
        {{GSM_CAUSE_CME, 777}, "CME 777", "error del módem"},
        {{GSM_CAUSE_STATUS, 0x1F}, "estado 0x1F", "entregado según el centro de mensajes"},
        {{GSM_CAUSE_STATUS, 0x3F}, "estado 0x3F", "en intento"},
        {{GSM_CAUSE_STATUS, 0x5F}, "estado 0x5F", "no se puede entregar"},
        {{GSM_CAUSE_STATUS, 0x7F}, "estado 0x7F", "sin entregar: el centro no insiste más"},
        {{GSM_CAUSE_STATUS, 0xFF}, "estado 0xFF", "servicio rechazado"},
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char name[32];
        gsm_cause_format(lines[i].cause, name, sizeof(name));
        assert_string_equal(name, lines[i].expect);
        assert_string_equal(gsm_cause_text(lines[i].cause), lines[i].text);
    }
    char small[4];
    gsm_cause_format((struct gsm_cause){GSM_CAUSE_CMS, 38}, small, sizeof(small));
    assert_string_equal(small, "CMS");
}

static void test_from_text(void **state)
{
    (void)state;
    static const struct {
        enum gsm_cause_kind kind;
        const char *text;
        int code;
    } lines[] = {
        {GSM_CAUSE_CME, "SIM PIN required", 11},
        {GSM_CAUSE_CME, "sim pin REQUIRED", 11},
        {GSM_CAUSE_CME, "(U)SIM PIN required", 11},
        {GSM_CAUSE_CME, "PH-(U)SIM PIN required", 5},
        {GSM_CAUSE_CME, "PH-SIM PIN required", 5},
        {GSM_CAUSE_CME, "SIM not inserted", 10},
        {GSM_CAUSE_CME, "incorrect password", 16},
        {GSM_CAUSE_CME, "phone failure", 0},
        {GSM_CAUSE_CME, "unknown", 100},
        {GSM_CAUSE_CMS, "Network out of order", 38},
        {GSM_CAUSE_CMS, "(U)SIM PUK required", 316},
        {GSM_CAUSE_CMS, "Unknown error", 500},
        {GSM_CAUSE_CMS, "memory full", 322},
        {GSM_CAUSE_CMS, "SIM PIN", -1},
        {GSM_CAUSE_CMS, "SIM PIN required ", -1},
        {GSM_CAUSE_CMS, "(U)", -1},
        {GSM_CAUSE_CMS, "S(U)IM PIN2", -1},
        {GSM_CAUSE_CME, "COMMAND NOT SUPPORT", -1},
        {GSM_CAUSE_CME, "", -1},
        {GSM_CAUSE_CME, "38", -1},
        {GSM_CAUSE_STATUS, "entregado", -1},
        {GSM_CAUSE_ERROR, "SIM PIN required", -1},
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const int code = gsm_cause_from_text(lines[i].kind, lines[i].text);
        if (code != lines[i].code)
            fail_msg("\"%s\" is %d", lines[i].text, code);
    }
}

static void check_table(enum gsm_cause_kind kind, const struct gsm_cause_row *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct gsm_cause cause = {kind, table[i].code};
        assert_true(i == 0 || table[i - 1].code < table[i].code);
        assert_string_equal(gsm_cause_text(cause), table[i].text);
        assert_true(utf8_is_valid(table[i].text, strlen(table[i].text)));
        if (kind == GSM_CAUSE_STATUS)
            assert_int_equal(gsm_cause_class(cause, true), table[i].class);
        else if (table[i].name != NULL)
            assert_int_equal(gsm_cause_from_text(kind, table[i].name), table[i].code);
    }
}

/* Ordered, no code and no name twice, a text for each, and reports by one rule. */
static void test_tables(void **state)
{
    (void)state;
    check_table(GSM_CAUSE_CMS, gsm_cause_cms, gsm_cause_cms_count);
    check_table(GSM_CAUSE_CME, gsm_cause_cme, gsm_cause_cme_count);
    check_table(GSM_CAUSE_STATUS, gsm_cause_status, gsm_cause_status_count);
}

static void test_status_classes(void **state)
{
    (void)state;
    for (unsigned status = 0; status <= UINT8_MAX; status++) {
        enum gsm_status_class expect = GSM_STATUS_RESERVED;
        if (status < 0x20)
            expect = GSM_STATUS_DELIVERED;
        else if (status < 0x40)
            expect = GSM_STATUS_TRYING;
        else if (status < 0x80)
            expect = GSM_STATUS_FAILED;
        assert_int_equal(gsm_status_class((uint8_t)status), expect);
    }
}

static void test_may_be_the_message(void **state)
{
    (void)state;
    assert_true(gsm_cause_may_be_the_message((struct gsm_cause){GSM_CAUSE_CMS, 302}));
    assert_false(gsm_cause_may_be_the_message((struct gsm_cause){GSM_CAUSE_CMS, 330}));
    assert_false(gsm_cause_may_be_the_message((struct gsm_cause){GSM_CAUSE_CME, 302}));
}

static void test_of_number(void **state)
{
    static const int codes[] = {1, 30, 195, 196};
    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_true(gsm_cause_is_of_number((struct gsm_cause){GSM_CAUSE_CMS, codes[i]}));
        assert_false(gsm_cause_is_of_number((struct gsm_cause){GSM_CAUSE_CME, codes[i]}));
        assert_false(gsm_cause_is_of_number((struct gsm_cause){GSM_CAUSE_CMS, codes[i] + 20}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_from_text),      cmocka_unit_test(test_tables),
        cmocka_unit_test(test_status_classes), cmocka_unit_test(test_may_be_the_message),
        cmocka_unit_test(test_of_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
