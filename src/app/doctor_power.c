/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/doctor.h"

#include "app/ctl_table.h"
#include "base/alloc.h"
#include "base/child.h"
#include "drivers/registry.h"
#include "link/holder.h"
#include "link/usb.h"
#include "modem/find/find.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 80, HUB_SIZE = 64, NODE_SIZE = 32, PORT_SIZE = 12, UHUBCTL_MS = 10000 };

/* The USB port of the modem: the daemon's, else the one that dispositivo names. */
static bool find_port(const struct modem_config *modem, const json_t *status, struct link_port *ret)
{
    const json_t *told = ctl_find_modem(status, modem->name);
    return (told != NULL && doctor_find_port(doctor_port_of(told), ret)) ||
           doctor_find_port(modem->device, ret);
}

/* ---- ModemManager --------------------------------------------------------------------------- */

/* Whether the modem may be at this port, although no daemon has found it yet. */
static bool may_use(const struct modem_config *modem, const struct link_port *port)
{
    struct find_wish wish = {.drivers = &driver_registry};
    if (!port->is_usb || !find_spec_parse(modem->device, &wish.spec))
        return false;
    if (wish.spec.kind == FIND_USB)
        return find_spec_matches(&wish.spec, port);
    return wish.spec.kind != FIND_DIRECT && find_is_wanted(port, &wish);
}

/* Ports that are not USB have no rule: ModemManager leaves those alone unless it is told not to. */
static bool find_exposed(const struct modem_config *modem, const json_t *status,
                         const struct link_port *ports, size_t count, struct link_port *ret)
{
    if (find_port(modem, status, ret))
        return !link_port_is_reserved(ret->name);
    for (size_t i = 0; i < count; i++)
        if (may_use(modem, &ports[i]) && !link_port_is_reserved(ports[i].name)) {
            *ret = ports[i];
            return true;
        }
    return false;
}

void doctor_look_rivals(const struct config *config, const json_t *status, json_t *findings)
{
    struct link_port exposed, *ports = alloc_or_abort(LINK_PORTS_MAX * sizeof(*ports));
    size_t count = 0;
    bool is_found = false;
    if (!link_process_runs("ModemManager") ||
        link_ports_list(ports, LINK_PORTS_MAX, NULL, NULL, &count) != CC_OK)
        count = 0;
    for (size_t i = 0; i < config->modem_count && count > 0 && !is_found; i++)
        is_found = find_exposed(&config->modems[i].config, status, ports, count, &exposed);
    if (is_found)
        doctor_say(findings, DOCTOR_WARNING, "ModemManager",
                   "ModemManager está en marcha y puede ocupar %s: instale la regla de udev "
                   "78-contraclaved.rules (de otro fabricante, la de «contraclavectl modem regla») "
                   "y vuelva a enchufar el módem, o ejecute «systemctl disable --now "
                   "ModemManager».",
                   exposed.path);
    free(ports);
}

/* ---- corte_usb ------------------------------------------------------------------------------ */

/* uhubctl without an action succeeds only with a hub that switches this port by itself. */
static bool can_switch(const char *uhubctl, char *hub, int port)
{
    char path[PATH_MAX], number[PORT_SIZE], list[] = "-l", which[] = "-p";
    char *argv[] = {path, list, hub, which, number, NULL};
    (void)snprintf(path, sizeof(path), "%s", uhubctl);
    (void)snprintf(number, sizeof(number), "%d", port);
    return child_run(argv, UHUBCTL_MS);
}

static void look_hub(const struct link_port *modem_port, const char *name, const char *uhubctl,
                     json_t *findings)
{
    char hub[HUB_SIZE], node[NODE_SIZE];
    int port = 0;
    if (!link_usb_hub_port(modem_port->usb_device, hub, sizeof(hub), &port) ||
        !link_usb_hub_node(hub, node, sizeof(node)))
        return;
    if (!doctor_may_write(node))
        doctor_say(
            findings, DOCTOR_WARNING, name,
            "corte_usb = si, pero el servicio no tiene permiso sobre el concentrador %s "
            "(%s): escriba en /etc/udev/rules.d/78-contraclaved-local.rules la línea de corte_usb "
            "que da 78-contraclaved.rules y ejecute "
            "«udevadm control --reload && udevadm trigger».",
            hub, node);
    if (access(node, R_OK | W_OK) == 0 && !can_switch(uhubctl, hub, port))
        doctor_say(findings, DOCTOR_WARNING, name,
                   "corte_usb = si, pero el concentrador %s no sabe cortar la corriente de un solo "
                   "puerto: use uno de la lista de uhubctl, o ponga corte_usb = no.",
                   hub);
}

static void look_supply(const struct modem_config *modem, const json_t *status, const char *uhubctl,
                        json_t *findings)
{
    char name[NAME_SIZE];
    struct link_port port;
    (void)snprintf(name, sizeof(name), "módem %s", modem->name);
    if (access(uhubctl, X_OK) != 0)
        doctor_say(findings, DOCTOR_WARNING, name,
                   "corte_usb = si, pero falta el programa uhubctl: ejecute «apt-get install "
                   "uhubctl».");
    else if (find_port(modem, status, &port))
        look_hub(&port, name, uhubctl, findings);
}

void doctor_look_supply(const struct config *config, const json_t *status, const char *uhubctl,
                        json_t *findings)
{
    for (size_t i = 0; i < config->modem_count; i++)
        if (config->modems[i].config.may_cut_power)
            look_supply(&config->modems[i].config, status, uhubctl, findings);
}
