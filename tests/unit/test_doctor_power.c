/* SPDX-License-Identifier: EUPL-1.2 */
/* Findings of the doctor on corte_usb: no program, no right, no hub that switches its ports. */
#include "app/doctor.h"
#include "tests/unit/test_link_tree.h"

#include <jansson.h>

static const char tty[] = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.2/1-1.2:1.0/ttyUSB0/"
                          "tty/ttyUSB0";

static void put_device(const char *where, const char *name, const char *kind, const char *number)
{
    char folder[256], link[300], target[300];
    (void)snprintf(folder, sizeof(folder), HOST "%s", where);
    (void)snprintf(link, sizeof(link), "/sys/bus/usb/devices/%s", name);
    (void)snprintf(target, sizeof(target), "../../..%s", folder + strlen("/sys"));
    put(folder, "uevent", kind);
    put(folder, "idVendor", "2c7c");
    put(folder, "idProduct", "0125");
    put(folder, "busnum", "1");
    put(folder, "devnum", number);
    put_link(link, target);
    (void)snprintf(link, sizeof(link), "%s/subsystem", folder);
    put_link(link, "/sys/bus/usb");
}

static void make_tree(void)
{
    char link[300];
    put_device("1-1", "1-1", "DEVTYPE=usb_device", "2");
    put_device("1-1/1-1.2", "1-1.2", "DEVTYPE=usb_device", "5");
    put_device("1-1/1-1.2/1-1.2:1.0", "1-1.2:1.0", "DEVTYPE=usb_interface", "5");
    put(tty, "uevent", "DEVNAME=ttyUSB0");
    (void)snprintf(link, sizeof(link), "%s/subsystem", tty);
    put_link(link, "/sys/class/tty");
    put_link("/sys/class/tty/ttyUSB0", "../../devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.2/"
                                       "1-1.2:1.0/ttyUSB0/tty/ttyUSB0");
    put("/dev/bus/usb/001", "002", "");
}

static void write_script(const char *path, int code)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "#!/bin/sh\n[ \"$*\" = \"-l 1-1 -p 2\" ] || exit 9\nexit %d\n", code);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

/* The sentence of the one finding; "" = nothing is missing. The caller frees it. */
static char *look(struct config *config, const char *uhubctl)
{
    json_t *findings = json_array();
    doctor_look_supply(config, NULL, uhubctl, findings);
    assert_true(json_array_size(findings) <= 1);
    const json_t *sentence = json_object_get(json_array_get(findings, 0), "frase");
    char *text = strdup(sentence != NULL ? json_string_value(sentence) : "");
    json_decref(findings);
    return text;
}

static void test_what_is_missing(void **state)
{
    static const struct {
        bool is_wanted, has_program;
        int mode, code;
        const char *said; /* NULL = nothing */
    } rows[] = {
        {false, false, 0666, 0, NULL},
        {true, false, 0666, 0, "falta el programa uhubctl"},
        {true, true, 0600, 0, "no tiene permiso sobre el concentrador 1-1 (/dev/bus/usb/001/002)"},
        {true, true, 0666, 1, "concentrador 1-1 no sabe cortar"},
        {true, true, 0666, 0, NULL},
    };
    (void)state;
    struct config *config = calloc(1, sizeof(*config));
    char script[1024];
    assert_non_null(config);
    (void)snprintf(script, sizeof(script), "%s", place("/uhubctl"));
    config->modem_count = 1;
    config->modems[0] = (struct config_modem){.config = {.name = "uno", .device = "/dev/ttyUSB0"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        config->modems[0].config.may_cut_power = rows[i].is_wanted;
        assert_int_equal(chmod(place("/dev/bus/usb/001/002"), (mode_t)rows[i].mode), 0);
        if (rows[i].has_program)
            write_script(script, rows[i].code);
        char *text = look(config, script);
        if (rows[i].said == NULL ? text[0] != '\0' : strstr(text, rows[i].said) == NULL)
            fail_msg("row %zu: «%s»", i, text);
        free(text);
    }
    free(config);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_is_missing)};
    (void)argc;
    return run_in_tree(argv, make_tree, tests, sizeof(tests) / sizeof(tests[0]));
}
