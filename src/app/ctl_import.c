/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_orders.h"

#include "app/ctl_command.h"
#include "app/ctl_http.h"
#include "app/ctl_table.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { EVERY_MS = 100, BAR_CELLS = 40 };

static const char path[] = "/v1/registro/importacion";

static json_int_t number_of(const json_t *told, const char *member)
{
    return json_integer_value(json_object_get(told, member));
}

/* One request; the answer takes the place of *told_io. Returns the exit code. */
static int ask(const char *socket_path, const char *method, const char *where, const json_t *body,
               json_t **told_io)
{
    json_decref(*told_io);
    return ctl_http_ask(socket_path, method, where, body, told_io);
}

/* The states that go by, and what the box does in each. */
static const struct {
    const char *state;
    const char *doing;
} passing[] = {{"leyendo", "Revisando"},
               {"preparando", "Preparando"},
               {"deshaciendo", "Deshaciendo"},
               {"aplicando", "Dando de alta"}};

/* NULL: the state is one that stays. */
static const char *find_doing(const json_t *told)
{
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
        if (strcmp(passing[i].state, ctl_text(told, "estado")) == 0)
            return passing[i].doing;
    return NULL;
}

/* On a terminal; doing NULL takes it away. */
static void draw_bar(const char *doing, json_int_t percent)
{
    static const char full[] = "########################################";
    int cells = (int)(percent * BAR_CELLS / 100);
    if (isatty(STDERR_FILENO) == 0)
        return;
    if (doing == NULL)
        fputs("\r\033[K", stderr);
    else
        fprintf(stderr, "\r%-14s [%-*.*s] %3" JSON_INTEGER_FORMAT " %%\033[K", doing, BAR_CELLS,
                cells, full, percent);
}

/* Asks until the state is one that stays; what was ordered has begun when its answer is here. */
static int follow(const char *socket_path, json_t **told_io)
{
    int code = ask(socket_path, "GET", path, NULL, told_io);
    const char *doing;
    while (code == EXIT_SUCCESS && (doing = find_doing(*told_io)) != NULL) {
        draw_bar(doing, number_of(*told_io, "porcentaje"));
        (void)poll(NULL, 0, EVERY_MS);
        code = ask(socket_path, "GET", path, NULL, told_io);
    }
    draw_bar(NULL, 0);
    return code;
}

static void say_faults(const json_t *told)
{
    char line[1024];
    size_t i;
    const json_t *fault, *faults = json_object_get(told, "errores");
    json_array_foreach(faults, i, fault)
    {
        const char *field = ctl_text(fault, "campo");
        (void)snprintf(line, sizeof(line), "línea %" JSON_INTEGER_FORMAT "%s%s: %s",
                       number_of(fault, "linea"), field[0] != '\0' ? ", " : "", field,
                       ctl_text(fault, "title"));
        ctl_print_line(line);
    }
    json_int_t more = number_of(told, "errores_total") - (json_int_t)json_array_size(faults);
    if (more > 0)
        printf("… y %" JSON_INTEGER_FORMAT " errores más\n", more);
}

static bool has_faults(const json_t *told)
{
    return number_of(told, "errores_total") > 0;
}

static void say_read(const json_t *told, bool json)
{
    json_int_t left_out = number_of(told, "omitidas");
    if (json)
        return;
    say_faults(told);
    printf("Para dar de alta: %" JSON_INTEGER_FORMAT ". Errores: %" JSON_INTEGER_FORMAT ".\n",
           number_of(told, "personas"), number_of(told, "errores_total"));
    if (left_out > 0)
        printf("No se importan, porque su estado es de baja o pendiente: %" JSON_INTEGER_FORMAT
               ".\n",
               left_out);
}

static int read_file(const char *socket_path, const char *file, bool json, json_t **ret_told)
{
    int code = EXIT_SUCCESS;
    long status = ctl_http_upload(socket_path, path, "fichero", file, ret_told, &code);
    if (status != 0 && !ctl_http_is_good(status))
        return ctl_http_tell_problem(*ret_told);
    if (code == EXIT_SUCCESS)
        code = follow(socket_path, ret_told);
    if (code == EXIT_SUCCESS)
        say_read(*ret_told, json);
    return code == EXIT_SUCCESS && has_faults(*ret_told) ? EX_DATAERR : code;
}

static int apply(const char *socket_path, bool json, json_t **told_io)
{
    json_t *body = json_pack("{s:O}", "id", json_object_get(*told_io, "id"));
    int code = ask(socket_path, "POST", "/v1/registro/importacion/aplicacion", body, told_io);
    json_decref(body);
    if (code == EXIT_SUCCESS)
        code = follow(socket_path, told_io);
    if (code != EXIT_SUCCESS)
        return code;
    if (has_faults(*told_io)) {
        say_read(*told_io, json);
        return EX_DATAERR;
    }
    if (!json)
        printf("Dadas de alta: %" JSON_INTEGER_FORMAT ".\n", number_of(*told_io, "escritas"));
    return strcmp(ctl_text(*told_io, "estado"), "hecha") == 0 ? EXIT_SUCCESS : EX_TEMPFAIL;
}

/* The file is not left in the memory of the box. */
static int end_drill(const char *socket_path, bool json)
{
    json_t *told = NULL;
    int code = ask(socket_path, "DELETE", path, NULL, &told);
    json_decref(told);
    if (code == EXIT_SUCCESS && !json)
        puts("Era un ensayo: no se ha dado de alta a nadie. Para hacerlo, añada --aplica.");
    return code;
}

int ctl_import_run(const struct config *config, const char *const *values, bool json)
{
    json_t *told = NULL;
    bool is_drill = values[CTL_FIELD_APPLY] == NULL;
    if (!is_drill && values[CTL_FIELD_DRILL] != NULL) {
        fputs("contraclavectl: elija --ensayo o --aplica\n", stderr);
        return EX_USAGE;
    }
    int code = read_file(config->http.control_path, values[CTL_FIELD_FILE], json, &told);
    if (code == EXIT_SUCCESS && !is_drill)
        code = apply(config->http.control_path, json, &told);
    if (json && told != NULL)
        ctl_print_json(told);
    if (code == EXIT_SUCCESS && is_drill)
        code = end_drill(config->http.control_path, json);
    json_decref(told);
    return code;
}
