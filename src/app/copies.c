/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/copies.h"

#include "app/ctl_command.h"
#include "app/ctl_table.h"
#include "app/memory.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "base/secret.h"
#include "store/accept.h"
#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { KEY_MODE = 0400, TIME_SIZE = 40, FOLDER_SIZE = 256 };

static const char key_suffix[] = ".clave", plain_suffix[] = "-sin-sello";

void copies_prepare(const struct config *config)
{
    umask(077);
    memory_keep_private();
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
    ctl_print_json(answer);
    json_decref(answer);
    return EXIT_SUCCESS;
}

/* ---- copia ---------------------------------------------------------------------------------- */

/* A file of its own: key and copy together open everything. */
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
                err == CC_ERR_IO ? err_system_text(errno) : err_text(err));
    secret_wipe(key, sizeof(key));
    return err;
}

static void say_copied(const char *to, const char *key_to, bool is_sealed,
                       const struct copy_facts *facts)
{
    char last[TIME_SIZE];
    write_time(facts->last_ms, last);
    printf("Copia hecha, %s y comprobada: %s (%" PRId64 " KiB, %" PRId64
           " ciudadanos, última anotación: %s).\n",
           is_sealed ? "sellada" : "sin sellar", to, facts->bytes / 1024, facts->citizens, last);
    if (key_to != NULL)
        printf("Copia de la clave maestra: %s. La copia y la clave juntas lo abren todo: guárdelas "
               "en sitios distintos, y ninguna en este equipo.\n",
               key_to);
    else
        puts("Sin la clave maestra no se puede leer: guarde también la clave, en otro sitio "
             "(contraclavectl copia … --clave).");
    if (facts->applications > 0)
        printf("Los documentos de las altas en línea por revisar (%" PRId64
               ") no van en la copia: se destruyen al revisarlas, y en ella seguirían.\n",
               facts->applications);
}

/* A plain copy first, beside the database, where it is as safe as that. */
static enum cc_err make_sealed(const struct config *config, const char *to, struct copy_facts *ret)
{
    struct envelope envelope;
    char plain[COPY_PATH_SIZE];
    if (fsx_exists(to))
        return CC_ERR_COPY_EXISTS;
    if (!envelope_parse(config->copies.seal, &envelope) ||
        snprintf(plain, sizeof(plain), "%s%s", config->database, plain_suffix) >=
            (int)sizeof(plain))
        return CC_ERR_NO_SPACE;
    (void)unlink(plain); /* of a copy that a power cut ended */
    enum cc_err err = copy_make(config->database, config->key, plain, ret);
    if (err == CC_OK)
        err = copies_seal(&envelope, plain, to);
    (void)unlink(plain);
    return err;
}

/* Makes the new file `to`, sealed where the configuration has a seal. Errors: those of copy_make()
 * and copies_seal(). */
static enum cc_err write_copy(const struct config *config, const char *to, struct copy_facts *ret)
{
    return config->copies.seal[0] != '\0' ? make_sealed(config, to, ret)
                                          : copy_make(config->database, config->key, to, ret);
}

/* The copy, the key beside it if it is wanted, and where it is sent the sending. */
static int write_all(const struct config *config, const struct copies_target *target,
                     const char *key_to, struct copy_facts *ret)
{
    if (key_to != NULL && fsx_exists(key_to)) {
        fprintf(stderr, "contraclavectl: %s ya existe\n", key_to);
        return fail_copy("hecho la copia", CC_ERR_COPY_EXISTS);
    }
    enum cc_err err = write_copy(config, target->path, ret);
    bool is_made = err == CC_OK;
    if (is_made && key_to != NULL)
        err = copy_key(config->key, key_to);
    if (is_made && err != CC_OK)
        (void)unlink(target->path);
    if (err != CC_OK)
        return fail_copy("hecho la copia", err);
    if (target->url[0] == '\0')
        return EXIT_SUCCESS;
    int code = copies_post(&config->copies, target->path, target->url);
    (void)unlink(target->path);
    return code;
}

static int say_made(const struct config *config, const struct copies_target *target,
                    const char *key_to, bool json, const struct copy_facts *facts)
{
    const char *to = target->url[0] != '\0' ? target->url : target->path;
    bool is_sealed = config->copies.seal[0] != '\0';
    if (json)
        return print_result(
            json_pack("{s:s, s:s?, s:b, s:I, s:I, s:I}", "copia", to, "clave", key_to, "sellada",
                      is_sealed, "bytes", (json_int_t)facts->bytes, "ciudadanos",
                      (json_int_t)facts->citizens, "ultima_ms", (json_int_t)facts->last_ms));
    say_copied(to, key_to, is_sealed, facts);
    return EXIT_SUCCESS;
}

int copies_make(const struct config *config, const char *const *values, bool json)
{
    struct copies_target target;
    struct copy_facts facts = {0};
    bool with_key = values[CTL_FIELD_WITH_KEY] != NULL;
    char *key_to = NULL;
    copies_prepare(config);
    int code = copies_lock(config->database);
    if (code == EXIT_SUCCESS)
        code = copies_target_find(config, values[CTL_FIELD_FILE], clock_wall_ms(), &target);
    if (code != EXIT_SUCCESS)
        return code;
    if (with_key && target.url[0] != '\0') {
        fputs("contraclavectl: la clave maestra no se envía: cópiela a mano en otro sitio\n",
              stderr);
        return EX_USAGE;
    }
    if (with_key && asprintf(&key_to, "%s%s", target.path, key_suffix) < 0)
        abort();
    copies_sweep(&target);
    code = write_all(config, &target, key_to, &facts);
    if (code == EXIT_SUCCESS) {
        copy_note(config->database);
        copies_prune(&target, config->copies.keep);
        code = say_made(config, &target, key_to, json, &facts);
    }
    free(key_to);
    return code;
}

/* ---- a copy as a plain file ----------------------------------------------------------------- */

/* The file that `restaura` reads: the copy itself, or what a sealed one has in it, for a while. */
struct opened {
    const char *path;
    char plain[COPY_PATH_SIZE]; /* to be removed; "" = the copy is not sealed */
};

static enum cc_err open_copy(const char *from, const char *const *values, const char *beside,
                             struct opened *ret)
{
    const struct copies_opener opener = {.has_phrase = values[CTL_FIELD_PHRASE] != NULL,
                                         .private_path = values[CTL_FIELD_PRIVATE]};
    bool is_sealed = false;
    *ret = (struct opened){.path = from};
    enum cc_err err = copies_find_seal(from, &is_sealed);
    if (err == CC_ERR_NOT_FOUND)
        fprintf(stderr, "contraclavectl: no existe %s\n", from);
    if (err != CC_OK || !is_sealed)
        return err;
    if (snprintf(ret->plain, sizeof(ret->plain), "%s%s", beside, plain_suffix) >=
        (int)sizeof(ret->plain))
        return CC_ERR_NO_SPACE;
    (void)unlink(ret->plain);
    ret->path = ret->plain;
    return copies_unseal(from, &opener, ret->plain);
}

static void close_copy(const struct opened *opened)
{
    if (opened->plain[0] != '\0')
        (void)unlink(opened->plain);
}

/* ---- restaura --ensayo ---------------------------------------------------------------------- */

static void say_drill(const char *from, bool is_sealed, const struct copy_facts *facts)
{
    char last[TIME_SIZE];
    write_time(facts->last_ms, last);
    printf("La copia %s es buena: %sestá entera y es de la clave maestra de este equipo; %" PRId64
           " ciudadanos, última anotación: %s. No se ha cambiado nada.\n",
           from, is_sealed ? "se abre, " : "", facts->citizens, last);
    if (facts->is_older)
        puts("Es de una versión anterior del programa: se pondrá al día al restaurarla.");
    if (facts->last_ms > clock_wall_ms())
        puts("Su última anotación es de una hora que todavía no ha llegado: mire la hora de este "
             "equipo antes de restaurarla.");
}

static void remove_drill(const char *folder)
{
    static const char *const ends[] = {"-wal", "-shm", "-journal", ""};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        char file[COPY_PATH_SIZE];
        (void)snprintf(file, sizeof(file), "%s/copia%s%s", folder, plain_suffix, ends[i]);
        (void)unlink(file);
    }
    (void)rmdir(folder);
}

/*
 * A process that removes the folder when this one ends, also by SIGKILL: SQLite opens no file
 * without a name. Returns the descriptor whose end tells it; -1: it could not be started.
 */
static int guard_drill(const char *folder)
{
    int ends[2];
    char byte;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        (void)setsid(); /* a terminal that hangs up is no end of it */
        (void)close(ends[1]);
        memory_keep_private();
        while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
            continue;
        remove_drill(folder);
        _exit(EXIT_SUCCESS);
    }
    (void)close(ends[0]);
    if (pid < 0) {
        (void)close(ends[1]);
        return -1;
    }
    return ends[1];
}

/* In a folder of its own, which nothing else of the box is in. */
static enum cc_err prove_in(const char *folder, const struct config *config,
                            const char *const *values, bool *ret_is_sealed, struct copy_facts *ret)
{
    char beside[COPY_PATH_SIZE];
    struct opened opened;
    (void)snprintf(beside, sizeof(beside), "%s/copia", folder);
    enum cc_err err = open_copy(values[CTL_FIELD_FILE], values, beside, &opened);
    if (err == CC_OK)
        err = copy_prove(opened.path, config->key, ret);
    close_copy(&opened);
    *ret_is_sealed = opened.plain[0] != '\0';
    return err;
}

static int run_drill(const struct config *config, const char *const *values, bool json)
{
    const char *tmp = getenv("TMPDIR");
    struct copy_facts facts = {0};
    char folder[FOLDER_SIZE];
    bool is_sealed = false;
    copies_prepare(config);
    if (snprintf(folder, sizeof(folder), "%s/contraclaved-ensayo.XXXXXX",
                 tmp != NULL ? tmp : "/var/tmp") >= (int)sizeof(folder) ||
        mkdtemp(folder) == NULL) {
        fprintf(stderr, "contraclavectl: no se puede escribir en %s: %s\n", folder,
                err_system_text(errno));
        return fail_copy("ensayado la copia", CC_ERR_IO);
    }
    int guard = guard_drill(folder);
    enum cc_err err = guard >= 0 ? prove_in(folder, config, values, &is_sealed, &facts) : CC_ERR_IO;
    remove_drill(folder);
    if (guard >= 0)
        (void)close(guard);
    if (err != CC_OK)
        return fail_copy("ensayado la copia", err);
    if (json)
        return print_result(json_pack("{s:s, s:b, s:b, s:I, s:I}", "copia", values[CTL_FIELD_FILE],
                                      "sellada", is_sealed, "anterior", facts.is_older,
                                      "ciudadanos", (json_int_t)facts.citizens, "ultima_ms",
                                      (json_int_t)facts.last_ms));
    say_drill(values[CTL_FIELD_FILE], is_sealed, &facts);
    return EXIT_SUCCESS;
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
    if (facts->applications > 0)
        printf("Hay altas en línea por revisar (%" PRId64
               "), y sus documentos no van en las copias. Si el suyo ya no está en este equipo, "
               "rechácela con el motivo documento_ilegible: la persona recibe un SMS para pedir "
               "otra.\n",
               facts->applications);
    if (aside[0] != '\0')
        printf("La base de datos anterior queda en %s: cuando ya no la necesite, bórrela.\n",
               aside);
    puts("Arranque el servicio con «systemctl start contraclaved» y ejecute «contraclavectl "
         "diagnostico».");
}

int copies_restore(const struct config *config, const char *const *values, bool json)
{
    if (values[CTL_FIELD_DRILL] != NULL)
        return run_drill(config, values, json);
    const char *from = values[CTL_FIELD_FILE];
    struct copy_facts facts = {0};
    struct opened opened;
    char aside[COPY_PATH_SIZE] = "";
    copies_prepare(config);
    int code = copies_lock(config->database);
    if (code != EXIT_SUCCESS)
        return code;
    enum cc_err err = open_copy(from, values, config->database, &opened);
    if (err == CC_OK)
        err = copy_restore(config->database, config->key, opened.path, clock_wall_ms(), &facts,
                           aside);
    close_copy(&opened);
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
