/* SPDX-License-Identifier: EUPL-1.2 */
/* Turns the daemon's status into sentences about the health of the box. */
#include "app/doctor.h"

#include "app/ctl_table.h"
#include "base/err.h"
#include "service/verdict.h"
#include "store/notice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* False when it is null or missing: the modem has not told. */
static bool number_of(const json_t *object, const char *key, int *ret)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        return false;
    *ret = (int)json_integer_value(value);
    return true;
}

static bool is_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static bool begins_with(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* ---- one modem; `name` is what its findings are about --------------------------------------- */

static void look_state(const json_t *modem, const char *name, json_t *findings)
{
    const char *state = ctl_text(modem, "estado"), *detail = ctl_text(modem, "detalle");
    if (!is_true(modem, "listo"))
        doctor_say(findings, DOCTOR_BAD, name, "No puede enviar (%s). %s", state,
                   detail[0] != '\0' ? detail : "Está arrancando: repita en un minuto.");
    else if (detail[0] != '\0')
        doctor_say(findings, DOCTOR_WARNING, name, "Puede enviar, pero: %s", detail);
    else
        doctor_say(findings, DOCTOR_GOOD, name, "Puede enviar: %s %s.",
                   ctl_text(modem, "fabricante"), ctl_text(modem, "modelo"));
}

static void look_recovery(const json_t *modem, const char *name, json_t *findings)
{
    const char *rung = ctl_text(modem, "peldano");
    if (rung[0] != '\0')
        doctor_say(findings, DOCTOR_WARNING, name,
                   "Se está recuperando solo (%s): espere; si no vuelve en 10 minutos, "
                   "desenchúfelo y enchúfelo.",
                   rung);
}

static void look_sim(const json_t *modem, const char *name, json_t *findings)
{
    const char *state = ctl_text(modem, "estado");
    bool was_asked =
        is_true(modem, "listo") || begins_with(state, "buscando") || begins_with(state, "prep");
    int left = 0;
    if (was_asked)
        doctor_say(findings, DOCTOR_GOOD, name, "La SIM funciona.");
    if (number_of(modem, "intentos_pin", &left) && left < 3)
        doctor_say(findings, left > 1 ? DOCTOR_WARNING : DOCTOR_BAD, name,
                   "A la SIM le quedan %d intentos de PIN: compruebe el PIN en un teléfono antes "
                   "de cambiar pin_sim.",
                   left);
}

static void look_network(const json_t *modem, const char *name, json_t *findings)
{
    const char *state = ctl_text(modem, "estado"), *company = ctl_text(modem, "operador");
    const char *kind = ctl_text(modem, "red");
    if (is_true(modem, "listo") && company[0] == '\0')
        doctor_say(findings, DOCTOR_GOOD, name, "Registrado en la red.");
    else if (is_true(modem, "listo"))
        doctor_say(findings, DOCTOR_GOOD, name, "En la red %s%s%s%s%s.", company,
                   kind[0] != '\0' ? " (" : "", kind, kind[0] != '\0' ? ")" : "",
                   is_true(modem, "itinerancia") ? ", en itinerancia" : "");
    else if (begins_with(state, "buscando"))
        doctor_say(findings, DOCTOR_BAD, name,
                   "No encuentra red: revise la antena y que la SIM esté activa.");
}

static void look_signal(const json_t *modem, const char *name, json_t *findings)
{
    int dbm = 0;
    if (!number_of(modem, "senal_dbm", &dbm))
        return;
    if (dbm < VERDICT_WEAK_DBM)
        doctor_say(findings, DOCTOR_BAD, name,
                   "Señal de %d dBm, demasiado débil: cambie la antena de sitio, cerca de una "
                   "ventana.",
                   dbm);
    else if (dbm < VERDICT_POOR_DBM)
        doctor_say(findings, DOCTOR_WARNING, name,
                   "Señal de %d dBm, justa: los SMS pueden tardar; mejore la antena.", dbm);
    else
        doctor_say(findings, DOCTOR_GOOD, name, "Señal de %d dBm, buena.", dbm);
}

static void look_centre(const json_t *modem, const char *name, json_t *findings)
{
    const char *centre = ctl_text(modem, "centro_mensajes");
    bool was_asked = ctl_text(modem, "operador")[0] != '\0'; /* in the same round of questions */
    if (centre[0] != '\0')
        doctor_say(findings, DOCTOR_GOOD, name, "Centro de mensajes %s.", centre);
    else if (is_true(modem, "listo") && was_asked)
        doctor_say(findings, DOCTOR_WARNING, name,
                   "La SIM no dice su centro de mensajes: si los envíos fallan, pídalo al operador "
                   "y escríbalo en centro_mensajes.");
}

static void look_limits(const json_t *modem, const char *name, json_t *findings)
{
    int value = 0, total = 0;
    if (number_of(modem, "temperatura_c", &value) && value >= VERDICT_HOT_C)
        doctor_say(findings, DOCTOR_WARNING, name,
                   "El módem está a %d °C: dele ventilación o sáquelo del armario.", value);
    if (number_of(modem, "alimentacion_mv", &value) && value < VERDICT_LOW_MV)
        doctor_say(findings, DOCTOR_WARNING, name,
                   "El módem recibe %d mV, poco: use un concentrador USB con alimentador propio.",
                   value);
    if (number_of(modem, "memoria_usada", &value) && number_of(modem, "memoria_total", &total) &&
        total > 0 && value * 100 >= total * VERDICT_FULL_PERCENT)
        doctor_say(findings, DOCTOR_WARNING, name,
                   "La memoria de mensajes de la SIM está casi llena (%d de %d): se vacía sola; si "
                   "sigue así, borre los mensajes en un teléfono.",
                   value, total);
    if (number_of(modem, "reloj_red_s", &value) && abs(value) > VERDICT_DRIFT_S)
        doctor_say(findings, DOCTOR_WARNING, name,
                   "La hora de la red difiere en %d s de la del equipo: revise la hora con "
                   "«timedatectl».",
                   value);
}

static void look_modem(const json_t *modem, json_t *findings)
{
    static void (*const looks[])(const json_t *modem, const char *name, json_t *findings) = {
        look_state, look_recovery, look_sim, look_network, look_signal, look_centre, look_limits,
    };
    char name[80];
    snprintf(name, sizeof(name), "módem %s", ctl_text(modem, "nombre"));
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
        looks[i](modem, name, findings);
}

/* ---- the box --------------------------------------------------------------------------------- */

static void look_data(const json_t *status, json_t *findings)
{
    static const struct {
        enum data_notice notice;
        const char *sentence;
    } rows[] = {
        {DATA_BUSY, "Otro programa tiene ocupada la base de datos y las peticiones se rechazan: "
                    "cierre lo que la use (sqlite3, una copia hecha con otro programa); lo demás "
                    "sigue solo."},
        {DATA_AWAY,
         "El servidor PostgreSQL de base_datos no responde y las peticiones se rechazan: "
         "mire que esté en marcha y que se llegue a él por la red; lo demás sigue "
         "solo."},
        {DATA_REFUSED,
         "El servidor PostgreSQL de base_datos no guarda nada y las peticiones se rechazan: mire "
         "allí si el disco está lleno o falla y si es una réplica, y los permisos con "
         "«contraclavectl base comprueba»; lo demás sigue solo."},
        {DATA_FULL, "El disco está lleno y las peticiones se rechazan: libere espacio («df -h», "
                    "«journalctl --vacuum-size=100M»); lo demás sigue solo."},
        {DATA_READ_ONLY, "El disco está en solo lectura y las peticiones se rechazan: casi siempre "
                         "es un error del disco o de la tarjeta. Mire «dmesg», haga una copia con "
                         "«contraclavectl copia» en otro disco y reinicie el equipo; si se repite, "
                         "cambie el disco."},
        {DATA_DISK, "El disco falla al leer o al escribir y las peticiones se rechazan: mire "
                    "«dmesg», haga una copia con «contraclavectl copia» en otro disco y cambie el "
                    "disco o la tarjeta."},
        {DATA_MOVED, "Alguien ha movido, borrado o cambiado el fichero de la base de datos y las "
                     "peticiones se rechazan: vuelva a ponerlo en su sitio, o reinicie el servicio "
                     "si el que hay ahora es el bueno."},
        {DATA_OLD, "La base de datos es más antigua que la última que usó este equipo, o le falta "
                   "el final: mire «contraclavectl auditoria comprobar»."},
        {DATA_ALTERED, "Alguien ha cambiado datos sin la clave maestra y no se tienen en cuenta: "
                       "mire «contraclavectl auditoria comprobar»."},
        {DATA_DAMAGED, "La base de datos está dañada: pare el servicio, restaure la última copia "
                       "con «contraclavectl restaura FICHERO» y arranque; si «dmesg» muestra "
                       "errores del disco, cámbielo."},
        {DATA_THERE, "El servidor PostgreSQL de base_datos tiene una parte dañada y las peticiones "
                     "se rechazan: avise a quien lo administra, que mire su disco y recupere su "
                     "copia o una réplica; después, reinicie este servicio."},
    };
    const char *token = ctl_text(status, "aviso_datos");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(token, notice_token(rows[i].notice)) == 0)
            doctor_say(findings, DOCTOR_BAD, "datos", "%s", rows[i].sentence);
    const char *integrity = ctl_text(status, "integridad");
    if (integrity[0] != '\0')
        doctor_say(findings, DOCTOR_BAD, "integridad", "%s", integrity);
    if (token[0] == '\0')
        doctor_say(findings, DOCTOR_GOOD, "datos", "La base de datos se lee y se escribe.");
}

/* The boxes that share the database; why one cannot send is told by its own doctor. */
static void look_boxes(const json_t *status, json_t *findings)
{
    const json_t *boxes = json_object_get(status, "equipos");
    for (size_t i = 0; i < json_array_size(boxes); i++) {
        const json_t *box = json_array_get(boxes, i);
        bool is_front = json_integer_value(json_object_get(box, "modems")) == 0;
        bool is_good = is_true(box, "puede_enviar") || is_front;
        doctor_say(findings,
                   is_true(box, "ausente") ? DOCTOR_BAD
                   : is_good               ? DOCTOR_GOOD
                                           : DOCTOR_WARNING,
                   "equipos", "%s", ctl_text(box, "frase"));
    }
}

static void look_clock(const json_t *status, json_t *findings)
{
    const char *advice = ctl_text(status, "aviso_reloj");
    if (json_is_null(json_object_get(status, "reloj_fiable")))
        return; /* the database could not be asked: said above */
    if (!is_true(status, "reloj_fiable"))
        doctor_say(findings, DOCTOR_BAD, "reloj", "%s",
                   advice[0] != '\0' ? advice : err_text(CC_ERR_CLOCK_UNRELIABLE));
    else if (advice[0] != '\0')
        doctor_say(findings, DOCTOR_WARNING, "reloj", "%s", advice);
    else
        doctor_say(findings, DOCTOR_GOOD, "reloj", "La hora del equipo es %s.",
                   ctl_text(status, "hora_local"));
}

static void look_queue(const json_t *status, json_t *findings)
{
    const json_t *queue = json_object_get(status, "cola");
    if (json_is_null(queue))
        return;
    int waiting = 0, oldest_s = 0, unknown = 0;
    (void)number_of(queue, "en_cola", &waiting);
    (void)number_of(queue, "espera_s", &oldest_s);
    (void)number_of(queue, "incierto", &unknown);
    if (waiting > 0 && oldest_s > VERDICT_QUEUE_S)
        doctor_say(findings, DOCTOR_WARNING, "cola",
                   "%d mensajes esperan, el primero desde hace %d s: mire «contraclavectl cola» y "
                   "el estado de los módems.",
                   waiting, oldest_s);
    else
        doctor_say(findings, DOCTOR_GOOD, "cola", "%d mensajes esperan.", waiting);
    if (unknown > 0)
        doctor_say(findings, DOCTOR_WARNING, "cola",
                   "De %d mensajes no se sabe si llegaron: el ciudadano puede pedir otro PIN.",
                   unknown);
}

/* The town decides whether a person is told of a fault: nobody told is no failure. */
static void look_alerts(const json_t *status, json_t *findings)
{
    const json_t *alerts = json_object_get(status, "avisos");
    if (json_is_null(json_object_get(alerts, "correo")) &&
        json_is_null(json_object_get(alerts, "webhook")))
        doctor_say(findings, DOCTOR_WARNING, "avisos",
                   "Si el equipo deja de enviar no se avisa a nadie: ponga a quién en «avisos» "
                   "(correo o webhook) y pruébelo con «contraclavectl avisos prueba».");
}

/* The town's alarms, as the daemon says them. */
static void look_town(const json_t *status, json_t *findings)
{
    const char *advice = ctl_text(status, "aviso_limites");
    if (advice[0] != '\0')
        doctor_say(findings, DOCTOR_WARNING, "límites", "%s", advice);
    else if (json_is_false(json_object_get(status, "alarma"))) /* null: it cannot be read */
        doctor_say(findings, DOCTOR_GOOD, "límites", "Sin alarmas por fallos con el PIN.");
}

/* The modems whose operator has said so, since a person last read what came in. */
static void look_balance(const json_t *status, json_t *findings)
{
    const json_t *low = json_object_get(json_object_get(status, "buzon"), "saldo_bajo");
    char name[80];
    for (size_t i = 0; i < json_array_size(low); i++) {
        snprintf(name, sizeof(name), "módem %s", json_string_value(json_array_get(low, i)));
        doctor_say(
            findings, DOCTOR_WARNING, name,
            "Según un SMS que dice venir de su operador, queda poco saldo: mire «contraclavectl "
            "buzon», compruébelo, recargue la SIM y "
            "ejecute «contraclavectl buzon leido».");
    }
}

/* The verdict, as the status page says it. */
static void look_verdict(const json_t *status, json_t *findings)
{
    static const struct {
        const char *token;
        enum doctor_verdict verdict;
    } rows[] = {
        {"si", DOCTOR_GOOD},
        {"si_pero", DOCTOR_WARNING},
        {"por_ahora_no", DOCTOR_WARNING},
        {"no", DOCTOR_BAD},
    };
    const json_t *verdict = json_object_get(status, "veredicto");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(ctl_text(verdict, "puede"), rows[i].token) == 0)
            doctor_say(findings, rows[i].verdict, "veredicto", "%s %s", ctl_text(verdict, "frase"),
                       ctl_text(verdict, "que_hacer"));
}

/* The daemon of before an upgrade goes on until it is restarted. */
static void look_version(const json_t *status, json_t *findings)
{
    const char *version = ctl_text(status, "version");
    doctor_say(findings, DOCTOR_GOOD, "servicio", "contraclaved %s está en marcha.", version);
    if (version[0] != '\0' && strcmp(version, CC_VERSION) != 0)
        doctor_say(findings, DOCTOR_WARNING, "servicio",
                   "contraclaved es la versión %s y contraclavectl la %s: ejecute «systemctl "
                   "restart contraclaved»; si sigue así, vuelva a instalar los dos.",
                   version, CC_VERSION);
}

void doctor_look_status(const json_t *status, json_t *findings)
{
    const json_t *modems = json_object_get(status, "modems");
    look_version(status, findings);
    look_verdict(status, findings);
    look_data(status, findings);
    look_boxes(status, findings);
    look_clock(status, findings);
    look_queue(status, findings);
    look_alerts(status, findings);
    look_town(status, findings);
    for (size_t i = 0; i < json_array_size(modems); i++)
        look_modem(json_array_get(modems, i), findings);
    look_balance(status, findings);
}
