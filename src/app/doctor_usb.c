/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The USB modem that the daemon has found: whether the service may reset its port, and the udev
 * rule that permits it for a maker that conf/78-contraclaved.rules does not name.
 */
#include "app/doctor.h"

#include "app/ctl_http.h"
#include "app/ctl_orders.h"
#include "app/ctl_table.h"
#include "link/ports.h"

#include "base/alloc.h"
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

enum { NAME_SIZE = 64, PATH_SIZE = 64 };

static const char service_group[] = "contraclaved";

/* The daemon tells the port only where it has looked for it itself. */
const char *doctor_port_of(const json_t *modem)
{
    const char *port = ctl_text(modem, "puerto");
    return port[0] != '\0' ? port : ctl_text(modem, "dispositivo");
}

bool doctor_find_port(const char *path, struct link_port *ret)
{
    struct link_port *ports = alloc_or_abort(LINK_PORTS_MAX * sizeof(*ports));
    char real[PATH_MAX];
    size_t count = 0;
    bool is_found = false;
    if (realpath(path, real) != NULL)
        path = real;
    if (link_ports_list(ports, LINK_PORTS_MAX, NULL, NULL, &count) != CC_OK)
        count = 0;
    for (size_t i = 0; i < count && !is_found; i++) {
        is_found = ports[i].is_usb && strcmp(ports[i].path, path) == 0;
        if (is_found)
            *ret = ports[i];
    }
    free(ports);
    return is_found;
}

bool doctor_sees_port(const json_t *status, const char *modem_name)
{
    return ctl_text(ctl_find_modem(status, modem_name), "puerto")[0] != '\0';
}

bool doctor_may_write(const char *path)
{
    struct stat st;
    const struct group *group = getgrnam(service_group);
    if (stat(path, &st) != 0)
        return true;
    bool by_group = group != NULL && st.st_gid == group->gr_gid && (st.st_mode & 020) != 0;
    return by_group || (st.st_mode & 02) != 0;
}

static bool may_reset(const struct link_port *port)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d", port->bus, port->address);
    return doctor_may_write(path);
}

static void look_modem(const json_t *modem, json_t *findings)
{
    char name[NAME_SIZE + 16];
    struct link_port port;
    if (!doctor_find_port(doctor_port_of(modem), &port) || may_reset(&port))
        return;
    (void)snprintf(name, sizeof(name), "módem %.*s", NAME_SIZE, ctl_text(modem, "nombre"));
    doctor_say(findings, DOCTOR_WARNING, name,
               "El servicio no puede reiniciar el puerto USB de este módem (%04x:%04x) si se "
               "cuelga: instale su regla de udev, que escribe «contraclavectl modem regla».",
               port.vid, port.pid);
}

void doctor_look_usb(const json_t *status, json_t *findings)
{
    const json_t *modems = json_object_get(status, "modems");
    for (size_t i = 0; i < json_array_size(modems); i++)
        look_modem(json_array_get(modems, i), findings);
}

/* ---- contraclavectl modem regla ---------------------------------------------------------------
 */

static void print_rule(const struct link_port *port)
{
    printf("ACTION==\"add|change|move|bind\", ATTRS{idVendor}==\"%04x\", "
           "ATTRS{idProduct}==\"%04x\", ENV{ID_MM_DEVICE_IGNORE}=\"1\"\n",
           port->vid, port->pid);
    printf("ACTION==\"add|change|move|bind\", SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", "
           "ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", GROUP=\"%s\", MODE=\"0664\"\n",
           port->vid, port->pid, service_group);
}

static int print_rules(const json_t *status)
{
    const json_t *modems = json_object_get(status, "modems");
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(modems); i++) {
        struct link_port port;
        if (!doctor_find_port(doctor_port_of(json_array_get(modems, i)), &port))
            continue;
        if (count++ == 0)
            puts("# Módems USB de contraclaved. Para instalarla:\n"
                 "#   sudo contraclavectl modem regla | sudo tee -a "
                 "/etc/udev/rules.d/78-contraclaved-local.rules\n"
                 "#   sudo udevadm control --reload && sudo udevadm trigger");
        print_rule(&port);
    }
    if (count > 0)
        return EXIT_SUCCESS;
    fputs("contraclavectl: contraclaved no usa ahora ningún módem USB: enchúfelo y mire "
          "«contraclavectl modem lista»\n",
          stderr);
    return EX_UNAVAILABLE;
}

int doctor_print_rules(const struct config *config, const char *const *values, bool json)
{
    json_t *status = NULL;
    (void)values;
    (void)json; /* a rule is text for udev, also where JSON is asked for */
    int code = ctl_http_ask(config->http.control_path, "GET", "/v1/estado", NULL, &status);
    if (code == EXIT_SUCCESS)
        code = print_rules(status);
    json_decref(status);
    return code;
}
