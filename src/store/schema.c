/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/schema.h"

#include "base/log.h"
#include "store/schema_texts.h"

#include <inttypes.h>
#include <stddef.h>

int64_t schema_newest(void)
{
    int64_t count = 0;
    while (schema_steps[count] != NULL)
        count++;
    return count;
}

struct db_identity schema_identity(void)
{
    enum { APPLICATION_ID = 0x43434C56 }; /* "CCLV" */
    return (struct db_identity){APPLICATION_ID, schema_newest()};
}

static enum cc_err exec_whole(struct db *db)
{
    enum cc_err err = CC_OK;
    for (const char *const *part = schema_whole; err == CC_OK && *part != NULL; part++)
        err = db_exec_schema(db, *part);
    return err;
}

/* Nothing is left to do where another box, which began at the same time, has done it meanwhile. */
static enum cc_err apply_migrations(struct db *db, int64_t wanted)
{
    int64_t version = db_user_version(db);
    enum cc_err err = CC_OK;
    if (version == 0 && wanted >= SCHEMA_WHOLE) {
        err = exec_whole(db);
        version = SCHEMA_WHOLE;
    }
    for (; err == CC_OK && version < wanted; version++)
        err = db_exec_schema(db, schema_steps[version]);
    return err == CC_OK ? db_set_user_version(db, version) : err;
}

/* All of them are one transaction: a new database is there with one wait for the disk. */
enum cc_err schema_migrate_to(struct db *db, int64_t wanted)
{
    if (db_user_version(db) >= wanted)
        return CC_OK;
    enum cc_err err = db_begin(db);
    if (err == CC_OK)
        err = apply_migrations(db, wanted);
    if (err == CC_OK)
        err = db_commit(db);
    if (err == CC_OK)
        log_info("base de datos: al día con la versión %" PRId64, wanted);
    else
        db_rollback(db);
    return err;
}

enum cc_err schema_migrate(struct db *db)
{
    return schema_migrate_to(db, schema_newest());
}
