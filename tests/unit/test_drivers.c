/* SPDX-License-Identifier: EUPL-1.2 */
/* The tables of every driver: well formed, and found for the modems they are meant for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "drivers/registry.h"

#include <stdio.h>
#include <string.h>

enum { COMMAND_MAX = 256, ROWS_MAX = 64 }; /* a table without its end would run past these */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct driver *drivers[ROWS_MAX]; /* the families and the generic one; end with NULL */
static const struct driver *generic;

static int list_drivers(void **state)
{
    size_t count = 0;
    (void)state;
    for (; driver_registry.families[count] != NULL; count++) {
        assert_true(count + 2 < ROWS_MAX);
        drivers[count] = driver_registry.families[count];
    }
    drivers[count] = generic = driver_registry.generic;
    return 0;
}

static void check_words(const char *const *words)
{
    size_t count = 0;
    for (; words != NULL && words[count] != NULL; count++) {
        assert_true(count < ROWS_MAX);
        assert_true(words[count][0] != '\0'); /* would claim every line */
    }
}

static void check_command(const char *command)
{
    assert_true(strlen(command) < COMMAND_MAX);
    assert_int_equal(strncmp(command, "AT", 2), 0);
    assert_null(strpbrk(command, "\r\n"));
}

static void test_names(void **state)
{
    (void)state;
    size_t count = 0;
    for (; drivers[count] != NULL; count++) {
        assert_non_null(drivers[count]->name);
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(drivers[i]->name, drivers[count]->name);
    }
    assert_ptr_equal(drivers[count - 1], generic);
    assert_null(generic->manufacturers); /* no family: claims no modem */
    assert_non_null(generic->init);
    assert_non_null(generic->events);
    assert_non_null(generic->restarts);
}

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; drivers[i] != NULL; i++) {
        const struct driver *driver = drivers[i];
        check_words(driver->manufacturers);
        check_words(driver->models);
        check_words(driver->events);
        check_words(driver->restarts);
        assert_true(driver == generic || driver->manufacturers != NULL);
        assert_true(driver->advice == NULL || driver->advice[strlen(driver->advice) - 1] == '.');
        assert_true(driver->unfit == NULL || driver->unfit[strlen(driver->unfit) - 1] == '.');
        check_words(driver->restart_ways);
        for (const char *const *way = driver->restart_ways; way != NULL && *way != NULL; way++) {
            check_command(*way);
            assert_string_not_equal(*way, "AT+CFUN=1,1"); /* comes last without being named */
        }
    }
}

static void check_row(const struct driver_init *row)
{
    assert_true(row->patience >= 0);
    assert_true(row->optional || row->ask != NULL); /* it is asked what it is before it is blamed */
    for (size_t i = 0; i < DRIVER_ALTERNATIVES && row->commands[i] != NULL; i++) {
        check_command(row->commands[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(row->commands[i], row->commands[j]);
    }
}

/* Any driver that brings its own rows must set PDU mode, or nothing can be sent. */
static void test_init_rows(void **state)
{
    (void)state;
    for (size_t i = 0; drivers[i] != NULL; i++) {
        const struct driver_init *row = drivers[i]->init;
        bool sets_pdu_mode = row == NULL;
        for (size_t count = 0; row != NULL && row->commands[0] != NULL; row++, count++) {
            assert_true(count < ROWS_MAX);
            check_row(row);
            sets_pdu_mode |= strcmp(row->commands[0], "AT+CMGF=0") == 0 && !row->optional;
        }
        assert_true(sets_pdu_mode);
    }
}

/* Drivers send no command that stays in the module for ever: DESIGN, drivers/README.md. */
static void test_no_persistent_switches(void **state)
{
    static const char *const forbidden[] = {"AT&W", "AT+QCFG=\"ims\",", "AT^SETPORT",
                                            "AT+CNMP=", "AT+UMNOPROF="};
    (void)state;
    for (size_t i = 0; drivers[i] != NULL; i++)
        for (const struct driver_init *row = drivers[i]->init;
             row != NULL && row->commands[0] != NULL; row++)
            for (size_t a = 0; a < DRIVER_ALTERNATIVES && row->commands[a] != NULL; a++)
                for (size_t f = 0; f < COUNT(forbidden); f++)
                    assert_null(strstr(row->commands[a], forbidden[f]));
}

/* What a module keeps for good is written where it is another, not at each start. */
static void test_kept_settings_are_asked_for(void **state)
{
    static const char *const kept[] = {"AT+QURCCFG=", "AT+WIND=", "AT+CTZU="};
    (void)state;
    for (size_t i = 0; drivers[i] != NULL; i++)
        for (const struct driver_init *row = drivers[i]->init;
             row != NULL && row->commands[0] != NULL; row++)
            for (size_t k = 0; k < COUNT(kept); k++)
                if (strncmp(row->commands[0], kept[k], strlen(kept[k])) == 0)
                    assert_true(row->ask != NULL && !row->asks_last);
}

static void test_readings(void **state)
{
    (void)state;
    for (size_t i = 0; drivers[i] != NULL; i++) {
        const struct driver_reading *reading = drivers[i]->readings;
        for (size_t count = 0; reading != NULL && reading->command != NULL; reading++, count++) {
            assert_true(count < ROWS_MAX);
            check_command(reading->command);
            assert_non_null(reading->prefix);
            assert_true(reading->prefix[0] != '\0');
            assert_true(reading->what >= 0 && reading->what < DRIVER_QUANTITY_COUNT);
            assert_true(reading->min < reading->max);
            assert_true(reading->mul >= 0 && reading->div >= 0);
            assert_true(reading->field < 16);
        }
    }
}

static size_t check_forms(const struct driver_form *form)
{
    size_t count = 0;
    for (; form != NULL && form->command != NULL; form++, count++) {
        assert_true(count < ROWS_MAX);
        check_command(form->command);
        assert_true(form->prefix == NULL || form->prefix[0] != '\0');
        assert_in_range(form->field, 0, 8);
    }
    return count;
}

/* start/forms.c has a bit for each form of each driver. */
static void test_forms(void **state)
{
    size_t iccid = 0, counters = 0;
    (void)state;
    for (size_t i = 0; drivers[i] != NULL; i++) {
        iccid += check_forms(drivers[i]->iccid_forms);
        counters += check_forms(drivers[i]->pin_counters);
        for (const struct driver_form *form = drivers[i]->pin_counters;
             form != NULL && form->command != NULL; form++)
            assert_non_null(form->prefix); /* any other line could pass for a counter */
    }
    /* the driver of the modem is asked twice: by itself, and among all families */
    assert_in_range(iccid, 1, 60);
    assert_in_range(counters, 1, 60);
    assert_non_null(generic->iccid_forms);
    assert_non_null(generic->pin_counters);
}

static void check_usb(const struct driver_usb *row)
{
    assert_true(row->interface >= -1 && row->interface < 32);
    assert_true(row->second >= -1 && row->second < 32);
    assert_true(row->second == -1 || row->second != row->interface);
    if (row->mode != DRIVER_USB_MODEM)
        assert_int_equal(row->interface, -1); /* a disk or a network card has no such port */
    if (row->interface != -1)
        assert_int_equal(row->protocols[0], 0);
}

/* Each device has a single row in all drivers: the order must not decide which row is found. */
static void test_usb_rows(void **state)
{
    (void)state;
    uint32_t seen[512];
    size_t seen_count = 0;
    for (size_t i = 0; drivers[i] != NULL; i++) {
        for (const struct driver_usb *row = drivers[i]->usb; row != NULL && row->vid != 0; row++) {
            uint32_t id = (uint32_t)row->vid << 16 | row->pid;
            check_usb(row);
            for (size_t s = 0; s < seen_count; s++)
                assert_int_not_equal(seen[s], id);
            assert_true(seen_count < COUNT(seen));
            seen[seen_count++] = id;
        }
    }
    assert_true(seen_count > 0);
}

static void test_which_driver(void **state)
{
    static const struct {
        const char *manufacturer, *model, *name;
    } rows[] = {
        {"huawei", "E220", "huawei"},
        {"huawei", "E173", "huawei"},
        {"HUAWEI", "E3372", "huawei-lte"},
        {"Huawei Technologies Co., Ltd.", "ME909s-120", "huawei-lte"},
        {"Quectel", "EC25", "quectel-lte"},
        {"Quectel", "EG91", "quectel-lte"},
        {"Quectel_Ltd", "Quectel_M95", "quectel-2g"},
        {"Quectel_Ltd", "Quectel_M35", "quectel-2g"},
        {"SIMCOM_Ltd", "SIMCOM_SIM800L", "simcom-2g"},
        {"SIMCOM_Ltd", "SIMCOM_SIM900", "simcom-2g"},
        {"SIMCOM INCORPORATED", "SIMCOM_SIM7600E-H", "simcom-lte"},
        {"SIMCOM INCORPORATED", "SIMCOM_SIM8200EA", "simcom-lte"},
        {"SIMCOM INCORPORATED", "A7670E-FASE", "simcom-a76xx"},
        {"INCORPORATED", "A7670SA-FASE", "simcom-a76xx"},
        {"SIMCOM INCORPORATED", "SIM7670G", "simcom-a76xx"},
        {"ZTE INCORPORATED", "MF190", "zte"},
        {"ZTE CORPORATION", "MF626", "zte"},
        {"", "", "generic"},
        {"Fabricante", "E220", "generic"},
        {"xhuawei", "E220", "generic"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(
            driver_find(&driver_registry, rows[i].manufacturer, rows[i].model)->name, rows[i].name);
}

static void test_usb_find(void **state)
{
    static const struct {
        uint16_t vid, pid;
        const char *name; /* NULL = no row */
        enum driver_usb_mode mode;
        int interface;
        uint8_t protocol;
    } rows[] = {
        {0x2c7c, 0x0125, "quectel-lte", DRIVER_USB_MODEM, 2, 0},
        {0x2c7c, 0x6005, "quectel-lte", DRIVER_USB_MODEM, -1, 0},
        {0x1e0e, 0x9001, "simcom-lte", DRIVER_USB_MODEM, 2, 0},
        {0x1e0e, 0x9011, "simcom-a76xx", DRIVER_USB_MODEM, 4, 0},
        {0x1e0e, 0xf000, "simcom-lte", DRIVER_USB_STORAGE, -1, 0},
        {0x12d1, 0x1001, "huawei", DRIVER_USB_MODEM, -1, 0x02},
        {0x12d1, 0x1506, "huawei", DRIVER_USB_MODEM, -1, 0x02},
        {0x12d1, 0x1446, "huawei", DRIVER_USB_STORAGE, -1, 0},
        {0x12d1, 0x14dc, "huawei", DRIVER_USB_NETWORK, -1, 0},
        {0x19d2, 0x0031, "zte", DRIVER_USB_MODEM, 3, 0},
        {0x19d2, 0x2000, "zte", DRIVER_USB_STORAGE, -1, 0},
        {0x046d, 0xc31c, NULL, DRIVER_USB_MODEM, 0, 0}, /* a keyboard */
        {0, 0, NULL, DRIVER_USB_MODEM, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct driver *driver = NULL;
        const struct driver_usb *row =
            driver_find_usb(&driver_registry, rows[i].vid, rows[i].pid, &driver);
        if (rows[i].name == NULL) {
            assert_null(row);
            assert_null(driver); /* untouched */
            continue;
        }
        assert_non_null(row);
        assert_string_equal(driver->name, rows[i].name);
        assert_int_equal(row->mode, rows[i].mode);
        assert_int_equal(row->interface, rows[i].interface);
        assert_int_equal(row->protocols[0], rows[i].protocol);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_init_rows),
        cmocka_unit_test(test_no_persistent_switches),
        cmocka_unit_test(test_kept_settings_are_asked_for),
        cmocka_unit_test(test_readings),
        cmocka_unit_test(test_usb_rows),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_which_driver),
        cmocka_unit_test(test_usb_find),
    };
    return cmocka_run_group_tests(tests, list_drivers, NULL);
}
