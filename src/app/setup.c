/* SPDX-License-Identifier: EUPL-1.2 */

#include "app/ctl_http.h"
#include "app/ctl_orders.h"
#include "app/ctl_print.h"
#include "app/ctl_table.h"
#include "app/setup_answers.h"
#include "app/setup_file.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/secret.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

enum {
    EVERY_MS = 250,
    SERVICE_S = 60, /* a big database is read whole at the start */
    MODEM_S = 180,  /* a slow SIM and a network that is searched for */
    SYSTEMD_MS = 90000,
    PATH_SIZE = 256
};

struct setup {
    const struct config *config;
    const char *config_path;
    const struct setup_answers *answers;
    json_t *result; /* of the steps, for programs */
    bool json;
    bool has_changed; /* the configuration: the service must read it */
};

static int64_t now_s(void)
{
    return clock_mono_us() / 1000000;
}

/* A line for the person, who waits; programs get the result at the end. */
static void tell_person(const struct setup *setup, const char *line)
{
    if (!setup->json)
        ctl_print_line(line);
    (void)fflush(stdout);
}

/* ---- the service ---------------------------------------------------------------------------- */

/* Without waiting: connect() to a service that hangs with its queue full would never return. */
static bool is_answering(const char *control)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", control);
    bool is_open = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    if (fd >= 0)
        close(fd);
    return is_open;
}

static bool run_systemctl(const char *verb)
{
    char program[] = "/usr/bin/systemctl", quiet[] = "--quiet", unit[] = "contraclaved.service";
    char word[16];
    char *argv[] = {program, quiet, word, unit, NULL};
    (void)snprintf(word, sizeof(word), "%s", verb);
    return child_run(argv, SYSTEMD_MS);
}

/* The unit's configuration is one alone: another file is for a person who starts the program by
 * hand. */
static bool has_unit(const struct setup *setup)
{
    return strcmp(setup->config_path, "/etc/contraclaved/contraclaved.conf") == 0 &&
           access("/run/systemd/system", F_OK) == 0;
}

static int start_unit(const struct setup *setup)
{
    tell_person(setup, "Se arranca el servicio…");
    if (run_systemctl("enable") && run_systemctl("restart"))
        return EXIT_SUCCESS;
    fputs("contraclavectl: el servicio no arranca: mire «systemctl status contraclaved»\n", stderr);
    return EX_UNAVAILABLE;
}

static int await_service(const struct setup *setup)
{
    int64_t began = now_s();
    bool is_up = is_answering(setup->config->http.control_path);
    if (!is_up)
        tell_person(
            setup,
            "Se espera al servicio: arránquelo si no lo ha hecho (contraclaved -c FICHERO).");
    while (!is_up && now_s() - began < SERVICE_S) {
        (void)poll(NULL, 0, EVERY_MS);
        is_up = is_answering(setup->config->http.control_path);
    }
    if (is_up)
        return EXIT_SUCCESS;
    fputs("contraclavectl: el servicio no está en marcha: arránquelo y repita la orden\n", stderr);
    return EX_UNAVAILABLE;
}

static int start_service(const struct setup *setup)
{
    bool is_up = is_answering(setup->config->http.control_path);
    if (has_unit(setup) && (setup->has_changed || !is_up)) {
        int code = start_unit(setup);
        return code == EXIT_SUCCESS ? await_service(setup) : code;
    }
    if (is_up && setup->has_changed) {
        fputs("contraclavectl: la configuración ha cambiado: reinicie el servicio y repita la "
              "orden\n",
              stderr);
        return EX_TEMPFAIL;
    }
    return await_service(setup);
}

/* ---- the modem ------------------------------------------------------------------------------ */

/* States that last until a person does something; by the option that may mend them. */
static const struct {
    const char *state, *option;
} ends[] = {
    {"sim_pin", "--pin-sim"}, {"sim_puk", "--pin-sim"},  {"sim_falta", "módem"},
    {"sim_otra", "módem"},    {"sim_averiada", "módem"}, {"sim_bloqueada", "módem"},
};

static const char *find_end(const char *state)
{
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(ends[i].state, state) == 0)
            return ends[i].option;
    return NULL;
}

/* True when there is no more to wait for: *ret_code. state: the one told last. */
static bool look_modem(const struct setup *setup, const json_t *modem, char state[64],
                       int *ret_code)
{
    char line[512];
    const char *now = ctl_text(modem, "estado"), *detail = ctl_text(modem, "detalle");
    bool is_ready = json_is_true(json_object_get(modem, "listo"));
    const char *option = find_end(now);
    if (strcmp(now, state) != 0 && !is_ready) {
        (void)snprintf(line, sizeof(line), "Módem: %s. %s", now, detail);
        tell_person(setup, line);
    }
    (void)snprintf(state, 64, "%s", now);
    if (is_ready) {
        (void)snprintf(line, sizeof(line), "Módem listo: %s %s, en la red %s.",
                       ctl_text(modem, "fabricante"), ctl_text(modem, "modelo"),
                       ctl_text(modem, "operador"));
        tell_person(setup, line);
    } else if (option != NULL) {
        fprintf(stderr, "contraclavectl: %s: %s\n", option, detail);
    }
    *ret_code = is_ready ? EXIT_SUCCESS : EX_TEMPFAIL;
    return is_ready || option != NULL;
}

static int await_modem(const struct setup *setup)
{
    const char *name = setup->config->modems[0].config.name;
    char state[64] = "";
    int64_t began = now_s();
    int code = EX_TEMPFAIL;
    bool is_over = false;
    while (!is_over && now_s() - began < MODEM_S) {
        json_t *status = NULL;
        code = ctl_http_ask(setup->config->http.control_path, "GET", "/v1/estado", NULL, &status);
        if (code == EXIT_SUCCESS)
            is_over = look_modem(setup, ctl_find_modem(status, name), state, &code);
        else
            is_over = true;
        json_decref(status);
        if (!is_over)
            (void)poll(NULL, 0, EVERY_MS);
    }
    if (!is_over)
        fprintf(stderr,
                "contraclavectl: --dispositivo: el módem no está listo (%s): mire "
                "«contraclavectl diagnostico»\n",
                state);
    return code;
}

/* ---- test, token, link ---------------------------------------------------------------------- */

static int send_trial(const struct setup *setup)
{
    char path[PATH_SIZE];
    json_t *answer = NULL;
    const char *number = setup->answers->text[SETUP_NUMBER];
    if (number[0] == '\0')
        return EXIT_SUCCESS;
    json_t *body = json_pack("{s:s}", "numero", number);
    (void)snprintf(path, sizeof(path), "/v1/modems/%s/prueba",
                   setup->config->modems[0].config.name);
    int code = ctl_http_ask(setup->config->http.control_path, "POST", path, body, &answer);
    json_decref(body);
    if (code == EXIT_SUCCESS) {
        tell_person(setup, "Se envía un SMS de prueba…");
        code = ctl_follow_trial(setup->config->http.control_path, answer);
        json_object_set_new(setup->result, "prueba", json_boolean(code == EXIT_SUCCESS));
    } else {
        fputs("contraclavectl: --numero: el SMS de prueba no se ha podido pedir\n", stderr);
    }
    json_decref(answer);
    return code;
}

/* Whether a list of the daemon has a row with this text, and the flag true or absent. */
static bool has_row(const json_t *rows, const char *member, const char *text, const char *ended)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i), *end = json_object_get(row, ended);
        bool is_over = json_is_false(end) || json_is_string(end);
        if (strcmp(ctl_text(row, member), text) == 0 && !is_over)
            return true;
    }
    return false;
}

/* Asks for what is shown only once: told to the person, and for programs under its name. */
static int make_once(const struct setup *setup, const char *path, json_t *body, const char *name,
                     const struct ctl_view *view)
{
    json_t *answer = NULL;
    int code = ctl_http_ask(setup->config->http.control_path, "POST", path, body, &answer);
    json_decref(body);
    if (code == EXIT_SUCCESS) {
        if (!setup->json)
            ctl_view_show(view, answer);
        json_object_set(setup->result, name, json_object_get(answer, name));
    }
    json_decref(answer);
    return code;
}

/* A client that is there keeps its token, which nobody can show again. */
static int make_client(const struct setup *setup)
{
    const char *name = setup->answers->text[SETUP_CLIENT];
    json_t *answer = NULL;
    if (name[0] == '\0')
        return EXIT_SUCCESS;
    int code = ctl_http_ask(setup->config->http.control_path, "GET", "/v1/clientes", NULL, &answer);
    bool is_there = has_row(json_object_get(answer, "clientes"), "nombre", name, "revocado");
    json_decref(answer);
    if (code != EXIT_SUCCESS)
        return code;
    if (is_there) {
        tell_person(setup, "El cliente de la sede ya existe y su token sigue valiendo.");
        return EXIT_SUCCESS;
    }
    json_t *body = json_pack("{s:s, s:s}", "nombre", name, "ambitos", "solicitar,verificar");
    return make_once(setup, "/v1/clientes", body, "token", &ctl_view_token);
}

static int make_link(const struct setup *setup)
{
    json_t *answer = NULL;
    int code =
        ctl_http_ask(setup->config->http.control_path, "GET", "/v1/operadores", NULL, &answer);
    bool is_there =
        has_row(json_object_get(answer, "operadores"), "rol", "administrador", "activo");
    json_decref(answer);
    if (code != EXIT_SUCCESS || is_there)
        return code;
    tell_person(setup, "Para crear el primer administrador de las páginas:");
    return make_once(setup, "/v1/operadores/enlace", json_object(), "enlace", &ctl_view_link);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static int run_steps(const struct setup *setup)
{
    static int (*const steps[])(const struct setup *setup) = {
        start_service, await_modem, send_trial, make_client, make_link,
    };
    int code = EXIT_SUCCESS;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && code == EXIT_SUCCESS; i++)
        code = steps[i](setup);
    return code;
}

static void tell_changes(const struct setup *setup, const json_t *changed)
{
    char line[512];
    size_t len = 0;
    for (size_t i = 0; i < json_array_size(changed) && len < sizeof(line); i++)
        len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s", i > 0 ? ", " : "",
                                json_string_value(json_array_get(changed, i)));
    if (len == 0)
        tell_person(setup, "La configuración ya estaba así.");
    else if (!setup->json)
        printf("Escrito en %s: %s. Lo demás sigue igual.\n", setup->config_path, line);
}

int setup_run(const char *config_path, const json_t *given, bool json)
{
    struct setup_answers answers;
    struct config *config = NULL;
    char *text = setup_file_read(config_path);
    json_t *changed = json_array(), *result = json_object();
    if (text == NULL || changed == NULL || result == NULL)
        return EX_UNAVAILABLE;
    int code = setup_answers_ask(text, given, &answers);
    if (code == EXIT_SUCCESS)
        code = setup_file_write(config_path, text, &answers, changed, &config);
    secret_wipe(text, strlen(text));
    free(text);
    if (code == EXIT_SUCCESS) {
        const struct setup setup = {.config = config,
                                    .config_path = config_path,
                                    .answers = &answers,
                                    .result = result,
                                    .json = json,
                                    .has_changed = json_array_size(changed) > 0};
        tell_changes(&setup, changed);
        code = run_steps(&setup);
        json_object_set(result, "escrito", changed);
        if (json)
            ctl_print_json(result);
    }
    secret_wipe(&answers, sizeof(answers));
    config_free(config);
    json_decref(changed);
    json_decref(result);
    return code;
}
