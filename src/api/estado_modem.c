/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/estado.h"

#include "http/json_write.h"

#include <stdio.h>
#include <string.h>

int64_t estado_count(const struct caller *caller, int64_t count)
{
    return !caller_sees_exactly(caller) ? count - count % 10 : count;
}

int64_t estado_seconds(const struct caller *caller, int64_t seconds)
{
    return !caller_sees_exactly(caller) ? seconds - seconds % 60 : seconds;
}

static void put_counters(struct buf *out, const struct modem_status *status,
                         const struct caller *caller)
{
    const struct {
        const char *key;
        unsigned long value;
    } rows[] = {
        {"enviados", status->counters.sent},      {"rechazados", status->counters.refused},
        {"inciertos", status->counters.unknown},  {"informes", status->counters.reports},
        {"perdidas", status->counters.losses},    {"basura", status->counters.garbage},
        {"recibidos", status->counters.received}, {"no_guardados", status->counters.unkept},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        json_put_int(out, rows[i].key, estado_count(caller, (int64_t)rows[i].value));
}

/* A value that the modem has not told is null. */
static void put_known(struct buf *out, const char *key, int value)
{
    json_put_int_if(out, key, value != MODEM_SAMPLE_UNKNOWN, value);
}

static void put_flag(struct buf *out, const char *key, int value)
{
    json_put_bool_if(out, key, value != MODEM_SAMPLE_UNKNOWN, value != 0);
}

static void put_tenths(struct buf *out, const char *key, int value)
{
    if (value == MODEM_SAMPLE_UNKNOWN)
        json_put_null(out, key);
    else
        json_put_tenths(out, key, value);
}

static void put_word(struct buf *out, const char *key, int value, const char *const *words,
                     int count)
{
    json_put_text_or_null(out, key, value >= 0 && value < count ? words[value] : "");
}

/* Shows the first and last four digits: enough to recognise the card or modem in one's hand. */
static void mask_number(char *number)
{
    enum { SHOWN = 4 };
    size_t len = strlen(number);
    for (size_t i = len > 2 * SHOWN ? SHOWN : 0; i + SHOWN < len; i++)
        number[i] = '*';
}

static void put_masked(struct buf *out, const char *key, const char *number)
{
    char masked[MODEM_FACT_SIZE];
    (void)snprintf(masked, sizeof(masked), "%s", number);
    if (strcmp(number, MODEM_NO_ICCID) != 0)
        mask_number(masked);
    json_put_text(out, key, masked);
}

/* The device that the configuration asks for; an IMEI in it is masked. */
static void put_wanted_device(struct buf *out, const char *device)
{
    static const char imei[] = "imei:";
    char masked[MODEM_FACT_SIZE];
    if (strncmp(device, imei, strlen(imei)) != 0) {
        json_put_text(out, "dispositivo", device);
        return;
    }
    (void)snprintf(masked, sizeof(masked), "%s", device);
    mask_number(masked + strlen(imei));
    json_put_text(out, "dispositivo", masked);
}

/* <AcT> of 3GPP TS 27.007 7.2, as people call it. */
static const char *const generations[] = {"2G", "2G", "3G", "2G", "3G", "3G", "3G",
                                          "4G", "2G", "4G", "4G", "5G", "5G", "5G"};
/* <service> of +CGSMS, 27.007 10.1.21 */
static const char *const sms_services[] = {"paquetes", "circuitos", "mejor_paquetes",
                                           "mejor_circuitos"};
#define WORDS(list) (list), (int)(sizeof(list) / sizeof((list)[0]))

static void put_network(struct buf *out, const struct modem_sample *sample)
{
    json_put_text(out, "operador", sample->operator);
    put_word(out, "red", sample->rat, WORDS(generations));
    put_known(out, "registro_red", sample->registration);
    put_flag(out, "itinerancia", sample->is_roaming);
    put_known(out, "area", sample->area);
    put_known(out, "celda", sample->cell);
    put_known(out, "senal_dbm", sample->signal_dbm);
    put_known(out, "rsrp_dbm", sample->rsrp_dbm);
    put_tenths(out, "rsrq_db", sample->rsrq_cb);
    json_put_text(out, "centro_mensajes", sample->smsc);
    put_word(out, "servicio_sms", sample->sms_service, WORDS(sms_services));
    put_flag(out, "ims", sample->ims);
    put_known(out, "reloj_red_s", sample->clock_offset_s);
}

static void put_age(struct buf *out, const char *key, int64_t now_ms, int64_t age_us)
{
    json_put_utc_or_null(out, key, age_us < 0 ? 0 : now_ms - age_us / 1000);
}

/* Of the rung: since when, how long it lasts, and which of how many. */
static void put_step(struct buf *out, const struct modem_status *status, int64_t now_ms)
{
    bool is_on = status->recovery.step > 0;
    put_age(out, "peldano_desde", now_ms,
            is_on ? status->recovery.step_us - status->recovery.step_left_us : -1);
    json_put_int(out, "peldano_s", is_on ? status->recovery.step_us / 1000000 : 0);
    json_put_int(out, "paso", status->recovery.step);
    json_put_int(out, "pasos", status->recovery.steps);
}

static void put_device(struct buf *out, const struct modem_status *status, int64_t now_ms)
{
    const struct modem_sample *sample = &status->sample;
    json_put_text(out, "puerto", status->port);
    put_masked(out, "imei", status->make.imei);
    put_masked(out, "iccid", status->card.iccid);
    put_known(out, "intentos_pin",
              status->card.pin_left >= 0 ? status->card.pin_left : MODEM_SAMPLE_UNKNOWN);
    put_known(out, "temperatura_c", sample->temperature_c);
    put_known(out, "alimentacion_mv", sample->supply_mv);
    put_known(out, "memoria_usada", sample->storage_used);
    put_known(out, "memoria_total", sample->storage_total);
    json_put_text(out, "peldano", status->recovery.rung);
    put_step(out, status, now_ms);
    json_put_text(out, "aviso", status->make.advice);
}

void estado_put_modem(struct buf *out, const struct estado_view *view, const struct modem *modem)
{
    const struct caller *caller = view->caller;
    bool is_exact = caller_sees_exactly(caller);
    struct modem_status status;
    modem_status(modem, &status);
    json_put_text(out, "nombre", status.name);
    put_wanted_device(out, status.device);
    json_put_text(out, "estado", status.state_token);
    json_put_text(out, "detalle", status.detail);
    json_put_int(out, "segundos_en_estado", estado_seconds(caller, status.in_state_us / 1000000));
    json_put_bool(out, "listo", status.state == MODEM_READY);
    json_put_bool_if(out, "enviando", is_exact, status.sending);
    json_put_text(out, "controlador", status.make.driver);
    json_put_text(out, "fabricante", status.make.manufacturer);
    json_put_text(out, "modelo", status.make.model);
    json_put_text(out, "firmware", status.make.firmware);
    put_device(out, &status, view->now_ms);
    put_age(out, "ultima_respuesta", view->now_ms, is_exact ? status.trouble.answered_us : -1);
    json_put_utc_or_null(out, "ultima_entrega",
                         is_exact ? day_last_delivered(view->service, modem_name(modem)) : 0);
    put_network(out, &status.sample);
    put_counters(out, &status, caller);
}
