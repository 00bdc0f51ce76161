/* SPDX-License-Identifier: EUPL-1.2 */
/* Every function of the store that asks the engine for something, to be run with engines that fail.
 */
#ifndef CC_TEST_STORE_ACTS_H
#define CC_TEST_STORE_ACTS_H

#include "tests/unit/test_store_fixture.h"

#include "store/accept.h"
#include "store/applications.h"
#include "store/audit.h"
#include "store/balance.h"
#include "store/boxes.h"
#include "store/check.h"
#include "store/clients.h"
#include "store/clock.h"
#include "store/dossier.h"
#include "store/idempotency.h"
#include "store/imports.h"
#include "store/inbox.h"
#include "store/life.h"
#include "store/notices.h"
#include "store/recoveries.h"
#include "store/refusals.h"
#include "store/requests_id.h"
#include "store/retention.h"
#include "store/samples.h"
#include "store/simpin.h"
#include "store/withheld.h"
#include "tests/unit/test_store_acts_more.h"

struct world {
    struct fixture *f;
    struct store *store;
    const struct limits *limits;
    struct citizen citizen;
    struct request request, fresh; /* the first is in the database */
    int64_t failure, queued, sending, unknown, refused;
};

static const uint8_t pdu[] = {0, 4, 1, 2, 3};
static const struct gsm_cause cause = {GSM_CAUSE_CMS, 500};
static const struct nif nif = {.text = "12345678Z"};

static bool visit_message(const struct outbox_message *message, void *user)
{
    return message != NULL && user == NULL;
}

static bool visit_inbox(const struct inbox_message *message, void *user)
{
    return message != NULL && user == NULL;
}

static bool visit_client(const struct client *client, void *user)
{
    return client != NULL && user == NULL;
}

static void visit_citizen(const struct citizen *citizen, void *user)
{
    (void)citizen;
    (void)user;
}

static void visit_trace(const struct dossier_row *row, void *user)
{
    (void)row;
    (void)user;
}

static const struct application application = {
    .id = 1, .nif = {.text = "12345678Z"}, .phone = {"+34600000001"}, .document_count = 1};
static const struct address_keys from = {"192.0.2.1", ""};

static void visit_application(const struct application *read, void *user)
{
    (void)read;
    (void)user;
}

/* There may be none: only what the engine says is wanted. */
static enum cc_err find_application(struct store *store)
{
    struct application read;
    enum cc_err err = applications_find(store, application.public_id, &read);
    return err == CC_ERR_NOT_FOUND ? CC_OK : err;
}

static const uint8_t import_id[IMPORTS_ID_BYTES];

static enum cc_err find_import(struct store *store)
{
    char bytes[IMPORTS_PART_MAX];
    size_t len;
    int64_t part;
    return imports_find_next(store, import_id, -1, &part, bytes, &len);
}

static void visit_edge(const struct life_edge *edge, void *user)
{
    (void)edge;
    (void)user;
}

static bool visit_sample(const struct samples_row *row, void *user)
{
    return row != NULL && user == NULL;
}

static bool visit_box_sample(const struct box_samples_row *row, void *user)
{
    return row != NULL && user == NULL;
}

static bool visit_recovery(const struct recovery *row, void *user)
{
    return row != NULL && user == NULL;
}

static enum cc_err check_all(struct world *w)
{
    struct check check;
    bool more = true;
    enum cc_err err = CC_OK;
    check_begin(&check, w->store, NULL, NULL);
    while (err == CC_OK && more)
        err = check_step(&check, 100, &more);
    return err;
}

static enum cc_err add_part(struct world *w, uint8_t index)
{
    static char storage[INBOX_TEXT_SIZE];
    struct buf text;
    struct inbox_message message;
    struct gsm_deliver deliver = {.data_len = 1, .data = {'a'}};
    deliver.concat =
        (struct gsm_concat){.present = true, .reference = 3, .total = 2, .index = index};
    (void)snprintf(deliver.from.text, sizeof(deliver.from.text), "+34600000009");
    buf_init(&text, storage, sizeof(storage));
    return inbox_add_part(w->store, "m", &deliver, T0, &text, &message);
}

/* The first part makes no message yet. */
static enum cc_err add_parts(struct world *w)
{
    enum cc_err err = add_part(w, 1);
    return err == CC_ERR_NOT_FOUND ? add_part(w, 2) : err;
}

static enum cc_err take_unfinished(struct world *w)
{
    static char storage[INBOX_TEXT_SIZE];
    struct buf text;
    struct inbox_message message;
    buf_init(&text, storage, sizeof(storage));
    enum cc_err err = add_part(w, 1);
    return err == CC_ERR_NOT_FOUND ? inbox_take_unfinished(w->store, T0 + 1, &text, &message) : err;
}

static enum cc_err match_report(struct world *w)
{
    const struct outbox_report report = {
        .modem = "m", .number = w->citizen.phone.e164, .reference = 9, .submitted_ms = T0};
    struct outbox_message message;
    return outbox_match_report(w->store, &report, &message);
}

static enum cc_err keep_answer(struct world *w)
{
    char answer[IDEMPOTENCY_ANSWER_MAX];
    int status = 0;
    enum cc_err err = idempotency_keep(w->store, 1, "k", "r", 1, T0, 202, "{}");
    return err == CC_OK ? idempotency_find(w->store, 1, "k", "r", 1, T0, &status, answer) : err;
}

static enum cc_err refuse(struct world *w)
{
    const struct refusal refusal = {w->citizen.nif_index, "cliente:sede", true};
    int64_t hour = 0, minute = 0;
    enum cc_err err = refusals_add(w->store, &refusal, T0);
    if (err == CC_OK)
        err = refusals_count(w->store, w->citizen.nif_index, T0, &hour, &minute);
    return err == CC_OK ? refusals_audit(w->store, T0 + HOUR, true) : err;
}

static enum cc_err count_everything(struct world *w)
{
    struct limits_citizen citizen = {0};
    struct limits_town town = {0};
    int64_t n = 0;
    enum cc_err err = requests_count_for(w->store, w->citizen.id, w->citizen.phone.e164, false,
                                         w->limits, T0, &citizen);
    if (err == CC_OK)
        err = requests_count_ip(w->store, "10.0.0.1", T0, 9, &n);
    if (err == CC_OK)
        err = failures_count_for(w->store, w->citizen.id, w->limits, T0, &citizen);
    if (err == CC_OK)
        err =
            failures_count_contrasts(w->store, w->citizen.id, w->limits, "10.0.0.1", T0, &citizen);
    if (err == CC_OK)
        err = failures_count_ip(w->store, "10.0.0.1", T0, 9, &n);
    return err == CC_OK ? failures_count_town(w->store, w->limits, T0, &town) : err;
}

static enum cc_err purge(struct store *store, enum purge_kind kind)
{
    int64_t count = 0;
    bool more = false;
    return purge_piece(store, kind, T0 + DAY, T0 + 2 * DAY, 9, &count, &more);
}

/* Each function of the store once: `s` is the store, `w` the world; `n` and `yes` take results. */
#define ACTS(X)                                                                                    \
    X(audit_append,                                                                                \
      audit_append(s, &(struct audit_entry){"e", "a", &nif, NULL, "r", 1, NULL}, T0, &n))          \
    X(audit_verify, audit_verify(s, &n))                                                           \
    X(audit_find_row, audit_find_row(s, 1, w->citizen.nif_index, &yes))                            \
    X(balance_asked, balance_asked(s, "m", T0))                                                    \
    X(balance_told, balance_told(s, "m", "1 EUR", T0))                                             \
    X(balance_failed, balance_failed(s, "m", "e", T0))                                             \
    X(balance_get, balance_get(s, "m", &(struct balance){0}))                                      \
    X(citizens_insert,                                                                             \
      citizens_insert(                                                                             \
          s, &(struct citizen){.nif = {.text = "87654321X"}, .phone = {"+34600000077"}}, &n))      \
    X(citizens_find, citizens_find(s, &w->citizen.nif, &(struct citizen){0}))                      \
    X(citizens_find_without,                                                                       \
      citizens_find_without_contrast(s, &w->citizen.nif, &(struct citizen){0}))                    \
    X(citizens_set_locks, citizens_set_locks(s, w->citizen.id, true, true))                        \
    X(citizens_set_contrast,                                                                       \
      citizens_set_contrast(s, &w->citizen.nif, &(struct contraste){"2031-04-09"}))                \
    X(citizens_find_blocked, citizens_find_blocked(s, &w->citizen.nif, &(struct citizen){0}))      \
    X(retention_set_since, retention_set_since(s, w->citizen.id, T0))                              \
    X(retention_find,                                                                              \
      retention_find(s, LIFE_ACTIVE, T0 + 1, 1, &(struct citizen){0}, &(size_t){0}))               \
    X(purge_evidence, purge(s, PURGE_EVIDENCE))                                                    \
    X(purge_addresses, purge(s, PURGE_ADDRESSES))                                                  \
    X(purge_requests, purge(s, PURGE_REQUESTS))                                                    \
    X(purge_messages, purge(s, PURGE_MESSAGES))                                                    \
    X(purge_inbox, purge(s, PURGE_INBOX))                                                          \
    X(purge_audit, purge(s, PURGE_AUDIT))                                                          \
    X(purge_count, purge_count(s, PURGE_REQUESTS, T0, T0, &n))                                     \
    X(purge_last_run, purge_last_run(s, &n))                                                       \
    X(purge_set_last_run, purge_set_last_run(s, T0))                                               \
    X(retention_destroy, retention_destroy(s, &w->citizen))                                        \
    X(citizens_each, citizens_each(s, 0, 10, visit_citizen, NULL, &n))                             \
    X(citizens_update, citizens_update(s, &w->citizen))                                            \
    X(citizens_find_phone, citizens_find_phone(s, &w->citizen.phone, &(bool){0}))                  \
    X(imports_insert, imports_insert(s, import_id, 7, "a", 1))                                     \
    X(imports_find_next, find_import(s))                                                           \
    X(imports_delete, imports_delete(s, 7))                                                        \
    X(imports_delete_some, imports_delete_some(s, &(bool){0}))                                     \
    X(applications_insert, applications_insert(s, &application, &from, &n))                        \
    X(applications_find, find_application(s))                                                      \
    X(applications_update, applications_update(s, &application))                                   \
    X(applications_delete, applications_delete(s, 1))                                              \
    X(applications_count_from, applications_count_from(s, &from, T0, &n, &n))                      \
    X(applications_count_since, applications_count_since(s, T0, &n))                               \
    X(applications_measure, applications_measure(s, &(struct application_load){0}))                \
    X(applications_oldest, applications_oldest(s, APPLICATION_REQUESTED, T0, T0, &n,               \
                                               (uint8_t[APPLICATION_ID_BYTES]){0}))                \
    X(applications_each, applications_each(s, APPLICATION_STATES, 0, 9, visit_application, NULL))  \
    X(life_append, life_append(s, &w->citizen, &(struct life_edge){.act = LIFE_SUSPEND}))          \
    X(life_each, life_each(s, &w->citizen, 10, visit_edge, NULL))                                  \
    X(dossier_requests, dossier_list(s, &w->citizen, DOSSIER_REQUESTS, 9, visit_trace, NULL, &n))  \
    X(dossier_messages, dossier_list(s, &w->citizen, DOSSIER_MESSAGES, 9, visit_trace, NULL, &n))  \
    X(dossier_failures, dossier_list(s, &w->citizen, DOSSIER_FAILURES, 9, visit_trace, NULL, &n))  \
    X(dossier_audit, dossier_list(s, &w->citizen, DOSSIER_AUDIT, 9, visit_trace, NULL, &n))        \
    X(requests_end, requests_end(s, w->citizen.id, T0))                                            \
    X(citizens_count, citizens_count(s, &n))                                                       \
    X(clients_create, clients_create(s, "otro", 1, 0, T0, (char[CLIENT_TOKEN_SIZE]){0}, &n))       \
    X(clients_revoke, clients_revoke(s, "sede", T0))                                               \
    X(clients_find, clients_find(s, "sede", &(struct client){0}))                                  \
    X(clients_save, clients_save(s, &(struct client){.id = 1}))                                    \
    X(clients_each, clients_each(s, visit_client, NULL))                                           \
    X(clock_memory_read, clock_memory_read(s, &(struct clock_memory){0}))                          \
    X(clock_memory_write, clock_memory_write(s, &(struct clock_memory){1, 2, 3, true}))            \
    X(clock_void_future, clock_void_future(s, T0 - 10 * DAY, T0))                                  \
    X(clock_forget_future, clock_forget_future(s, T0 - 10 * DAY))                                  \
    X(clock_load_void, clock_load_void(s))                                                         \
    X(failures_insert,                                                                             \
      failures_insert(s, &(struct failure){FAILURE_CODE, w->citizen.id, 1, "10.0.0.1", ""}, T0,    \
                      &n))                                                                         \
    X(failures_discard, failures_discard(s, w->failure))                                           \
    X(failures_settle_request, failures_settle_request(s, w->citizen.id, w->request.id))           \
    X(failures_settle_citizen, failures_settle_citizen(s, w->citizen.id))                          \
    X(idempotency_sweep, idempotency_sweep(s, T0))                                                 \
    X(inbox_meet, inbox_meet(s, "m", pdu, sizeof(pdu), T0, &yes))                                  \
    X(inbox_insert, inbox_insert(s, &(struct inbox_message){.from = "1", .text = "a"}, &n))        \
    X(inbox_list, inbox_list(s, 9, visit_inbox, NULL))                                             \
    X(inbox_mark_read, inbox_mark_read(s, 1, T0))                                                  \
    X(inbox_mark_all_read, inbox_mark_read(s, 0, T0))                                              \
    X(inbox_mark_balance_read, inbox_mark_balance_read(s, "m", T0))                                \
    X(inbox_count_unread, inbox_count_unread(s, &n))                                               \
    X(inbox_balance_alarm_since, inbox_balance_alarm_since(s, "m", &n))                            \
    X(notices_mark, notices_mark(s, w->citizen.id, NOTICE_LOCKED, T0, &yes))                       \
    X(outbox_insert,                                                                               \
      outbox_insert(s, &(struct outbox_message){.phone = {"+34600000001"}, .text = "a"}, &n))      \
    X(outbox_discard, outbox_discard(s, w->queued))                                                \
    X(outbox_next, outbox_next(s, T0, "m", OUTBOX_CONTRACLAVE, &(struct outbox_message){0}))       \
    X(outbox_next_other, outbox_next(s, T0, "m", OUTBOX_NOTICE, &(struct outbox_message){0}))      \
    X(outbox_count_taken, outbox_count_taken(s, "m", 0, 9, &n))                                    \
    X(outbox_claim, outbox_claim(s, w->queued, "m", T0))                                           \
    X(outbox_unclaim, outbox_unclaim(s, w->sending))                                               \
    X(outbox_sent, outbox_sent(s, w->sending, 3, T0))                                              \
    X(outbox_refused, outbox_refused(s, w->sending, cause, T0))                                    \
    X(outbox_refused_maybe, outbox_refused_maybe(s, w->sending, cause, T0))                        \
    X(outbox_revive, outbox_revive(s, w->refused, T0))                                             \
    X(outbox_believe, outbox_believe(s, w->refused))                                               \
    X(outbox_was_good,                                                                             \
      outbox_was_good(s, &(struct outbox_message){.phone = {"+34600000001"}}, &yes))               \
    X(outbox_requeue, outbox_requeue(s, w->sending, &(struct outbox_delay){.cause = cause}))       \
    X(outbox_unknown, outbox_unknown(s, w->sending, cause, T0 + MINUTE))                           \
    X(outbox_repeat, outbox_repeat(s, w->unknown, T0))                                             \
    X(outbox_give_up, outbox_give_up(s, w->unknown, T0))                                           \
    X(outbox_accepted, outbox_accepted(s, w->unknown, 3, T0))                                      \
    X(outbox_reported, outbox_reported(s, w->unknown, true, cause, T0))                            \
    X(outbox_expire, outbox_expire(s, T0 + DAY, &n))                                               \
    X(outbox_window_closed, outbox_window_closed(s, T0 + HOUR, &(struct outbox_message){0}))       \
    X(outbox_recover, outbox_recover(s, T0 + MINUTE, &n))                                          \
    X(outbox_next_due, outbox_next_due(s, &n))                                                     \
    X(outbox_withdraw, outbox_withdraw_replaced(s, w->citizen.id, w->citizen.phone.e164, T0))      \
    X(outbox_withdraw_one, outbox_withdraw(s, w->request.id, w->citizen.phone.e164, T0))           \
    X(outbox_check_claim, outbox_check_claim(s, w->sending, T0))                                   \
    X(requests_find, requests_find(s, w->request.public_id, 1, T0, &(struct request){0}))          \
    X(requests_open, requests_open(s, &w->request, &(struct request_secret){0}))                   \
    X(requests_set_resent, requests_set_resent(s, w->request.id, T0))                              \
    X(requests_cancel, requests_cancel(s, w->request.id, T0))                                      \
    X(requests_erase_expired, requests_erase_expired(s, T0 + DAY))                                 \
    X(outbox_list, outbox_list(s, 9, visit_message, NULL))                                         \
    X(outbox_oldest, outbox_oldest(s, &n, &n))                                                     \
    X(outbox_count, outbox_count(s, OUTBOX_QUEUED, &n))                                            \
    X(recoveries_begin, recoveries_begin(s, "m", "at", "e", T0))                                   \
    X(recoveries_end, recoveries_end(s, "m", "at", "e", true, T0))                                 \
    X(recoveries_list, recoveries_list(s, "m", 0, 9, visit_recovery, NULL))                        \
    X(requests_insert, requests_insert(s, &w->fresh, 1, "10.0.0.1", &n))                           \
    X(requests_live, requests_live(s, w->citizen.id, w->limits, T0,                                \
                                   (struct request[REQUEST_LIVE_MAX]){0}, &(size_t){0}))           \
    X(requests_replace, requests_replace(s, w->citizen.id, false, w->limits, T0))                  \
    X(requests_insert_withheld,                                                                    \
      requests_insert(s, &(struct request){.created_ms = T0, .expires_ms = T0 + HOUR}, 1, "", &n)) \
    X(withheld_mark, withheld_mark(s, w->queued, T0))                                              \
    X(withheld_forget, withheld_forget(s, T0 + DAY, 9))                                            \
    X(requests_set_tries, requests_set_tries(s, w->request.id, 2, 3))                              \
    X(requests_live_and_used,                                                                      \
      requests_live_and_used(s, w->citizen.id, w->limits, T0,                                      \
                             (struct request[REQUEST_LIVE_MAX]){0}, &(size_t){0}, &n))             \
    X(requests_last_use, requests_last_use(s, w->citizen.id, &n))                                  \
    X(requests_add_use, requests_add_use(s, &w->request, T0, 0))                                   \
    X(requests_touch, requests_touch(s))                                                           \
    X(ip_requests_insert, ip_requests_insert(s, "10.0.0.1", T0))                                   \
    X(audit_find_begin, audit_find_begin(s, &n))                                                   \
    X(box_samples_insert, box_samples_insert(s, 1, T0))                                            \
    X(box_samples_add_delivery, box_samples_add_delivery(s, 1, T0))                                \
    X(box_samples_list, box_samples_list(s, T0, T0, visit_box_sample, NULL, &n))                   \
    X(samples_insert, samples_insert(s, &(struct samples_point){.modem = "m"}, T0))                \
    X(samples_list, samples_list(s, "m", T0, T0, visit_sample, NULL, &n))                          \
    X(samples_count_sends, samples_count_sends(s, T0, &n, &(int64_t){0}))                          \
    X(simpin_was_tried, simpin_was_tried(s, "8934", "1234", &yes))                                 \
    X(simpin_trying, simpin_trying(s, "8934", "1234", T0))                                         \
    X(simpin_worked, simpin_worked(s, "8934", "1234"))                                             \
    X(store_check_untagged, store_check_untagged(s, &yes))                                         \
    X(store_highest_time, store_highest_time(s, &n))                                               \
    X(store_raise_time, store_raise_time(s, T0 + 1))                                               \
    X(store_set_time, store_set_time(s, T0 + 2))                                                   \
    X(store_touch, store_touch(s, T0))                                                             \
    X(store_town_asks, store_town_asks(s, &yes))                                                   \
    X(store_set_town_asks, store_set_town_asks(s, true))                                           \
    X(store_sweep, store_sweep(s, T0 + DAY))                                                       \
    X(store_accept, store_accept(s, "a", NULL, T0))                                                \
    X(commit_now, requests_touch(s) == CC_OK ? store_commit_now(s) : CC_ERR_DB)                    \
    X(savepoint, head_savepoint(s) == CC_OK ? db_release(s->db) : CC_ERR_DB)                       \
    X(migrate, db_set_user_version(s->db, 0) == CC_OK ? db_exec(s->db, "SELECT 1") : CC_ERR_DB)    \
    X(no_transaction, db_commit(s->db) == CC_OK ? db_begin(s->db) : CC_ERR_DB)

#define DEFINE_ACT(name, expression)                                                               \
    static enum cc_err act_##name(struct world *w)                                                 \
    {                                                                                              \
        struct store *s = w->store;                                                                \
        int64_t n = 0;                                                                             \
        bool yes = false;                                                                          \
        (void)n;                                                                                   \
        (void)yes;                                                                                 \
        return s == NULL ? CC_OK : (expression);                                                   \
    }
ACTS(DEFINE_ACT)
ACTS_MORE(DEFINE_ACT)

#define NAME_ACT(name, expression) {#name, act_##name},

static const struct {
    const char *name;
    enum cc_err (*run)(struct world *w);
} acts[] = {{"check_all", check_all},
            {"add_parts", add_parts},
            {"take_unfinished", take_unfinished},
            {"match_report", match_report},
            {"keep_answer", keep_answer},
            {"refuse", refuse},
            {"count_everything", count_everything},
            ACTS(NAME_ACT) ACTS_MORE(NAME_ACT)};
enum { ACT_COUNT = sizeof(acts) / sizeof(acts[0]) };

static int64_t add_claimed(struct store *store, int64_t created_ms)
{
    int64_t id = add_message(store, "+34600000001", created_ms);
    assert_ok(outbox_claim(store, id, "m", T0));
    return id;
}

static inline void world_fill(struct world *w)
{
    struct store *s = w->store;
    static struct request live[REQUEST_LIVE_MAX];
    size_t count = 0;
    int64_t id = 0;
    char token[CLIENT_TOKEN_SIZE];
    const struct inbox_message message = {.modem = "m", .from = "1", .text = "a"};
    w->limits = limits_profile("pin24h");
    w->citizen.id = add_citizen(s, nif.text, "+34600000001");
    assert_ok(citizens_find(s, &nif, &w->citizen));
    id = add_request(s, w->citizen.id, T0 - MINUTE, T0 + HOUR);
    w->failure = add_failure(s, w->citizen.id, id, "10.0.0.1", T0);
    assert_ok(requests_live(s, w->citizen.id, w->limits, T0, live, &count));
    assert_int_equal(count, 1);
    w->request = live[0];
    w->fresh = make_request(s, w->citizen.id, T0, T0 + HOUR);
    w->sending = add_claimed(s, T0);
    w->unknown = add_claimed(s, T0);
    assert_ok(outbox_unknown(s, w->unknown, cause, T0 + MINUTE));
    w->refused = add_claimed(s, T0);
    assert_ok(outbox_refused_maybe(s, w->refused, cause, T0));
    w->queued = add_message(s, "+34600000001", T0);
    assert_ok(clients_create(s, "sede", 1, 0, T0, token, &id));
    assert_ok(inbox_insert(s, &message, &id));
    assert_ok(balance_asked(s, "m", T0));
    assert_ok(recoveries_begin(s, "m", "at", "e", T0));
}

#endif
