/* SPDX-License-Identifier: EUPL-1.2 */
/* From what `dispositivo` asks for and what there is to the ports to try, and why there is none. */
#include "drivers/registry.h"
#include "modem/find/claims.h"
#include "modem/find/find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORTS = 12, DEVICES = 4 };

struct port_row {
    const char *name;
    uint16_t vid, pid;
    int interface, protocol; /* of class ff */
    const char *serial, *socket;
};

/* ---- boxes ---------------------------------------------------------------------------------- */

#define EC25(n, name, serial, socket)                                                              \
    {                                                                                              \
        name, 0x2c7c, 0x0125, n, 0xFF, serial, socket                                              \
    }
#define EC25_AT(first, second, serial, socket)                                                     \
    EC25(0, "x0", serial, socket), EC25(1, "x1", serial, socket), EC25(2, first, serial, socket),  \
        EC25(3, second, serial, socket)

static const struct port_row none[] = {{0}};
static const struct port_row uarts[] = {{"ttyS0", 0, 0, -1, 0, "", ""}, {0}};
static const struct port_row one[] = {
    EC25_AT("at", "second", "", "1-1"), {"ttyS0", 0, 0, -1, 0, "", ""}, {0}};
static const struct port_row two[] = {
    EC25_AT("a2", "a3", "A1", "1-1"), EC25_AT("b2", "b3", "B1", "1-2"), {0}};
/* its AT port is not there (a firmware of another mind): whatever there is */
static const struct port_row odd[] = {EC25(0, "p0", "", "1-1"), EC25(4, "p4", "", "1-1"), {0}};
static const struct port_row huawei[] = {{"ppp", 0x12d1, 0x1001, 0, 0x01, "", "1-1"},
                                         {"diag", 0x12d1, 0x1001, 1, 0x03, "", "1-1"},
                                         {"pcui", 0x12d1, 0x1001, 2, 0x02, "", "1-1"},
                                         {0}};
/* a modem whose protocols say nothing: port by port */
static const struct port_row e220[] = {
    {"h0", 0x12d1, 0x1003, 0, 0xFF, "", "1-1"}, {"h1", 0x12d1, 0x1003, 1, 0xFF, "", "1-1"}, {0}};
/* an adapter of nobody's, then a modem of a vendor we know, then a model we know */
static const struct port_row mixed[] = {{"ftdi", 0x0403, 0x6001, 0, 0xFF, "F", "1-1"},
                                        {"q0", 0x2c7c, 0xFFF0, 0, 0xFF, "", "1-2"},
                                        {"q1", 0x2c7c, 0xFFF0, 1, 0xFF, "", "1-2"},
                                        EC25_AT("at", "second", "", "1-3"),
                                        {0}};

static void put(char *out, size_t cap, const char *text)
{
    (void)snprintf(out, cap, "%s", text);
}

static void plug(struct find_view *view, const struct port_row *row)
{
    memset(view, 0, sizeof(*view));
    for (; row->name != NULL; row++) {
        struct link_port *port = &view->ports[view->port_count++];
        put(port->name, sizeof(port->name), row->name);
        (void)snprintf(port->path, sizeof(port->path), "/dev/%s", row->name);
        put(port->serial, sizeof(port->serial), row->serial);
        put(port->usb_device, sizeof(port->usb_device), row->socket);
        port->is_usb = row->vid != 0;
        port->vid = row->vid;
        port->pid = row->pid;
        port->interface = row->interface;
        port->if_class = port->is_usb ? 0xFF : 0;
        port->if_protocol = (uint8_t)row->protocol;
        port->address = port->is_usb ? 7 : 0;
    }
}

static struct find_view *box(const struct port_row *rows)
{
    struct find_view *view = malloc(sizeof(*view));
    assert_non_null(view);
    plug(view, rows);
    return view;
}

/* "a2 a3": the names in the order they would be tried in. */
static const char *order(const struct find_wish *wish, const struct find_view *view)
{
    static char out[400];
    size_t list[LINK_PORTS_MAX];
    size_t len = 0;
    out[0] = '\0';
    size_t count = find_candidates(wish, view, list);
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s", i > 0 ? " " : "",
                                view->ports[list[i]].name);
    return out;
}

static struct find_wish wish_for(const char *device)
{
    struct find_wish wish = {.drivers = &driver_registry};
    assert_true(find_spec_parse(device, &wish.spec));
    return wish;
}

/* ---- the wish ------------------------------------------------------------------------------- */

static void test_specs(void **state)
{
    static const struct {
        const char *text;
        bool is_good;
        enum find_kind kind;
    } rows[] = {
        {"auto", true, FIND_AUTO},
        {"auto ", false, 0},
        {"automatico", false, 0},
        {"AUTO", true, FIND_DIRECT}, /* link says that it is no device */
        {"", true, FIND_DIRECT},
        {"usb:2c7c:0125", true, FIND_USB},
        {"usb:2C7C:0125#A/1 b", true, FIND_USB},
        {"usb:", false, 0},
        {"usb:2c7c", false, 0},
        {"usb:2c7c:", false, 0},
        {"usb:2c7c:012", false, 0},
        {"usb:2c7c:01255", false, 0},
        {"usb:2c7c:0125#", false, 0},
        {"usb:2c7g:0125", false, 0},
        {"usb:0x2c:0125", false, 0},
        {"usb: 2c7:0125", false, 0},
        {"imei:490154203237518", true, FIND_IMEI},
        {"imei:49015420323751", false, 0},
        {"imei:4901542032375189", false, 0},
        {"imei:49015420323751X", false, 0},
        {"/dev/ttyUSB2", true, FIND_DIRECT},
        {"tcp:127.0.0.1:4000", true, FIND_DIRECT},
        {"unix:m.sock", true, FIND_DIRECT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct find_spec spec = {.kind = FIND_DIRECT};
        bool is_good = find_spec_parse(rows[i].text, &spec);
        if (is_good != rows[i].is_good || (is_good && spec.kind != rows[i].kind))
            fail_msg("«%s»: %d, kind %d", rows[i].text, is_good, (int)spec.kind);
    }
    struct find_wish wish = wish_for("usb:2C7C:0125#A/1 b");
    assert_int_equal(wish.spec.vid, 0x2c7c);
    assert_int_equal(wish.spec.pid, 0x0125);
    assert_string_equal(wish.spec.serial, "A/1 b");
    char longest[100] = "usb:2c7c:0125#";
    memset(longest + strlen(longest), 's', 63);
    assert_true(find_spec_parse(longest, &wish.spec));
    longest[strlen(longest)] = 's'; /* the rest of it is zeroes */
    assert_false(find_spec_parse(longest, &wish.spec));
}

/* ---- candidates ----------------------------------------------------------------------------- */

static void test_candidates(void **state)
{
    static const struct {
        const char *device;
        const struct port_row *box;
        const char *order;
    } rows[] = {
        {"auto", none, ""},
        {"auto", uarts, ""},
        {"auto", one, "at second"},
        {"auto", odd, "p0 p4"},
        {"auto", huawei, "pcui"},
        {"auto", e220, "h0 h1"},
        {"auto", two, "a2 a3 b2 b3"},
        {"auto", mixed, "at second q0 q1 ftdi"},
        {"usb:2c7c:0125", none, ""},
        {"usb:2c7c:0125", uarts, ""},
        {"usb:2c7c:0125", mixed, "at second"},
        {"usb:2c7c:fff0", mixed, "q0 q1"},
        {"usb:0403:6001", mixed, "ftdi"},
        {"usb:0403:6001#F", mixed, "ftdi"},
        {"usb:0403:6001#f", mixed, ""},
        {"usb:2c7c:0125#B1", two, "b2 b3"},
        {"usb:2c7c:0125#C1", two, ""},
        {"imei:490154203237518", two, "a2 a3 b2 b3"},
        {"/dev/ttyUSB2", two, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct find_wish wish = wish_for(rows[i].device);
        struct find_view *view = box(rows[i].box);
        const char *got = order(&wish, view);
        if (strcmp(got, rows[i].order) != 0)
            fail_msg("row %zu, %s: «%s», wanted «%s»", i, rows[i].device, got, rows[i].order);
        free(view);
    }
}

static void test_the_one_it_had(void **state)
{
    static const struct {
        const char *serial, *socket;
        int interface;
        const char *order;
    } rows[] = {
        {"B1", "1-2", 2, "b2 b3 a2 a3"},
        {"B1", "1-9", 2, "b2 b3 a2 a3"}, /* in another socket, known by its number */
        {"B1", "1-2", 3, "b3 b2 a2 a3"}, /* that port it was that talked */
        {"Z9", "1-2", 2, "a2 a3 b2 b3"}, /* another stick in its socket */
        {"", "1-2", 2, "a2 a3 b2 b3"},
    };
    struct find_view *view = box(two);
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct find_wish wish = wish_for("auto");
        wish.had = (struct find_port){.vid = 0x2c7c, .pid = 0x0125, .interface = rows[i].interface};
        put(wish.had.serial, sizeof(wish.had.serial), rows[i].serial);
        put(wish.had.usb_device, sizeof(wish.had.usb_device), rows[i].socket);
        assert_string_equal(order(&wish, view), rows[i].order);
    }
    /* without a serial number the socket is all there is */
    plug(view, mixed);
    struct find_wish wish = wish_for("auto");
    find_port_keep(&view->ports[2], &wish.had);
    assert_string_equal(order(&wish, view), "q1 q0 at second ftdi");
    free(view);
}

static void test_what_is_kept_before_others(void **state)
{
    static const struct {
        const char *device;
        uint16_t vid, pid;
        bool is_wanted;
    } rows[] = {
        {"auto", 0x2c7c, 0x0125, true},           {"auto", 0x2c7c, 0x9999, true},
        {"auto", 0x1234, 0x5678, false},          {"usb:1234:5678", 0x1234, 0x5678, true},
        {"usb:1234:5678", 0x1234, 0x5679, false}, {"/dev/ttyUSB0", 0x1234, 0x5678, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct find_wish wish = wish_for(rows[i].device);
        struct link_port port = {.is_usb = true, .vid = rows[i].vid, .pid = rows[i].pid};
        assert_int_equal(find_is_wanted(&port, &wish), rows[i].is_wanted);
        find_port_keep(&port, &wish.had);
        assert_true(find_is_wanted(&port, &wish));
    }
    struct find_wish wish = wish_for("auto");
    assert_false(find_is_wanted(&(struct link_port){.name = "ttyS0"}, &wish));
}

static void test_another_imei(void **state)
{
    struct find_view *view = box(two);
    struct find_wish wish = wish_for("imei:490154203237518");
    struct find_port port;
    const struct link_usb_device *device;
    (void)state;
    find_port_keep(&view->ports[2], &port);
    assert_true(find_is_plugged(&port, view));
    find_remember_wrong(&wish, &port);
    assert_string_equal(order(&wish, view), "b2 b3");
    find_port_keep(&view->ports[6], &port);
    find_remember_wrong(&wish, &port);
    assert_string_equal(order(&wish, view), "");
    assert_int_equal(find_why_none(&wish, view, &device), FIND_OTHER_IMEI);
    find_forget_unplugged(&wish, view);
    assert_int_equal(wish.wrong_count, 2);
    for (int i = 0; i < 4; i++)
        view->ports[i].address = 8; /* out and in again: asked again */
    find_forget_unplugged(&wish, view);
    assert_int_equal(wish.wrong_count, 1);
    assert_string_equal(order(&wish, view), "a2 a3");
    for (int i = 0; i < 2 * FIND_WRONG_MAX; i++)
        find_remember_wrong(&wish, &port);
    assert_int_equal(wish.wrong_count, FIND_WRONG_MAX);
    free(view);
}

static void test_how_many(void **state)
{
    static const struct {
        const char *device;
        const struct port_row *box;
        size_t count;
    } rows[] = {
        {"auto", none, 0},           {"auto", two, 2},
        {"auto", mixed, 2}, /* the adapter is none */
        {"auto", huawei, 1},         {"usb:2c7c:0125", two, 2},
        {"usb:0403:6001", mixed, 1}, {"usb:2c7c:0125#A1", two, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct find_wish wish = wish_for(rows[i].device);
        struct find_view *view = box(rows[i].box);
        assert_int_equal(find_count_modems(&wish, view), rows[i].count);
        free(view);
    }
}

/* ---- why there is none ---------------------------------------------------------------------- */

static void test_why_none(void **state)
{
    static const struct {
        const char *device;
        struct link_usb_device devices[DEVICES];
        enum find_reason reason;
        uint16_t pid; /* of the device it is about; 0 = none */
    } rows[] = {
        {"auto", {{0}}, FIND_NO_DEVICE, 0},
        {"auto", {{.vid = 0x0951, .pid = 0x1666, .is_storage_only = true}}, FIND_NO_DEVICE, 0},
        {"auto", {{.vid = 0x0b95, .pid = 0x1790, .is_network_only = true}}, FIND_NO_DEVICE, 0},
        {"auto", {{.vid = 0x12d1, .pid = 0x1f01, .is_storage_only = true}}, FIND_STORAGE, 0x1f01},
        {"auto", {{.vid = 0x12d1, .pid = 0x1f01}}, FIND_STORAGE, 0x1f01},
        {"auto", {{.vid = 0x12d1, .pid = 0x9999, .is_storage_only = true}}, FIND_STORAGE, 0x9999},
        {"auto", {{.vid = 0x12d1, .pid = 0x14dc}}, FIND_NETWORK, 0x14dc},
        {"auto", {{.vid = 0x12d1, .pid = 0x9999, .is_network_only = true}}, FIND_NETWORK, 0x9999},
        {"auto", {{.vid = 0x2c7c, .pid = 0x0125}}, FIND_NO_TTY, 0x0125},
        {"auto", {{.vid = 0x2c7c, .pid = 0x9999}}, FIND_NO_DEVICE, 0},
        {"auto",
         {{.vid = 0x2c7c, .pid = 0x0125}, {.vid = 0x19d2, .pid = 0x2000}},
         FIND_STORAGE,
         0x2000},
        {"usb:12d1:1506", {{.vid = 0x12d1, .pid = 0x1f01}}, FIND_STORAGE, 0x1f01},
        {"usb:2c7c:0125", {{.vid = 0x12d1, .pid = 0x1f01}}, FIND_NO_DEVICE, 0},
        {"usb:2c7c:0125", {{.vid = 0x2c7c, .pid = 0x0125}}, FIND_NO_TTY, 0x0125},
        {"usb:1234:5678", {{.vid = 0x1234, .pid = 0x5678}}, FIND_NO_TTY, 0x5678},
        {"usb:1234:5678", {{.vid = 0x1234, .pid = 0x1, .is_storage_only = true}}, FIND_STORAGE, 1},
        {"imei:490154203237518", {{.vid = 0x12d1, .pid = 0x14dc}}, FIND_NETWORK, 0x14dc},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct find_wish wish = wish_for(rows[i].device);
        struct find_view *view = box(none);
        const struct link_usb_device *device = NULL;
        for (size_t d = 0; d < DEVICES && rows[i].devices[d].vid != 0; d++)
            view->devices[view->device_count++] = rows[i].devices[d];
        enum find_reason reason = find_why_none(&wish, view, &device);
        uint16_t pid = device != NULL ? device->pid : 0;
        if (reason != rows[i].reason || pid != rows[i].pid)
            fail_msg("row %zu: reason %d, pid %04x", i, (int)reason, pid);
        free(view);
    }
}

/* ---- several sections ----------------------------------------------------------------------- */

static void test_claims(void **state)
{
    struct find_claims *claims = find_claims_new();
    struct find_wish any = wish_for("auto"), also = wish_for("auto"),
                     exact = wish_for("usb:2c7c:0125#A1");
    struct find_spec other;
    struct find_view *view = box(two);
    const struct link_usb_device *device;
    (void)state;
    find_claims_join(claims, &any, &any.spec, "auto");
    find_claims_join(claims, &also, &also.spec, "auto");
    assert_int_equal(find_claims_waiting(claims), 2);
    find_claims_mark(claims, &any, view);
    assert_string_equal(order(&any, view), "a2 a3 b2 b3");
    find_claims_set(claims, &any, "1-1");
    assert_int_equal(find_claims_waiting(claims), 1);
    find_claims_mark(claims, &also, view);
    assert_string_equal(order(&also, view), "b2 b3");
    find_claims_mark(claims, &any, view);
    assert_string_equal(order(&any, view), "a2 a3 b2 b3"); /* its own is no obstacle */
    find_claims_set(claims, &also, "1-2");
    find_claims_join(claims, &exact, &exact.spec, "usb:2c7c:0125#A1");
    find_claims_mark(claims, &exact, view);
    assert_string_equal(order(&exact, view), "");
    assert_int_equal(find_why_none(&exact, view, &device), FIND_TAKEN);
    /* let go of by a reset: the one that asks for just this goes first */
    find_claims_set(claims, &any, "");
    find_claims_mark(claims, &any, view);
    assert_string_equal(order(&any, view), "");
    find_claims_leave(claims, &also);
    find_claims_mark(claims, &any, view);
    assert_string_equal(order(&any, view), "b2 b3");
    find_claims_mark(claims, &exact, view);
    assert_string_equal(order(&exact, view), "a2 a3");
    assert_false(find_claims_has_imei(claims, &any, "490154203237518"));
    assert_true(find_spec_parse("imei:490154203237518", &other));
    find_claims_join(claims, &other, &other, "imei:490154203237518");
    assert_true(find_claims_has_imei(claims, &any, "490154203237518"));
    assert_false(find_claims_has_imei(claims, &other, "490154203237518"));
    assert_false(find_claims_has_imei(claims, &any, "490154203237519"));
    find_claims_free(claims);
    free(view);
}

/* A section with a path keeps its device from one that takes any, also before it has opened it. */
static void test_claims_by_path(void **state)
{
    struct find_claims *claims = find_claims_new();
    struct find_wish any = wish_for("auto"), path = wish_for("/dev/null");
    struct find_view *view = box(two);
    (void)state;
    put(view->ports[5].path, sizeof(view->ports[5].path), "/dev/null");
    find_claims_join(claims, &any, &any.spec, "auto");
    find_claims_join(claims, &path, &path.spec, "/dev/null");
    assert_int_equal(find_claims_waiting(claims), 1);
    find_claims_mark(claims, &any, view);
    assert_string_equal(order(&any, view), "a2 a3");
    find_claims_leave(claims, &path);
    find_claims_mark(claims, &any, view);
    assert_string_equal(order(&any, view), "a2 a3 b2 b3");
    find_claims_free(claims);
    free(view);
}

static void test_no_claims(void **state)
{
    struct find_wish any = wish_for("auto");
    struct find_view *view = box(one);
    (void)state;
    find_claims_join(NULL, &any, &any.spec, "auto");
    find_claims_set(NULL, &any, "1-1");
    find_claims_mark(NULL, &any, view);
    assert_string_equal(order(&any, view), "at second");
    assert_int_equal(find_claims_waiting(NULL), 1);
    assert_false(find_claims_has_imei(NULL, &any, "490154203237518"));
    find_claims_leave(NULL, &any);
    find_claims_free(NULL);
    free(view);
}

static void test_when_to_look(void **state)
{
    static const struct {
        int64_t since_first_ms, wait_ms;
    } rows[] = {{0, 50}, {30, 50}, {349, 50}, {350, 50}, {351, 49}, {399, 1}, {400, 0}, {5000, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(find_wait_ms(7000, 7000 + rows[i].since_first_ms * 1000), rows[i].wait_ms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_specs),
        cmocka_unit_test(test_candidates),
        cmocka_unit_test(test_the_one_it_had),
        cmocka_unit_test(test_another_imei),
        cmocka_unit_test(test_what_is_kept_before_others),
        cmocka_unit_test(test_how_many),
        cmocka_unit_test(test_why_none),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_claims_by_path),
        cmocka_unit_test(test_no_claims),
        cmocka_unit_test(test_when_to_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
