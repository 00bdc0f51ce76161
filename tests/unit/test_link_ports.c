/* SPDX-License-Identifier: EUPL-1.2 */
/* The ports and USB devices of a box, what is plugged in and out, and the reset of a device. */
#include "link/ports.h"
#include "link/usb.h"
#include "link/watch.h"
#include "tests/unit/test_link_tree.h"

#include <glob.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { ROOM = 8 };

/* ---- making a tree ----------------------------------------------------------------------------
 */

/* name = value pairs in one text: "idVendor=2c7c idProduct=0125". */
static void put_all(const char *folder, const char *pairs)
{
    char text[512], *rest = NULL;
    (void)snprintf(text, sizeof(text), "%s", pairs);
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        char *value = strchr(word, '=');
        *value = '\0';
        put(folder, word, value + 1);
    }
}

/* A device or an interface, and its name on the bus. */
static void put_usb(const char *where, const char *pairs)
{
    char folder[256], link[512], target[512];
    const char *slash = strrchr(where, '/');
    (void)snprintf(folder, sizeof(folder), HOST "%s", where);
    (void)snprintf(link, sizeof(link), "/sys/bus/usb/devices/%s",
                   slash != NULL ? slash + 1 : where);
    (void)snprintf(target, sizeof(target), "../../..%s", folder + strlen("/sys"));
    put_all(folder, pairs);
    put(folder, "uevent",
        strchr(where, ':') != NULL ? "DEVTYPE=usb_interface" : "DEVTYPE=usb_device");
    put_link(link, target);
    (void)snprintf(link, sizeof(link), "%s/subsystem", folder);
    put_link(link, "/sys/bus/usb");
}

/* A tty of the device or port in sys/devices/WHERE. */
static void put_tty(const char *where, const char *name, const char *type)
{
    char folder[256], link[512], target[64];
    (void)snprintf(folder, sizeof(folder), "/sys/devices/%s/tty/%s", where, name);
    put(folder, "type", type);
    (void)snprintf(link, sizeof(link), "%s/device", folder);
    put_link(link, "../..");
    (void)snprintf(link, sizeof(link), "%s/subsystem", folder);
    put_link(link, "/sys/class/tty");
    (void)snprintf(target, sizeof(target), "DEVNAME=%s", name);
    put(folder, "uevent", target);
    (void)snprintf(link, sizeof(link), "/sys/class/tty/%s", name);
    (void)snprintf(folder, sizeof(folder), "../../devices/%s/tty/%s", where, name);
    put_link(link, folder);
}

#define OWN "pci0000:00/0000:00:14.0/usb1/"

static void make_tree(void)
{
    put_usb("usb1", "idVendor=1d6b idProduct=0002 bDeviceClass=09 busnum=1 devnum=1");
    put_usb("1-1", "idVendor=05e3 idProduct=0608 bDeviceClass=09 busnum=1 devnum=2");
    /* a module with usb-serial ports; its device has a serial number, and two digits in its place
     */
    put_usb("1-1/1-1.10", "idVendor=2c7c idProduct=0125 bDeviceClass=ef busnum=1 devnum=5 "
                          "serial=ABC123 product=EC25");
    put_usb("1-1/1-1.10/1-1.10:1.2",
            "bInterfaceNumber=02 bInterfaceClass=ff bInterfaceSubClass=00 bInterfaceProtocol=00");
    put_usb("1-1/1-1.10/1-1.10:1.0a",
            "bInterfaceNumber=0a bInterfaceClass=ff bInterfaceSubClass=02 bInterfaceProtocol=12");
    put_usb("1-1/1-1.10/1-1.10:1.4", "bInterfaceNumber=04 bInterfaceClass=ff");
    put_tty(OWN "1-1/1-1.10/1-1.10:1.2/ttyUSB3", "ttyUSB3", "0");
    put_tty(OWN "1-1/1-1.10/1-1.10:1.0a/ttyUSB0", "ttyUSB0", "0");
    /* one with cdc-acm, without a serial number and with letters of its own */
    put_usb("1-1/1-1.2", "idVendor=1546 idProduct=1102 bDeviceClass=02 busnum=1 devnum=127");
    put(HOST "1-1/1-1.2", "product", "SARA \xc3\xb1\x1b[1m");
    put_usb("1-1/1-1.2/1-1.2:1.0",
            "bInterfaceNumber=00 bInterfaceClass=02 bInterfaceSubClass=02 bInterfaceProtocol=01");
    put_tty(OWN "1-1/1-1.2/1-1.2:1.0", "ttyACM0", "0");
    /* a stick in storage mode, a HiLink with a disk, a keyboard */
    put_usb("1-3", "idVendor=12d1 idProduct=1f01 bDeviceClass=00 busnum=1 devnum=7");
    put_usb("1-3/1-3:1.0", "bInterfaceNumber=00 bInterfaceClass=08");
    put_usb("1-4", "idVendor=12d1 idProduct=14dc bDeviceClass=00 busnum=1 devnum=8");
    put_usb("1-4/1-4:1.0", "bInterfaceNumber=00 bInterfaceClass=02 bInterfaceSubClass=06");
    put_usb("1-4/1-4:1.1", "bInterfaceNumber=01 bInterfaceClass=0a");
    put_usb("1-4/1-4:1.2", "bInterfaceNumber=02 bInterfaceClass=08");
    put_usb("1-5", "idVendor=046d idProduct=c31c bDeviceClass=00 busnum=1 devnum=9");
    put_usb("1-5/1-5:1.0", "bInterfaceNumber=00 bInterfaceClass=03");
    /* on its way out: the folder is there, its files are not */
    put_usb("1-6", "");
    make_folders(HOST "1-6/");
    /* a real UART, one that is only reserved, a console, a name that is too long */
    put_tty("pnp0/00:04", "ttyS0", "4");
    put_tty("platform/serial8250", "ttyS1", "0");
    put_tty("virtual", "tty1", "0");
    put_tty("platform/soc/3f201000.serial", "ttyAMA0", "32");
    put_tty("platform/soc/long", "tty0123456789012345678901234567890", "4");
    put("/dev/bus/usb/001", "005", "");
    put("/dev/bus/usb/001", "127", "");
    assert_int_equal(chmod(place("/dev/bus/usb/001/127"), 0), 0);
}

/* ---- ports ------------------------------------------------------------------------------------
 */

static void test_ports_in_order_with_what_they_are(void **state)
{
    static const struct link_port expected[] = {
        {"/dev/ttyACM0", "ttyACM0", true, 0x1546, 0x1102, "", "SARA ???[1m", 0, 2, 2, 1, "1-1.2", 1,
         127},
        {"/dev/ttyUSB3", "ttyUSB3", true, 0x2c7c, 0x0125, "ABC123", "EC25", 2, 255, 0, 0, "1-1.10",
         1, 5},
        {"/dev/ttyUSB0", "ttyUSB0", true, 0x2c7c, 0x0125, "ABC123", "EC25", 10, 255, 2, 0x12,
         "1-1.10", 1, 5},
        {.path = "/dev/ttyAMA0", .name = "ttyAMA0", .interface = -1},
        {.path = "/dev/ttyS0", .name = "ttyS0", .interface = -1},
    };
    struct link_port ports[ROOM];
    size_t count = 0;
    (void)state;
    assert_int_equal(link_ports_list(ports, ROOM, NULL, NULL, &count), CC_OK);
    assert_int_equal(count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < count; i++) {
        const struct link_port *have = &ports[i], *want = &expected[i];
        assert_string_equal(have->path, want->path);
        assert_string_equal(have->name, want->name);
        assert_int_equal(have->is_usb, want->is_usb);
        assert_int_equal(have->vid, want->vid);
        assert_int_equal(have->pid, want->pid);
        assert_string_equal(have->serial, want->serial);
        assert_string_equal(have->product, want->product);
        assert_int_equal(have->interface, want->interface);
        assert_int_equal(have->if_class, want->if_class);
        assert_int_equal(have->if_subclass, want->if_subclass);
        assert_int_equal(have->if_protocol, want->if_protocol);
        assert_string_equal(have->usb_device, want->usb_device);
        assert_int_equal(have->bus, want->bus);
        assert_int_equal(have->address, want->address);
    }
}

static void test_no_more_than_there_is_room_for(void **state)
{
    struct link_port ports[2];
    struct link_usb_device devices[1];
    size_t count = 99;
    (void)state;
    assert_int_equal(link_ports_list(ports, 2, NULL, NULL, &count), CC_OK);
    assert_int_equal(count, 2);
    assert_int_equal(link_ports_list(ports, 0, NULL, NULL, &count), CC_OK);
    assert_int_equal(count, 0);
    assert_int_equal(link_usb_list(devices, 1, &count), CC_OK);
    assert_int_equal(count, 1);
}

static bool is_named(const struct link_port *port, void *name)
{
    return strcmp(port->name, name) == 0;
}

/* Wherever readdir() has it. */
static void test_the_wanted_one_has_room(void **state)
{
    static char names[][8] = {"ttyACM0", "ttyUSB3", "ttyUSB0", "ttyAMA0", "ttyS0"};
    struct link_port ports[2];
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t count = 99;
        assert_int_equal(link_ports_list(ports, 2, is_named, names[i], &count), CC_OK);
        assert_int_equal(count, 2);
        assert_true(is_named(&ports[0], names[i]) != is_named(&ports[1], names[i]));
        assert_int_equal(link_ports_list(ports, 0, is_named, names[i], &count), CC_OK);
        assert_int_equal(count, 0);
    }
}

static void test_devices_without_ttys_too(void **state)
{
    static const struct {
        const char *name;
        uint16_t vid, pid;
        bool has_tty, is_storage_only, is_network_only;
    } expected[] = {
        {"1-1.2", 0x1546, 0x1102, true, false, false},
        {"1-1.10", 0x2c7c, 0x0125, true, false, false},
        {"1-3", 0x12d1, 0x1f01, false, true, false},
        {"1-4", 0x12d1, 0x14dc, false, false, true},
        {"1-5", 0x046d, 0xc31c, false, false, false},
    };
    struct link_usb_device devices[ROOM];
    size_t count = 0;
    (void)state;
    assert_int_equal(link_usb_list(devices, ROOM, &count), CC_OK);
    assert_int_equal(count, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(devices[i].usb_device, expected[i].name);
        assert_int_equal(devices[i].vid, expected[i].vid);
        assert_int_equal(devices[i].pid, expected[i].pid);
        assert_int_equal(devices[i].has_tty, expected[i].has_tty);
        assert_int_equal(devices[i].is_storage_only, expected[i].is_storage_only);
        assert_int_equal(devices[i].is_network_only, expected[i].is_network_only);
    }
}

static void move(const char *from, const char *to)
{
    char path[1024];
    (void)snprintf(path, sizeof(path), "%s", place(from));
    assert_int_equal(rename(path, place(to)), 0);
}

static void test_a_box_without_usb_and_one_without_sysfs(void **state)
{
    struct link_usb_device devices[1];
    struct link_port ports[1];
    size_t count = 99;
    (void)state;
    move("/sys/bus/usb", "/sys/bus/gone");
    assert_int_equal(link_usb_list(devices, 1, &count), CC_OK);
    assert_int_equal(count, 0);
    move("/sys/bus/gone", "/sys/bus/usb");
    count = 99;
    move("/sys/class/tty", "/sys/class/gone");
    assert_int_equal(link_ports_list(ports, 1, NULL, NULL, &count), CC_ERR_IO);
    assert_int_equal(count, 99);
    move("/sys/class/gone", "/sys/class/tty");
}

/* ---- what udev tells --------------------------------------------------------------------------
 */

static void on_event(void *user)
{
    (*(int *)user)++;
}

/* To the socket that umockdev has bound for the monitor. */
static void tell(const char *subsystem, const char *type)
{
    static const char path[] = "/devices/" OWN "1-1/1-1.10";
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    char text[300];
    glob_t found;
    int len = snprintf(text, sizeof(text),
                       "add@%s%cACTION=add%cDEVPATH=%s%cSUBSYSTEM=%s%cSEQNUM=1%cDEVTYPE=%s", path,
                       0, 0, path, 0, subsystem, 0, 0, type);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(glob(place("/event*"), 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    (void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", found.gl_pathv[0]);
    assert_int_equal(sendto(fd, text, (size_t)len + 1, 0, (const struct sockaddr *)&to, sizeof(to)),
                     len + 1);
    globfree(&found);
    close(fd);
}

static void test_watch(void **state)
{
    static const struct {
        const char *subsystem, *type;
        int events;
    } rows[] = {{"tty", "", 1},
                {"usb", "usb_device", 1},
                {"usb", "usb_interface", 0},
                {"net", "", 0},
                {"input", "", 0}};
    (void)state;
    struct loop *loop = loop_new();
    int events = 0;
    struct link_watch *watch = link_watch_new(loop, on_event, &events);
    assert_non_null(watch);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        events = 0;
        tell(rows[i].subsystem, rows[i].type);
        while (loop_step(loop, 0))
            ;
        assert_int_equal(events, rows[i].events);
    }
    link_watch_free(watch);
    link_watch_free(NULL);
    loop_free(loop);
}

/* ---- reset and power --------------------------------------------------------------------------
 */

static void test_reset(void **state)
{
    static const struct {
        const char *device;
        enum cc_err err;
    } rows[] = {
        {"1-1.10", CC_OK},
        {"1-1.2", CC_ERR_DEVICE_PERMISSION},
        {"1-3", CC_ERR_DEVICE_MISSING}, /* listed, but its node is not there */
        {"1-6", CC_ERR_DEVICE_MISSING},
        {"9-9", CC_ERR_DEVICE_MISSING},
        {"", CC_ERR_DEVICE_SPEC},
        {"usb1", CC_ERR_DEVICE_SPEC},
        {"1-", CC_ERR_DEVICE_SPEC},
        {"1-1.", CC_ERR_DEVICE_SPEC},
        {"1-1.10:1.2", CC_ERR_DEVICE_SPEC},
        {"../1-1.10", CC_ERR_DEVICE_SPEC},
        {"1-1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", CC_ERR_DEVICE_SPEC},
    };
    char log[64] = "";
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(link_usb_reset(rows[i].device), rows[i].err);
    FILE *file = fopen(place("/usb.log"), "r");
    assert_non_null(file);
    assert_int_equal(fread(log, 1, sizeof(log) - 1, file), strlen("reset 001/005\n"));
    assert_string_equal(log, "reset 001/005\n");
    (void)fclose(file);
}

static void test_who_is_there_now(void **state)
{
    static const struct {
        const char *device;
        uint16_t vid, pid;
        const char *serial;
        enum link_usb_there there;
    } rows[] = {
        {"1-1.10", 0x2c7c, 0x0125, "ABC123", LINK_USB_SAME},
        {"1-1.10", 0x2c7c, 0x0125, "", LINK_USB_SAME},
        {"1-1.10", 0x2c7c, 0x0125, "ABC124", LINK_USB_OTHER},
        {"1-1.10", 0x2c7c, 0x0121, "ABC123", LINK_USB_OTHER},
        {"1-1.10", 0x12d1, 0x0125, "", LINK_USB_OTHER},
        {"1-1.2", 0x1546, 0x1102, "", LINK_USB_SAME},
        {"1-1.2", 0x1546, 0x1102, "ABC123", LINK_USB_OTHER},
        {"9-9", 0x2c7c, 0x0125, "", LINK_USB_NOTHING},
        {"", 0x2c7c, 0x0125, "", LINK_USB_NOTHING},
        {"../1-1.10", 0x2c7c, 0x0125, "", LINK_USB_NOTHING},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(link_usb_who(rows[i].device, rows[i].vid, rows[i].pid, rows[i].serial),
                         rows[i].there);
}

static void test_hub_and_port(void **state)
{
    static const struct {
        const char *device, *hub;
        int port;
    } rows[] = {
        {"1-1.2", "1-1", 2},     {"1-2", "1", 2},
        {"2-1.4.3", "2-1.4", 3}, {"10-1.12", "10-1", 12},
        {"1", NULL, 0},          {"", NULL, 0},
        {"usb1", NULL, 0},       {"1-1.2:1.0", NULL, 0},
        {"1-1..2", NULL, 0},     {"1--2", NULL, 0},
        {"1-1.2 ", NULL, 0},     {"1-a", NULL, 0},
        {"1-1.", NULL, 0},       {"-1", NULL, 0},
        {"1-99999999", NULL, 0}, {"1-1/../2", NULL, 0},
        {"123456-1.2", 0, 0},    {"1-1.2.3.4.5.6", NULL, 0}, /* its hub has no room in `hub` */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char hub[8] = "same";
        int port = -7;
        assert_int_equal(link_usb_hub_port(rows[i].device, hub, sizeof(hub), &port),
                         rows[i].hub != NULL);
        assert_string_equal(hub, rows[i].hub != NULL ? rows[i].hub : "same");
        assert_int_equal(port, rows[i].hub != NULL ? rows[i].port : -7);
    }
}

static void test_the_node_of_a_hub(void **state)
{
    static const struct {
        const char *hub, *node; /* NULL = there is none */
    } rows[] = {{"1-1", "/dev/bus/usb/001/002"},
                {"1", "/dev/bus/usb/001/001"},
                {"2", NULL},
                {"1-9", NULL},
                {"", NULL},
                {"../1-1", NULL},
                {"usb1", NULL}};
    char out[32] = "same";
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)snprintf(out, sizeof(out), "same");
        assert_int_equal(link_usb_hub_node(rows[i].hub, out, sizeof(out)), rows[i].node != NULL);
        assert_string_equal(out, rows[i].node != NULL ? rows[i].node : "same");
    }
    assert_false(link_usb_hub_node("1-1", out, 8));
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports_in_order_with_what_they_are),
        cmocka_unit_test(test_the_wanted_one_has_room),
        cmocka_unit_test(test_no_more_than_there_is_room_for),
        cmocka_unit_test(test_devices_without_ttys_too),
        cmocka_unit_test(test_a_box_without_usb_and_one_without_sysfs),
        cmocka_unit_test(test_watch),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_who_is_there_now),
        cmocka_unit_test(test_hub_and_port),
        cmocka_unit_test(test_the_node_of_a_hub),
    };
    (void)argc;
    return run_in_tree(argv, make_tree, tests, sizeof(tests) / sizeof(tests[0]));
}
