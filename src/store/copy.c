/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/copy.h"

#include "base/fsx.h"
#include "base/log.h"
#include "base/span.h"
#include "store/applications.h"
#include "store/audit.h"
#include "store/check.h"
#include "store/citizens.h"
#include "store/engines.h"
#include "store/schema.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- looking at a copy ---------------------------------------------------------------------- */

static enum cc_err last_of_audit(struct store *store, int64_t *ret_ms)
{
    return db_run_int(
        db_query(store->db, "SELECT coalesce((SELECT at_ms FROM audit ORDER BY id DESC LIMIT 1), 0)"
                            " AS last"),
        ret_ms);
}

static enum cc_err check_audit(struct store *store)
{
    int64_t bad = 0;
    enum cc_err err = audit_verify(store, &bad);
    if (err != CC_OK || bad == 0)
        return err;
    log_error("el registro de auditoría de la copia no está como se escribió, desde la anotación "
              "%" PRId64,
              bad);
    return CC_ERR_AUDIT_BROKEN;
}

/* The tag of every row and the sums of every table, as the daemon looks at them. */
static enum cc_err check_rows(struct store *store)
{
    struct check check;
    struct head head;
    bool fits = false;
    enum cc_err err = check_run(&check, store, NULL, NULL);
    if (err == CC_OK)
        err = head_read(store, check.audit.tail.tag, &head, &fits);
    if (err != CC_OK || (fits && check_is_good(&check)))
        return err;
    log_error("la copia tiene filas cambiadas sin la clave maestra, o le faltan");
    return CC_ERR_ALTERED;
}

/* A database of an older program may have no table of altas yet. */
static enum cc_err read_facts(struct store *store, struct copy_facts *facts)
{
    struct application_load load = {0};
    enum cc_err err = facts->is_older ? CC_OK : applications_measure(store, &load);
    facts->applications = load.open;
    if (err == CC_OK)
        err = citizens_count(store, &facts->citizens);
    return err == CC_OK ? last_of_audit(store, &facts->last_ms) : err;
}

static enum cc_err check_content(struct store *store, bool with_rows, struct copy_facts *facts)
{
    enum cc_err err = db_check_whole(store->db);
    if (err == CC_OK)
        err = check_audit(store);
    if (err == CC_OK)
        facts->is_older = db_user_version(store->db) < schema_newest();
    if (err == CC_OK && with_rows && !facts->is_older)
        err = check_rows(store);
    return err == CC_OK ? read_facts(store, facts) : err;
}

/* Opens it for reading, with the key, and reads all of it; of a database of now, with_rows, the
 * tags too. */
static enum cc_err look_at(const char *path, const char *key_path, bool with_rows,
                           struct copy_facts *ret)
{
    struct store store = {0};
    struct copy_facts facts = {0};
    struct stat st;
    enum cc_err err = store_open_to_read(path, key_path, &store);
    if (err == CC_OK)
        err = check_content(&store, with_rows, &facts);
    store_close(&store);
    if (err == CC_OK && stat(path, &st) == 0)
        facts.bytes = st.st_size;
    if (err == CC_OK)
        *ret = facts;
    return err;
}

static bool is_on_server(const char *db_path)
{
    bool is_server = store_is_on_server(db_path);
    if (is_server)
        log_error("la base de datos está en un servidor: sus copias las hacen quienes lo llevan, "
                  "con pg_dump o pg_basebackup");
    return is_server;
}

/* ---- making one ----------------------------------------------------------------------------- */

enum cc_err copy_make_part(const char *to, char temporary[COPY_PATH_SIZE])
{
    static const char *const ends[] = {"-journal", "-wal", "-shm", ""};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        int len = snprintf(temporary, COPY_PATH_SIZE, "%s" COPY_PART "%s", to, ends[i]);
        if (len < 0 || len >= COPY_PATH_SIZE)
            return CC_ERR_NO_SPACE;
        (void)unlink(temporary);
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        log_error("no se puede escribir en la carpeta de %s: %s", to, err_system_text(errno));
        return CC_ERR_IO;
    }
    close(fd);
    return CC_OK;
}

static enum cc_err fill_copy(const char *from, const char *key_path, const char *temporary,
                             struct copy_facts *ret)
{
    enum cc_err err = store_engine_of(from)->files->backup(from, temporary);
    return err == CC_OK ? look_at(temporary, key_path, false, ret) : err;
}

/* An error of what was read, where that is a copy: its sentence must not blame the database. */
static enum cc_err blame_copy(enum cc_err err)
{
    return err == CC_ERR_DB_DAMAGED ? CC_ERR_COPY_BROKEN : err;
}

enum cc_err copy_prove(const char *path, const char *key_path, struct copy_facts *ret)
{
    if (!fsx_exists(path)) {
        log_error("no existe %s", path);
        return CC_ERR_NOT_FOUND;
    }
    return blame_copy(look_at(path, key_path, true, ret));
}

enum cc_err copy_make(const char *db_path, const char *key_path, const char *to,
                      struct copy_facts *ret)
{
    char temporary[COPY_PATH_SIZE];
    if (is_on_server(db_path))
        return CC_ERR_ON_SERVER;
    if (!fsx_exists(db_path)) {
        log_error("no existe la base de datos %s", db_path);
        return CC_ERR_NOT_FOUND;
    }
    if (fsx_exists(to)) {
        log_error("%s ya existe: elija otro nombre", to);
        return CC_ERR_COPY_EXISTS;
    }
    enum cc_err err = copy_make_part(to, temporary);
    if (err != CC_OK)
        return err;
    err = fill_copy(db_path, key_path, temporary, ret);
    if (err == CC_OK && fsx_move_new(temporary, to) != CC_OK) {
        log_error("no se puede terminar la copia %s: %s", to, err_system_text(errno));
        err = CC_ERR_IO;
    }
    if (err != CC_OK)
        (void)unlink(temporary);
    return err;
}

/* ---- putting one back ----------------------------------------------------------------------- */

/* The database's owner must be able to open what takes its place. */
static void take_owner(const char *path, const char *of)
{
    struct stat st;
    if (stat(of, &st) == 0 && chown(path, st.st_uid, st.st_gid) != 0)
        log_warning("%s no se ha podido dar al usuario del servicio: %s", path,
                    err_system_text(errno));
}

static bool name_note(const char *db_path, char ret[COPY_PATH_SIZE])
{
    int len = snprintf(ret, COPY_PATH_SIZE, "%s-copia", db_path);
    return len > 0 && len < COPY_PATH_SIZE;
}

void copy_note(const char *db_path)
{
    static const char text[] = "La fecha de este fichero es la de la última copia.\n";
    char path[COPY_PATH_SIZE];
    if (!name_note(db_path, path) || fsx_replace(path, text, sizeof(text) - 1, 0600) != CC_OK)
        log_warning("no se ha podido anotar la fecha de la copia junto a %s: %s", db_path,
                    err_system_text(errno));
    else
        take_owner(path, db_path);
}

/* By the time of the file: the service may ask for it, also of a file that is not its own. */
int64_t copy_last_ms(const char *db_path)
{
    char path[COPY_PATH_SIZE];
    struct stat st;
    if (!name_note(db_path, path) || stat(path, &st) != 0)
        return 0;
    return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

/* The name of the replaced database: its own with the time behind it. */
static bool name_aside(const char *path, int64_t now_ms, char ret[COPY_PATH_SIZE])
{
    char stamp[32] = "";
    struct tm tm;
    time_t now_s = (time_t)(now_ms / 1000);
    if (localtime_r(&now_s, &tm) == NULL ||
        strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &tm) == 0)
        return false;
    int len = snprintf(ret, COPY_PATH_SIZE, "%s.%s", path, stamp);
    return len > 0 && len < COPY_PATH_SIZE && !fsx_exists(ret);
}

/* A hard link first, so that at no moment there is no database under its name. */
static enum cc_err exchange_files(const char *path, const char *temporary, const char *aside)
{
    bool done = (!fsx_exists(path) || link(path, aside) == 0) &&
                store_engine_of(path)->files->move_log(path, aside) && rename(temporary, path) == 0;
    if (!done)
        log_error("no se puede cambiar %s por la copia: %s", path, err_system_text(errno));
    return done && fsx_sync(path) == CC_OK ? CC_OK : CC_ERR_IO;
}

/* Opens it as the daemon will, which also migrates an older copy, and leaves word in its audit. */
static enum cc_err settle_copy(const char *path, const char *key_path, int64_t now_ms)
{
    struct store store;
    const struct audit_entry entry = {
        .event = "restaurar_copia", .actor = "contraclavectl", .result = "correcto"};
    enum cc_err err = store_open(path, key_path, &store);
    if (err != CC_OK)
        return err;
    err = audit_append(&store, &entry, now_ms, NULL);
    store_close(&store);
    return err;
}

static enum cc_err replace_database(const char *db_path, const char *key_path,
                                    const char *temporary, int64_t now_ms,
                                    char ret_aside[COPY_PATH_SIZE])
{
    int lock_fd = -1;
    enum cc_err err = store_engine_of(db_path)->files->lock_file(db_path, &lock_fd);
    if (err == CC_OK && !name_aside(db_path, now_ms, ret_aside))
        err = CC_ERR_IO;
    if (err == CC_OK)
        err = exchange_files(db_path, temporary, ret_aside);
    if (lock_fd < 0)
        ret_aside[0] = '\0'; /* there was none */
    if (err == CC_OK)
        err = settle_copy(db_path, key_path, now_ms);
    if (lock_fd >= 0)
        close(lock_fd);
    return err;
}

enum cc_err copy_restore(const char *db_path, const char *key_path, const char *from,
                         int64_t now_ms, struct copy_facts *ret, char ret_aside[COPY_PATH_SIZE])
{
    char temporary[COPY_PATH_SIZE];
    if (is_on_server(db_path))
        return CC_ERR_ON_SERVER;
    if (!fsx_exists(from)) {
        log_error("no existe %s", from);
        return CC_ERR_NOT_FOUND;
    }
    enum cc_err err = copy_make_part(db_path, temporary);
    if (err != CC_OK)
        return err;
    take_owner(temporary, db_path);
    err = blame_copy(fill_copy(from, key_path, temporary, ret));
    if (err == CC_OK)
        err = fsx_sync(temporary);
    if (err == CC_OK)
        err = replace_database(db_path, key_path, temporary, now_ms, ret_aside);
    (void)unlink(temporary);
    return err;
}

/* ---- before an upgrade ---------------------------------------------------------------------- */

#define KEPT_MS (30 * DAY_MS)

static enum cc_err write_copy(const struct store_engine *engine, const char *db_path,
                              const char *copy)
{
    char part[COPY_PATH_SIZE];
    enum cc_err err = copy_make_part(copy, part);
    if (err != CC_OK)
        return err;
    err = engine->files->backup(db_path, part);
    if (err == CC_OK &&
        (fsx_sync(part) != CC_OK || rename(part, copy) != 0 || fsx_sync(copy) != CC_OK))
        err = CC_ERR_IO;
    if (err != CC_OK)
        (void)unlink(part);
    return err;
}

enum cc_err copy_before_upgrade(struct db *db, const struct store_engine *engine,
                                const char *db_path)
{
    char copy[COPY_PATH_SIZE];
    int64_t version = db_user_version(db);
    if (version == 0 || version >= schema_newest() || engine->files == NULL)
        return CC_OK;
    if (snprintf(copy, sizeof(copy), "%s.version-%" PRId64, db_path, version) >= (int)sizeof(copy))
        return CC_ERR_NO_SPACE;
    enum cc_err err = write_copy(engine, db_path, copy);
    if (err == CC_OK)
        log_notice("base de datos: la de antes de ponerla al día queda 30 días en %s", copy);
    else
        log_error("base de datos: no se pone al día sin poder guardar antes una copia en %s: deje "
                  "sitio en el disco",
                  copy);
    return err;
}

void copy_forget_upgrades(const char *db_path, int64_t now_ms)
{
    char pattern[COPY_PATH_SIZE];
    glob_t found;
    struct stat st;
    if (snprintf(pattern, sizeof(pattern), "%s.version-[0-9]*", db_path) >= (int)sizeof(pattern) ||
        glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (stat(found.gl_pathv[i], &st) == 0 &&
            now_ms - (int64_t)st.st_mtim.tv_sec * 1000 > KEPT_MS && unlink(found.gl_pathv[i]) == 0)
            log_info("base de datos: borrada la copia antigua %s", found.gl_pathv[i]);
    globfree(&found);
}
