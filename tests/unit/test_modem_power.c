/* SPDX-License-Identifier: EUPL-1.2 */
/* The power key on a line that only writes down what is done to it, and uhubctl as a script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "modem/recover/power.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct board {
    bool is_missing, is_broken, is_open;
    char chip[POWER_CHIP_SIZE];
    unsigned line;
    int changes;
    int value;
    int64_t changed_us[16];
};

static struct board board;

static void *board_open(const char *chip, unsigned line)
{
    if (board.is_missing)
        return NULL;
    (void)snprintf(board.chip, sizeof(board.chip), "%s", chip);
    board.line = line;
    board.is_open = true;
    return &board;
}

static bool board_set(void *handle, int value)
{
    struct board *b = handle;
    assert_true(b->is_open && b->changes < 16);
    if (b->is_broken)
        return false;
    b->changed_us[b->changes++] = clock_mono_us();
    b->value = value;
    return true;
}

static void board_close(void *handle)
{
    ((struct board *)handle)->is_open = false;
}

static const struct power_gpio gpio = {board_open, board_set, board_close};

struct scene {
    struct loop *loop;
    struct power *power;
    int ends;
    bool worked;
};

static void on_end(bool worked, void *user)
{
    struct scene *scene = user;
    scene->ends++;
    scene->worked = worked;
    power_free(scene->power);
    scene->power = NULL;
}

static enum cc_err press(struct scene *scene, const char *key)
{
    return power_press_key(scene->loop, key, &gpio, on_end, scene, &scene->power);
}

static void test_what_names_a_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_good;
        const char *chip;
        unsigned line;
    } rows[] = {
        {"gpiochip0:17", true, "gpiochip0", 17},
        {"gpiochip4:0", true, "gpiochip4", 0},
        {"", false, "", 0},
        {"gpiochip0", false, "", 0},
        {"gpiochip0:", false, "", 0},
        {":17", false, "", 0},
        {"gpiochip0:-1", false, "", 0},
        {"gpiochip0:17x", false, "", 0},
        {"gpiochip0: 17", false, "", 0},
        {"gpiochip0:99999999999999999999", false, "", 0},
        {"a-name-that-is-longer-than-any-chip:1", false, "", 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char chip[POWER_CHIP_SIZE] = "";
        unsigned line = 0;
        if (power_key_parse(rows[i].text, chip, &line) != rows[i].is_good ||
            strcmp(chip, rows[i].chip) != 0 || line != rows[i].line)
            fail_msg("%s", rows[i].text);
    }
}

/* Pressed for 1.5 s; and released whenever somebody has enough of it. */
static void test_a_press(void **state)
{
    (void)state;
    struct scene scene = {.loop = loop_new()};
    board = (struct board){.value = -1};
    assert_int_equal(press(&scene, "gpiochip0:17"), CC_OK);
    assert_int_equal(board.changes, 0); /* nothing happens inside the call */
    int64_t end_us = clock_mono_us() + 10000000;
    while (board.changes < 2 && clock_mono_us() < end_us)
        loop_step(scene.loop, 100000);
    assert_string_equal(board.chip, "gpiochip0");
    assert_int_equal(board.line, 17);
    assert_int_equal(board.changes, 2);
    assert_int_equal(board.value, 0);
    assert_in_range(board.changed_us[1] - board.changed_us[0], 1490000, 4000000);
    assert_int_equal(scene.ends, 0);
    power_free(scene.power);
    assert_false(board.is_open);
    assert_int_equal(board.value, 0);
    loop_free(scene.loop);
}

static void test_a_key_let_go_in_the_middle(void **state)
{
    (void)state;
    struct scene scene = {.loop = loop_new()};
    board = (struct board){.value = -1};
    assert_int_equal(press(&scene, "gpiochip0:17"), CC_OK);
    for (int i = 0; i < 100 && board.changes == 0; i++)
        loop_step(scene.loop, 10000);
    assert_int_equal(board.value, 1);
    power_free(scene.power);
    assert_int_equal(board.value, 0);
    assert_false(board.is_open);
    loop_free(scene.loop);
}

static void test_a_key_that_cannot_be_had(void **state)
{
    (void)state;
    struct scene scene = {.loop = loop_new()};
    board = (struct board){.is_missing = true};
    assert_int_equal(press(&scene, "gpiochip0:17"), CC_ERR_DEVICE_MISSING);
    assert_int_equal(press(&scene, "17"), CC_ERR_DEVICE_SPEC);
    board = (struct board){.is_broken = true};
    assert_int_equal(press(&scene, "gpiochip0:17"), CC_OK);
    for (int i = 0; i < 100 && scene.ends == 0; i++)
        loop_step(scene.loop, 10000);
    assert_int_equal(scene.ends, 1);
    assert_false(scene.worked || board.is_open);
    /* the kernel's own: a board without such a chip */
    assert_int_equal(power_press_key(scene.loop, "gpiochip987:1", &power_kernel_gpio, on_end,
                                     &scene, &scene.power),
                     CC_ERR_DEVICE_MISSING);
    power_free(NULL);
    loop_free(scene.loop);
}

static void write_script(const char *path, const char *said, int code)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "#!/bin/sh\necho \"$@\" >%s\nexit %d\n", said, code);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0700), 0);
}

static void test_the_supply_of_a_usb_port(void **state)
{
    (void)state;
    struct scene scene = {.loop = loop_new()};
    char folder[] = "/tmp/contraclaved-power-XXXXXX", script[64], said[64], words[128] = "";
    assert_non_null(mkdtemp(folder));
    (void)snprintf(script, sizeof(script), "%s/uhubctl", folder);
    (void)snprintf(said, sizeof(said), "%s/said", folder);
    for (int code = 0; code < 2; code++) {
        write_script(script, said, code);
        scene.ends = 0;
        assert_int_equal(power_cut_usb(scene.loop, "1-1.2", script, on_end, &scene, &scene.power),
                         CC_OK);
        for (int i = 0; i < 1000 && scene.ends == 0; i++)
            loop_step(scene.loop, 10000);
        assert_int_equal(scene.ends, 1);
        assert_int_equal(scene.worked, code == 0);
    }
    FILE *file = fopen(said, "r");
    assert_non_null(file);
    assert_non_null(fgets(words, sizeof(words), file));
    (void)fclose(file);
    assert_string_equal(words, "-l 1-1 -p 2 -a cycle -d 5\n");
    assert_int_equal(unlink(said), 0);
    assert_int_equal(unlink(script), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(power_cut_usb(scene.loop, "1-1.2", script, on_end, &scene, &scene.power),
                     CC_ERR_DEVICE_MISSING);
    assert_int_equal(power_cut_usb(scene.loop, "; reboot", script, on_end, &scene, &scene.power),
                     CC_ERR_DEVICE_SPEC);
    loop_free(scene.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_names_a_line),
        cmocka_unit_test(test_a_press),
        cmocka_unit_test(test_a_key_let_go_in_the_middle),
        cmocka_unit_test(test_a_key_that_cannot_be_had),
        cmocka_unit_test(test_the_supply_of_a_usb_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
