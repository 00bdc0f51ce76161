/* SPDX-License-Identifier: EUPL-1.2 */
/* A serial port: who holds it, and opening it. */
#include "link/holder.h"
#include "link/schemes.h"
#include "tests/unit/test_link_tree.h"

#include <errno.h>
#include <libserialport.h>
#include <pty.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>

static void make_tree(void)
{
    static const char *const names[] = {"ttyUSB3", "ttyS0"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char folder[64], link[64];
        (void)snprintf(folder, sizeof(folder), "/sys/devices/1-1:1.2/tty/%s", names[i]);
        (void)snprintf(link, sizeof(link), "/sys/class/tty/%s", names[i]);
        put(folder, "uevent", "");
        put_link(link, folder);
    }
}

/* The pty behind /dev/ttyUSB3, which has a name by-id too, and its number for umockdev. */
static void put_node(const char *tty)
{
    static const char *const numbers[] = {"/dev/.node/ttyUSB3", "/dev/.node/serial_by-id_usb-if02"};
    char number[32];
    struct stat info;
    assert_int_equal(stat(tty, &info), 0);
    (void)snprintf(number, sizeof(number), "%u:%u", major(info.st_rdev), minor(info.st_rdev));
    put_link("/dev/ttyUSB3", tty);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        (void)unlink(place(numbers[i]));
        put_link(numbers[i], number);
    }
}

/* ---- who holds it, and opening ----------------------------------------------------------------
 */

static void test_holder(void **state)
{
    int master = -1, slave = -1, pid = 0;
    char name[32] = "", tty[64];
    (void)state;
    assert_int_equal(prctl(PR_SET_NAME, "ModemMan ager"), 0);
    assert_int_equal(openpty(&master, &slave, tty, NULL, NULL), 0);
    put_node(tty);
    put_link("/dev/serial/by-id/usb-if02", "../../ttyUSB3");
    static const char *const names[] = {"/dev/ttyUSB3", "/dev/serial/by-id/usb-if02"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        pid = 0;
        assert_true(link_holder(names[i], name, sizeof(name), &pid));
        assert_string_equal(name, "ModemMan ager");
        assert_int_equal(pid, getpid());
    }
    assert_true(link_holder("/dev/ttyUSB3", name, 6, &pid));
    assert_string_equal(name, "Modem");
    assert_true(link_process_runs("ModemMan ager"));
    assert_false(link_process_runs("ModemMan"));
    assert_false(link_process_runs("ModemManager-no"));
    put("/sys/fs/cgroup/system.slice/ModemManager-no.service", "cgroup.procs", "1");
    assert_true(link_process_runs("ModemManager-no"));

    pid = -7;
    close(slave); /* the master is another device */
    assert_false(link_holder("/dev/ttyUSB3", name, sizeof(name), &pid));
    assert_false(link_holder("/dev/ttyUSB9", name, sizeof(name), &pid));
    assert_false(link_holder("/etc/hostname", name, sizeof(name), &pid));
    assert_int_equal(pid, -7);
    close(master);
    assert_int_equal(unlink(place("/dev/ttyUSB3")), 0);
}

static void test_opening(void **state)
{
    int master = -1, slave = -1, fd = -1;
    char tty[64], log[64] = "";
    (void)state;
    assert_int_equal(openpty(&master, &slave, tty, NULL, NULL), 0);
    assert_int_equal(scheme_serial_open("/dev/ttyUSB3", NULL, &fd), CC_ERR_DEVICE_MISSING);
    put_node(tty);
    assert_int_equal(scheme_serial_open("/dev/serial/by-id/usb-if02", NULL, &fd), CC_OK);
    assert_int_equal(write(fd, "AT\r", 3), 3);
    assert_int_equal(read(master, log, sizeof(log)), 3);
    assert_memory_equal(log, "AT\r", 3); /* raw: no line feed of its own */
    int first = fd;
    assert_int_equal(scheme_serial_open("/dev/ttyUSB3", NULL, &fd), CC_ERR_DEVICE_BUSY);
    assert_int_equal(fd, first);
    close(first);
    assert_int_equal(flock(slave, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(scheme_serial_open("/dev/ttyUSB3", NULL, &fd), CC_ERR_DEVICE_BUSY);
    close(slave);
    close(master);
    /* links to nowhere, no ttys, no permission */
    assert_int_equal(scheme_serial_open("/dev/ttyUSB3", NULL, &fd), CC_ERR_DEVICE_MISSING);
    assert_int_equal(scheme_serial_open("/dev/null", NULL, &fd), CC_ERR_DEVICE_NOT_TTY);
    assert_int_equal(scheme_serial_open("/etc/hostname", NULL, &fd), CC_ERR_DEVICE_NOT_TTY);
    assert_int_equal(scheme_serial_open("/etc", NULL, &fd), CC_ERR_DEVICE_NOT_TTY);
    put("/dev", "ttyS0", "");
    assert_int_equal(scheme_serial_open("/dev/ttyS0", NULL, &fd), CC_ERR_DEVICE_NOT_TTY);
    assert_int_equal(chmod(place("/dev/ttyS0"), 0), 0);
    assert_int_equal(scheme_serial_open("/dev/ttyS0", NULL, &fd), CC_ERR_DEVICE_PERMISSION);
    assert_int_equal(fd, first);
}

/* Refuses the settings of a port, and keeps its descriptor, as a child has it that has not run yet.
 */
static bool refuses_settings;
static int kept = -1;
enum sp_return __real_sp_set_config(struct sp_port *port, const struct sp_port_config *config);
enum sp_return __wrap_sp_set_config(struct sp_port *port, const struct sp_port_config *config);

enum sp_return __wrap_sp_set_config(struct sp_port *port, const struct sp_port_config *config)
{
    int handle = -1;
    if (!refuses_settings)
        return __real_sp_set_config(port, config);
    assert_int_equal(sp_get_port_handle(port, &handle), SP_OK);
    kept = dup(handle);
    errno = EIO;
    return SP_ERR_FAIL;
}

/* The port is not left locked, nor closed to other users. */
static void test_a_port_that_takes_no_settings(void **state)
{
    int master = -1, slave = -1, fd = -1, is_exclusive = -1;
    char tty[64];
    (void)state;
    assert_int_equal(openpty(&master, &slave, tty, NULL, NULL), 0);
    assert_int_equal(unlink(place("/dev/ttyUSB3")), 0);
    put_node(tty);
    refuses_settings = true;
    assert_int_equal(scheme_serial_open("/dev/ttyUSB3", NULL, &fd), CC_ERR_IO);
    refuses_settings = false;
    assert_int_equal(ioctl(slave, TIOCGEXCL, &is_exclusive), 0);
    assert_false(is_exclusive);
    assert_int_equal(scheme_serial_open("/dev/ttyUSB3", NULL, &fd), CC_OK);
    close(kept);
    close(fd);
    close(slave);
    close(master);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holder),
        cmocka_unit_test(test_opening),
        cmocka_unit_test(test_a_port_that_takes_no_settings),
    };
    (void)argc;
    return run_in_tree(argv, make_tree, tests, sizeof(tests) / sizeof(tests[0]));
}
