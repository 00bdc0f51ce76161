/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/upgrade.h"

#include "base/fsx.h"
#include "base/log.h"
#include "store/copy.h"
#include "store/engine.h"
#include "store/schema.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEPT_MS (INT64_C(30) * 24 * 3600 * 1000)

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

enum cc_err upgrade_copy(struct db *db, const struct store_engine *engine, const char *db_path)
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

void upgrade_forget_copies(const char *db_path, int64_t now_ms)
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
