/* SPDX-License-Identifier: EUPL-1.2 */
/* The fault that an engine met last: when it begins and ends, and the wait for a held lock. */
#include "store/engine.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/span.h"

#include <inttypes.h>

enum {
    FIRST_WAIT_US = 50 * 1000,
    LONGEST_WAIT_US = 1000 * 1000,
};

static const char *const sentences[] = {
    [DB_FAULT_BUSY] = "otro programa la tiene ocupada: ciérrelo",
    [DB_FAULT_AWAY] = "no hay conexión con el servidor",
    [DB_FAULT_REFUSED] =
        "el servidor no guarda nada: mire allí si su disco está lleno o falla, y aquí "
        "«contraclavectl base comprueba»",
    [DB_FAULT_FULL] = "el disco está lleno: libere espacio",
    [DB_FAULT_READ_ONLY] = "el disco está en solo lectura: mire «dmesg»",
    [DB_FAULT_DISK] = "el disco falla: mire «dmesg»",
    [DB_FAULT_MOVED] = "alguien ha movido, borrado o cambiado el fichero: póngalo en su sitio, o "
                       "reinicie el servicio si el que hay es el bueno",
    [DB_FAULT_DAMAGED] = "está dañada",
};

static void begin_trouble(struct db *db, enum db_fault fault, const char *words, const char *code)
{
    const char *then =
        fault != DB_FAULT_DAMAGED ? "; hasta entonces se rechazan las peticiones"
        : db_is_shared(db)
            ? "; hasta que quien administra el servidor recupere su copia se rechazan las "
              "peticiones"
            : "; hasta que se restaure la última copia (contraclavectl restaura) se rechazan las "
              "peticiones";
    log_error("base de datos: %s (%s, %s)%s", sentences[fault], words, code,
              db->trouble.fails_fast ? then : ""); /* else nobody is served with it: a copy */
    db->trouble.fault = fault;
    db->trouble.since_us = clock_mono_us();
    db->trouble.wait = (struct db_wait){0};
}

static void end_trouble(struct db *db)
{
    int64_t seconds = (clock_mono_us() - db->trouble.since_us) / US_PER_S;
    log_notice("base de datos: vuelve a funcionar, después de %" PRId64 " s", seconds);
    db->trouble.fault = DB_FAULT_NONE;
    db->trouble.wait.retry_us = 0;
}

void db_wait_longer(struct db_wait *wait)
{
    wait->wait_us = wait->wait_us == 0 ? FIRST_WAIT_US : 2 * wait->wait_us;
    if (wait->wait_us > LONGEST_WAIT_US)
        wait->wait_us = LONGEST_WAIT_US;
    wait->retry_us = clock_mono_us() + wait->wait_us;
}

enum cc_err db_fault_note(struct db *db, enum db_fault fault, const char *words, const char *code,
                          const char *sql)
{
    if (fault == DB_FAULT_NONE) {
        log_error("base de datos: %s (%s), en: %s", words, code, sql);
        return CC_ERR_DB;
    }
    /* Damage lasts; a fault that comes and goes beside it does not replace it. */
    if (db->trouble.fault != fault && db->trouble.fault != DB_FAULT_DAMAGED)
        begin_trouble(db, fault, words, code);
    db->trouble.changes = db->engine->total_changes(db);
    if (fault == DB_FAULT_BUSY && db->trouble.fails_fast)
        db_wait_longer(&db->trouble.wait);
    return fault == DB_FAULT_BUSY      ? CC_ERR_DB_BUSY
           : fault == DB_FAULT_DAMAGED ? CC_ERR_DB_DAMAGED
                                       : CC_ERR_DB;
}

bool db_fault_must_wait(const struct db *db)
{
    return db->trouble.wait.retry_us != 0 && clock_mono_us() < db->trouble.wait.retry_us;
}

void db_fault_begun(struct db *db)
{
    db->trouble.wait.retry_us = 0;
    if (db->trouble.fault == DB_FAULT_BUSY || db->trouble.fault == DB_FAULT_AWAY)
        end_trouble(db);
}

void db_fault_opened(struct db *db)
{
    if (db->trouble.fault == DB_FAULT_DAMAGED)
        end_trouble(db);
}

void db_fault_committed(struct db *db)
{
    bool can_end = db->trouble.fault != DB_FAULT_NONE && db->trouble.fault != DB_FAULT_DAMAGED;
    if (can_end && db->engine->total_changes(db) > db->trouble.changes)
        end_trouble(db);
}

enum db_fault db_fault(const struct db *db)
{
    return db->trouble.fault;
}

const char *db_place(const struct db *db)
{
    const struct engine_sharing *sharing = db->engine->sharing;
    return sharing != NULL && sharing->place != NULL ? sharing->place(db) : "";
}

void db_fail_fast(struct db *db)
{
    db->trouble.fails_fast = true;
    db->engine->fail_fast(db);
}
