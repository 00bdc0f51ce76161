/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/watch.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/service.h"
#include "store/recoveries.h"
#include "store/samples.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND_US INT64_C(1000000)

enum {
    POINT_EVERY_S = 45, /* rounds come every minute; those of a modem that comes and goes, faster */
    POINT_MISSING_S = 90,
    WRITE_EVERY_S = 300,
    CLOCK_FAR_S = 300,
    CLOCK_FAR_TIMES = 2,
    CLOCK_HOLDS_S = 600, /* what a network said longer ago is no witness of now */
    TIME_SIZE = 32,
};

static struct watch_modem *entry_of(struct service *service, const struct modem *modem)
{
    struct watch_modem *entries = service->watch.modems;
    for (size_t i = 0; i < POOL_MAX; i++) {
        if (entries[i].modem == NULL)
            entries[i].modem = modem;
        if (entries[i].modem == modem)
            return &entries[i];
    }
    return NULL; /* the pool has no more than that */
}

/* ---- points --------------------------------------------------------------------------------- */

static int64_t known(int value)
{
    return value == MODEM_SAMPLE_UNKNOWN ? SAMPLES_UNKNOWN : value;
}

static void hold(struct service *service, struct watch_modem *entry,
                 const struct modem_sample *sample, int64_t now_ms)
{
    struct watch *watch = &service->watch;
    struct modem_status status;
    modem_status(entry->modem, &status);
    const struct samples_point point = {
        .modem = modem_name(entry->modem),
        .is_registered = status.state == MODEM_READY,
        .rat = known(sample->rat),
        .signal_dbm = known(sample->signal_dbm),
        .rsrp_dbm = known(sample->rsrp_dbm),
        .rsrq_cb = known(sample->rsrq_cb),
        .temperature_c = known(sample->temperature_c),
        .supply_mv = known(sample->supply_mv),
        .storage_used = known(sample->storage_used),
        .storage_total = known(sample->storage_total),
        .sent = (int64_t)(status.sent - entry->sent),
        .refused = (int64_t)(status.refused - entry->refused),
        .unknown = (int64_t)(status.unknown - entry->unknown),
    };
    if (watch->held_count == WATCH_HELD_MAX) /* the disk has taken nothing for long */
        memmove(&watch->held[0], &watch->held[1], --watch->held_count * sizeof(watch->held[0]));
    watch->held[watch->held_count++] = (struct watch_held){.point = point, .at_ms = now_ms};
    entry->sent = status.sent;
    entry->refused = status.refused;
    entry->unknown = status.unknown;
    entry->stored_us = clock_mono_us();
}

enum cc_err watch_write(struct service *service)
{
    struct watch *watch = &service->watch;
    enum cc_err err = CC_OK;
    for (size_t i = 0; i < watch->held_count && err == CC_OK; i++)
        err = samples_insert(service->store, &watch->held[i].point, watch->held[i].at_ms);
    if (err != CC_OK)
        return err;
    watch->held_count = 0;
    watch->written_us = clock_mono_us();
    return CC_OK;
}

static bool must_write(const struct watch *watch)
{
    return watch->held_count > 0 &&
           (watch->written_us == 0 ||
            clock_mono_us() - watch->written_us >= WRITE_EVERY_S * SECOND_US);
}

/* Under a clock that is behind, the points would fall among old ones. */
static bool may_store(struct service *service, int64_t now_ms)
{
    bool is_reliable = false;
    return service_clock_is_reliable(service, now_ms, &is_reliable) == CC_OK && is_reliable;
}

static bool is_older(const struct watch_modem *entry, int64_t seconds)
{
    return entry->stored_us == 0 || clock_mono_us() - entry->stored_us >= seconds * SECOND_US;
}

static void watch_time(struct watch_modem *entry, const struct modem_sample *sample);

void watch_sampled(struct service *service, struct modem *modem, const struct modem_sample *sample)
{
    struct watch_modem *entry = entry_of(service, modem);
    int64_t now_ms = clock_wall_ms();
    if (entry == NULL)
        return;
    watch_time(entry, sample);
    if (!is_older(entry, POINT_EVERY_S) || !may_store(service, now_ms))
        return;
    hold(service, entry, sample, now_ms);
    if (must_write(&service->watch) && turn_enter(service->turn) == CC_OK)
        turn_leave(service->turn, watch_write(service) == CC_OK);
}

enum cc_err watch_minute(struct service *service, struct pool *pool, int64_t now_ms)
{
    struct modem_sample nothing;
    modem_sample_clear(&nothing);
    if (!may_store(service, now_ms))
        return CC_OK;
    for (size_t i = 0; i < pool_count(pool); i++) {
        struct watch_modem *entry = entry_of(service, pool_at(pool, i));
        if (entry != NULL && is_older(entry, POINT_MISSING_S))
            hold(service, entry, &nothing, now_ms);
    }
    return must_write(&service->watch) ? watch_write(service) : CC_OK;
}

/* ---- recoveries ----------------------------------------------------------------------------- */

void watch_recovery(struct service *service, struct modem *modem,
                    const struct modem_recovery *recovery)
{
    struct store *store = service->store;
    const char *name = modem_name(modem);
    int64_t now_ms = clock_wall_ms();
    if (turn_enter(service->turn) != CC_OK)
        return;
    enum cc_err err =
        recovery->is_end
            ? recoveries_end(store, name, recovery->rung, recovery->evidence, recovery->worked,
                             now_ms)
            : recoveries_begin(store, name, recovery->rung, recovery->evidence, now_ms);
    turn_leave(service->turn, err == CC_OK);
}

/* ---- the network's time --------------------------------------------------------------------- */

static void watch_time(struct watch_modem *entry, const struct modem_sample *sample)
{
    int offset_s = sample->clock_offset_s;
    if (offset_s == MODEM_SAMPLE_UNKNOWN) {
        entry->far = 0;
        return;
    }
    bool is_far = offset_s > CLOCK_FAR_S || offset_s < -CLOCK_FAR_S;
    entry->clock_offset_s = offset_s;
    entry->told_us = clock_mono_us();
    if (!is_far)
        entry->far = 0;
    else if (entry->far < CLOCK_FAR_TIMES && ++entry->far == CLOCK_FAR_TIMES)
        log_warning("módem %s: la hora de la red móvil y la de este equipo difieren en %d s: "
                    "revise el reloj",
                    modem_name(entry->modem), abs(offset_s));
}

/* The witness to be shown: of a clock that cannot be trusted any will do. */
static const struct watch_modem *witness(const struct service *service, bool is_reliable)
{
    int64_t since_us = clock_mono_us() - CLOCK_HOLDS_S * SECOND_US;
    for (size_t i = 0; i < POOL_MAX; i++) {
        const struct watch_modem *entry = &service->watch.modems[i];
        if (entry->told_us != 0 && entry->told_us >= since_us &&
            (!is_reliable || entry->far >= CLOCK_FAR_TIMES))
            return entry;
    }
    return NULL;
}

void watch_clock_advice(const struct service *service, bool is_reliable, int64_t now_ms,
                        struct buf *out)
{
    const struct watch_modem *entry = witness(service, is_reliable);
    if (entry == NULL)
        return;
    char text[TIME_SIZE] = "";
    struct tm tm;
    time_t network_s = (time_t)(now_ms / 1000 + entry->clock_offset_s);
    if (localtime_r(&network_s, &tm) == NULL ||
        strftime(text, sizeof(text), "%H:%M del %d/%m/%Y", &tm) == 0)
        return;
    buf_fmt(out,
            is_reliable ? "La red móvil dice que son las %s y este equipo marca otra hora: revise "
                          "su reloj."
                        : "El reloj de este equipo no es fiable. La red móvil dice que son las "
                          "%s: póngalo en hora.",
            text);
}
