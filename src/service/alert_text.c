/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/alert_text.h"

#include "base/span.h"
#include "domain/expiry.h"
#include "service/mail_form.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BODY_SIZE = 4096 };

static const char *const titles[ALERT_KIND_COUNT] = {
    [ALERT_SENDING] = "no puede enviar SMS",
    [ALERT_ONE_OUT] = "un módem no envía",
    [ALERT_QUEUE] = "hay mensajes que esperan demasiado",
    [ALERT_BALANCE] = "saldo bajo",
    [ALERT_STORAGE] = "la memoria de la SIM se llena",
    [ALERT_CERTIFICATE] = "el certificado no vale o termina pronto",
    [ALERT_BACKUP] = "falta una copia de seguridad reciente",
    [ALERT_TOWN] = "demasiados fallos al verificar",
    [ALERT_DATA] = "datos cambiados sin la clave",
    [ALERT_FLAPS] = "un módem se desconecta una y otra vez",
    [ALERT_DISK] = "el disco se llena",
    [ALERT_CLIENT] = "un cliente de la API deja de valer pronto",
};

/* ---- words ----------------------------------------------------------------------------------- */

static void write_unit(struct buf *out, int64_t n, const char *one, const char *many)
{
    buf_fmt(out, "%" PRId64 " %s", n, n == 1 ? one : many);
}

void alert_write_length(int64_t ms, struct buf *out)
{
    static const struct {
        int64_t seconds;
        const char *one, *many;
    } units[] = {{DAY_S, "día", "días"},
                 {HOUR_S, "hora", "horas"},
                 {60, "minuto", "minutos"},
                 {1, "segundo", "segundos"}};
    enum { LAST = sizeof(units) / sizeof(units[0]) - 1 };
    int64_t left_s = ms / MS_PER_S;
    size_t i = 0;
    while (i < LAST && left_s < units[i].seconds)
        i++;
    write_unit(out, left_s / units[i].seconds, units[i].one, units[i].many);
    left_s %= units[i].seconds;
    if (i + 1 >= LAST || left_s < units[i + 1].seconds) /* seconds are told alone */
        return;
    buf_str(out, " y ");
    write_unit(out, left_s / units[i + 1].seconds, units[i + 1].one, units[i + 1].many);
}

/* "28/11/2026 a las 03:07", "a la 01:07" */
static void write_instant(int64_t at_ms, struct buf *out)
{
    char text[64];
    struct tm tm;
    time_t at_s = (time_t)(at_ms / MS_PER_S);
    if (localtime_r(&at_s, &tm) != NULL &&
        strftime(text, sizeof(text),
                 tm.tm_hour == 1 ? "%d/%m/%Y a la %H:%M" : "%d/%m/%Y a las %H:%M", &tm) > 0)
        buf_str(out, text);
}

static void write_subject(const struct alert_told *told, struct buf *out)
{
    static const char *const starts[ALERT_EVENT_COUNT] = {[ALERT_OPENED] = "",
                                                          [ALERT_RESOLVED] = "Resuelto: ",
                                                          [ALERT_REMINDER] = "Sigue: ",
                                                          [ALERT_TEST] = "",
                                                          [ALERT_NONE] = ""};
    buf_fmt(out, "%s: %s%s", told->entity, starts[told->event],
            told->event == ALERT_TEST ? "prueba de los avisos" : titles[told->kind]);
}

/* Lines end in \n; the mail makes them \r\n. */
static void write_body(const struct alert_told *told, struct buf *out)
{
    if (told->event == ALERT_TEST)
        buf_str(out, "Este correo es una prueba: los avisos llegan a esta dirección.\n");
    if (told->event == ALERT_RESOLVED) {
        buf_str(out, "Resuelto el ");
        write_instant(told->ended_ms, out);
        buf_str(out, ". Duró ");
        alert_write_length(told->ended_ms - told->since_ms, out);
        buf_str(out, ".\n\nPasaba esto: ");
    }
    if (told->event != ALERT_TEST)
        buf_fmt(out, "%s\n", told->sentence);
    if (told->event == ALERT_OPENED || told->event == ALERT_REMINDER) {
        buf_fmt(out, "\n%s\n\nDesde el ", told->action);
        write_instant(told->since_ms, out);
        buf_str(out, ".\n");
    }
    if (told->event == ALERT_OPENED && told->relapses > 0)
        buf_fmt(out, "Ha vuelto a pasar %" PRId64 " veces desde el aviso anterior.\n",
                told->relapses);
    if (told->event == ALERT_OPENED)
        buf_str(out, "Cuando se arregle llegará otro correo; mientras siga así, uno al día.\n");
    buf_fmt(out, "\n-- \ncontraclaved en %s, %s\n", told->box, told->entity);
}

/* ---- the mail -------------------------------------------------------------------------------- */

void alert_write_mail(const struct alert_told *told, const char *from, const char *to,
                      const char *id, struct buf *out)
{
    char storage[BODY_SIZE];
    struct buf text;
    mime_put_date(told->now_ms, out);
    buf_fmt(out, "\r\nFrom: contraclaved <%s>\r\nTo: %s\r\nSubject: ", from, to);
    buf_init(&text, storage, sizeof(storage));
    write_subject(told, &text);
    mime_put_encoded(out, buf_cstr(&text));
    buf_fmt(out,
            "\r\nMessage-ID: <%s@contraclaved.invalid>\r\nAuto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
            id);
    buf_init(&text, storage, sizeof(storage));
    write_body(told, &text);
    mime_put_quoted(out, buf_cstr(&text));
}

/* ---- the webhook ----------------------------------------------------------------------------- */

static json_t *instant_or_null(int64_t at_ms)
{
    char storage[32];
    struct buf text;
    if (at_ms <= 0)
        return json_null();
    buf_init(&text, storage, sizeof(storage));
    expiry_format_utc(at_ms, &text);
    return json_string(buf_cstr(&text));
}

bool alert_write_json(const struct alert_told *told, struct buf *out)
{
    bool is_test = told->event == ALERT_TEST, is_over = told->event == ALERT_RESOLVED;
    json_t *body = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:I}", "suceso",
        alert_event_token(told->event), "aviso", is_test ? "" : alert_kind_token(told->kind),
        "entidad", told->entity, "equipo", told->box, "causa", told->cause, "frase", told->sentence,
        "que_hacer", told->action, "hora", instant_or_null(told->now_ms), "desde",
        instant_or_null(told->since_ms), "hasta", instant_or_null(is_over ? told->ended_ms : 0),
        "segundos",
        (json_int_t)(is_test ? 0 : (is_over ? told->ended_ms : told->now_ms) - told->since_ms) /
            MS_PER_S);
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    if (text != NULL)
        buf_str(out, text);
    json_decref(body);
    free(text);
    return text != NULL;
}
