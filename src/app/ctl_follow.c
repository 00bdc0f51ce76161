/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_follow.h"

#include "app/ctl_http.h"
#include "app/ctl_table.h"
#include "base/clock.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HTTP_OK = 200,
    EVERY_MS = 500,
    TRIAL_S = 180,   /* the network may take 150 s for one message (MODEMS 3) */
    REPORT_S = 60,   /* a telephone that is on answers sooner */
    EXIT_LATER = 75, /* sysexits(3): try again later */
};

static int64_t now_s(void)
{
    return clock_mono_us() / 1000000;
}

/* NULL, said already, when the daemon does not answer. Owns: the caller. */
static json_t *ask_again(const char *socket_path, const char *path, int *ret_exit)
{
    json_t *answer = NULL;
    (void)poll(NULL, 0, EVERY_MS);
    if (ctl_http_call(socket_path, "GET", path, NULL, &answer, ret_exit) == HTTP_OK)
        return answer;
    json_decref(answer);
    return NULL;
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
    {"no_entregado", EXIT_LATER,
     "La red lo aceptó, pero no ha podido entregarlo: compruebe el número."},
    {"rechazado", EXIT_LATER, "La red lo ha rechazado: mire la causa con «contraclavectl cola»."},
    {"caducado", EXIT_LATER, "Ha caducado sin salir: mire «contraclavectl diagnostico»."},
    {"incierto", EXIT_LATER,
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
    return EXIT_LATER;
}

int ctl_follow_trial(const char *socket_path, const json_t *answer)
{
    json_int_t id = json_integer_value(json_object_get(answer, "id"));
    int64_t began = now_s();
    for (;;) {
        int code = EXIT_LATER;
        json_t *queue = ask_again(socket_path, "/v1/cola", &code);
        if (queue == NULL)
            return code;
        const json_t *message = find_message(queue, id);
        bool is_sent = strcmp(ctl_text(message, "estado"), "enviado") == 0;
        bool is_over = say_trial_end(message, &code);
        if (!is_over && now_s() - began > (is_sent ? REPORT_S : TRIAL_S)) {
            code = say_trial_late(message);
            is_over = true;
        }
        json_decref(queue);
        if (is_over)
            return code;
    }
}

/* Asks again while it is in this state, which the daemon ends within a minute. NULL on trouble:
 * *ret_code. */
static json_t *await_end(const char *socket_path, const json_t *answer, const char *act,
                         const char *state, int *ret_code)
{
    char path[256];
    snprintf(path, sizeof(path), "/v1/modems/%s/%s", ctl_text(answer, "nombre"), act);
    json_t *told = json_deep_copy(answer);
    while (told != NULL && strcmp(ctl_text(told, "estado"), state) == 0) {
        json_decref(told);
        told = ask_again(socket_path, path, ret_code);
    }
    return told;
}

int ctl_follow_centre(const char *socket_path, const json_t *answer)
{
    int code = EXIT_LATER;
    json_t *told = await_end(socket_path, answer, "centro", "escribiendo", &code);
    if (told == NULL)
        return code;
    if (strcmp(ctl_text(told, "estado"), "puesto") == 0) {
        code = EXIT_SUCCESS;
        printf("Puesto: la SIM tiene el centro de mensajes %s.\n",
               ctl_text(told, "centro_mensajes"));
    } else {
        code = EXIT_LATER;
        printf("No se ha podido poner: %s\n", ctl_text(told, "error_texto"));
    }
    json_decref(told);
    return code;
}

int ctl_follow_balance(const char *socket_path, const json_t *answer)
{
    int code = EXIT_LATER;
    json_t *told = await_end(socket_path, answer, "saldo", "preguntando", &code);
    if (told == NULL)
        return code;
    if (strcmp(ctl_text(told, "estado"), "respondido") == 0) {
        code = EXIT_SUCCESS;
        ctl_print_line(ctl_text(told, "saldo"));
    } else {
        code = EXIT_LATER;
        printf("No se ha podido saber el saldo: %s\n", ctl_text(told, "error_texto"));
    }
    json_decref(told);
    return code;
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
        code = EXIT_LATER;
    }
    return code;
}

/* The daemon itself ends the wait: it gives each channel a minute. */
int ctl_follow_alert_trial(const char *socket_path, const json_t *answer)
{
    int code = EXIT_LATER;
    json_t *status = json_deep_copy(answer);
    while (status != NULL && is_alert_under_way(json_object_get(status, "avisos"))) {
        json_decref(status);
        status = ask_again(socket_path, "/v1/estado", &code);
    }
    if (status == NULL)
        return code;
    code = say_alert_ends(json_object_get(status, "avisos"));
    json_decref(status);
    return code;
}
