/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_orders.h"

#include "app/ctl_http.h"
#include "app/ctl_table.h"
#include "base/clock.h"
#include "store/purge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const struct ctl_column columns[] = {
    {"pendientes", "Altas sin comprobar el móvil"},
    {"bloqueadas", "Personas que se bloquean"},
    {"personas", "Personas que se destruyen"},
    {"evidencias", "Filas de evidencia"},
    {"ip", "Filas que pierden la IP"},
    {"solicitudes", "Solicitudes"},
    {"mensajes", "Mensajes enviados"},
    {"buzon", "Mensajes recibidos"},
    {"auditoria", "Anotaciones de auditoría"},
    {NULL, NULL},
};

static int say_end(const json_t *report)
{
    if (strcmp(ctl_text(report, "estado"), "pedida") == 0) {
        puts("La hace, antes de un minuto, el equipo que lleva las tareas comunes. Lo que destruya "
             "se ve "
             "con «contraclavectl auditoria busca --suceso retencion».");
        return EXIT_SUCCESS;
    }
    if (strcmp(ctl_text(report, "estado"), "hecha") != 0) {
        fprintf(stderr,
                "contraclavectl: no se ha podido acabar (%s); se vuelve a intentar cada minuto. "
                "Lo que falta sigue como estaba: mire «contraclavectl diagnostico».\n",
                ctl_text(report, "error"));
        return EX_TEMPFAIL;
    }
    ctl_table_fields(json_object_get(report, "filas"), columns);
    return EXIT_SUCCESS;
}

int ctl_retention_follow(const char *socket_path, const json_t *answer)
{
    json_t *report = NULL;
    int code = ctl_http_await(socket_path, "/v1/retencion", answer, "en_curso", &report);
    if (code == EXIT_SUCCESS)
        code = say_end(report);
    json_decref(report);
    return code;
}

static enum cc_err count_all(const struct config *config, json_t *counts)
{
    struct store store = {.anchor.fd = -1};
    int64_t now_ms = clock_wall_ms();
    enum cc_err err = store_open_sealed(config->database, &store.db);
    for (int kind = 0; kind < PURGE_KINDS && err == CC_OK; kind++) {
        int64_t count = 0,
                before_ms = purge_before_ms(&config->settings.terms, (enum purge_kind)kind, now_ms);
        err = purge_count(&store, (enum purge_kind)kind, before_ms, now_ms, &count);
        json_object_set_new(counts, purge_kind_token((enum purge_kind)kind), json_integer(count));
    }
    store_close(&store);
    return err;
}

int ctl_retention_drill(const struct config *config, const char *const *values, bool json)
{
    (void)values;
    json_t *counts = json_object();
    enum cc_err err = count_all(config, counts);
    if (err != CC_OK)
        fprintf(stderr, "contraclavectl: no se puede contar: %s\n", err_text(err));
    else if (json)
        ctl_print_json(counts);
    else
        ctl_table_fields(counts, columns);
    json_decref(counts);
    return err == CC_OK ? EXIT_SUCCESS : err_exit_code(err);
}
