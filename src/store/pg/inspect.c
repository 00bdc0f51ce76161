/* SPDX-License-Identifier: EUPL-1.2 */
/* Looks at a server as a technician would, before it is trusted with a registry. */
#include "store/pg/engine.h"
#include "store/pg/identity.h"
#include "store/pg/pipeline.h"

#include "base/clock.h"
#include "base/span.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SENTENCE_SIZE = 512,
    VALUE_SIZE = 128,
    TRIPS = 21,
    SLOW_US = 5 * 1000, /* a message takes some forty statements */
    TOO_SLOW_US = 25 * 1000,
    APART_MS = 5 * 1000, /* of two clocks that are kept right */
    FEW_CONNECTIONS = 10,
};

struct look {
    struct pg_db *pg;
    const struct db_identity *ours;
    engine_say_fn fn;
    void *user;
};

static void say_finding(const struct look *look, enum engine_grade grade, const char *subject,
                        const char *format, ...) __attribute__((format(printf, 4, 5)));

static void say_finding(const struct look *look, enum engine_grade grade, const char *subject,
                        const char *format, ...)
{
    char sentence[SENTENCE_SIZE];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    look->fn(grade, subject, sentence, look->user);
}

/* The first column of the first row; "" = there is none, or it could not be asked. */
static const char *ask_text(const struct look *look, const char *sql, char ret[VALUE_SIZE])
{
    struct db_stmt *st = db_query(&look->pg->db, sql);
    ret[0] = '\0';
    if (db_step(st))
        (void)snprintf(ret, VALUE_SIZE, "%s", db_column_text(st, 0));
    (void)!db_finish(st);
    return ret;
}

static int64_t ask_number(const struct look *look, const char *sql)
{
    int64_t value = -1;
    return db_run_int(db_query(&look->pg->db, sql), &value) == CC_OK ? value : -1;
}

/* ---- one look for each line ------------------------------------------------------------------ */

static void look_at_version(const struct look *look)
{
    int version = PQserverVersion(look->pg->conn) / 10000;
    if (version * 10000 < PG_OLDEST_SERVER)
        say_finding(look, ENGINE_BAD, "versión",
                    "Es PostgreSQL %d y hace falta el 15 o uno más nuevo.", version);
    else
        say_finding(look, ENGINE_GOOD, "versión", "Es PostgreSQL %d.", version);
}

static void look_at_encoding(const struct look *look)
{
    const char *encoding = PQparameterStatus(look->pg->conn, "server_encoding");
    bool is_good = encoding != NULL && strcmp(encoding, "UTF8") == 0;
    if (is_good)
        say_finding(look, ENGINE_GOOD, "codificación", "La base de datos está en UTF8.");
    else
        say_finding(look, ENGINE_BAD, "codificación",
                    "La base de datos está en %s: créela otra vez con ENCODING 'UTF8'.",
                    encoding != NULL ? encoding : "una codificación desconocida");
}

static void look_at_tls(const struct look *look)
{
    const char *mode = pg_address_value(&look->pg->address, "sslmode");
    bool is_proven = mode != NULL && strcmp(mode, "verify-full") == 0;
    if (pg_address_is_local(&look->pg->address))
        say_finding(look, ENGINE_GOOD, "conexión", "El servidor está en este equipo.");
    else if (is_proven && PQsslInUse(look->pg->conn) == 1)
        say_finding(look, ENGINE_GOOD, "conexión",
                    "Va cifrada, y el certificado del servidor es el suyo.");
    else
        say_finding(look, ENGINE_BAD, "conexión",
                    "No se comprueba quién es el servidor: quite sslmode de la dirección y dé a su "
                    "certificado una autoridad en que este equipo confíe (sslrootcert).");
}

static void look_at_role(const struct look *look)
{
    char value[VALUE_SIZE];
    bool is_primary = ask_number(look, "SELECT pg_is_in_recovery()") == 0;
    if (!is_primary)
        say_finding(look, ENGINE_BAD, "papel",
                    "Es una réplica, que no admite escrituras: dé la dirección del principal, o "
                    "las de todos, separadas por comas.");
    else if (strcmp(
                 ask_text(look, "SELECT current_setting('default_transaction_read_only')", value),
                 "off") != 0)
        say_finding(look, ENGINE_BAD, "papel",
                    "default_transaction_read_only está puesto: no se podría escribir.");
    else
        say_finding(look, ENGINE_GOOD, "papel", "Es el principal y admite escrituras.");
}

static void look_at_rights(const struct look *look)
{
    char schema[VALUE_SIZE], user[VALUE_SIZE];
    (void)ask_text(look, "SELECT coalesce(current_schema()::text, '')", schema);
    (void)ask_text(look, "SELECT current_user::text", user);
    if (schema[0] == '\0')
        say_finding(look, ENGINE_BAD, "permisos",
                    "El usuario %s no puede usar ningún esquema: haga a este usuario dueño de la "
                    "base de datos.",
                    user);
    else if (ask_number(look, "SELECT has_schema_privilege(current_schema(), 'CREATE')") != 1)
        say_finding(look, ENGINE_BAD, "permisos",
                    "El usuario %s no puede crear tablas en el esquema %s: «GRANT CREATE ON SCHEMA "
                    "%s TO %s», o hágalo dueño de la base de datos.",
                    user, schema, schema, user);
    else if (ask_number(look, "SELECT count(*) FROM pg_class WHERE relnamespace ="
                              " current_schema()::regnamespace AND relkind = 'r'"
                              " AND NOT pg_has_role(relowner, 'USAGE')") > 0)
        say_finding(look, ENGINE_BAD, "permisos",
                    "En el esquema %s hay tablas de otro usuario que %s: «REASSIGN OWNED».", schema,
                    user);
    else if (ask_number(look, "SELECT has_schema_privilege('public', current_schema(),"
                              " 'CREATE')") == 1)
        say_finding(look, ENGINE_WARNING, "permisos",
                    "Cualquier usuario puede crear en el esquema %s funciones que se tomen por las "
                    "del servidor: «REVOKE CREATE ON SCHEMA %s FROM PUBLIC».",
                    schema, schema);
    else if (ask_number(look, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == 1)
        say_finding(look, ENGINE_WARNING, "permisos",
                    "El usuario %s es superusuario: use uno que solo sea dueño de esta base de "
                    "datos.",
                    user);
    else
        say_finding(look, ENGINE_GOOD, "permisos", "El usuario %s puede lo que necesita.", user);
}

static void look_at_content(const struct look *look)
{
    struct pg_identity is = {0};
    if (pg_read_identity(&look->pg->db, &is) != CC_OK)
        say_finding(look, ENGINE_BAD, "contenido", "No se puede leer qué hay en el esquema.");
    else if (is.tables == 0)
        say_finding(look, ENGINE_GOOD, "contenido",
                    "Está vacía: se puede empezar en ella, o trasladar otra a ella.");
    else if (is.application_id != look->ours->application_id)
        say_finding(look, ENGINE_BAD, "contenido",
                    "Hay tablas de otro programa: use una base de datos, o un esquema, aparte.");
    else if (is.version > look->ours->newest_version)
        say_finding(look, ENGINE_BAD, "contenido",
                    "Es de un contraclaved más nuevo (versión %" PRId64 "): actualice este.",
                    is.version);
    else
        say_finding(
            look, ENGINE_GOOD, "contenido", "Es de contraclaved, de la versión %" PRId64 "%s.",
            is.version,
            is.version < look->ours->newest_version ? ", que el próximo arranque pone al día" : "");
}

static void look_at_settings(const struct look *look)
{
    static const struct {
        const char *sql, *wanted;
        enum engine_grade grade;
        const char *sentence;
    } rows[] = {
        {"SELECT current_setting('fsync')", "on", ENGINE_BAD,
         "fsync está quitado: un corte de luz puede dejarla ilegible. Póngalo."},
        {"SELECT current_setting('full_page_writes')", "on", ENGINE_WARNING,
         "full_page_writes está quitado: un corte de luz puede dañarla."},
        {"SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN 'off' ELSE 'on' END",
         "on", ENGINE_BAD,
         "synchronous_commit está quitado: se perderían solicitudes ya aceptadas. Póngalo."},
        {"SELECT current_setting('transaction_isolation')", "read committed", ENGINE_BAD,
         "default_transaction_isolation ha de ser «read committed»."},
        {"SELECT current_setting('data_checksums')", "on", ENGINE_WARNING,
         "Las páginas no llevan suma de control (pg_checksums --enable, con el servidor parado): "
         "un fallo del disco no se vería."},
        {"SELECT CASE WHEN datcollversion <> pg_database_collation_actual_version(oid) THEN 'old'"
         " ELSE 'on' END FROM pg_database WHERE datname = current_database()",
         "on", ENGINE_BAD,
         "El sistema del servidor ordena los textos de otro modo que cuando se hicieron los "
         "índices: «REINDEX DATABASE» y «ALTER DATABASE … REFRESH COLLATION VERSION»."},
    };
    bool is_good = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char value[VALUE_SIZE];
        if (strcmp(ask_text(look, rows[i].sql, value), rows[i].wanted) == 0)
            continue;
        say_finding(look, rows[i].grade, "ajustes", "%s", rows[i].sentence);
        is_good = false;
    }
    int64_t left = ask_number(look, "SELECT current_setting('max_connections')::bigint -"
                                    " (SELECT count(*) FROM pg_stat_activity WHERE backend_type ="
                                    " 'client backend')");
    if (left >= 0 && left < FEW_CONNECTIONS)
        say_finding(look, ENGINE_WARNING, "ajustes",
                    "Quedan %" PRId64 " conexiones libres (max_connections): cada equipo usa dos "
                    "o tres.",
                    left);
    else if (is_good)
        say_finding(look, ENGINE_GOOD, "ajustes", "Son los que hacen falta.");
}

static int compare_us(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

static void look_at_latency(const struct look *look)
{
    int64_t trips[TRIPS];
    for (size_t i = 0; i < TRIPS; i++) {
        int64_t begun_us = clock_mono_us();
        (void)ask_number(look, "SELECT 1");
        trips[i] = clock_mono_us() - begun_us;
    }
    qsort(trips, TRIPS, sizeof(trips[0]), compare_us);
    int64_t us = trips[TRIPS / 2];
    enum engine_grade grade = us < SLOW_US       ? ENGINE_GOOD
                              : us < TOO_SLOW_US ? ENGINE_WARNING
                                                 : ENGINE_BAD;
    say_finding(
        look, grade, "latencia", "Contesta en %" PRId64 ",%" PRId64 " ms%s.", us / US_PER_MS,
        us % US_PER_MS / 100,
        grade == ENGINE_GOOD ? "" : ": cada petición pregunta varias veces; acérquelo por la red");
}

static void look_at_clock(const struct look *look)
{
    int64_t theirs_ms = ask_number(look, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)"
                                         "::bigint");
    int64_t apart_ms = theirs_ms - clock_wall_ms();
    if (apart_ms > APART_MS || apart_ms < -APART_MS)
        say_finding(look, ENGINE_WARNING, "hora",
                    "La del servidor difiere en %" PRId64 " s de la de este equipo: mire "
                    "«timedatectl» en los dos.",
                    apart_ms / 1000);
    else
        say_finding(look, ENGINE_GOOD, "hora", "Es la de este equipo.");
}

static void look_at_replication(const struct look *look)
{
    int64_t all = ask_number(look, "SELECT count(*) FROM pg_stat_replication");
    bool waits = ask_number(look, "SELECT current_setting('synchronous_standby_names') <> ''") == 1;
    if (waits && all > 0)
        say_finding(look, ENGINE_GOOD, "réplicas",
                    "Hay %" PRId64 ", y lo aceptado está también en una (synchronous_standby_names)"
                    ".",
                    all);
    else if (waits)
        say_finding(look, ENGINE_BAD, "réplicas",
                    "synchronous_standby_names espera a una réplica y no hay ninguna: nada se "
                    "guardaría.");
    else
        say_finding(look, ENGINE_WARNING, "réplicas",
                    "%s synchronous_standby_names está vacío: si este servidor se pierde, se "
                    "pierde lo último que aceptó.",
                    all > 0 ? "Hay réplicas, pero no se las espera:" : "No hay ninguna.");
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool connect_to_look(struct look *look)
{
    struct pg_db *pg = look->pg;
    pg_address_set(&pg->address, "target_session_attrs", "any");
    pg_address_set(&pg->address, "connect_timeout", "2");
    pg->conn = PQconnectdbParams(pg->address.keywords, pg->address.values, 0);
    if (PQstatus(pg->conn) != CONNECTION_OK) {
        const char *words = pg_tell_failure(pg->conn);
        say_finding(look, ENGINE_BAD, "conexión", "No hay conexión con el servidor: %.*s",
                    (int)strcspn(words, "\n"), words);
        return false;
    }
    pg->state = PG_UP;
    pg->serves = true; /* the same waits as a daemon has */
    pg->generation = 1;
    (void)PQsetnonblocking(pg->conn, 1);
    return true;
}

/* Findings of a server that has fallen silent would be wrong. */
static void look_at_all(const struct look *look)
{
    static void (*const looks[])(const struct look *look) = {
        look_at_version, look_at_encoding, look_at_tls,     look_at_role,  look_at_rights,
        look_at_content, look_at_settings, look_at_latency, look_at_clock, look_at_replication,
    };
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]) && look->pg->state == PG_UP; i++)
        looks[i](look);
    if (look->pg->state != PG_UP)
        say_finding(look, ENGINE_BAD, "conexión",
                    "El servidor ha dejado de contestar: lo último que se dice de él no vale.");
}

void pg_inspect(const char *place, const struct db_identity *ours, engine_say_fn fn, void *user)
{
    struct look look = {.pg = calloc(1, sizeof(*look.pg)), .ours = ours, .fn = fn, .user = user};
    if (look.pg == NULL || (look.pg->pipeline = pg_pipeline_new()) == NULL)
        abort(); /* a tool that has just begun */
    look.pg->db.engine = &pg_engine;
    bool is_read = pg_address_read(place, &look.pg->address) == CC_OK;
    if (!is_read)
        say_finding(&look, ENGINE_BAD, "dirección", "La dirección del servidor no es válida.");
    else if (connect_to_look(&look))
        look_at_all(&look);
    db_close(&look.pg->db);
}
