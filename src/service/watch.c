/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/watch.h"

#include "base/log.h"
#include "base/span.h"
#include "service/chronicle.h"
#include "service/service.h"
#include "store/outbox_list.h"
#include "store/recoveries.h"
#include "store/samples.h"

#include <stdlib.h>
#include <string.h>

enum {
    POINT_EVERY_S = 45, /* rounds come every minute; those of a modem that comes and goes, faster */
    POINT_MISSING_S = 90,
    WRITE_EVERY_S = 300,
    FRESH_MS = 600000, /* a network that is silent for longer is an old witness */
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

/* ---- points ---------------------------------------------------------------------------------- */

static int64_t known_or_null(int value)
{
    return value == MODEM_SAMPLE_UNKNOWN ? SAMPLES_UNKNOWN : value;
}

/* Takes the oldest away. */
static void drop_points(struct watch *watch, size_t count)
{
    watch->held_count -= count;
    watch->held_in_turn -= count < watch->held_in_turn ? count : watch->held_in_turn;
    memmove(&watch->held[0], &watch->held[count], watch->held_count * sizeof(watch->held[0]));
}

static void drop_looks(struct watch *watch, size_t count)
{
    watch->look_count -= count;
    watch->looks_in_turn -= count < watch->looks_in_turn ? count : watch->looks_in_turn;
    memmove(&watch->looks[0], &watch->looks[count], watch->look_count * sizeof(watch->looks[0]));
}

static void hold_point(struct service *service, struct watch_modem *entry,
                       const struct modem_sample *sample, int64_t now_ms)
{
    struct watch *watch = &service->watch;
    struct modem_status status;
    modem_status(entry->modem, &status);
    const struct samples_point point = {
        .modem = modem_name(entry->modem),
        .is_registered = status.state == MODEM_READY,
        .rat = known_or_null(sample->rat),
        .signal_dbm = known_or_null(sample->signal_dbm),
        .rsrp_dbm = known_or_null(sample->rsrp_dbm),
        .rsrq_cb = known_or_null(sample->rsrq_cb),
        .temperature_c = known_or_null(sample->temperature_c),
        .supply_mv = known_or_null(sample->supply_mv),
        .storage_used = known_or_null(sample->storage_used),
        .storage_total = known_or_null(sample->storage_total),
        .sent = (int64_t)(status.counters.sent - entry->sent),
        .refused = (int64_t)(status.counters.refused - entry->refused),
        .unknown = (int64_t)(status.counters.unknown - entry->unknown),
    };
    if (watch->held_count == WATCH_HELD_MAX) /* the disk has taken nothing for long */
        drop_points(watch, 1);
    watch->held[watch->held_count++] = (struct watch_held){.point = point, .at_ms = now_ms};
    entry->sent = status.counters.sent;
    entry->refused = status.counters.refused;
    entry->unknown = status.counters.unknown;
    entry->stored_us = loop_now_us(service->loop);
}

static enum cc_err look_at_queue(struct service *service, int64_t now_ms)
{
    struct watch *watch = &service->watch;
    int64_t queued = 0, now_us = loop_now_us(service->loop);
    if (watch->looked_us != 0 && now_us - watch->looked_us < POINT_EVERY_S * US_PER_S)
        return CC_OK;
    enum cc_err err = outbox_count(service->store, OUTBOX_QUEUED, &queued);
    if (err != CC_OK)
        return err;
    if (watch->look_count == WATCH_LOOKS_MAX)
        drop_looks(watch, 1);
    watch->looks[watch->look_count++] = (struct watch_look){.queued = queued, .at_ms = now_ms};
    watch->looked_us = now_us;
    return CC_OK;
}

bool watch_has_points(const struct watch *watch)
{
    return watch->held_count + watch->look_count > watch->held_in_turn + watch->looks_in_turn;
}

static void on_written(bool committed, void *user)
{
    struct service *service = user;
    struct watch *watch = &service->watch;
    if (committed) {
        drop_points(watch, watch->held_in_turn);
        drop_looks(watch, watch->looks_in_turn);
        watch->written_us = loop_now_us(service->loop);
    }
    watch->held_in_turn = watch->looks_in_turn = 0;
}

enum cc_err watch_write(struct service *service)
{
    struct watch *watch = &service->watch;
    bool is_first = watch->held_in_turn + watch->looks_in_turn == 0;
    enum cc_err err = CC_OK;
    if (!watch_has_points(watch))
        return CC_OK;
    for (size_t i = watch->held_in_turn; i < watch->held_count && err == CC_OK; i++)
        err = samples_insert(service->store, &watch->held[i].point, watch->held[i].at_ms);
    for (size_t i = watch->looks_in_turn; i < watch->look_count && err == CC_OK; i++)
        err = box_samples_insert(service->store, watch->looks[i].queued, watch->looks[i].at_ms);
    if (err != CC_OK)
        return err;
    watch->held_in_turn = watch->held_count;
    watch->looks_in_turn = watch->look_count;
    if (is_first)
        turn_after(service->turn, on_written, service);
    return CC_OK;
}

static bool must_write(const struct service *service)
{
    const struct watch *watch = &service->watch;
    return watch_has_points(watch) &&
           (watch->written_us == 0 ||
            loop_now_us(service->loop) - watch->written_us >= WRITE_EVERY_S * US_PER_S);
}

static bool is_older(const struct service *service, const struct watch_modem *entry,
                     int64_t seconds)
{
    return entry->stored_us == 0 ||
           loop_now_us(service->loop) - entry->stored_us >= seconds * US_PER_S;
}

static void watch_time(const struct service *service, struct watch_modem *entry,
                       const struct modem_sample *sample);

void watch_sampled(struct service *service, struct modem *modem, const struct modem_sample *sample)
{
    struct watch_modem *entry = entry_of(service, modem);
    if (entry == NULL)
        return;
    watch_time(service, entry, sample);
    if (!is_older(service, entry, POINT_EVERY_S) || !service_clock_is_good(service))
        return;
    hold_point(service, entry, sample, loop_wall_ms(service->loop));
    if (must_write(service) && turn_enter(service->turn) == CC_OK)
        turn_leave(service->turn, watch_write(service) == CC_OK);
}

enum cc_err watch_minute(struct service *service, struct pool *pool, int64_t now_ms)
{
    struct modem_sample nothing;
    modem_sample_clear(&nothing);
    if (!service_clock_is_good(service)) /* points are dated, and thin the old ones out */
        return CC_OK;
    enum cc_err err = look_at_queue(service, now_ms);
    for (size_t i = 0; i < pool_count(pool); i++) {
        struct watch_modem *entry = entry_of(service, pool_at(pool, i));
        if (entry != NULL && is_older(service, entry, POINT_MISSING_S))
            hold_point(service, entry, &nothing, now_ms);
    }
    return err == CC_OK && must_write(service) ? watch_write(service) : err;
}

/* ---- recoveries ------------------------------------------------------------------------------ */

void watch_recovery(struct service *service, struct modem *modem,
                    const struct modem_recovery *recovery)
{
    struct store *store = service->store;
    const char *name = modem_name(modem);
    int64_t now_ms = service_now_ms(service);
    metrics_count_recovery(&service->metrics, name, recovery);
    if (!recovery->is_end)
        chronicle_add_rung(service->chronicle, recovery->rung, name);
    if (turn_enter(service->turn) != CC_OK)
        return;
    enum cc_err err =
        recovery->is_end
            ? recoveries_end(store, name, recovery->rung, recovery->evidence, recovery->worked,
                             now_ms)
            : recoveries_begin(store, name, recovery->rung, recovery->evidence, now_ms);
    turn_leave(service->turn, err == CC_OK);
}

/* ---- the network's time ---------------------------------------------------------------------- */

static void watch_time(const struct service *service, struct watch_modem *entry,
                       const struct modem_sample *sample)
{
    int64_t wall_ms = loop_wall_ms(service->loop), boot_ms = loop_boot_ms(service->loop);
    int offset_s = sample->clock_offset_s;
    if (offset_s == MODEM_SAMPLE_UNKNOWN) {
        entry->network.count = 0;
        return;
    }
    /* not by the wall clock of now: it may have been set since */
    int64_t network_ms = sample->clock_read_ms + offset_s * INT64_C(1000);
    clock_witness_take(&entry->network, network_ms, boot_ms);
    entry->told_boot_ms = boot_ms;
    bool is_far = clock_witness_say(&entry->network, wall_ms, boot_ms) == CLOCK_NETWORK_FAR;
    if (is_far && !entry->has_warned)
        log_warning("módem %s: la hora de la red móvil y la de este equipo difieren en %d s: "
                    "revise el reloj",
                    modem_name(entry->modem), abs(offset_s));
    entry->has_warned = is_far;
}

enum clock_network watch_network_time(const struct watch *watch, int64_t wall_ms, int64_t boot_ms,
                                      bool *ret_fresh)
{
    enum clock_network result = CLOCK_NETWORK_SILENT;
    *ret_fresh = false;
    for (size_t i = 0; i < POOL_MAX && result != CLOCK_NETWORK_NEAR; i++) {
        const struct watch_modem *entry = &watch->modems[i];
        if (entry->network.count == 0)
            continue; /* most have no modem */
        enum clock_network said = clock_witness_say(&entry->network, wall_ms, boot_ms);
        if (said == CLOCK_NETWORK_SILENT)
            continue;
        bool is_fresh = boot_ms - entry->told_boot_ms <= FRESH_MS;
        *ret_fresh = is_fresh || (said == result && *ret_fresh);
        result = said;
    }
    return result;
}

bool watch_network_guess(const struct watch *watch, int64_t boot_ms, int64_t *ret_ms)
{
    for (size_t i = 0; i < POOL_MAX; i++) {
        if (watch->modems[i].network.count == 0)
            continue;
        *ret_ms = watch->modems[i].network.last_ms + boot_ms;
        return true;
    }
    return false;
}
