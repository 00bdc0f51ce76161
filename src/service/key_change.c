/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/key_change.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/loop.h"
#include "service/access.h"
#include "service/inspect.h"
#include "store/rotation.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    STEP_SLOTS = 16,       /* rows between two looks at the clock */
    STEP_US = 2000,        /* of the loop's time at once */
    PAUSE_US = 6000,       /* for what else it has to do */
    AGAIN_US = 500 * 1000, /* the database is read, or an import runs */
};

struct key_change {
    struct service *service;
    struct store_place place;
    char box[STORE_BOX_SIZE];
    struct caller caller; /* who asked for it */
    struct loop_source *timer;
    struct rotation *rotation;
    bool is_clearing; /* the new key is in its place; the old database is being freed */
    struct key_change_report report;
};

static void end(struct key_change *change, enum key_change_state state, enum cc_err err)
{
    rotation_free(change->rotation);
    change->rotation = NULL;
    change->report.state = state;
    change->report.trouble = err;
    change->report.ended_ms = loop_wall_ms(change->service->loop);
    if (state == KEY_CHANGE_FAILED)
        log_error("no se ha podido cambiar la clave maestra, que sigue siendo la misma: %s",
                  err_text(err));
}

/* The list of clients is read again from the new database. */
static void finish(struct key_change *change)
{
    struct service *service = change->service;
    const struct audit_entry entry = {.event = "clave_cambiada",
                                      .actor = change->caller.name,
                                      .address = caller_address(&change->caller),
                                      .result = "correcto"};
    inspect_rest(service->upkeep.inspect);
    turn_flush(service->turn);
    enum cc_err err = rotation_finish(change->rotation, &entry, loop_wall_ms(service->loop));
    if (err == CC_ERR_DB_BUSY) {
        loop_timer_in(change->timer, AGAIN_US);
        return;
    }
    if (err != CC_OK) {
        end(change, KEY_CHANGE_FAILED, err);
        return;
    }
    if (access_reload(service->access) != CC_OK)
        log_error("los clientes de la API no se han podido leer con la clave nueva");
    rotation_free(change->rotation);
    change->rotation = NULL;
    change->is_clearing = true;
    change->report.rows = change->report.total = 1; /* all of them */
    loop_timer_in(change->timer, 0);
}

static enum cc_err step(struct key_change *change, bool *ret_ready)
{
    struct loop *loop = change->service->loop;
    int64_t until_us = loop_now_us(loop) + STEP_US;
    enum cc_err err = CC_OK;
    do
        err = rotation_step(change->rotation, STEP_SLOTS, ret_ready);
    while (err == CC_OK && !*ret_ready && loop_now_us(loop) < until_us);
    return err;
}

static void on_timer(void *user)
{
    struct key_change *change = user;
    struct service *service = change->service;
    bool is_ready = false;
    enum cc_err err = CC_OK;
    if (change->is_clearing) {
        change->is_clearing = !rotation_forget(&change->place);
        if (change->is_clearing)
            loop_timer_in(change->timer, PAUSE_US);
        else
            end(change, KEY_CHANGE_DONE, CC_OK);
        return;
    }
    turn_flush(service->turn);
    if (change->rotation == NULL)
        err = rotation_begin(service->store, &change->place, loop_wall_ms(service->loop),
                             &change->rotation);
    else
        err = step(change, &is_ready);
    if (err != CC_OK && err != CC_ERR_DB_BUSY)
        end(change, KEY_CHANGE_FAILED, err);
    else if (is_ready)
        finish(change);
    else
        loop_timer_in(change->timer, err == CC_OK ? PAUSE_US : AGAIN_US);
}

static void begin(struct key_change *change, const struct caller *caller)
{
    change->caller = *caller;
    change->report = (struct key_change_report){.state = KEY_CHANGE_RUNNING,
                                                .began_ms = loop_wall_ms(change->service->loop)};
}

static void on_asked(bool committed, void *user)
{
    struct key_change *change = user;
    if (committed)
        loop_timer_in(change->timer, 0);
    else
        end(change, KEY_CHANGE_FAILED, CC_ERR_DB);
}

struct key_change *key_change_new(struct service *service, const struct store_place *place)
{
    struct key_change *change = alloc_or_abort(sizeof(*change));
    change->service = service;
    change->place = *place;
    (void)snprintf(change->box, sizeof(change->box), "%s", place->box != NULL ? place->box : "");
    change->place.box = change->box;
    change->timer = loop_add_timer(service->loop, LOOP_PRIORITY_COMMIT, on_timer, change);
    if (rotation_is_pending(place)) {
        begin(change, &(struct caller){.name = "sistema"});
        loop_timer_in(change->timer, 0);
    }
    return change;
}

void key_change_free(struct key_change *change)
{
    if (change == NULL)
        return;
    loop_source_free(change->timer);
    while (change->is_clearing)
        change->is_clearing = !rotation_forget(&change->place);
    if (change->rotation != NULL)
        rotation_leave(change->rotation);
    free(change);
}

enum cc_err key_change_ask(struct service *service, const struct caller *caller, int64_t now_ms)
{
    struct key_change *change = service->upkeep.key_change;
    if (change->report.state == KEY_CHANGE_RUNNING)
        return CC_OK;
    if (db_is_shared(service->store->db))
        return CC_ERR_ON_SERVER;
    enum cc_err err =
        service_audit(service, caller, AUDIT_ACT(.event = "clave_cambio_pedido"), now_ms);
    if (err != CC_OK)
        return err;
    begin(change, caller);
    turn_after(service->turn, on_asked, change);
    return CC_OK;
}

struct key_change_report key_change_report(const struct key_change *change)
{
    struct key_change_report report = change->report;
    if (change->rotation != NULL) {
        struct rotation_progress progress = rotation_progress(change->rotation);
        report.rows = progress.rows;
        report.total = progress.total;
    }
    return report;
}
