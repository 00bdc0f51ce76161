/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/import.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "base/log.h"
#include "service/clock.h"
#include "service/health.h"
#include "service/import_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UPLOADS_MAX = 2, SAMPLE_LINES = 50 };
/* Between two steps that write, the others have the loop and the disk; and after a trouble. */
enum { PAUSE_US = 3000, RETRY_US = 1000 * 1000 };
static const int64_t expiry_us = INT64_C(30) * 60 * 1000 * 1000;
static const char mark_of_utf8[] = "\xEF\xBB\xBF";
enum { MARK_BYTES = sizeof(mark_of_utf8) - 1 };

bool import_has_mark_of_utf8(const struct import *import)
{
    return import->len >= MARK_BYTES && memcmp(import->text, mark_of_utf8, MARK_BYTES) == 0;
}

enum cc_err import_rewind(struct import *import)
{
    import_keys_free(import->keys);
    import->keys = import_keys_new();
    import->counts = (struct import_counts){0};
    import->halvings = 0;
    import->next = (struct import_mark){.state = IMPORT_READING,
                                        .at = import_has_mark_of_utf8(import) ? MARK_BYTES : 0};
    import->mark = import->next;
    return import->keys != NULL ? CC_OK : CC_ERR_MEMORY;
}

static void forget_text(struct import *import)
{
    if (import->text != NULL)
        secret_wipe(import->text, import->len);
    free(import->text);
    import->text = NULL;
    import->len = 0;
}

/* Forgets text and keys. */
static void forget_import(struct import *import)
{
    forget_text(import);
    import_keys_free(import->keys);
    import->keys = NULL;
}

/* ---- the steps ------------------------------------------------------------------------------- */

/* What the state that was reached needs. */
static void enter_state(struct import *import, enum import_state before)
{
    enum import_state state = import->mark.state;
    if (state == IMPORT_STORING && import->is_cancelled)
        import->mark.state = IMPORT_UNDOING;
    if (state == before)
        return;
    if (state == IMPORT_READ)
        loop_timer_in(import->expiry, expiry_us);
    if (state == IMPORT_WRITING)
        forget_text(import);
    if (state == IMPORT_DONE || state == IMPORT_NONE)
        forget_import(import);
    if (state == IMPORT_DONE)
        log_notice("importación terminada: %" PRId64 " personas de alta", import->mark.written);
}

static bool is_working(enum import_state state)
{
    return state != IMPORT_NONE && state != IMPORT_READ && state != IMPORT_DONE;
}

static void advance(struct import *import)
{
    enum import_state before = import->mark.state;
    import->mark = import->next;
    import->trouble = CC_OK;
    enter_state(import, before);
    if (import->mark.state == IMPORT_READING)
        loop_deferred_arm(import->step);
    else if (is_working(import->mark.state))
        loop_timer_in(import->pause, PAUSE_US);
}

static void wait_for_retry(struct import *import, enum cc_err err)
{
    if (import->trouble != err)
        log_error("la importación no avanza: %s", err_text(err));
    import->trouble = err;
    loop_timer_in(import->pause, RETRY_US);
}

/* A server far away may need more time for the lines of a step than one transaction has. */
static void take_fewer(struct import *import)
{
    enum { HALVINGS_MAX = 4 };
    if (db_is_shared(import->service->store->db) && import->halvings < HALVINGS_MAX)
        import->halvings++;
}

static void on_committed(bool committed, void *user)
{
    struct import *import = user;
    import->is_committing = false;
    if (committed) {
        advance(import);
        return;
    }
    take_fewer(import);
    wait_for_retry(import, CC_ERR_DB);
}

typedef enum cc_err step_fn(struct import *import, struct import_mark *next);

static enum cc_err run_in_turn(struct import *import, step_fn *step)
{
    struct turn *turn = import->service->turn;
    if (health_is_in_doubt(import->service)) /* until a person has looked, as for each caller */
        return CC_ERR_INTEGRITY;
    enum cc_err err = turn_enter(turn);
    if (err != CC_OK)
        return err;
    err = service_check_clock(import->service); /* an alta is dated, DOMAIN 7 */
    if (err == CC_OK)
        err = step(import, &import->next);
    if (err == CC_ERR_DB)
        take_fewer(import);
    turn_leave(turn, err == CC_OK);
    if (err == CC_OK) {
        import->is_committing = true;
        turn_after(turn, on_committed, import);
    }
    return err;
}

static void run_step(void *user)
{
    static step_fn *const steps[IMPORT_STATES] = {[IMPORT_READING] = import_step_read,
                                                  [IMPORT_STORING] = import_step_store,
                                                  [IMPORT_UNDOING] = import_step_undo,
                                                  [IMPORT_WRITING] = import_step_write};
    struct import *import = user;
    enum import_state state = import->mark.state;
    if (!is_working(state) || import->is_committing)
        return;
    import->next = import->mark;
    enum cc_err err = state == IMPORT_READING ? import_step_read(import, &import->next)
                                              : run_in_turn(import, steps[state]);
    if (err != CC_OK)
        wait_for_retry(import, err);
    else if (state == IMPORT_READING)
        advance(import);
}

static void on_pause(void *user)
{
    struct import *import = user;
    loop_deferred_arm(import->step);
}

static void on_expiry(void *user)
{
    struct import *import = user;
    if (import->mark.state != IMPORT_READ)
        return;
    import->mark.state = IMPORT_NONE;
    forget_import(import);
}

enum cc_err import_new(struct service *service, struct import **ret)
{
    struct import *import = alloc_or_abort(sizeof(*import));
    import->service = service;
    import->step = loop_add_deferred(service->loop, LOOP_PRIORITY_IDLE, run_step, import);
    import->pause = loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_pause, import);
    import->expiry = loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_expiry, import);
    enum cc_err err = import_load_order(import);
    if (err != CC_OK) {
        import_free(import);
        return err;
    }
    if (import->mark.state == IMPORT_WRITING)
        log_notice("se reanuda una importación: faltan %" PRId64 " de %" PRId64 " personas",
                   import->counts.people - import->mark.written, import->counts.people);
    if (is_working(import->mark.state))
        loop_deferred_arm(import->step);
    *ret = import;
    return CC_OK;
}

void import_free(struct import *import)
{
    if (import == NULL)
        return;
    loop_source_free(import->step);
    loop_source_free(import->pause);
    loop_source_free(import->expiry);
    forget_import(import);
    free(import);
}

/* ---- a file that comes in -------------------------------------------------------------------- */

struct import_upload {
    struct import *import;
    char *text;
    size_t len;
};

/* Whether the database has lines of an import, or is about to. */
static bool is_ordered(const struct import *import)
{
    enum import_state state = import->mark.state;
    return state == IMPORT_STORING || state == IMPORT_UNDOING || state == IMPORT_WRITING;
}

enum cc_err import_upload_open(struct service *service, void **ret_user)
{
    if (is_ordered(service->documents.import))
        return CC_ERR_IMPORT_BUSY;
    if (service->documents.import->uploads >= UPLOADS_MAX)
        return CC_ERR_UPLOADS;
    struct import_upload *upload = calloc(1, sizeof(*upload));
    if (upload == NULL)
        return CC_ERR_MEMORY;
    upload->import = service->documents.import;
    upload->import->uploads++;
    *ret_user = upload;
    return CC_OK;
}

enum cc_err import_upload_begin(void *user)
{
    struct import_upload *upload = user;
    upload->text = malloc(IMPORT_BYTES_MAX);
    return upload->text != NULL ? CC_OK : CC_ERR_MEMORY;
}

enum cc_err import_upload_add(void *user, const void *bytes, size_t len)
{
    struct import_upload *upload = user;
    if (len > IMPORT_BYTES_MAX - upload->len)
        return CC_ERR_FILE_TOO_LARGE;
    memcpy(upload->text + upload->len, bytes, len);
    upload->len += len;
    return CC_OK;
}

/* A file of a spreadsheet is a ZIP, and its "Unicode text" has a NUL in each character. */
enum cc_err import_upload_end(void *user)
{
    enum { LOOKED_AT = 1024 };
    const struct import_upload *upload = user;
    size_t len = upload->len < LOOKED_AT ? upload->len : LOOKED_AT;
    if (len == 0)
        return CC_ERR_FILE_EMPTY;
    if (memchr(upload->text, '\0', len) != NULL || (len > 1 && memcmp(upload->text, "PK", 2) == 0))
        return CC_ERR_CSV_TYPE;
    return CC_OK;
}

void import_upload_close(void *user)
{
    struct import_upload *upload = user;
    upload->import->uploads--;
    if (upload->text != NULL)
        secret_wipe(upload->text, upload->len);
    free(upload->text);
    free(upload);
}

/* ---- orders ---------------------------------------------------------------------------------- */

enum cc_err import_begin(struct import *import, void *user, const struct caller *caller)
{
    struct import_upload *upload = user;
    if (is_ordered(import))
        return CC_ERR_IMPORT_BUSY;
    forget_import(import);
    import->text = upload->text;
    import->len = upload->len;
    upload->text = NULL;
    import->caller = *caller;
    import->columns = (struct import_columns){0};
    import->is_cancelled = false;
    import->trouble = CC_OK;
    secret_random(import->id, sizeof(import->id));
    enum cc_err err = import_rewind(import);
    if (err == CC_OK)
        loop_deferred_arm(import->step);
    else
        import->mark.state = IMPORT_NONE;
    return err;
}

static void on_ordered(bool committed, void *user)
{
    struct import *import = user;
    if (!committed || import->mark.state != IMPORT_READ)
        return;
    import->mark.state = IMPORT_STORING;
    import->mark.at = import_has_mark_of_utf8(import) ? MARK_BYTES : 0;
    import->mark.line = 0;
    loop_deferred_arm(import->step);
}

enum cc_err import_order(struct import *import, const char *id, const struct caller *caller)
{
    char own[IMPORT_ID_SIZE];
    hex_encode(import->id, sizeof(import->id), own);
    if (import->mark.state != IMPORT_READ || import->counts.faults > 0 || strcmp(own, id) != 0)
        return CC_ERR_IMPORT_STATE;
    if (import->counts.people == 0)
        return CC_ERR_IMPORT_NOBODY;
    import->caller = *caller;
    turn_after(import->service->turn, on_ordered, import);
    return CC_OK;
}

enum cc_err import_cancel(struct import *import)
{
    enum import_state state = import->mark.state;
    bool is_too_late = import->is_committing && import->next.state != state;
    if (state == IMPORT_STORING && !is_too_late) {
        import->is_cancelled = true;
        if (!import->is_committing)
            import->mark.state = IMPORT_UNDOING;
        return CC_OK;
    }
    if (state == IMPORT_WRITING && import->trouble == CC_ERR_ALTERED) {
        import->mark.state = IMPORT_UNDOING;
        return CC_OK;
    }
    if (state != IMPORT_READING && state != IMPORT_READ)
        return CC_ERR_IMPORT_STATE;
    import->mark.state = IMPORT_NONE;
    forget_import(import);
    return CC_OK;
}

/* ---- answers --------------------------------------------------------------------------------- */

static unsigned percent_of(const struct import *import)
{
    const struct import_mark *mark = &import->mark;
    if (mark->state == IMPORT_WRITING && import->counts.people > 0)
        return (unsigned)(mark->written * 100 / import->counts.people);
    if ((mark->state == IMPORT_READING || mark->state == IMPORT_STORING) && import->len > 0)
        return (unsigned)(mark->at * 100 / import->len);
    return mark->state == IMPORT_READ || mark->state == IMPORT_DONE ? 100 : 0;
}

void import_look(const struct import *import, struct import_view *ret)
{
    int64_t faults = import->counts.faults;
    *ret = (struct import_view){
        .state = import->mark.state,
        .actor = import->caller.name,
        .percent = percent_of(import),
        .counts = import->counts,
        .faults = import->faults,
        .fault_count = (size_t)(faults < IMPORT_FAULTS_MAX ? faults : IMPORT_FAULTS_MAX),
        .trouble = import->trouble};
    ret->counts.written = import->mark.written;
    if (import->mark.state != IMPORT_NONE)
        hex_encode(import->id, sizeof(import->id), ret->id);
}

size_t import_sample(const struct import *import, struct import_person ret[IMPORT_SAMPLE_MAX])
{
    size_t pos = import_has_mark_of_utf8(import) ? MARK_BYTES : 0, count = 0;
    struct csv_field line;
    char column[IMPORT_FIELD_SIZE];
    if (import->mark.state != IMPORT_READ || !csv_next_line(import->text, import->len, &pos, &line))
        return 0;
    for (size_t i = 0; i < SAMPLE_LINES && count < IMPORT_SAMPLE_MAX; i++) {
        if (!csv_next_line(import->text, import->len, &pos, &line))
            break;
        if (import_row_parse(&import->columns, &line, true, &ret[count], column) == CC_OK &&
            ret[count].fate != IMPORT_EMPTY)
            count++;
    }
    return count;
}

static bool holds(const struct import *import)
{
    return import != NULL && is_ordered(import) && !import->is_enrolling;
}

enum cc_err import_check_nif(const struct service *service, const struct nif *nif)
{
    return holds(service->documents.import) &&
                   import_keys_has_nif(service->documents.import->keys, nif)
               ? CC_ERR_ALREADY_REGISTERED
               : CC_OK;
}

enum cc_err import_check_phone(const struct service *service, const struct phone *phone)
{
    return holds(service->documents.import) &&
                   import_keys_has_phone(service->documents.import->keys, phone)
               ? CC_ERR_PHONE_IN_USE
               : CC_OK;
}
