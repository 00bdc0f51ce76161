/* SPDX-License-Identifier: EUPL-1.2 */
/* Why no port is open, for people: one sentence each, and what to do. */
#include "modem/find/private.h"

#include "base/loop.h"
#include "link/holder.h"

#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SWITCH_US = 30 * 1000 * 1000, /* time for usb_modeswitch, MODEMS 1 #14 */
    HOLDER_US = 5 * 1000 * 1000,  /* looking through /proc costs milliseconds: not at every try */
};

static const char rival[] = "ModemManager";

const char find_crowded_advice[] =
    "Hay más de un módem que vale para dispositivo y solo se usa uno. Indique en dispositivo su "
    "número de serie o su IMEI, o añada una sección modem por cada uno.";

/* ---- the port is there and does not open ---------------------------------------------------- */

static void say_held_by(struct modem *modem, const char *path, const char *name, int pid)
{
    modem->shown.reason = strcmp(name, rival) == 0 ? MODEM_HELD_BY_RIVAL : MODEM_HELD;
    if (pid == getpid())
        modem_set_detail(modem, LOG_LEVEL_WARNING,
                         "Otra sección modem de este servicio usa ya %s. Indique otro módem en "
                         "dispositivo.",
                         path);
    else if (strcmp(name, rival) == 0)
        modem_set_detail(modem, LOG_LEVEL_WARNING,
                         "ModemManager está usando el puerto %s. Ejecute: systemctl disable --now "
                         "ModemManager; o instale la regla de udev 78-contraclaved.rules.",
                         path);
    else
        modem_set_detail(modem, LOG_LEVEL_WARNING,
                         "Otro programa está usando el puerto %s: %s (proceso %d). Ciérrelo, o "
                         "indique otro puerto en dispositivo.",
                         path, name, pid);
}

/* Held by a process that this one may not look into: of root's, say. */
static void say_held(struct modem *modem, const char *path)
{
    bool is_rival = link_process_runs(rival);
    modem->shown.reason = is_rival ? MODEM_HELD_BY_RIVAL : MODEM_HELD;
    if (is_rival)
        modem_set_detail(modem, LOG_LEVEL_WARNING,
                         "Otro programa está usando el puerto %s, seguramente ModemManager. "
                         "Ejecute: systemctl disable --now ModemManager; o instale la regla de "
                         "udev 78-contraclaved.rules.",
                         path);
    else
        modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", err_text(CC_ERR_DEVICE_BUSY));
}

static void say_busy(struct modem *modem, const char *path)
{
    char name[32];
    int pid = 0;
    int64_t now_us = loop_now_us(modem->loop);
    if (modem->find->holder_asked_us != 0 && now_us < modem->find->holder_asked_us + HOLDER_US)
        return; /* the sentence stands */
    modem->find->holder_asked_us = now_us;
    if (link_holder(path, name, sizeof(name), &pid))
        say_held_by(modem, path, name, pid);
    else
        say_held(modem, path);
}

/* The group that may open it, where that is not root's: then it is the usual one that is missing.
 */
static void say_forbidden(struct modem *modem, const char *path)
{
    struct stat info;
    struct group entry, *found = NULL;
    char storage[1024];
    const char *group = "dialout";
    if (stat(path, &info) == 0 && info.st_gid != 0 && (info.st_mode & S_IRGRP) != 0 &&
        getgrgid_r(info.st_gid, &entry, storage, sizeof(storage), &found) == 0 && found != NULL)
        group = found->gr_name;
    modem->shown.reason = MODEM_FORBIDDEN;
    modem_set_detail(modem, LOG_LEVEL_WARNING,
                     "Sin permiso para abrir %s. Añada el usuario del servicio al grupo %s "
                     "(usermod -aG %s contraclaved) y reinicie el servicio.",
                     path, group, group);
}

static void say_other(struct modem *modem, enum cc_err err)
{
    modem->shown.reason = MODEM_NO_REASON;
    modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", err_text(err));
}

void find_say_closed(struct modem *modem, enum cc_err err, const char *device)
{
    static const char pty[] = "pty:";
    const char *path = strncmp(device, pty, strlen(pty)) == 0 ? device + strlen(pty) : device;
    if (path[0] == '/' && err == CC_ERR_DEVICE_BUSY)
        say_busy(modem, path);
    else if (path[0] == '/' && err == CC_ERR_DEVICE_PERMISSION)
        say_forbidden(modem, path);
    else
        say_other(modem, err);
}

/* ---- there is no port ----------------------------------------------------------------------- */

static bool has_waited_for_switch(struct modem *modem)
{
    int64_t now_us = loop_now_us(modem->loop);
    if (modem->find->storage_since_us == 0)
        modem->find->storage_since_us = now_us;
    return now_us - modem->find->storage_since_us >= SWITCH_US;
}

static void say_device(struct modem *modem, const struct link_usb_device *device, const char *rest)
{
    modem_set_detail(modem, LOG_LEVEL_WARNING, "El módem USB %04x:%04x %s", device->vid,
                     device->pid, rest);
}

static void say_storage(struct modem *modem, const struct link_usb_device *device)
{
    modem->shown.reason = MODEM_IS_STORAGE;
    say_device(modem, device,
               has_waited_for_switch(modem)
                   ? "sigue como un disco. Instale usb-modeswitch (apt install usb-modeswitch), "
                     "desenchúfelo y vuelva a enchufarlo."
                   : "todavía es un disco. Espere a que usb_modeswitch lo cambie a módem.");
}

static void say_network(struct modem *modem, const struct link_usb_device *device)
{
    modem->shown.reason = MODEM_IS_HILINK;
    say_device(modem, device,
               "está en modo HiLink: es una tarjeta de red sin órdenes AT y no puede enviar SMS "
               "así. Cámbielo a modo módem o use otro modelo.");
}

static void say_no_tty(struct modem *modem, const struct link_usb_device *device)
{
    modem->shown.reason = MODEM_NO_PORTS;
    say_device(modem, device,
               "está enchufado y el sistema no le ha dado puertos serie. Cargue su controlador "
               "(modprobe option) o desenchúfelo y vuelva a enchufarlo.");
}

static void say_other_imei(struct modem *modem, const struct link_usb_device *device)
{
    (void)device;
    modem_set_detail(modem, LOG_LEVEL_WARNING,
                     "Ningún módem enchufado tiene el IMEI de dispositivo. Enchufe el suyo o "
                     "corrija dispositivo.");
}

static void say_taken(struct modem *modem, const struct link_usb_device *device)
{
    (void)device;
    modem_set_detail(modem, LOG_LEVEL_WARNING,
                     "Los módems enchufados son de otras secciones modem. Enchufe otro más, o "
                     "quite esta sección.");
}

static void say_no_device(struct modem *modem, const struct link_usb_device *device)
{
    (void)device;
    if (modem->find->wish.spec.kind == FIND_AUTO)
        modem_set_detail(modem, LOG_LEVEL_WARNING,
                         "No se encuentra ningún módem USB. Enchúfelo; si no es USB, escriba su "
                         "puerto en dispositivo.");
    else if (modem->find->wish.spec.kind == FIND_IMEI) /* whose number is not for everybody */
        modem_set_detail(modem, LOG_LEVEL_WARNING,
                         "El módem con el IMEI de dispositivo no está. Compruebe que está "
                         "enchufado y encendido, y que dispositivo es el suyo.");
    else
        modem_set_detail(modem, LOG_LEVEL_WARNING,
                         "El módem «%s» no está. Compruebe que está enchufado y encendido, y que "
                         "dispositivo es el suyo.",
                         modem->config.device);
}

void find_say_none(struct modem *modem, enum find_reason reason,
                   const struct link_usb_device *device)
{
    static void (*const say[])(struct modem * modem, const struct link_usb_device *device) = {
        [FIND_STORAGE] = say_storage, [FIND_NETWORK] = say_network,
        [FIND_NO_TTY] = say_no_tty,   [FIND_OTHER_IMEI] = say_other_imei,
        [FIND_TAKEN] = say_taken,     [FIND_NO_DEVICE] = say_no_device,
    };
    modem->shown.reason = MODEM_NO_REASON;
    if (reason != FIND_STORAGE)
        modem->find->storage_since_us = 0;
    say[reason](modem, device);
}

/* ---- it opens and does not talk AT ---------------------------------------------------------- */

void find_say_mute(struct modem *modem)
{
    modem->shown.reason = MODEM_IS_MUTE;
    if (modem->find->wish.spec.kind == FIND_DIRECT)
        modem_set_detail(
            modem, LOG_LEVEL_WARNING,
            "El puerto no responde como un módem. Compruebe que es el puerto de órdenes AT.");
    else if (modem->find->count > 1)
        modem_set_detail(modem, LOG_LEVEL_WARNING,
                         "Ninguno de los %zu puertos que puede tener el módem responde a órdenes "
                         "AT. Desenchúfelo y vuelva a enchufarlo, o escriba su puerto en "
                         "dispositivo.",
                         modem->find->count);
    else
        modem_set_detail(modem, LOG_LEVEL_WARNING,
                         "El puerto %s no responde a órdenes AT. Desenchufe el módem y vuelva a "
                         "enchufarlo, o escriba otro puerto en dispositivo.",
                         modem->identity.port);
}
