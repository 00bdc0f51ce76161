/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/people_private.h"

#include "base/log.h"
#include "service/caller.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SETUP_MS = 60 * 60 * 1000, CODE_CHARS = 10 };

static void tag_code(const struct people *people, const struct operator_row *row, const char *code,
                     uint8_t out[SECRET_TAG_BYTES])
{
    secret_tag(people->service->store->keys, SECRET_USE_RECOVERY, row->row_key, SECRET_TAG_BYTES,
               code, strlen(code), out);
}

/* Recovery codes are drawn with a hyphen, and typed with or without it, in any case. */
static void tidy_code(const char *code, char out[CODE_CHARS + 1])
{
    size_t len = 0;
    for (; *code != '\0' && len < CODE_CHARS; code++) {
        if (*code != '-' && *code != ' ')
            out[len++] = (char)(*code >= 'a' && *code <= 'z' ? *code - 'a' + 'A' : *code);
    }
    out[len] = '\0';
}

static bool take_recovery_code(const struct people *people, struct operator_row *row,
                               const char *code)
{
    static const uint8_t none[SECRET_TAG_BYTES];
    char tidy[CODE_CHARS + 1];
    uint8_t tag[SECRET_TAG_BYTES];
    bool found = false;
    tidy_code(code, tidy);
    if (strlen(tidy) != CODE_CHARS)
        return false;
    tag_code(people, row, tidy, tag);
    for (size_t i = 0; i < OPERATOR_CODES; i++) {
        if (!secret_tag_equal(row->codes[i], tag))
            continue;
        memcpy(row->codes[i], none, SECRET_TAG_BYTES);
        found = true;
    }
    return found;
}

bool people_take_code(const struct people *people, struct operator_row *row, const char *code,
                      int64_t now_ms)
{
    return totp_accepts(row->totp, code, now_ms, row->totp_step, &row->totp_step) ||
           take_recovery_code(people, row, code);
}

static bool has_proof(const struct people *people, struct operator_row *row, const char *code,
                      int64_t now_ms)
{
    return row->totp_state != TOTP_ACTIVE || people_take_code(people, row, code, now_ms);
}

enum cc_err people_prove_totp(struct people *people, const struct caller *caller, const char *code,
                              int64_t now_ms, int64_t *ret_wait_s)
{
    CC_WIPED(operator_row) row;
    enum cc_err err = people_find_own(people, caller, &row);
    if (err != CC_OK)
        return err;
    /* counted for the account by itself: who guesses here holds up no log-in */
    uint64_t account = people_hash(people, &row.id, sizeof(row.id)) | 1;
    const struct throttle_who who = {.name = account, .device = account};
    int64_t now_us = loop_now_us(people->service->loop);
    if (!throttle_begin(&people->throttle, &who, now_us, ret_wait_s))
        err = CC_ERR_RATE_LIMITED;
    else if (!has_proof(people, &row, code, now_ms))
        err = CC_ERR_TOTP_CODE;
    else
        throttle_end(&people->throttle, &who, now_us, THROTTLE_UNDECIDED);
    if (err == CC_ERR_TOTP_CODE)
        people_note_failure(people, "operador_codigo_pedir", row.id, caller);
    return err;
}

enum cc_err people_start_totp(struct people *people, const struct caller *caller, const char *code,
                              int64_t now_ms, char ret_secret[TOTP_TEXT_SIZE])
{
    CC_WIPED(operator_row) row;
    enum cc_err err = people_find_own(people, caller, &row);
    if (err == CC_OK && !has_proof(people, &row, code, now_ms))
        err = CC_ERR_TOTP_CODE; /* taken by another request meanwhile */
    if (err != CC_OK)
        return err;
    row.totp_state = TOTP_PENDING;
    row.totp_step = 0;
    secret_random(row.totp, sizeof(row.totp));
    memset(row.codes, 0, sizeof(row.codes));
    err = operators_update(people->service->store, &row, now_ms);
    if (err == CC_OK)
        err = people_audit(people, "operador_codigo_pedir", caller, "correcto", row.id, now_ms);
    if (err == CC_OK)
        totp_secret_text(row.totp, ret_secret);
    return err;
}

/* "ABCDE-FGHIJ" of 32 letters and digits that do not look alike: 50 bits. */
static void draw_code(const struct people *people, struct operator_row *row, size_t index,
                      char out[PEOPLE_CODE_SIZE])
{
    static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    char plain[CODE_CHARS + 1] = {0};
    for (size_t i = 0; i < CODE_CHARS; i++)
        plain[i] = alphabet[secret_random_below(sizeof(alphabet) - 1)];
    tag_code(people, row, plain, row->codes[index]);
    (void)snprintf(out, PEOPLE_CODE_SIZE, "%.5s-%.5s", plain, plain + CODE_CHARS / 2);
    secret_wipe(plain, sizeof(plain));
}

enum cc_err people_confirm_totp(struct people *people, const struct caller *caller,
                                const char *code, int64_t now_ms,
                                char ret_codes[OPERATOR_CODES][PEOPLE_CODE_SIZE])
{
    CC_WIPED(operator_row) row;
    enum cc_err err = people_find_own(people, caller, &row);
    if (err != CC_OK)
        return err;
    if (row.totp_state != TOTP_PENDING ||
        !totp_accepts(row.totp, code, now_ms, row.totp_step, &row.totp_step))
        err = CC_ERR_TOTP_CODE;
    if (err == CC_OK) {
        row.totp_state = TOTP_ACTIVE;
        for (size_t i = 0; i < OPERATOR_CODES; i++)
            draw_code(people, &row, i, ret_codes[i]);
        err = operators_update(people->service->store, &row, now_ms);
    }
    if (err == CC_OK)
        err = people_audit(people, "operador_codigo_activar", caller, "correcto", row.id, now_ms);
    return err;
}

enum cc_err people_make_link(struct people *people, const struct caller *caller, int64_t now_ms,
                             char ret_link[PEOPLE_LINK_SIZE], int64_t *ret_expires_ms)
{
    char token[SETUP_TOKEN_SIZE];
    *ret_expires_ms = now_ms + SETUP_MS;
    enum cc_err err = operators_make_setup(people->service->store, *ret_expires_ms, token);
    if (err == CC_OK)
        err = people_audit(people, "operador_alta_inicial", caller, "pedida", 0, now_ms);
    if (err == CC_OK) /* behind #: no server sees it, and no log keeps it */
        (void)snprintf(ret_link, PEOPLE_LINK_SIZE, "%s/acceso#%s", people->url, token);
    secret_wipe(token, sizeof(token));
    return err;
}

enum cc_err people_greet(struct people *people, int64_t now_ms)
{
    struct turn *turn = people->service->turn;
    int64_t active = 0, admins = 0, expires_ms = 0;
    char link[PEOPLE_LINK_SIZE];
    const struct caller start = {.name = "arranque"};
    enum cc_err err = operators_count(people->service->store, &active, &admins);
    if (err != CC_OK || active > 0)
        return err;
    err = turn_enter(turn);
    if (err != CC_OK)
        return err;
    err = people_make_link(people, &start, now_ms, link, &expires_ms);
    turn_leave(turn, err == CC_OK);
    turn_flush(turn);
    if (err != CC_OK)
        return err;
    log_notice("todavía no hay operadores: abra las páginas con este enlace, que sirve una vez y "
               "durante una hora: %s",
               link);
    if (isatty(STDOUT_FILENO))
        (void)printf("Puesta en marcha (sirve una vez, durante una hora): %s\n", link);
    secret_wipe(link, sizeof(link));
    return CC_OK;
}

enum cc_err people_create(struct people *people, const struct caller *caller, const char *name,
                          enum role role, const char *hash, int64_t now_ms)
{
    CC_WIPED(operator_row) row = {.role = role};
    (void)snprintf(row.name, sizeof(row.name), "%s", name);
    memcpy(row.hash, hash, sizeof(row.hash));
    enum cc_err err = operators_insert(people->service->store, &row, now_ms);
    if (err == CC_OK)
        err = people_audit(people, "operador_crear", caller, roles_name(role), row.id, now_ms);
    return err;
}

enum cc_err people_create_first(struct people *people, const struct caller *caller,
                                const char *token, const char *name, const char *hash,
                                int64_t now_ms)
{
    struct store *store = people->service->store;
    struct caller link = *caller;
    (void)snprintf(link.name, sizeof(link.name), "enlace inicial");
    if (integrity_is_in_doubt(store))
        return CC_ERR_INTEGRITY;
    enum cc_err err = operators_check_setup(store, token, now_ms);
    if (err == CC_OK)
        err = people_create(people, &link, name, ROLE_ADMINISTRADOR, hash, now_ms);
    return err == CC_OK ? operators_end_setup(store) : err;
}

static bool is_admin(const struct operator_row *row)
{
    return row->is_active && row->role == ROLE_ADMINISTRADOR;
}

static void apply(struct operator_row *row, const struct people_change *change)
{
    if (change->role != ROLE_NONE)
        row->role = change->role;
    if (change->active >= 0)
        row->is_active = change->active != 0;
    if (change->hash == NULL)
        return;
    memcpy(row->hash, change->hash, sizeof(row->hash));
    row->totp_state = TOTP_NONE;
    row->totp_step = 0;
    memset(row->codes, 0, sizeof(row->codes));
}

static enum cc_err audit_change(struct people *people, const struct caller *caller,
                                const struct operator_row *row, const struct people_change *change,
                                int64_t now_ms)
{
    enum cc_err err = CC_OK;
    if (change->role != ROLE_NONE)
        err = people_audit(people, "operador_rol", caller, roles_name(row->role), row->id, now_ms);
    if (err == CC_OK && change->active >= 0)
        err = people_audit(people, row->is_active ? "operador_activa" : "operador_desactiva",
                           caller, "correcto", row->id, now_ms);
    if (err == CC_OK && change->hash != NULL)
        err = people_audit(people, "operador_clave", caller, "correcto", row->id, now_ms);
    return err;
}

enum cc_err people_change(struct people *people, const struct caller *caller, const char *name,
                          const struct people_change *change, int64_t now_ms)
{
    struct store *store = people->service->store;
    CC_WIPED(operator_row) row;
    int64_t active = 0, admins = 0;
    enum cc_err err = operators_find(store, name, &row);
    if (err != CC_OK)
        return err;
    bool was_admin = is_admin(&row);
    apply(&row, change);
    if (was_admin && !is_admin(&row)) {
        err = operators_count(store, &active, &admins);
        if (err == CC_OK && admins < 2)
            err = CC_ERR_LAST_ADMIN;
    }
    if (err == CC_OK)
        err = operators_update(store, &row, now_ms);
    if (err == CC_OK)
        err = sessions_end_others(store, row.id, caller->operator_id == row.id ? caller->id : 0);
    return err == CC_OK ? audit_change(people, caller, &row, change, now_ms) : err;
}

enum cc_err people_list_operators(struct service *service,
                                  bool (*visit)(const struct operator_row *, void *user),
                                  void *user)
{
    return operators_each(service->store, visit, user);
}

enum cc_err people_list_sessions(struct service *service, int64_t operator_id, int64_t now_ms,
                                 void (*visit)(const struct session *, void *user), void *user)
{
    return sessions_each(service->store, operator_id, now_ms, visit, user);
}

enum cc_err people_check_setup(struct service *service, const char *token, int64_t now_ms)
{
    return operators_check_setup(service->store, token, now_ms);
}
