/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/turn.h"

#include "base/alloc.h"
#include "base/loop.h"
#include "store/db_fault.h"

#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_TURN_US = 20000, /* even if other sources never fall quiet */
    RETRY_US = 1000 * 1000,
    RETRY_AWAY_US =
        100 * 1000, /* each look is a step on the way to the server, which asks nobody */
};

struct waiting {
    turn_fn fn;
    void *user;
    bool is_undone; /* what it belongs to was, before the commit */
};

struct waiting_list {
    struct waiting *items;
    size_t count, cap;
};

struct turn {
    struct loop *loop;
    struct store *store;
    struct loop_source *end;   /* when nothing else is ready */
    struct loop_source *bound; /* … or at the latest then */
    struct loop_source *retry; /* while the database is in trouble */
    loop_fn before;
    void *before_user;
    struct {
        loop_fn fn;
        void *user;
    } after[TURN_HOOKS];
    bool open;
    int64_t begun_us;
    bool is_armed;               /* the end of the turn has been asked for */
    struct waiting_list waiting; /* for this turn's commit */
    size_t waited;               /* how many of them did when it was last entered */
    struct waiting_list told;    /* storage of the list being told, so that the two never share */
    size_t telling;              /* so many are on it; 0 = none is being told */
};

static void tell_all(struct turn *turn, bool committed)
{
    struct waiting_list list = turn->waiting;
    turn->waiting = turn->told;
    turn->waiting.count = 0;
    turn->telling = list.count;
    for (size_t i = 0; i < list.count; i++)
        list.items[i].fn(committed && !list.items[i].is_undone,
                         list.items[i].user); /* may begin the next turn */
    turn->telling = 0;
    turn->told = list;
}

/* A busy source must not hold the end off: it comes when nothing else is ready, or after a bounded
 * time. */
void turn_request(struct turn *turn)
{
    if (turn->is_armed)
        return;
    turn->is_armed = true;
    loop_deferred_arm(turn->end);
    loop_timer_in(turn->bound, LONGEST_TURN_US);
}

/* A trouble that passes is over only once something was written again: a box on which nobody asks
 * for anything must not go on telling of it. */
static void watch_trouble(struct turn *turn)
{
    enum db_fault fault = db_fault(turn->store->db);
    if (fault != DB_FAULT_NONE && fault != DB_FAULT_DAMAGED)
        loop_timer_in(turn->retry, fault == DB_FAULT_AWAY ? RETRY_AWAY_US : RETRY_US);
}

void turn_flush(struct turn *turn)
{
    if (!turn->open)
        return;
    turn->open = false;
    enum cc_err err = store_commit(turn->store); /* a failure has been logged */
    if (err != CC_OK)
        db_rollback(turn->store->db);
    watch_trouble(turn);
    tell_all(turn, err == CC_OK);
    for (int hook = 0; err == CC_OK && hook < TURN_HOOKS; hook++)
        if (turn->after[hook].fn != NULL)
            turn->after[hook].fn(turn->after[hook].user);
}

static void end_of_turn(void *user)
{
    struct turn *turn = user;
    if (turn->before != NULL)
        turn->before(turn->before_user);
    turn->is_armed = false;
    loop_timer_clear(turn->bound);
    turn_flush(turn);
}

static void on_retry(void *user)
{
    struct turn *turn = user;
    if (db_fault(turn->store->db) != DB_FAULT_NONE && turn_enter(turn) == CC_OK)
        turn_leave(turn, store_touch(turn->store, loop_wall_ms(turn->loop)) == CC_OK);
    watch_trouble(turn);
}

struct turn *turn_new(struct loop *loop, struct store *store)
{
    struct turn *turn = alloc_or_abort(sizeof(*turn));
    turn->loop = loop;
    turn->store = store;
    turn->end = loop_add_deferred(loop, LOOP_PRIORITY_COMMIT, end_of_turn, turn);
    turn->bound = loop_add_timer(loop, LOOP_PRIORITY_URGENT, end_of_turn, turn);
    turn->retry = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_retry, turn);
    return turn;
}

void turn_free(struct turn *turn)
{
    if (turn == NULL)
        return;
    loop_source_free(turn->end);
    loop_source_free(turn->bound);
    loop_source_free(turn->retry);
    free(turn->waiting.items);
    free(turn->told.items);
    free(turn);
}

/*
 * Many answers may be made in one call of the library that serves them, which no timer ends: where
 * each waits for a server, the transaction would become longer than the server is waited for.
 */
static bool is_overdue(const struct turn *turn)
{
    return turn->open && turn_waits_for_server(turn) &&
           loop_now_us(turn->loop) - turn->begun_us > LONGEST_TURN_US;
}

enum cc_err turn_enter(struct turn *turn)
{
    struct db *db = turn->store->db;
    if (is_overdue(turn))
        turn_flush(turn);
    if (turn->open && !db_in_transaction(db)) { /* a full disk makes the engine roll back by itself,
                                                   and so does a server that is gone */
        turn->open = false;
        db_rollback(db);
        tell_all(turn, false);
    }
    if (!turn->open) {
        enum cc_err err = db_begin(db);
        if (err != CC_OK) {
            watch_trouble(turn);
            return err;
        }
        turn->open = true;
        turn->begun_us = loop_now_us(turn->loop);
        turn_request(turn);
    }
    turn->waited = turn->waiting.count;
    return head_savepoint(turn->store);
}

void turn_leave(struct turn *turn, bool keep)
{
    /* a release that fails leaves its mark on the transaction: the commit then fails and says so */
    if (keep && db_release(turn->store->db) == CC_OK)
        return;
    head_rollback_to_savepoint(turn->store);
    for (size_t i = turn->waited; i < turn->waiting.count; i++)
        turn->waiting.items[i].is_undone = true;
}

void turn_after(struct turn *turn, turn_fn fn, void *user)
{
    struct waiting_list *list = &turn->waiting;
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 64 : list->cap * 2;
        struct waiting *items = realloc(list->items, cap * sizeof(*items));
        if (items == NULL)
            abort(); /* an answer that nobody would ever get */
        list->items = items;
        list->cap = cap;
    }
    list->items[list->count++] = (struct waiting){.fn = fn, .user = user};
}

size_t turn_count_told(const struct turn *turn)
{
    return turn->telling;
}

void turn_set_before(struct turn *turn, loop_fn fn, void *user)
{
    turn->before = fn;
    turn->before_user = user;
}

void turn_set_after(struct turn *turn, enum turn_hook hook, loop_fn fn, void *user)
{
    turn->after[hook].fn = fn;
    turn->after[hook].user = user;
}

bool turn_is_open(const struct turn *turn)
{
    return turn->open;
}

bool turn_waits_for_server(const struct turn *turn)
{
    return db_is_shared(turn->store->db);
}
