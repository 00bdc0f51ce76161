/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/inspect.h"

#include "base/alloc.h"
#include "base/loop.h"
#include "base/span.h"
#include "store/check.h"
#include "store/db_fault.h"

#include <stdlib.h>
#include <string.h>

enum { STEP_ROWS = 300 }; /* under a millisecond */

static const int64_t pass_every_us = HOUR_MS * US_PER_MS;
static const int64_t again_us = INT64_C(2) * 1000 * 1000; /* after it was interrupted */
static const int64_t step_every_us = INT64_C(50) * 1000;
static const int64_t asked_step_every_us = INT64_C(4) * 1000; /* a person waits for the end */

struct inspect {
    struct loop *loop;
    struct store *store;
    const char *db_path, *key_path;
    struct loop_source *timer;
    bool is_open;  /* a pass is under way */
    bool is_asked; /* by a person: the report tells of it */
    struct store reader;
    struct check check;
    struct inspect_report report;
    struct inspect_report before; /* the order for a pass, whose row is not durable yet */
};

static void add_row(enum rowtag_table table, int64_t id, void *user)
{
    struct inspect *inspect = user;
    struct inspect_report *report = &inspect->report;
    integrity_add_row(inspect->store, table, id);
    if (!inspect->is_asked || report->row_count == INSPECT_ROWS_TOLD)
        return;
    report->rows[report->row_count].table = table;
    report->rows[report->row_count++].id = id;
}

static void end_pass(struct inspect *inspect)
{
    if (inspect->is_open)
        store_close(&inspect->reader);
    inspect->is_open = false;
}

static enum cc_err begin_pass(struct inspect *inspect)
{
    inspect->reader = (struct store){.anchor.fd = -1};
    if (db_fault(inspect->store->db) == DB_FAULT_AWAY)
        return CC_ERR_DB; /* a new connection would be waited for */
    enum cc_err err = store_open_to_read(inspect->db_path, inspect->key_path, &inspect->reader);
    if (err != CC_OK)
        return err;
    inspect->is_open = true;
    check_begin(&inspect->check, &inspect->reader, add_row, inspect);
    if (db_is_shared(inspect->reader.db))
        db_fail_fast(inspect->reader.db);
    return db_begin_snapshot(inspect->reader.db); /* a single one for all steps */
}

static void tell_step(struct inspect *inspect, enum cc_err err, bool more)
{
    struct inspect_report *report = &inspect->report;
    const struct check *check = &inspect->check;
    if (!inspect->is_asked)
        return;
    inspect->is_asked = err == CC_OK && more;
    if (err != CC_OK) {
        report->state = INSPECT_FAILED;
        report->ended_ms = loop_wall_ms(inspect->loop);
        return;
    }
    report->read = check->audit.tail.id;
    report->table = check->table;
    if (more)
        return;
    report->state = INSPECT_DONE;
    report->ended_ms = loop_wall_ms(inspect->loop);
    report->first_bad = check->audit.first_bad;
    report->is_good = check_is_good(check);
    memcpy(report->is_missing, check->is_missing, sizeof(report->is_missing));
}

/* A database that cannot be read is told elsewhere (store/notice.h); the next pass tries again. */
static void on_timer(void *user)
{
    struct inspect *inspect = user;
    bool more = false;
    enum cc_err err = inspect->is_open ? CC_OK : begin_pass(inspect);
    if (err == CC_OK)
        err = check_step(&inspect->check, STEP_ROWS, &more);
    if (err == CC_OK && !more)
        check_tell(&inspect->check, inspect->store);
    tell_step(inspect, err, more);
    if (err != CC_OK || !more)
        end_pass(inspect);
    int64_t step_us = inspect->is_asked ? asked_step_every_us : step_every_us;
    loop_timer_in(inspect->timer, inspect->is_open ? step_us : pass_every_us);
}

struct inspect *inspect_new(struct loop *loop, struct store *store, const char *db_path,
                            const char *key_path)
{
    struct inspect *inspect = alloc_or_abort(sizeof(*inspect));
    inspect->loop = loop;
    inspect->store = store;
    inspect->db_path = db_path;
    inspect->key_path = key_path;
    inspect->timer = loop_add_timer(loop, LOOP_PRIORITY_COMMIT, on_timer, inspect);
    loop_timer_in(inspect->timer, pass_every_us);
    return inspect;
}

void inspect_free(struct inspect *inspect)
{
    if (inspect == NULL)
        return;
    end_pass(inspect);
    loop_source_free(inspect->timer);
    free(inspect);
}

void inspect_rest(struct inspect *inspect)
{
    if (inspect == NULL || !inspect->is_open)
        return;
    end_pass(inspect);
    loop_timer_in(inspect->timer, again_us);
}

bool inspect_ask(struct inspect *inspect)
{
    if (inspect->is_asked)
        return false;
    end_pass(inspect);
    inspect->is_asked = true;
    inspect->before = inspect->report;
    inspect->report = (struct inspect_report){.state = INSPECT_RUNNING,
                                              .began_ms = loop_wall_ms(inspect->loop),
                                              .total = inspect->store->audit_tail.id,
                                              .table = -1};
    loop_timer_clear(inspect->timer);
    return true;
}

void inspect_begin(bool committed, void *user)
{
    struct inspect *inspect = user;
    if (!committed) {
        inspect->is_asked = false;
        inspect->report = inspect->before;
    }
    loop_timer_in(inspect->timer, 0);
}

const struct inspect_report *inspect_report_of(const struct inspect *inspect)
{
    return &inspect->report;
}
