/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_orders.h"

#include "app/copies.h"
#include "app/ctl_command.h"
#include "app/doctor.h"
#include "base/clock.h"
#include "store/engines.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/transfer.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- comprueba ------------------------------------------------------------------------------ */

static void add_finding(enum engine_grade grade, const char *subject, const char *sentence,
                        void *user)
{
    static const enum doctor_verdict verdicts[] = {
        [ENGINE_GOOD] = DOCTOR_GOOD, [ENGINE_WARNING] = DOCTOR_WARNING, [ENGINE_BAD] = DOCTOR_BAD};
    doctor_say(user, verdicts[grade], subject, "%s", sentence);
}

int ctl_base_check(const struct config *config, const char *const *values, bool json)
{
    const char *given = values[CTL_FIELD_FILE];
    const char *place = given != NULL ? given : config->database;
    const struct db_identity ours = schema_identity();
    if (given != NULL && !store_is_on_server(given)) {
        fprintf(stderr,
                "contraclavectl: «%s» no es la dirección de un servidor: "
                "postgresql://USUARIO@SERVIDOR/BASE\n",
                given);
        return err_exit_code(CC_ERR_RANGE);
    }
    json_t *findings = json_array();
    if (findings == NULL)
        abort();
    copies_prepare(config);
    if (!engines_inspect(place, &ours, add_finding, findings))
        doctor_say(findings, DOCTOR_GOOD, "base",
                   "Es un fichero de este equipo, que «contraclavectl diagnostico» mira; para un "
                   "servidor, diga su dirección: postgresql://…");
    return doctor_tell(findings, json);
}

/* ---- traslada ------------------------------------------------------------------------------- */

/* Documents of altas are files of the box; another place of the database may give them another. */
static void say_documents(const struct config *config, const char *to, int64_t altas)
{
    char from_beside[CONFIG_BESIDE_SIZE], to_beside[CONFIG_BESIDE_SIZE];
    struct config next = *config;
    next.database = to;
    config_beside(config, from_beside);
    config_beside(&next, to_beside);
    const char *from_slash = strrchr(from_beside, '/'), *to_slash = strrchr(to_beside, '/');
    int from_len = from_slash != NULL ? (int)(from_slash + 1 - from_beside) : 0;
    int to_len = to_slash != NULL ? (int)(to_slash + 1 - to_beside) : 0;
    bool is_same = from_len == to_len && strncmp(from_beside, to_beside, (size_t)to_len) == 0;
    if (altas > 0 && !is_same)
        printf("Hay altas en línea por revisar (%" PRId64 "): pase sus documentos, la carpeta "
               "%.*sdocumentos, a %.*sdocumentos.\n",
               altas, from_len, from_beside, to_len, to_beside);
}

static void say_moved(const struct config *config, const char *to,
                      const struct transfer_facts *facts)
{
    printf("Trasladadas %" PRId64 " filas de %" PRId64 " tablas (%" PRId64 " ciudadanos). Leídas "
           "otra vez, son las mismas en los dos lados.\n",
           facts->rows, facts->tables, facts->citizens);
    say_documents(config, to, facts->applications);
    printf("Ponga en la configuración de cada equipo base_datos = \"%s\" y arranque el servicio. "
           "La de antes queda como estaba: no la use más, y bórrela cuando ya no la necesite.\n",
           to);
}

int ctl_base_transfer(const struct config *config, const char *const *values, bool json)
{
    const struct transfer_ends ends = {
        .from = config->database, .to = values[CTL_FIELD_FILE], .key_path = config->key};
    struct transfer_facts facts = {0};
    copies_prepare(config);
    int code = copies_lock(store_is_on_server(ends.to) ? ends.from : ends.to);
    if (code != EXIT_SUCCESS)
        return code;
    enum cc_err err = transfer_run(&ends, clock_wall_ms(), &facts);
    if (err != CC_OK) {
        /* of a target with data it was said which, and of a database what it does not take: the
         * sentences of these errors are of a file, and of a box that serves */
        bool is_said = err == CC_ERR_COPY_EXISTS || err == CC_ERR_DB;
        fprintf(stderr, "contraclavectl: no se ha trasladado la base de datos%s%s\n",
                is_said ? "" : ": ", is_said ? "" : err_text(err));
        return err_exit_code(err);
    }
    if (json)
        printf("{\"filas\":%" PRId64 ",\"tablas\":%" PRId64 ",\"ciudadanos\":%" PRId64 "}\n",
               facts.rows, facts.tables, facts.citizens);
    else
        say_moved(config, ends.to, &facts);
    return EXIT_SUCCESS;
}
