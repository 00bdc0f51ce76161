/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/alloc.h"
#include "base/hex.h"
#include "base/loop.h"
#include "domain/password.h"
#include "service/caller.h"
#include "service/people_private.h"
#include "store/audit.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_ROWS_MAX = 20 };

#define MINUTE_US INT64_C(60000000)

enum cc_err people_audit(struct people *people, const char *event, const struct caller *caller,
                         const char *result, int64_t operator_id, int64_t now_ms)
{
    return service_audit(people->service, caller,
                         AUDIT_ACT(.event = event, .result = result, .reference = operator_id),
                         now_ms);
}

static void append_row(struct people *people, const char *event, int64_t operator_id,
                       int64_t reference, struct caller caller)
{
    struct service *service = people->service;
    (void)snprintf(caller.name, sizeof(caller.name), "operador:%" PRId64, operator_id);
    if (turn_enter(service->turn) != CC_OK)
        return;
    enum cc_err err =
        people_audit(people, event, &caller, "rechazado", reference, service_now_ms(service));
    turn_leave(service->turn, err == CC_OK);
}

/* Whether a refusal of a name that has no account gets a row, or is counted with others. */
static bool takes_own_row(struct people *people)
{
    struct people_strangers *strangers = &people->strangers;
    if (strangers->own_rows == 0)
        loop_timer_in(strangers->minute, MINUTE_US);
    if (strangers->own_rows == OWN_ROWS_MAX) {
        strangers->together++;
        return false;
    }
    strangers->own_rows++;
    return true;
}

void people_note_failure(struct people *people, const char *event, int64_t operator_id,
                         const struct caller *caller)
{
    if (operator_id != 0 || takes_own_row(people))
        append_row(people, event, operator_id, operator_id, *caller);
}

static void on_minute(void *user)
{
    struct people *people = user;
    int64_t together = people->strangers.together;
    people->strangers.together = people->strangers.own_rows = 0;
    if (together > 0)
        append_row(people, "sesion_abrir", 0, together, (struct caller){.id = 0});
}

struct people *people_new(struct service *service)
{
    struct people *people = alloc_or_abort(sizeof(*people));
    people->service = service;
    people->passwords = passwords_new(service->loop);
    people->citizens = passwords_new(service->loop);
    people->strangers.minute =
        loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_minute, people);
    return people;
}

void people_free(struct people *people)
{
    if (people == NULL)
        return;
    passwords_free(people->passwords);
    passwords_free(people->citizens);
    loop_source_free(people->strangers.minute);
    free(people);
}

void people_stop(struct people *people)
{
    passwords_stop(people->passwords);
    passwords_stop(people->citizens);
    on_minute(people); /* the number that is open is committed */
    turn_flush(people->service->turn);
}

struct passwords *people_citizens_queue(struct people *people)
{
    passwords_measure(people->citizens, people->service->settings->secret_ms);
    return people->citizens;
}

void people_set_address(struct people *people, const char *url)
{
    (void)snprintf(people->url, sizeof(people->url), "%s", url);
}

uint64_t people_hash(const struct people *people, const void *bytes, size_t len)
{
    uint8_t tag[SECRET_TAG_BYTES];
    uint64_t hash;
    secret_tag(people->service->store->keys, SECRET_USE_BROWSER, bytes, len, NULL, 0, tag);
    memcpy(&hash, tag, sizeof(hash));
    return hash;
}

/* An IPv6 address counts by its /64: a household has 2^64 of them. */
static uint64_t hash_address(const struct people *people, const char *address)
{
    struct in6_addr v6;
    if (inet_pton(AF_INET6, address, &v6) == 1)
        return people_hash(people, &v6, sizeof(v6) / 2);
    return people_hash(people, address, strlen(address));
}

/*
 * Spellings of a name that lead to the same account count as the same, and those of a name that has
 * none as well: else the wait would tell which names have one.
 */
static uint64_t hash_name(const struct people *people, const char *name)
{
    char key[OPERATOR_KEY_SIZE];
    if (!operators_make_key(name, key))
        return people_hash(people, name, strlen(name));
    return people_hash(people, key, strlen(key));
}

/* The tag of a mark: its nonce, for the name that the throttle knows by this hash. */
static void tag_mark(const struct people *people, const char *nonce, uint64_t name,
                     uint8_t out[SECRET_TAG_BYTES])
{
    secret_tag(people->service->store->keys, SECRET_USE_BROWSER, nonce, PEOPLE_NONCE_CHARS, &name,
               sizeof(name), out);
}

void people_make_mark(const struct people *people, const struct people_job *job,
                      char ret_mark[PEOPLE_MARK_SIZE])
{
    uint8_t tag[SECRET_TAG_BYTES];
    secret_random_text(ret_mark, PEOPLE_NONCE_CHARS);
    tag_mark(people, ret_mark, job->who.name, tag);
    hex_encode(tag, sizeof(tag), ret_mark + PEOPLE_NONCE_CHARS);
}

/* Of a mark that was made for this name; 0 of any other text. */
static uint64_t hash_mark(const struct people *people, const char *mark, uint64_t name)
{
    uint8_t given[SECRET_TAG_BYTES], wanted[SECRET_TAG_BYTES];
    size_t len = 0;
    if (strlen(mark) != PEOPLE_MARK_SIZE - 1 ||
        !hex_decode(mark + PEOPLE_NONCE_CHARS, 2 * sizeof(given), given, sizeof(given), &len))
        return 0;
    tag_mark(people, mark, name, wanted);
    return secret_tag_equal(given, wanted) ? people_hash(people, mark, PEOPLE_NONCE_CHARS) | 1 : 0;
}

/* Who logs in is no caller yet; the address is that of the browser. */
static struct caller make_caller(const char *address)
{
    struct caller caller = {.kind = CALLER_ANYONE};
    caller.has_address = address_parse(address, &caller.address) == CC_OK;
    return caller;
}

/* The password fits. The code is only looked at here; people_open_session() takes it. */
static enum cc_err check_account(struct people *people, const struct people_job *job)
{
    CC_WIPED(operator_row) row;
    enum cc_err err = operators_find_id(people->service->store, job->operator_id, &row);
    if (err != CC_OK)
        return err == CC_ERR_NOT_FOUND ? CC_ERR_LOGIN : err;
    bool may_enter = row.is_active &&
                     (row.totp_state != TOTP_ACTIVE ||
                      people_take_code(people, &row, job->code, service_now_ms(people->service)));
    return may_enter ? CC_OK : CC_ERR_LOGIN;
}

static void on_compared(enum cc_err err, const char *hash, void *user)
{
    struct people_job *job = user;
    struct people *people = job->people;
    const struct caller caller = make_caller(job->address);
    (void)hash;
    if (err == CC_OK)
        err = job->operator_id != 0 ? check_account(people, job) : CC_ERR_LOGIN;
    if (err == CC_ERR_LOGIN)
        people_note_failure(people, "sesion_abrir", job->operator_id, &caller);
    else
        throttle_end(&people->throttle, &job->who, loop_now_us(people->service->loop),
                     err == CC_OK ? THROTTLE_SUCCEEDED : THROTTLE_UNDECIDED);
    job->done(err, job->user);
}

enum cc_err people_begin_login(struct people *people, struct people_job *job,
                               const struct people_entry *entry, int64_t *ret_wait_s)
{
    CC_WIPED(operator_row) row = {0};
    char password[PASSWORD_SIZE];
    int64_t now_us = loop_now_us(people->service->loop);
    enum cc_err err = operators_find(people->service->store, entry->name, &row);
    if (err != CC_OK && err != CC_ERR_NOT_FOUND)
        return err;
    job->people = people;
    job->operator_id = err == CC_OK ? row.id : 0;
    (void)snprintf(job->code, sizeof(job->code), "%s", entry->code != NULL ? entry->code : "");
    job->who = (struct throttle_who){.name = hash_name(people, entry->name),
                                     .address = hash_address(people, job->address)};
    job->who.device = hash_mark(people, job->mark, job->who.name);
    if (!throttle_begin(&people->throttle, &job->who, now_us, ret_wait_s))
        return CC_ERR_RATE_LIMITED;
    /* an entry that cannot be a password is compared too, and takes as long */
    if (password_normalize(entry->password, strlen(entry->password), password) != CC_OK)
        password[0] = '\0';
    err = passwords_compare(people->passwords, job->operator_id != 0 ? row.hash : NULL, password,
                            job->who.device != 0, on_compared, job);
    if (err != CC_OK)
        throttle_end(&people->throttle, &job->who, now_us, THROTTLE_UNDECIDED);
    secret_wipe(password, sizeof(password));
    return err;
}

enum cc_err people_open_session(struct people *people, const struct people_job *job, int64_t now_ms,
                                char ret_token[SESSION_TOKEN_SIZE])
{
    struct store *store = people->service->store;
    CC_WIPED(operator_row) row;
    int64_t id = 0;
    struct caller caller = make_caller(job->address);
    enum cc_err err = operators_find_id(store, job->operator_id, &row);
    if (err != CC_OK)
        return err;
    /* two requests with the same code: the second finds it taken */
    bool has_code = row.totp_state == TOTP_ACTIVE;
    if (!row.is_active || (has_code && !people_take_code(people, &row, job->code, now_ms)))
        err = CC_ERR_LOGIN;
    if (err == CC_OK && has_code)
        err = operators_update(store, &row, now_ms);
    if (err == CC_OK)
        err = sessions_create(store, row.id, job->address, now_ms, ret_token, &id);
    (void)snprintf(caller.name, sizeof(caller.name), "operador:%s", row.name);
    if (err == CC_OK)
        err = people_audit(people, "sesion_abrir", &caller, "correcto", row.id, now_ms);
    return err;
}

static void on_hashed(enum cc_err err, const char *hash, void *user)
{
    struct people_job *job = user;
    memcpy(job->hash, hash, sizeof(job->hash));
    job->done(err, job->user);
}

enum cc_err people_begin_hash(struct people *people, struct people_job *job, const char *name,
                              const char *password)
{
    char normal[PASSWORD_SIZE];
    job->people = people;
    enum cc_err err = password_normalize(password, strlen(password), normal);
    if (err == CC_OK)
        err = password_check(normal, &(struct password_own){{name}});
    if (err == CC_OK)
        err = passwords_hash(people->passwords, normal, true, on_hashed, job);
    secret_wipe(normal, sizeof(normal));
    return err;
}

/* The last use is written once a minute: a busy page does not wear the disk out. */
static void touch(struct people *people, const struct session *session, int64_t now_ms)
{
    struct turn *turn = people->service->turn;
    if (now_ms - session->used_ms < SESSION_TOUCH_MS || turn_enter(turn) != CC_OK)
        return;
    turn_leave(turn, sessions_touch(people->service->store, session->id, now_ms) == CC_OK);
}

/* Whether a session that was found lasts; its operator into *ret_row, which the caller wipes. */
static enum cc_err judge_session(struct people *people, enum cc_err found,
                                 const struct session *session, int64_t now_ms,
                                 struct operator_row *ret_row)
{
    enum cc_err err = found;
    if (err == CC_OK && !session_is_live(session, now_ms))
        err = CC_ERR_UNAUTHENTICATED;
    if (err == CC_OK)
        err = operators_find_id(people->service->store, session->operator_id, ret_row);
    if (err == CC_OK && !ret_row->is_active)
        err = CC_ERR_UNAUTHENTICATED;
    return err == CC_ERR_NOT_FOUND || err == CC_ERR_ALTERED ? CC_ERR_UNAUTHENTICATED : err;
}

enum cc_err people_check_session(struct people *people, const struct caller *caller, int64_t now_ms)
{
    struct session session;
    CC_WIPED(operator_row) row = {.role = ROLE_NONE};
    enum cc_err found = sessions_find_id(people->service->store, caller->id, &session);
    enum cc_err err = judge_session(people, found, &session, now_ms, &row);
    bool is_same = row.id == caller->operator_id && roles_scopes(row.role) == caller->scopes;
    return err == CC_OK && !is_same ? CC_ERR_UNAUTHENTICATED : err;
}

enum cc_err people_find_session(struct people *people, const char *token, size_t len,
                                int64_t now_ms, struct caller *ret)
{
    struct session session;
    CC_WIPED(operator_row) row;
    enum cc_err found = sessions_find(people->service->store, token, len, &session);
    enum cc_err err = judge_session(people, found, &session, now_ms, &row);
    if (err != CC_OK)
        return err;
    *ret = (struct caller){.kind = CALLER_SESSION,
                           .id = session.id,
                           .operator_id = row.id,
                           .ends_ms = session_ends_ms(&session),
                           .scopes = roles_scopes(row.role)};
    (void)snprintf(ret->name, sizeof(ret->name), "operador:%s", row.name);
    touch(people, &session, now_ms);
    return CC_OK;
}

enum cc_err people_find_own(struct people *people, const struct caller *caller,
                            struct operator_row *ret)
{
    return operators_find_id(people->service->store, caller->operator_id, ret);
}

enum cc_err people_set_language(struct people *people, const struct caller *caller,
                                const char *language, int64_t now_ms)
{
    CC_WIPED(operator_row) row;
    enum cc_err err = people_find_own(people, caller, &row);
    if (err != CC_OK)
        return err;
    (void)snprintf(row.language, sizeof(row.language), "%s", language);
    err = operators_update(people->service->store, &row, now_ms);
    return err;
}

enum cc_err people_end_session(struct people *people, const struct caller *caller, int64_t id,
                               int64_t now_ms)
{
    enum cc_err err =
        sessions_end(people->service->store, caller->operator_id, id != 0 ? id : caller->id);
    if (err != CC_OK)
        return err;
    return people_audit(people, "sesion_cerrar", caller, "correcto", caller->operator_id, now_ms);
}
