/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_orders.h"

#include "app/ctl_http.h"
#include "app/ctl_table.h"
#include "base/clock.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    EVERY_MS = 500,
    TRIAL_S = 180, /* the network may take 150 s for one message (MODEMS 3) */
    REPORT_S = 60, /* a telephone that is on answers sooner */
};

static int64_t now_s(void)
{
    return clock_mono_us() / 1000000;
}

static const json_t *find_message(const json_t *queue, json_int_t id)
{
    const json_t *rows = json_object_get(queue, "mensajes");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (json_integer_value(json_object_get(row, "id")) == id)
            return row;
    }
    return NULL;
}

/* The states that a trial ends in; the others are waited for. */
static const struct {
    const char *state;
    int code;
    const char *sentence;
} trial_ends[] = {
    {"entregado", EXIT_SUCCESS, "Entregado: el módem, la SIM y la red funcionan."},
    {"no_entregado", EX_TEMPFAIL,
     "La red lo aceptó, pero no ha podido entregarlo: compruebe el número."},
    {"rechazado", EX_TEMPFAIL, "La red lo ha rechazado: mire la causa con «contraclavectl cola»."},
    {"caducado", EX_TEMPFAIL, "Ha caducado sin salir: mire «contraclavectl diagnostico»."},
    {"incierto", EX_TEMPFAIL,
     "No se sabe si ha salido: mire el teléfono y «contraclavectl modem traza»."},
};

/* True when it is over. */
static bool say_trial_end(const json_t *message, int *ret_code)
{
    const char *cause = ctl_text(message, "causa_texto");
    for (size_t i = 0; i < sizeof(trial_ends) / sizeof(trial_ends[0]); i++) {
        if (strcmp(ctl_text(message, "estado"), trial_ends[i].state) != 0)
            continue;
        puts(trial_ends[i].sentence);
        if (trial_ends[i].code != EXIT_SUCCESS && cause[0] != '\0')
            printf("Causa: %s %s\n", ctl_text(message, "causa"), cause);
        *ret_code = trial_ends[i].code;
        return true;
    }
    return false;
}

static int say_trial_late(const json_t *message)
{
    if (strcmp(ctl_text(message, "estado"), "enviado") == 0) {
        puts("La red lo ha aceptado; el informe de entrega no ha llegado: mire el teléfono.");
        return EXIT_SUCCESS;
    }
    puts("Todavía no ha salido: mire «contraclavectl diagnostico».");
    return EX_TEMPFAIL;
}

int ctl_follow_trial(const char *socket_path, const json_t *answer)
{
    json_int_t id = json_integer_value(json_object_get(answer, "id"));
    int64_t began = now_s();
    for (;;) {
        json_t *queue = NULL;
        (void)poll(NULL, 0, EVERY_MS);
        int code = ctl_http_ask(socket_path, "GET", "/v1/cola", NULL, &queue);
        const json_t *message = find_message(queue, id);
        bool is_sent = strcmp(ctl_text(message, "estado"), "enviado") == 0;
        bool is_over = code != EXIT_SUCCESS || say_trial_end(message, &code);
        if (!is_over && now_s() - began > (is_sent ? REPORT_S : TRIAL_S)) {
            code = say_trial_late(message);
            is_over = true;
        }
        json_decref(queue);
        if (is_over)
            return code;
    }
}

/* An act of a modem, which the daemon ends within a minute: the states, and how it is told. */
struct act {
    const char *name, *under_way, *done;
    const char *good, *result, *end; /* result: the member that stands between the two */
    const char *bad;
};

static int follow_act(const char *socket_path, const json_t *answer, const struct act *act)
{
    char line[512];
    json_t *told = NULL;
    (void)snprintf(line, sizeof(line), "/v1/modems/%s/%s", ctl_text(answer, "nombre"), act->name);
    int code = ctl_http_await(socket_path, line, answer, act->under_way, &told);
    if (code == EXIT_SUCCESS && strcmp(ctl_text(told, "estado"), act->done) != 0) {
        code = EX_TEMPFAIL;
        printf("%s%s\n", act->bad, ctl_text(told, "error_texto"));
    } else if (code == EXIT_SUCCESS) {
        (void)snprintf(line, sizeof(line), "%s%s%s", act->good, ctl_text(told, act->result),
                       act->end);
        ctl_print_line(line);
    }
    json_decref(told);
    return code;
}

int ctl_follow_centre(const char *socket_path, const json_t *answer)
{
    return follow_act(socket_path, answer,
                      &(const struct act){"centro", "escribiendo", "puesto",
                                          "Puesto: la SIM tiene el centro de mensajes ",
                                          "centro_mensajes", ".", "No se ha podido poner: "});
}

int ctl_follow_balance(const char *socket_path, const json_t *answer)
{
    return follow_act(socket_path, answer,
                      &(const struct act){"saldo", "preguntando", "respondido", "", "saldo", "",
                                          "No se ha podido saber el saldo: "});
}

static const char *const alert_channels[] = {"correo", "webhook"};
enum { ALERT_CHANNELS = sizeof(alert_channels) / sizeof(alert_channels[0]) };

static bool is_alert_under_way(const json_t *alerts)
{
    for (size_t i = 0; i < ALERT_CHANNELS; i++)
        if (json_is_true(json_object_get(json_object_get(alerts, alert_channels[i]), "enviando")))
            return true;
    return false;
}

/* Says how the test ended by each channel that is configured; returns the exit code. */
static int say_alert_ends(const json_t *alerts)
{
    int code = EXIT_SUCCESS;
    for (size_t i = 0; i < ALERT_CHANNELS; i++) {
        const json_t *channel = json_object_get(alerts, alert_channels[i]);
        const json_t *end = json_object_get(channel, "prueba");
        if (!json_is_object(channel))
            continue;
        if (json_is_true(json_object_get(end, "enviado"))) {
            printf("%s: enviado a %s.\n", alert_channels[i], ctl_text(channel, "a"));
            continue;
        }
        printf("%s: no se ha podido enviar a %s: %s.\n", alert_channels[i], ctl_text(channel, "a"),
               ctl_text(end, "detalle"));
        code = EX_TEMPFAIL;
    }
    return code;
}

/* The daemon itself ends the wait: it gives each channel a minute. */
int ctl_follow_alert_trial(const char *socket_path, const json_t *answer)
{
    int code = EXIT_SUCCESS;
    json_t *status = json_deep_copy(answer);
    while (code == EXIT_SUCCESS && is_alert_under_way(json_object_get(status, "avisos"))) {
        json_decref(status);
        (void)poll(NULL, 0, EVERY_MS);
        code = ctl_http_ask(socket_path, "GET", "/v1/estado", NULL, &status);
    }
    if (code == EXIT_SUCCESS)
        code = say_alert_ends(json_object_get(status, "avisos"));
    json_decref(status);
    return code;
}
