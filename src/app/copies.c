/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/copies.h"

#include "app/ctl_command.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "base/secret.h"
#include "store/accept.h"
#include "store/copy.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { KEY_MODE = 0400, TIME_SIZE = 40 };

static const char key_suffix[] = ".clave";

static void prepare_store(const struct config *config)
{
    umask(077);
    if (sodium_init() < 0 || setenv("TZ", config->zone, 1) != 0)
        abort();
    tzset();
}

static void write_time(int64_t at_ms, char out[TIME_SIZE])
{
    struct tm tm;
    time_t at_s = (time_t)(at_ms / 1000);
    if (at_ms == 0 || localtime_r(&at_s, &tm) == NULL ||
        strftime(out, TIME_SIZE, "%d/%m/%Y %H:%M:%S", &tm) == 0)
        snprintf(out, TIME_SIZE, "ninguna");
}

static int fail_copy(const char *what, enum cc_err err)
{
    fprintf(stderr, "contraclavectl: no se ha %s: %s\n", what, err_text(err));
    return err_exit_code(err);
}

static int print_result(json_t *answer)
{
    json_dumpf(answer, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
    putchar('\n');
    json_decref(answer);
    return EXIT_SUCCESS;
}

/* ---- copia ---------------------------------------------------------------------------------- */

/* A file of its own: whoever has both can read everything. */
static enum cc_err copy_key(const char *from, const char *to)
{
    uint8_t key[SECRET_KEY_BYTES];
    size_t len = 0;
    enum cc_err err = fsx_read(from, key, sizeof(key), &len);
    if (err == CC_OK && len != sizeof(key))
        err = CC_ERR_KEY_FORMAT;
    if (err == CC_OK)
        err = fsx_create(to, key, sizeof(key), KEY_MODE);
    if (err != CC_OK)
        fprintf(stderr, "contraclavectl: no se puede copiar la clave maestra a %s: %s\n", to,
                err == CC_ERR_IO ? strerror(errno) : err_text(err));
    secret_wipe(key, sizeof(key));
    return err;
}

static void say_copied(const char *to, const char *key_to, const struct copy_facts *facts)
{
    char last[TIME_SIZE];
    write_time(facts->last_ms, last);
    printf("Copia hecha y comprobada: %s (%" PRId64 " KiB, %" PRId64
           " ciudadanos, última anotación: %s).\n",
           to, facts->bytes / 1024, facts->citizens, last);
    if (key_to != NULL)
        printf("Copia de la clave maestra: %s. La copia y la clave juntas lo abren todo: guárdelas "
               "en sitios distintos, y ninguna en este equipo.\n",
               key_to);
    else
        puts("Sin la clave maestra no se puede leer: guarde también la clave, en otro sitio "
             "(contraclavectl copia … --clave).");
}

int copies_make(const struct config *config, const char *const *values, bool json)
{
    const char *to = values[CTL_FIELD_FILE];
    struct copy_facts facts = {0};
    char *key_to = NULL;
    prepare_store(config);
    if (values[CTL_FIELD_WITH_KEY] != NULL && asprintf(&key_to, "%s%s", to, key_suffix) < 0)
        abort();
    if (key_to != NULL && fsx_exists(key_to)) {
        fprintf(stderr, "contraclavectl: %s ya existe\n", key_to);
        free(key_to);
        return fail_copy("hecho la copia", CC_ERR_COPY_EXISTS);
    }
    enum cc_err err = copy_make(config->database, config->key, to, &facts);
    bool is_made = err == CC_OK;
    if (is_made && key_to != NULL)
        err = copy_key(config->key, key_to);
    if (is_made && err != CC_OK)
        (void)unlink(to);
    if (err == CC_OK)
        copy_note(config->database);
    int code = EXIT_SUCCESS;
    if (err != CC_OK)
        code = fail_copy("hecho la copia", err);
    else if (json)
        code = print_result(json_pack("{s:s, s:s?, s:I, s:I, s:I}", "copia", to, "clave", key_to,
                                      "bytes", (json_int_t)facts.bytes, "ciudadanos",
                                      (json_int_t)facts.citizens, "ultima_ms",
                                      (json_int_t)facts.last_ms));
    else
        say_copied(to, key_to, &facts);
    free(key_to);
    return code;
}

/* ---- restaura ------------------------------------------------------------------------------- */

static void say_restored(const char *from, const char *aside, const struct copy_facts *facts)
{
    char last[TIME_SIZE];
    write_time(facts->last_ms, last);
    printf("Restaurada la copia %s: %" PRId64 " ciudadanos, última anotación: %s.\n", from,
           facts->citizens, last);
    puts("Lo que vino después de esa hora no está: las altas hay que repetirlas, las contraclaves "
         "enviadas ya no sirven, y un token revocado después vuelve a valer: revóquelo otra vez "
         "(contraclavectl cliente lista) antes de abrir el servicio a la sede.");
    if (aside[0] != '\0')
        printf("La base de datos anterior queda en %s: cuando ya no la necesite, bórrela.\n",
               aside);
    puts("Arranque el servicio con «systemctl start contraclaved» y ejecute «contraclavectl "
         "diagnostico».");
}

int copies_restore(const struct config *config, const char *const *values, bool json)
{
    const char *from = values[CTL_FIELD_FILE];
    struct copy_facts facts = {0};
    char aside[COPY_PATH_SIZE] = "";
    prepare_store(config);
    enum cc_err err =
        copy_restore(config->database, config->key, from, clock_wall_ms(), &facts, aside);
    if (err == CC_OK) /* or the next start would take it for a copy put back behind our back */
        err = store_accept_file(config->database, config->key, "contraclavectl restaura",
                                clock_wall_ms());
    if (err != CC_OK)
        return fail_copy("restaurado la copia", err);
    if (json)
        return print_result(json_pack("{s:s, s:s, s:I, s:I}", "copia", from, "anterior", aside,
                                      "ciudadanos", (json_int_t)facts.citizens, "ultima_ms",
                                      (json_int_t)facts.last_ms));
    say_restored(from, aside, &facts);
    return EXIT_SUCCESS;
}
