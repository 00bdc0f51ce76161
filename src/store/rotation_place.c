/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/rotation_place.h"

#include "base/fsx.h"
#include "base/log.h"
#include "store/copy.h"
#include "store/engine.h"
#include "store/engines.h"
#include "store/key_check.h"
#include "store/rotation.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OLD_SUFFIX "-vieja"

enum { PIECE_BYTES = 4 * 1024 * 1024 }; /* of a file, freed at once */

static bool name_file(char ret[ROTATION_PATH_SIZE], const char *path, const char *suffix)
{
    int len = snprintf(ret, ROTATION_PATH_SIZE, "%s%s", path, suffix);
    return len > 0 && len < ROTATION_PATH_SIZE;
}

enum cc_err rotation_files_name(const struct store_place *place, struct rotation_files *ret)
{
    const char *box = place->box != NULL ? place->box : "";
    ret->engine = place->engine != NULL ? place->engine : store_engine_of(place->db_path);
    bool fits = name_file(ret->database, place->db_path, "") &&
                name_file(ret->next_database, place->db_path, ".rota") &&
                name_file(ret->key, place->key_path, "") &&
                name_file(ret->next_key, place->key_path, ".nueva") &&
                snprintf(ret->box, sizeof(ret->box), "%s", box) < (int)sizeof(ret->box);
    return fits ? CC_OK : CC_ERR_NO_SPACE;
}

static void drop_beside(const char *path, const char *suffix)
{
    char name[ROTATION_PATH_SIZE];
    if (name_file(name, path, suffix))
        (void)unlink(name);
}

void rotation_files_drop(const struct rotation_files *files)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        drop_beside(files->next_database, suffixes[i]);
    drop_beside(files->next_key, ".ancla");
}

/* A log that readers of the old database kept must never be found by the new one. */
enum cc_err rotation_files_exchange(const struct rotation_files *files)
{
    char aside[ROTATION_PATH_SIZE];
    if (!name_file(aside, files->next_database, OLD_SUFFIX))
        return CC_ERR_NO_SPACE;
    (void)unlink(aside);
    (void)!link(files->database, aside); /* without it, its blocks are freed at once */
    bool done = files->engine->files->move_log(files->database, aside) &&
                rename(files->next_database, files->database) == 0;
    if (!done)
        log_error("no se puede poner %s en lugar de %s: %s", files->next_database, files->database,
                  err_system_text(errno));
    drop_beside(aside, "-wal");
    return done ? fsx_sync(files->database) : CC_ERR_IO;
}

bool rotation_files_shrink_old(const struct rotation_files *files)
{
    char aside[ROTATION_PATH_SIZE];
    struct stat st;
    if (!name_file(aside, files->next_database, OLD_SUFFIX) || stat(aside, &st) != 0)
        return true;
    if (st.st_size > PIECE_BYTES && truncate(aside, st.st_size - PIECE_BYTES) == 0)
        return false;
    (void)unlink(aside);
    return true;
}

#define DAY "[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]"
#define TIME "[0-9][0-9][0-9][0-9][0-9][0-9]"

/* Names behind that of the database: copy_before_upgrade(), and copy_restore() with its unfinished
 * file. A log of theirs, or a part, has more behind it. */
static const char *const older_names[] = {".version-[0-9]*", "." DAY "-" TIME "*", COPY_PART "*"};

static int64_t visit_older(const struct rotation_files *files, void (*visit)(const char *path))
{
    int64_t count = 0;
    char pattern[ROTATION_PATH_SIZE];
    for (size_t i = 0; i < sizeof(older_names) / sizeof(older_names[0]); i++) {
        glob_t found;
        if (!name_file(pattern, files->database, older_names[i]) ||
            glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
            continue;
        for (size_t k = 0; k < found.gl_pathc; k++)
            visit(found.gl_pathv[k]);
        count += (int64_t)found.gl_pathc;
        globfree(&found);
    }
    return count;
}

static void leave_older(const char *path)
{
    (void)path;
}

int64_t rotation_files_count_older(const struct rotation_files *files)
{
    return visit_older(files, leave_older);
}

static void drop_older(const char *path)
{
    if (unlink(path) == 0)
        log_notice("borrada %s: era de antes de cambiar la clave maestra, y solo se leía con la "
                   "anterior",
                   path);
    else
        log_warning("no se puede borrar %s, que se lee con la clave maestra anterior: bórrela a "
                    "mano: %s",
                    path, err_system_text(errno));
}

/* Where a disk writes in place, nothing of it is left; elsewhere its blocks are free and the disk
 * erases them in time. */
static void destroy_key(const char *path)
{
    uint8_t noise[SECRET_KEY_BYTES];
    secret_random(noise, sizeof(noise));
    if (chmod(path, 0600) != 0)
        return; /* of another owner: the rename takes its name away */
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    if (!fsx_write_all(fd, noise, sizeof(noise)) || fsync(fd) != 0)
        log_warning("la clave maestra anterior no se ha podido borrar del disco: %s",
                    err_system_text(errno));
    close(fd);
}

enum cc_err rotation_files_take_key(const struct rotation_files *files)
{
    char next_anchor[ROTATION_PATH_SIZE], anchor[ROTATION_PATH_SIZE];
    if (!name_file(next_anchor, files->next_key, ".ancla") ||
        !name_file(anchor, files->key, ".ancla"))
        return CC_ERR_NO_SPACE;
    if (rename(next_anchor, anchor) != 0 && errno != ENOENT)
        return CC_ERR_IO;
    drop_beside(files->next_database, OLD_SUFFIX "-wal"); /* see rotation_files_exchange() */
    if (visit_older(files, drop_older) > 0 && fsx_sync(files->database) != CC_OK)
        return CC_ERR_IO;
    destroy_key(files->key);
    if (rename(files->next_key, files->key) != 0 || fsx_sync(files->key) != CC_OK) {
        log_error("no se puede poner %s en lugar de %s: %s", files->next_key, files->key,
                  err_system_text(errno));
        return CC_ERR_IO;
    }
    log_notice("la clave maestra es otra: la anterior ya no abre nada de %s", files->database);
    return CC_OK;
}

bool rotation_is_pending(const struct store_place *place)
{
    struct rotation_files files;
    return rotation_files_name(place, &files) == CC_OK && fsx_exists(files.next_key) &&
           fsx_exists(files.next_database);
}

/* Whether the database has the new key already. */
static bool has_next_key(const struct rotation_files *files)
{
    struct store store = {.anchor.fd = -1};
    bool has = secret_keys_load(files->next_key, false, &store.keys) == CC_OK &&
               store_open_sealed(files->database, &store.db) == CC_OK &&
               key_check_compare(&store) == CC_OK;
    store_close(&store);
    return has;
}

enum cc_err rotation_settle(const struct store_place *place)
{
    struct rotation_files files;
    enum cc_err err = rotation_files_name(place, &files);
    if (err == CC_OK)
        drop_beside(files.next_database, OLD_SUFFIX);
    if (err != CC_OK || !fsx_exists(files.next_key) || !fsx_exists(files.database) ||
        !has_next_key(&files))
        return err;
    return rotation_files_take_key(&files);
}
