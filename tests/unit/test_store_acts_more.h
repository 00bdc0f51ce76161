/* SPDX-License-Identifier: EUPL-1.2 */
/* The rest of test_store_acts.h: people who log in, mails, what boxes tell each other. */
#ifndef CC_TEST_STORE_ACTS_MORE_H
#define CC_TEST_STORE_ACTS_MORE_H

#include "store/alerts.h"
#include "store/audit_ip.h"
#include "store/audit_search.h"
#include "store/boxes.h"
#include "store/credentials.h"
#include "store/emails.h"
#include "store/events.h"
#include "store/evidence.h"
#include "store/mails.h"
#include "store/monthly.h"
#include "store/operators.h"
#include "store/pause.h"
#include "store/phone_codes.h"
#include "store/sessions.h"

static bool visit_event(const struct event *event, void *user)
{
    return event != NULL && user == NULL;
}

static bool visit_operator(const struct operator_row *row, void *user)
{
    return row != NULL && user == NULL;
}

static void visit_session(const struct session *session, void *user)
{
    assert_true(session != NULL && user == NULL);
}

static void visit_credential(const struct credential *credential, void *user)
{
    assert_true(credential != NULL && user == NULL);
}

static void visit_email(const struct email_row *row, void *user)
{
    assert_true(row != NULL && user == NULL);
}

static void visit_found(const struct audit_found *row, void *user)
{
    assert_true(row != NULL && user == NULL);
}

static bool visit_fate(const struct outbox_fate *fate, void *user)
{
    return fate != NULL && user == NULL;
}

static enum cc_err find_session(struct store *store)
{
    char token[SESSION_TOKEN_SIZE];
    struct session session;
    int64_t id;
    enum cc_err err = sessions_create(store, 1, "192.0.2.1", T0, token, &id);
    if (err == CC_OK)
        err = sessions_find(store, token, strlen(token), &session);
    return err == CC_OK ? sessions_find_id(store, id, &session) : err;
}

static enum cc_err check_setup(struct store *store)
{
    char token[SETUP_TOKEN_SIZE];
    enum cc_err err = operators_make_setup(store, T0 + 1, token);
    return err == CC_OK ? operators_check_setup(store, token, T0) : err;
}

static const struct audit_filter all_rows = {.event = "", .actor = "", .until_ms = INT64_MAX};
static struct operator_row operator_row = {.name = "ana", .hash = "$argon2id$"};
static struct monthly_table months;
static struct alert_record alerts[ALERT_KIND_COUNT];
static struct alert_result alert_results[ALERT_CHANNEL_COUNT];

#define ACTS_MORE(X)                                                                               \
    X(alerts_load, alerts_load(s, alerts, alert_results))                                          \
    X(alerts_save, alerts_save(s, (enum alert_kind)0, &alerts[0]))                                 \
    X(alerts_save_result, alerts_save_result(s, ALERT_MAIL, &alert_results[0]))                    \
    X(audit_ip_forget, audit_ip_forget(s, T0, T0, 9, &n, &yes))                                    \
    X(audit_search, audit_search(s, &all_rows, 9, 9, visit_found, NULL, &n))                       \
    X(audit_each, audit_each(s, 0, 9, 9, visit_found, NULL, &n))                                   \
    X(audit_find_seal, audit_find_seal(s, 1, (char[AUDIT_SEAL_SIZE]){0}))                          \
    X(audit_read_start, audit_read_start(s, &(struct audit_tail){0}))                              \
    X(audit_trim, audit_trim(s, T0, T0, 9, &n))                                                    \
    X(boxes_beat, boxes_beat(s, T0, &(struct box_state){0}))                                       \
    X(boxes_list, boxes_list(s, &(struct box_row){0}, 1, &(size_t){0}))                            \
    X(boxes_forget, boxes_forget(s, T0))                                                           \
    X(boxes_share, boxes_share(s, T0, 9, &n))                                                      \
    X(boxes_take_mails, boxes_take_mails(s, T0, T0, &n))                                           \
    X(boxes_take_over, boxes_take_over(s, T0, T0, &n))                                             \
    X(citizens_find_id, citizens_find_id(s, w->citizen.id, &(struct citizen){0}))                  \
    X(citizens_find_by_index,                                                                      \
      citizens_find_by_index(s, w->citizen.id, w->citizen.nif_index, &(struct citizen){0}))        \
    X(citizens_find_owner, citizens_find_owner(s, w->citizen.nif_index, &(struct citizen){0}))     \
    X(credentials_find, credentials_find(s, w->citizen.id, 0, &(struct credential){0}))            \
    X(credentials_put, credentials_put(s, &(struct credential){.citizen_id = w->citizen.id}))      \
    X(credentials_update, credentials_update(s, &(struct credential){.id = 1}))                    \
    X(credentials_delete_one, credentials_delete_one(s, 1))                                        \
    X(credentials_delete, credentials_delete(s, w->citizen.id))                                    \
    X(credentials_each, credentials_each(s, 0, 0, 9, visit_credential, NULL, &n))                  \
    X(emails_find, emails_find(s, w->citizen.nif_index, &(struct email_row){0}))                   \
    X(emails_find_link, emails_find_link(s, "a", 1, &(struct email_row){0}))                       \
    X(emails_each_dead, emails_each_dead(s, 9, visit_email, NULL))                                 \
    X(emails_put, emails_put(s, &(struct email_row){.created_ms = T0}))                            \
    X(emails_delete, emails_delete(s, w->citizen.nif_index))                                       \
    X(events_insert, events_insert(s, &(struct event){.token = "a"}))                              \
    X(events_list, events_list(s, T0, "", 9, visit_event, NULL))                                   \
    X(events_list_after, events_list_after(s, 0, "", 9, visit_event, NULL))                        \
    X(events_list_open, events_list_open(s, visit_event, NULL))                                    \
    X(events_newest, events_newest(s, &n))                                                         \
    X(events_sum_spans, events_sum_spans(s, "a", T0, &n))                                          \
    X(evidence_find, evidence_find(s, 1, &(struct evidence){0}))                                   \
    X(evidence_settle, evidence_settle(s, T0, 9, &yes))                                            \
    X(evidence_forget_addresses, evidence_forget_addresses(s, T0, T0, 9, &n))                      \
    X(evidence_destroy, evidence_destroy(s, T0, T0, 9, &n))                                        \
    X(failures_count_since, failures_count_since(s, T0, T0, 9, &n))                                \
    X(failures_count_secrets,                                                                      \
      failures_count_secrets(s, w->citizen.id, w->limits, T0, &(struct credential_failures){0}))   \
    X(mails_insert, mails_insert(s, &(struct mail){.to = {"a@b.es"}}))                             \
    X(mails_next, mails_next(s, T0, &(struct mail){0}))                                            \
    X(mails_claim, mails_claim(s, 1))                                                              \
    X(mails_settle, mails_settle(s, &(struct mail){.id = 1}))                                      \
    X(mails_settle_end, mails_settle(s, &(struct mail){.id = 1, .done_ms = T0}))                   \
    X(mails_withdraw, mails_withdraw(s, w->citizen.nif_index, 0, MAIL_KINDS, T0))                  \
    X(mails_move, mails_move(s, w->citizen.nif_index, w->citizen.nif_root))                        \
    X(mails_recover, mails_recover(s, T0, &n))                                                     \
    X(mails_sweep, mails_sweep(s, T0, T0))                                                         \
    X(mails_next_due, mails_next_due(s, &n))                                                       \
    X(mails_count_open, mails_count_open(s, &n))                                                   \
    X(mails_find_waiting, mails_find_waiting(s, MAIL_PROVE, &yes))                                 \
    X(mails_find, mails_find(s, w->citizen.nif_index, &(struct mail){0}))                          \
    X(mails_return, mails_return(s, 1, T0))                                                        \
    X(monthly_add, monthly_add(s, MONTHLY_SMS_SENT, 1, T0))                                        \
    X(monthly_fold, monthly_fold(s, &yes))                                                         \
    X(monthly_last_folded, monthly_last_folded(s, &n))                                             \
    X(monthly_read, monthly_read(s, T0, &months))                                                  \
    X(operators_insert, operators_insert(s, &operator_row, T0))                                    \
    X(operators_find, operators_find(s, "ana", &(struct operator_row){0}))                         \
    X(operators_find_id, operators_find_id(s, 1, &(struct operator_row){0}))                       \
    X(operators_update, operators_update(s, &operator_row, T0))                                    \
    X(operators_each, operators_each(s, visit_operator, NULL))                                     \
    X(operators_make_setup, operators_make_setup(s, T0, (char[SETUP_TOKEN_SIZE]){0}))              \
    X(operators_end_setup, operators_end_setup(s))                                                 \
    X(operators_check_setup, check_setup(s))                                                       \
    X(operators_count, operators_count(s, &n, &n))                                                 \
    X(outbox_find_fate, outbox_find_fate(s, 1, &(struct outbox_fate){0}))                          \
    X(outbox_list_claimed, outbox_list_claimed(s, &n, 1, &(size_t){0}))                            \
    X(outbox_list_fates, outbox_list_fates(s, 9, 9, visit_fate, NULL))                             \
    X(outbox_list_taken,                                                                           \
      outbox_list_taken(s, "m", &(struct outbox_period){0, T0}, &n, 1, &(size_t){0}))              \
    X(outbox_look_waiting, outbox_look_waiting(s, 0, &(struct outbox_waiting){0}))                 \
    X(outbox_newest_to, outbox_newest_to(s, "+34600000001", &n))                                   \
    X(outbox_nth_taken, outbox_nth_taken(s, "m", 1, &n))                                           \
    X(outbox_withdraw_message, outbox_withdraw_message(s, 1, "+34600000001", T0))                  \
    X(pause_load, pause_load(s, &(struct pause){0}))                                               \
    X(pause_save, pause_save(s, &(struct pause){.since_ms = T0}))                                  \
    X(pause_delete, pause_delete(s))                                                               \
    X(phone_codes_find, phone_codes_find(s, &nif, &(struct phone_code){0}))                        \
    X(phone_codes_put, phone_codes_put(s, &nif, &(struct phone_code){0}))                          \
    X(phone_codes_delete, phone_codes_delete(s, &nif))                                             \
    X(phone_codes_sweep, phone_codes_sweep(s, T0))                                                 \
    X(requests_check_phone, requests_check_phone(s, "+34600000001", REQUESTS_ALL, 9, T0, &yes))    \
    X(requests_newest, requests_newest(s, 1, &(struct request){0}, &(size_t){0}))                  \
    X(requests_set_last_use, requests_set_last_use(s, w->citizen.id, T0))                          \
    X(sessions_create, sessions_create(s, 1, "192.0.2.1", T0, (char[SESSION_TOKEN_SIZE]){0}, &n))  \
    X(sessions_find, find_session(s))                                                              \
    X(sessions_touch, sessions_touch(s, 1, T0))                                                    \
    X(sessions_end, sessions_end(s, 1, 1))                                                         \
    X(sessions_end_others, sessions_end_others(s, 1, 1))                                           \
    X(sessions_each, sessions_each(s, 1, T0, visit_session, NULL))

#endif
