/* SPDX-License-Identifier: EUPL-1.2 */
/* Checks of the doctor that need no daemon: disk, key, devices, and other programs that use
 * them. */
#include "app/doctor.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/span.h"
#include "drivers/registry.h"
#include "link/holder.h"
#include "link/ports.h"
#include "modem/find/find.h"
#include "modem/recover/power.h"
#include "service/boxes.h"
#include "store/copy.h"
#include "store/store.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_BYTES = 32, FULL_MB = 50, NAME_SIZE = 64, OLD_COPY_DAYS = 7 };

static const char daemon_name[] = "contraclaved";

static void look_disk(const struct config *config, json_t *findings)
{
    struct box_facts disk = {0};
    char path[CONFIG_BESIDE_SIZE];
    config_beside(config, path);
    bool is_told = box_look_at_disk(path, &disk);
    const char *folder = dirname(path);
    if (!is_told) {
        doctor_say(findings, DOCTOR_BAD, "disco",
                   "No se puede mirar %s (%s): compruebe base_datos en la configuración.", folder,
                   err_system_text(errno));
        return;
    }
    int64_t free_mb = disk.disk_free / 1000000;
    enum doctor_verdict verdict = free_mb < FULL_MB      ? DOCTOR_BAD
                                  : box_disk_ends(&disk) ? DOCTOR_WARNING
                                                         : DOCTOR_GOOD;
    doctor_say(findings, verdict, "disco", "Quedan %" PRId64 " MB en %s%s", free_mb, folder,
               verdict == DOCTOR_GOOD ? "." : ": libere espacio o el servicio se parará.");
}

static void look_key(const struct config *config, json_t *findings)
{
    struct stat st;
    if (stat(config->key, &st) != 0 && errno == EACCES)
        doctor_say(findings, DOCTOR_WARNING, "clave maestra",
                   "Sin permiso para comprobarla: repita con sudo.");
    else if (stat(config->key, &st) != 0)
        doctor_say(findings, DOCTOR_BAD, "clave maestra",
                   "Falta %s: recupérela de su copia de seguridad; sin ella los datos no se leen. "
                   "Si es un equipo nuevo, se crea al arrancar.",
                   config->key);
    else if (st.st_size != KEY_BYTES || (st.st_mode & 077) != 0)
        doctor_say(findings, DOCTOR_BAD, "clave maestra",
                   "%s debe tener %d bytes y permisos 0400: corríjalos con «chmod 0400».",
                   config->key, KEY_BYTES);
    else
        doctor_say(findings, DOCTOR_GOOD, "clave maestra",
                   "Está en su sitio. Guarde una copia fuera de este equipo.");
}

/* The age at which the verdict warns too. */
static void look_copy(const struct config *config, json_t *findings)
{
    if (store_is_on_server(config->database))
        return; /* the server's people copy it */
    int64_t last_ms = copy_last_ms(config->database);
    int64_t days = (clock_wall_ms() - last_ms) / DAY_MS;
    const char *how = config->copies.seal[0] != '\0' ? "se sellan" : "no se sellan (copia sello)";
    if (access(config->database, F_OK) != 0)
        return;
    if (last_ms == 0)
        doctor_say(
            findings, DOCTOR_WARNING, "copia",
            "No se ha hecho ninguna copia de seguridad: ponga destino en la sección copias y "
            "ejecute «systemctl enable --now contraclaved-copia.timer».");
    else if (clock_wall_ms() - last_ms > OLD_COPY_DAYS * DAY_MS)
        doctor_say(findings, DOCTOR_WARNING, "copia",
                   "La última copia buena es de hace %" PRId64 " días: mire «systemctl status "
                   "contraclaved-copia».",
                   days);
    else
        doctor_say(findings, DOCTOR_GOOD, "copia",
                   "La última copia buena es de hace %" PRId64 " días; las copias %s.", days, how);
}

/* Whether the service may write there only its log tells. */
static void look_bounces(const struct config *config, json_t *findings)
{
    const char *path = config->settings.mail.bounces;
    struct stat st;
    for (size_t i = 0; path[0] != '\0' && i < 2; i++) {
        char *folder = NULL;
        if (asprintf(&folder, "%s/%s", path, i == 0 ? "new" : "cur") < 0)
            return;
        if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
            doctor_say(
                findings, DOCTOR_WARNING, "rebotes",
                "Falta la carpeta %s: los correos que vuelven no se miran; ponga en rebotes, "
                "sección correo, la carpeta Maildir que los recibe.",
                folder);
        free(folder);
    }
}

void doctor_look_file(const struct config *config, json_t *findings)
{
    struct db *db = NULL;
    bool is_there = store_is_on_server(config->database) || access(config->database, R_OK) == 0;
    if (!is_there || store_open_sealed(config->database, &db) != CC_OK)
        return;
    if (db_check_whole(db) == CC_ERR_DB_DAMAGED)
        doctor_say(findings, DOCTOR_BAD, "datos", "%s", err_text(CC_ERR_DB_DAMAGED));
    db_close(db);
}

/* ---- devices --------------------------------------------------------------------------------- */

static bool is_present(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

/* The service runs with the group dialout: a port of another group is closed to it. */
static void look_permission(const char *path, const char *name, json_t *findings)
{
    struct stat st;
    const struct group *dialout = getgrnam("dialout");
    if (stat(path, &st) != 0 || !S_ISCHR(st.st_mode))
        return;
    bool by_group = dialout != NULL && st.st_gid == dialout->gr_gid && (st.st_mode & 060) == 060;
    if (by_group || (st.st_mode & 06) == 06)
        return;
    doctor_say(findings, DOCTOR_BAD, name,
               "%s no es del grupo dialout: el servicio no podrá abrirlo; ejecute «chgrp dialout "
               "%s» y revise las reglas de udev.",
               path, path);
}

static void look_holder(const char *path, const char *name, json_t *findings)
{
    char holder[NAME_SIZE];
    int pid = 0;
    if (!link_holder(path, holder, sizeof(holder), &pid))
        return;
    if (strcmp(holder, daemon_name) != 0)
        doctor_say(findings, DOCTOR_BAD, name,
                   "El programa %s (proceso %d) usa %s: ciérrelo o quítelo del arranque.", holder,
                   pid, path);
}

static void look_port(const char *path, const char *name, json_t *findings)
{
    if (!is_present(path)) {
        doctor_say(findings, DOCTOR_BAD, name,
                   "%s no está: enchufe el módem, o ponga dispositivo = \"auto\".", path);
        return;
    }
    look_permission(path, name, findings);
    look_holder(path, name, findings);
}

/* The ports of the USB modem that is named, else of those that we know. */
static size_t look_usb_ports(struct find_wish *wish, const char *name, json_t *findings)
{
    struct link_port *ports = alloc_or_abort(LINK_PORTS_MAX * sizeof(*ports));
    size_t count = 0, known = 0;
    if (link_ports_list(ports, LINK_PORTS_MAX, find_is_wanted, wish, &count) != CC_OK)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        if (wish->spec.kind == FIND_USB ? !find_spec_matches(&wish->spec, &ports[i])
                                        : !find_is_wanted(&ports[i], wish))
            continue;
        known++;
        look_permission(ports[i].path, name, findings);
        look_holder(ports[i].path, name, findings);
    }
    free(ports);
    return known;
}

/* has_port: the daemon has found it, of whichever maker it is. */
static void look_for_modem(struct find_wish *wish, const char *name, bool has_port,
                           json_t *findings)
{
    struct link_usb_device *devices = alloc_or_abort(LINK_USB_MAX * sizeof(*devices));
    size_t count = 0;
    size_t known = look_usb_ports(wish, name, findings);
    if (link_usb_list(devices, LINK_USB_MAX, &count) != CC_OK)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct driver *driver = NULL;
        const struct driver_usb *row =
            driver_find_usb(wish->drivers, devices[i].vid, devices[i].pid, &driver);
        if (row != NULL && row->mode == DRIVER_USB_STORAGE && devices[i].is_storage_only)
            doctor_say(findings, DOCTOR_BAD, name,
                       "El módem USB %04x:%04x sigue en modo disco: instale el paquete "
                       "usb-modeswitch y vuelva a enchufarlo.",
                       devices[i].vid, devices[i].pid);
    }
    if (known == 0 && !has_port)
        doctor_say(findings, DOCTOR_WARNING, name,
                   "No se ve %s: compruebe que está enchufado (lsusb).",
                   wish->spec.kind == FIND_USB ? "el módem USB de dispositivo"
                                               : "ningún módem USB conocido");
    free(devices);
}

static void look_device(const struct modem_config *modem, const json_t *status, json_t *findings)
{
    char name[NAME_SIZE + 16];
    struct find_wish wish = {.drivers = &driver_registry};
    snprintf(name, sizeof(name), "módem %s", modem->name);
    if (!find_spec_parse(modem->device, &wish.spec))
        return;
    if (modem->device[0] == '/')
        look_port(modem->device, name, findings);
    else if (wish.spec.kind != FIND_DIRECT)
        look_for_modem(&wish, name, doctor_sees_port(status, modem->name), findings);
}

void doctor_look_box(const struct config *config, const json_t *status, json_t *findings)
{
    look_disk(config, findings);
    look_key(config, findings);
    look_copy(config, findings);
    look_bounces(config, findings);
    doctor_look_rivals(config, status, findings);
    for (size_t i = 0; i < config->modem_count; i++)
        look_device(&config->modems[i].config, status, findings);
    doctor_look_supply(config, status, POWER_UHUBCTL, findings);
}
