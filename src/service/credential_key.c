/* SPDX-License-Identifier: EUPL-1.2 */
/* The clave that the town mails to a person whose identity it has verified (seeds 003, 004). */
#include "service/credential.h"
#include "service/mail.h"
#include "store/failures.h"

#include <stdio.h>
#include <string.h>

void credential_draw_key(struct entry_job *job)
{
    uint32_t numbers[CREDENTIAL_KEY_CHARS];
    for (size_t i = 0; i < CREDENTIAL_KEY_CHARS; i++)
        numbers[i] = secret_random_below(CREDENTIAL_KEY_LETTERS);
    credential_write_key(numbers, job->drawn);
    secret_wipe(numbers, sizeof(numbers));
}

/* Guesses at the one before say nothing about the new one. */
static enum cc_err keep_key(struct service *service, int64_t citizen_id, const char *hash,
                            int64_t now_ms)
{
    struct credential credential = {.citizen_id = citizen_id,
                                    .kind = CREDENTIAL_TOWN_KEY,
                                    .state = CREDENTIAL_ACTIVE,
                                    .must_change = true,
                                    .expires_ms = now_ms + CREDENTIAL_KEY_LIFE_MS,
                                    .created_ms = now_ms};
    memcpy(credential.hash, hash, sizeof(credential.hash));
    enum cc_err err = credentials_put(service->store, &credential);
    if (err == CC_OK)
        err = failures_settle_request(service->store, citizen_id, -credential.id);
    secret_wipe(&credential, sizeof(credential));
    return err;
}

/* A mail that waits still, with the clave of before, does not go. */
static enum cc_err mail_key(struct service *service, const struct email_row *row,
                            enum text_lang lang, const char *key, int64_t now_ms)
{
    struct mail mail = {.kind = MAIL_KEY, .lang = lang, .to = row->address};
    memcpy(mail.owner, row->owner, sizeof(mail.owner));
    (void)snprintf(mail.value, sizeof(mail.value), "%s", key);
    enum cc_err err = mails_withdraw(service->store, row->owner, MAIL_KEY, MAIL_KEY, now_ms);
    if (err == CC_OK)
        err = mail_queue(service, &mail, now_ms);
    secret_wipe(&mail, sizeof(mail));
    return err;
}

enum cc_err credential_send_key(struct service *service, const struct life_order *order,
                                const struct entry_job *job, int64_t now_ms)
{
    struct email_row row = {.proven_ms = 0};
    struct citizen citizen = {.id = 0};
    enum cc_err err = life_perform(service, order, now_ms);
    if (err == CC_OK)
        err = citizens_find_without_contrast(service->store, &order->nif, &citizen);
    if (err == CC_OK)
        err = mail_find(service, &order->nif, &row);
    if (err == CC_ERR_NOT_FOUND && citizen.id != 0)
        err = CC_ERR_EMAIL_UNPROVEN;
    if (err == CC_OK && row.proven_ms == 0)
        err = CC_ERR_EMAIL_UNPROVEN;
    if (err == CC_OK)
        err = keep_key(service, citizen.id, job->hash, now_ms);
    if (err == CC_OK)
        err = mail_key(service, &row, citizen.lang, job->drawn, now_ms);
    secret_wipe(&row, sizeof(row));
    secret_wipe(&citizen, sizeof(citizen));
    return err;
}
