/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/find/find.h"

#include "base/span.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VID_DIGITS = 4, NOT_NAMED = 100 };

/* How likely a device is to be the modem; the first is tried first. */
enum likely { HAD_BEFORE, KNOWN_MODEL, KNOWN_VENDOR, UNKNOWN_DEVICE };

struct candidate {
    enum likely likely;
    size_t device; /* index of its first port, so that devices keep their order */
    int rank;      /* of the port within the device */
    size_t port;
};

/* ---- the wish ------------------------------------------------------------------------------- */

static bool parse_id(const char *text, uint16_t *ret)
{
    for (int i = 0; i < VID_DIGITS; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    *ret = (uint16_t)strtoul(text, NULL, 16); /* stops at the ':' or '#' behind it */
    return true;
}

static bool parse_usb(const char *text, struct find_spec *spec)
{
    spec->kind = FIND_USB;
    if (!parse_id(text, &spec->vid) || text[VID_DIGITS] != ':' ||
        !parse_id(text + VID_DIGITS + 1, &spec->pid))
        return false;
    const char *serial = text + 2 * VID_DIGITS + 1;
    size_t len = strlen(serial);
    if (len == 0)
        return true;
    if (serial[0] != '#' || len < 2 || len > sizeof(spec->serial))
        return false;
    memcpy(spec->serial, serial + 1, len);
    return true;
}

static bool parse_imei(const char *text, struct find_spec *spec)
{
    spec->kind = FIND_IMEI;
    if (strlen(text) != FIND_IMEI_DIGITS || strspn(text, "0123456789") != FIND_IMEI_DIGITS)
        return false;
    memcpy(spec->imei, text, sizeof(spec->imei));
    return true;
}

static bool parse_auto(const char *text, struct find_spec *spec)
{
    spec->kind = FIND_AUTO;
    return text[0] == '\0';
}

bool find_spec_parse(const char *text, struct find_spec *ret)
{
    static const struct {
        const char *prefix;
        bool (*parse)(const char *text, struct find_spec *spec);
    } rows[] = {{"auto", parse_auto}, {"usb:", parse_usb}, {"imei:", parse_imei}};
    struct find_spec spec = {.kind = FIND_DIRECT};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = strlen(rows[i].prefix);
        if (strncmp(text, rows[i].prefix, len) == 0 && !rows[i].parse(text + len, &spec))
            return false;
    }
    *ret = spec;
    return true;
}

bool find_spec_matches(const struct find_spec *spec, const struct link_port *port)
{
    if (!port->is_usb || spec->kind == FIND_DIRECT)
        return false;
    if (spec->kind != FIND_USB)
        return true;
    return port->vid == spec->vid && port->pid == spec->pid &&
           (spec->serial[0] == '\0' || strcmp(spec->serial, port->serial) == 0);
}

/* ---- one device again ----------------------------------------------------------------------- */

void find_port_keep(const struct link_port *port, struct find_port *ret)
{
    *ret = (struct find_port){
        .vid = port->vid, .pid = port->pid, .address = port->address, .interface = port->interface};
    memcpy(ret->serial, port->serial, sizeof(ret->serial));
    memcpy(ret->usb_device, port->usb_device, sizeof(ret->usb_device));
}

static bool is_plugged_as(const struct find_port *kept, const struct link_port *port)
{
    return port->is_usb && kept->vid == port->vid && kept->pid == port->pid &&
           kept->address == port->address && strcmp(kept->usb_device, port->usb_device) == 0;
}

bool find_is_plugged(const struct find_port *kept, const struct find_view *view)
{
    for (size_t i = 0; i < view->port_count; i++)
        if (is_plugged_as(kept, &view->ports[i]))
            return true;
    return false;
}

/* After it was out: by its serial number anywhere, or without one in the same socket. */
static bool is_had(const struct find_port *had, const struct link_port *port)
{
    return had->vid != 0 && had->vid == port->vid && had->pid == port->pid &&
           strcmp(had->serial, port->serial) == 0 &&
           (had->serial[0] != '\0' || strcmp(had->usb_device, port->usb_device) == 0);
}

void find_remember_wrong(struct find_wish *wish, const struct find_port *port)
{
    if (wish->wrong_count == FIND_WRONG_MAX) { /* the oldest is asked once more */
        wish->wrong_count--;
        memmove(wish->wrong, wish->wrong + 1, wish->wrong_count * sizeof(wish->wrong[0]));
    }
    wish->wrong[wish->wrong_count++] = *port;
}

void find_forget_unplugged(struct find_wish *wish, const struct find_view *view)
{
    size_t kept = 0;
    for (size_t i = 0; i < wish->wrong_count; i++)
        if (find_is_plugged(&wish->wrong[i], view))
            wish->wrong[kept++] = wish->wrong[i];
    wish->wrong_count = kept;
}

static bool is_wrong(const struct find_wish *wish, const struct link_port *port)
{
    for (size_t i = 0; i < wish->wrong_count; i++)
        if (is_plugged_as(&wish->wrong[i], port))
            return true;
    return false;
}

/* ---- the candidates ------------------------------------------------------------------------- */

/* How good a port of its device is for AT, by the driver's table; NOT_NAMED = it does not say. */
static int rank_of(const struct link_port *port, const struct driver_usb *row)
{
    if (row == NULL || row->mode != DRIVER_USB_MODEM || port->interface < 0)
        return NOT_NAMED;
    if (row->interface >= 0)
        return port->interface == row->interface ? 0
               : port->interface == row->second  ? 1
                                                 : NOT_NAMED;
    for (int i = 0; i < DRIVER_PROTOCOLS && row->protocols[i] != 0; i++)
        if (port->if_class == 0xFF && port->if_protocol == row->protocols[i])
            return i;
    return NOT_NAMED;
}

static const struct driver_usb *row_of(const struct find_wish *wish, const struct link_port *port)
{
    const struct driver *driver;
    return driver_find_usb(wish->drivers, port->vid, port->pid, &driver);
}

static bool same_device(const struct link_port *a, const struct link_port *b)
{
    return strcmp(a->usb_device, b->usb_device) == 0 && a->address == b->address;
}

/* The driver names another port of this device, so this one is for something else. */
static bool is_passed_over(const struct find_view *view, size_t port, const struct driver_usb *row)
{
    if (rank_of(&view->ports[port], row) != NOT_NAMED)
        return false;
    for (size_t i = 0; i < view->port_count; i++)
        if (same_device(&view->ports[i], &view->ports[port]) &&
            rank_of(&view->ports[i], row) != NOT_NAMED)
            return true;
    return false;
}

static enum likely likely_of(const struct find_wish *wish, const struct link_port *port,
                             const struct driver_usb *row)
{
    if (is_had(&wish->had, port))
        return HAD_BEFORE;
    if (row == NULL)
        return UNKNOWN_DEVICE;
    return row->pid != 0 ? KNOWN_MODEL : KNOWN_VENDOR;
}

static size_t device_of(const struct find_view *view, size_t port)
{
    for (size_t i = 0; i < port; i++)
        if (same_device(&view->ports[i], &view->ports[port]))
            return i;
    return port;
}

static bool comes_before(const struct candidate *a, const struct candidate *b)
{
    if (a->likely != b->likely)
        return a->likely < b->likely;
    return a->device != b->device ? a->device < b->device : a->rank < b->rank;
}

/* By insertion, which keeps the order of equals: that of their interfaces. */
static void insert_candidate(struct candidate *list, size_t count, struct candidate what)
{
    size_t at = count;
    for (; at > 0 && comes_before(&what, &list[at - 1]); at--)
        list[at] = list[at - 1];
    list[at] = what;
}

bool find_is_known_vendor(const struct driver_table *drivers, uint16_t vid, uint16_t pid)
{
    const struct driver *driver;
    return driver_find_usb(drivers, vid, pid, &driver) != NULL;
}

bool find_is_wanted(const struct link_port *port, void *wish)
{
    const struct find_wish *for_what = wish;
    bool is_named = for_what->spec.kind == FIND_USB && find_spec_matches(&for_what->spec, port);
    return port->is_usb && (is_named || is_had(&for_what->had, port) ||
                            find_is_known_vendor(for_what->drivers, port->vid, port->pid));
}

static bool is_free(const struct find_wish *wish, const struct find_view *view, size_t port)
{
    return !view->taken[port] && find_spec_matches(&wish->spec, &view->ports[port]) &&
           !is_wrong(wish, &view->ports[port]);
}

size_t find_candidates(const struct find_wish *wish, const struct find_view *view,
                       size_t ret[LINK_PORTS_MAX])
{
    struct candidate list[LINK_PORTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < view->port_count; i++) {
        const struct link_port *port = &view->ports[i];
        const struct driver_usb *row = row_of(wish, port);
        if (!is_free(wish, view, i) || is_passed_over(view, i, row))
            continue;
        struct candidate one = {likely_of(wish, port, row), device_of(view, i), rank_of(port, row),
                                i};
        if (one.likely == HAD_BEFORE && port->interface == wish->had.interface)
            one.rank = -1;
        insert_candidate(list, count++, one);
    }
    for (size_t i = 0; i < count; i++)
        ret[i] = list[i].port;
    return count;
}

size_t find_count_modems(const struct find_wish *wish, const struct find_view *view)
{
    size_t count = 0;
    for (size_t i = 0; i < view->port_count; i++) {
        bool is_modem = wish->spec.kind == FIND_USB || row_of(wish, &view->ports[i]) != NULL;
        count += is_free(wish, view, i) && is_modem && device_of(view, i) == i;
    }
    return count;
}

/* ---- why there is none ---------------------------------------------------------------------- */

/* Reason why a device has no port, by the device and by its driver's row; FIND_NO_DEVICE = no
 * reason known. */
static enum find_reason reason_of(const struct find_wish *wish,
                                  const struct link_usb_device *device)
{
    const struct find_spec *spec = &wish->spec;
    const struct driver *driver;
    const struct driver_usb *row =
        driver_find_usb(wish->drivers, device->vid, device->pid, &driver);
    /* a stick changes its pid when it is switched, never its vid */
    bool is_ours = spec->kind == FIND_USB ? device->vid == spec->vid : row != NULL;
    if (device->has_tty || !is_ours)
        return FIND_NO_DEVICE;
    if (device->is_storage_only || (row != NULL && row->mode == DRIVER_USB_STORAGE))
        return FIND_STORAGE;
    if (device->is_network_only || (row != NULL && row->mode == DRIVER_USB_NETWORK))
        return FIND_NETWORK;
    bool is_named = spec->kind == FIND_USB ? device->pid == spec->pid : row->pid != 0;
    return is_named ? FIND_NO_TTY : FIND_NO_DEVICE;
}

static enum find_reason reason_of_ports(const struct find_wish *wish, const struct find_view *view)
{
    enum find_reason reason = FIND_NO_DEVICE;
    for (size_t i = 0; i < view->port_count; i++) {
        if (!find_spec_matches(&wish->spec, &view->ports[i]))
            continue;
        if (is_wrong(wish, &view->ports[i]))
            return FIND_OTHER_IMEI;
        reason = FIND_TAKEN;
    }
    return reason;
}

enum find_reason find_why_none(const struct find_wish *wish, const struct find_view *view,
                               const struct link_usb_device **ret_device)
{
    enum find_reason reason = reason_of_ports(wish, view);
    *ret_device = NULL;
    for (size_t i = 0; i < view->device_count; i++) {
        enum find_reason other = reason_of(wish, &view->devices[i]);
        if (other < reason) {
            reason = other;
            *ret_device = &view->devices[i];
        }
    }
    return reason;
}

int64_t find_wait_ms(int64_t first_us, int64_t now_us)
{
    int64_t ms = FIND_NEWS_MAX_MS - (now_us - first_us) / US_PER_MS;
    return ms < 0 ? 0 : ms < FIND_PLUGGED_MS ? ms : FIND_PLUGGED_MS;
}
