/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/clock.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/caller.h"
#include "service/service.h"
#include "store/audit.h"

#include <time.h>

enum {
    RAISE_EVERY_MS = 60000, /* a write a minute is enough of a witness */
    TEND_EVERY_MS = 15 * 60000,
};

/* ---- the verdict ----------------------------------------------------------------------------- */

/* The same difference to the boot clock, which starts anew with the machine, as when the clock was
 * believed: the daemon alone has started again. */
static bool is_same_boot(struct service *service)
{
    int64_t moved_ms =
        loop_wall_ms(service->loop) - loop_boot_ms(service->loop) - service->clock.memory.anchor_ms;
    return moved_ms <= CLOCK_STEP_MS && moved_ms >= -CLOCK_STEP_MS;
}

static enum cc_err remember_time(struct service *service)
{
    struct service_clock *clock = &service->clock;
    if (clock->is_known)
        return CC_OK;
    enum cc_err err = store_highest_time(service->store, &clock->stored_ms);
    if (err == CC_OK)
        err = clock_memory_read(service->store, &clock->memory);
    if (err != CC_OK)
        return err;
    int64_t proven_ms = clock->memory.proven_ms;
    if (proven_ms == 0) /* a database from before, or a new one */
        proven_ms = clock->stored_ms > 0 ? clock->stored_ms : loop_wall_ms(service->loop);
    clock->highest_ms = clock->stored_ms;
    clock->is_synchronised = clock_is_synchronised();
    clock->is_guess = !clock_has_rtc() && !is_same_boot(service);
    clock->proven_ms = proven_ms - loop_boot_ms(service->loop);
    clock->is_known = true;
    return CC_OK;
}

static void tell_verdict(struct service_clock *clock, enum clock_verdict verdict)
{
    bool was_good = clock_verdict_is_good(clock->told);
    if (verdict == clock->told)
        return;
    clock->told = verdict;
    if (!clock_verdict_is_good(verdict))
        log_warning("el reloj de este equipo no es fiable y no se atiende: ejecute "
                    "«contraclavectl diagnostico», que dice qué hacer");
    else if (!was_good)
        log_notice("el reloj de este equipo vuelve a ser fiable: se atiende");
}

static void judge_clock(struct service *service, struct clock_state *now)
{
    struct service_clock *clock = &service->clock;
    struct clock_readings readings = {.wall_ms = now->wall_ms,
                                      .boot_ms = now->boot_ms,
                                      .is_anchored = clock->is_anchored,
                                      .anchor_ms = clock->anchor_ms,
                                      .highest_ms = clock->highest_ms,
                                      .is_guess = clock->is_guess};
    readings.network =
        watch_network_time(&service->watch, now->wall_ms, now->boot_ms, &readings.is_network_fresh);
    if (readings.network == CLOCK_NETWORK_FAR && clock->memory.distrusts_network)
        readings.network = CLOCK_NETWORK_SILENT;
    now->verdict = clock_trust_judge(&readings, &now->wait_ms);
    if (now->verdict != CLOCK_RELIABLE &&
        now->verdict != CLOCK_WAIT) { /* the kernel is asked last */
        readings.is_synchronised = clock_is_synchronised();
        now->verdict = clock_trust_judge(&readings, &now->wait_ms);
    }
    now->network = readings.network;
}

enum cc_err service_look_at_clock(struct service *service, struct clock_state *ret)
{
    struct service_clock *clock = &service->clock;
    struct clock_state now = {.wall_ms = loop_wall_ms(service->loop),
                              .boot_ms = loop_boot_ms(service->loop)};
    enum cc_err err = remember_time(service);
    if (err != CC_OK)
        return err;
    judge_clock(service, &now);
    tell_verdict(clock, now.verdict);
    clock->network = now.network;
    if (now.verdict == CLOCK_RELIABLE) {
        if (!clock->is_anchored)
            clock->anchor_ms = now.wall_ms - now.boot_ms;
        clock->is_anchored = true;
        if (now.wall_ms > clock->highest_ms)
            clock->highest_ms = now.wall_ms;
    }
    *ret = now;
    return CC_OK;
}

bool service_clock_is_good(struct service *service)
{
    struct clock_state now;
    return service_look_at_clock(service, &now) == CC_OK && clock_verdict_is_good(now.verdict);
}

/* ---- its memory ------------------------------------------------------------------------------ */

static int64_t sweep_time(const struct service_clock *clock, const struct clock_state *now)
{
    int64_t proven_ms = now->boot_ms + clock->proven_ms;
    return proven_ms < now->wall_ms ? proven_ms : now->wall_ms;
}

bool service_find_sweep_time(struct service *service, int64_t *ret_ms)
{
    struct clock_state now;
    if (service_look_at_clock(service, &now) != CC_OK || !clock_verdict_is_good(now.verdict))
        return false;
    *ret_ms = sweep_time(&service->clock, &now);
    return true;
}

static enum cc_err raise_highest(struct service *service, const struct clock_state *now)
{
    struct service_clock *clock = &service->clock;
    clock->stored_ms = now->wall_ms;
    clock->memory.proven_ms = sweep_time(clock, now);
    clock->memory.anchor_ms = clock->anchor_ms;
    if (clock->memory.future_until_ms <= now->wall_ms)
        clock->memory.future_until_ms = 0; /* times that were in the future age normally again */
    enum cc_err err = store_raise_time(service->store, now->wall_ms);
    return err == CC_OK ? clock_memory_write(service->store, &clock->memory) : err;
}

/* From here on the wall clock is right, also where it is earlier than it was once. */
static void on_taken_over(bool committed, void *user)
{
    struct service *service = user;
    struct service_clock *clock = &service->clock;
    if (!committed)
        return;
    clock->is_known = false;
    if (remember_time(service) != CC_OK)
        return; /* read again by the next look */
    clock->anchor_ms = clock->memory.anchor_ms;
    clock->is_anchored = true;
}

/* In force when the turn is committed. */
static enum cc_err take_over(struct service *service, const struct clock_state *now,
                             struct clock_memory memory)
{
    memory.proven_ms = now->wall_ms;
    memory.anchor_ms = now->wall_ms - now->boot_ms;
    bool was_ahead = now->wall_ms < service->clock.highest_ms; /* else nothing has a later date */
    enum cc_err err = store_set_time(service->store, now->wall_ms);
    if (err == CC_OK && was_ahead)
        err = clock_void_future(service->store, now->wall_ms, service->clock.highest_ms);
    if (err == CC_OK)
        err = clock_memory_write(service->store, &memory);
    if (err == CC_OK)
        turn_after(service->turn, on_taken_over, service);
    return err;
}

/* As a witness has confirmed it. */
static enum cc_err adopt_clock(struct service *service, const struct clock_state *now)
{
    const struct service_clock *clock = &service->clock;
    struct clock_memory memory = clock->memory;
    bool is_back = now->wall_ms < clock->highest_ms - CLOCK_FUTURE_MS;
    if (is_back && clock->highest_ms > memory.future_until_ms)
        memory.future_until_ms = clock->highest_ms;
    return take_over(service, now, memory);
}

static enum cc_err check_clock(struct service *service, int64_t raise_every_ms,
                               struct clock_state *now)
{
    enum cc_err err = service_look_at_clock(service, now);
    if (err != CC_OK)
        return err;
    if (!clock_verdict_is_good(now->verdict))
        return CC_ERR_CLOCK_UNRELIABLE;
    bool is_due =
        now->verdict == CLOCK_RELIABLE && now->wall_ms >= service->clock.stored_ms + raise_every_ms;
    return is_due ? raise_highest(service, now) : CC_OK;
}

enum cc_err service_check_clock(struct service *service)
{
    struct clock_state now;
    return check_clock(service, RAISE_EVERY_MS, &now);
}

/* With a witness, the time until now has passed for certain; and a network that a person has
 * refused to believe is believed again when it tells the right time. */
static enum cc_err hear_witnesses(struct service *service, const struct clock_state *now)
{
    struct service_clock *clock = &service->clock;
    bool is_near = now->network == CLOCK_NETWORK_NEAR;
    service->clock.is_synchronised = clock_is_synchronised();
    if (is_near || service->clock.is_synchronised)
        clock->proven_ms = now->wall_ms - now->boot_ms;
    if (!is_near || !clock->memory.distrusts_network)
        return CC_OK;
    clock->memory.distrusts_network = false;
    return clock_memory_write(service->store, &clock->memory);
}

enum cc_err service_tend_clock(struct service *service, int64_t *ret_sweep_ms)
{
    struct clock_state now;
    enum cc_err err = check_clock(service, TEND_EVERY_MS, &now);
    if (err == CC_OK)
        err =
            now.verdict == CLOCK_ADOPT ? adopt_clock(service, &now) : hear_witnesses(service, &now);
    if (err == CC_OK)
        *ret_sweep_ms = sweep_time(&service->clock, &now);
    return err;
}

enum cc_err service_accept_clock(struct service *service, const struct caller *caller)
{
    struct clock_state now;
    enum cc_err err = service_look_at_clock(service, &now);
    if (err != CC_OK)
        return err;
    struct clock_memory memory = service->clock.memory;
    memory.distrusts_network = memory.distrusts_network || now.verdict == CLOCK_DENIED;
    memory.future_until_ms = 0;
    err = take_over(service, &now, memory);
    if (err == CC_OK)
        err = clock_forget_future(service->store, now.wall_ms);
    if (err == CC_OK)
        err = service_audit(service, caller, AUDIT_ACT(.event = "reloj_aceptar"), now.wall_ms);
    return err;
}

/* ---- for others ------------------------------------------------------------------------------ */

int64_t service_now_ms(struct service *service)
{
    const struct service_clock *clock = &service->clock;
    struct clock_state now;
    if (service_look_at_clock(service, &now) != CC_OK)
        return loop_wall_ms(service->loop);
    if (clock_verdict_is_good(now.verdict))
        return now.wall_ms;
    return clock->is_anchored ? now.boot_ms + clock->anchor_ms : clock->highest_ms;
}

int64_t service_clock_wait_s(struct service *service)
{
    struct clock_state now;
    if (service_look_at_clock(service, &now) != CC_OK || now.verdict != CLOCK_WAIT)
        return 0;
    return (now.wait_ms + 999) / 1000;
}

/* ---- for a person ---------------------------------------------------------------------------- */

static const char *reason_of(enum clock_verdict verdict)
{
    static const char *const reasons[] = {
        [CLOCK_JUMPED] = "ha cambiado de golpe más de 5 minutos.",
        [CLOCK_BEHIND] = "va por detrás de la última hora conocida.",
        [CLOCK_ABSENT] = "marca una fecha muy posterior a la última conocida.",
        [CLOCK_UNTOLD] = "no tiene pila, y nadie le ha dicho la hora desde que se encendió.",
        [CLOCK_DENIED] = "marca otra hora que la red móvil.",
    };
    return reasons[verdict];
}

static void put_network_time(struct service *service, const struct clock_state *now,
                             struct buf *out)
{
    char text[32] = "";
    struct tm tm;
    int64_t network_ms = 0;
    if (!watch_network_guess(&service->watch, now->boot_ms, &network_ms))
        return;
    time_t network_s = (time_t)(network_ms / 1000);
    if (localtime_r(&network_s, &tm) != NULL &&
        strftime(text, sizeof(text), "%H:%M del %d/%m/%Y", &tm) != 0)
        buf_fmt(out, " Según la red móvil, la hora es %s.", text);
}

void service_clock_advice(struct service *service, struct buf *out)
{
    struct clock_state now;
    if (service_look_at_clock(service, &now) != CC_OK)
        return;
    if (now.verdict == CLOCK_WAIT) {
        buf_fmt(out,
                "El reloj de este equipo ha retrocedido: se vuelve a atender solo dentro de "
                "%lld s.",
                (long long)(now.wait_ms + 999) / 1000);
    } else if (!clock_verdict_is_good(now.verdict)) {
        buf_fmt(out, "El reloj de este equipo no es fiable: %s", reason_of(now.verdict));
        put_network_time(service, &now, out);
        buf_fmt(out, " Compruébelo con «timedatectl» y póngalo en hora; si su hora ya es la "
                     "correcta, ejecute «contraclavectl reloj aceptar».");
    } else if (service->clock.memory.future_until_ms > now.wall_ms) {
        buf_fmt(out, "Hay datos con fecha futura, de cuando el reloj de este equipo estaba "
                     "adelantado: compruebe la hora con «timedatectl» y, para borrarlos, ejecute "
                     "«contraclavectl reloj aceptar».");
    }
}
