/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/entry_code.h"

#include "base/hex.h"
#include "base/le64.h"
#include "domain/clave.h"
#include "service/sms.h"
#include "store/outbox.h"
#include "store/requests.h"

#include <string.h>

/* Digits of the code: a keyed tag of its id, so that they can be sent again and are kept nowhere.
 */
static void make_digits(const struct service *service, const struct credential_code *code,
                        char ret[CODE_SIZE])
{
    static const char use[] = "cifras";
    uint8_t tag[SECRET_TAG_BYTES];
    secret_tag(service->store->keys, SECRET_USE_VALIDATION, code->id, sizeof(code->id), use,
               sizeof(use), tag);
    clave_from_number((uint32_t)(le64_get(tag) % clave_count(CREDENTIAL_CODE_DIGITS)),
                      CREDENTIAL_CODE_DIGITS, ret);
    secret_wipe(tag, sizeof(tag));
}

/* Whether the digits can be made again: not those of a master key of before. */
static bool can_repeat(const struct service *service, const struct credential *credential)
{
    char digits[CODE_SIZE];
    uint8_t tag[SECRET_TAG_BYTES];
    make_digits(service, &credential->code, digits);
    credentials_code_tag(service->store, credential, digits, tag);
    secret_wipe(digits, sizeof(digits));
    return secret_tag_equal(tag, credential->code.tag);
}

/* The message takes the place of the one before. */
static enum cc_err send_code(struct service *service, const struct citizen *citizen,
                             struct credential *credential, int64_t now_ms)
{
    static const enum text_id texts[CREDENTIAL_PURPOSES] = {
        [CREDENTIAL_ENTRY] = TEXT_ENTRY_CODE,
        [CREDENTIAL_RECOVERY] = TEXT_RECOVERY_CODE,
    };
    char digits[CODE_SIZE];
    const struct sms sms = {.class = OUTBOX_VALIDATION,
                            .phone = &citizen->phone,
                            .lang = citizen->lang,
                            .text = texts[credential->code.purpose],
                            .values.code = digits,
                            .request_id = -credential->id,
                            .expires_ms = now_ms + CREDENTIAL_CODE_LIFE_MS};
    credential->code.sent_ms = now_ms;
    make_digits(service, &credential->code, digits);
    credentials_code_tag(service->store, credential, digits, credential->code.tag);
    enum cc_err err = outbox_withdraw(service->store, -credential->id, citizen->phone.e164, now_ms);
    if (err == CC_OK)
        err = sms_queue(service, &sms, now_ms, &credential->code.message_id);
    secret_wipe(digits, sizeof(digits));
    return err;
}

static enum cc_err check_phone(const struct service *service, const struct citizen *citizen,
                               enum credential_purpose purpose, int64_t now_ms, bool *ret)
{
    int64_t most = service->settings->limits.citizen.sms_per_phone_day;
    bool has_own = true;
    enum cc_err err = CC_OK;
    if (purpose == CREDENTIAL_RECOVERY)
        err = requests_check_phone(service->store, citizen->phone.e164, REQUESTS_OWN, most, now_ms,
                                   &has_own);
    if (err == CC_OK)
        err = requests_check_phone(service->store, citizen->phone.e164, REQUESTS_SECRET,
                                   purpose == CREDENTIAL_RECOVERY ? (most + 1) / 2 : most, now_ms,
                                   ret);
    *ret = *ret && has_own;
    return err;
}

enum cc_err entry_code_send(struct service *service, const struct citizen *citizen,
                            struct credential *credential, enum credential_purpose purpose,
                            int64_t now_ms)
{
    struct credential_code *code = &credential->code;
    bool is_other = code->purpose != purpose && code->purpose != CREDENTIAL_NO_CODE;
    bool is_soon =
        !is_other && now_ms >= code->sent_ms && now_ms - code->sent_ms < CREDENTIAL_CODE_GAP_MS;
    bool may_send = false;
    enum cc_err err = check_phone(service, citizen, purpose, now_ms, &may_send);
    if (err != CC_OK)
        return err;
    may_send = may_send && !is_soon;
    bool is_kept = code->purpose == purpose &&
                   credential_code_is_alive(purpose, code->sent_ms, code->tries, now_ms) &&
                   (!may_send || can_repeat(service, credential));
    if (!is_kept) {
        *code = (struct credential_code){.purpose = purpose, .sent_ms = code->sent_ms};
        secret_random(code->id, sizeof(code->id));
        secret_random(code->tag, sizeof(code->tag)); /* of no digits, until they are sent */
    }
    return may_send ? send_code(service, citizen, credential, now_ms) : CC_OK;
}

/* ---- its public ids -------------------------------------------------------------------------- */

enum { NONCE_HEX = SECRET_TAG_BYTES, HALF_BYTES = SECRET_TAG_BYTES / 2 };

/* Half of a public id is random, and half a digest of it and of what nobody else knows. */
static void name_nonce(const struct credential_code *code, const uint8_t nonce[HALF_BYTES],
                       char ret[CREDENTIAL_CODE_ID_SIZE])
{
    uint8_t whole[SECRET_TAG_BYTES + HALF_BYTES];
    char digest[SECRET_DIGEST_HEX_SIZE];
    memcpy(whole, code->id, SECRET_TAG_BYTES);
    memcpy(whole + SECRET_TAG_BYTES, nonce, HALF_BYTES);
    secret_digest_hex(whole, sizeof(whole), digest);
    hex_encode_lower(nonce, HALF_BYTES, ret);
    memcpy(ret + NONCE_HEX, digest, NONCE_HEX);
    ret[CREDENTIAL_CODE_ID_SIZE - 1] = '\0';
}

void entry_code_name(const struct credential_code *code, char ret[CREDENTIAL_CODE_ID_SIZE])
{
    uint8_t nonce[HALF_BYTES];
    secret_random(nonce, sizeof(nonce));
    name_nonce(code, nonce, ret);
}

static bool is_name_of(const struct credential_code *code, const uint8_t id[SECRET_TAG_BYTES])
{
    char name[CREDENTIAL_CODE_ID_SIZE];
    uint8_t own[SECRET_TAG_BYTES] = {0};
    size_t len = 0;
    name_nonce(code, id, name);
    return hex_decode(name, strlen(name), own, sizeof(own), &len) && secret_tag_equal(own, id);
}

/* Leaves *ret zeroed where the id belongs to none. */
static enum cc_err find_named(struct service *service, const uint8_t id[SECRET_TAG_BYTES],
                              int64_t citizen_id, int64_t now_ms, struct credential *ret)
{
    CC_WIPED(credential) one = {.id = 0};
    enum cc_err err = CC_OK;
    for (enum credential_kind kind = CREDENTIAL_NONE + 1; kind < CREDENTIAL_KINDS && err == CC_OK;
         kind++) {
        enum cc_err found = credentials_find(service->store, citizen_id, kind, &one);
        if (found == CC_OK && is_name_of(&one.code, id) &&
            credential_code_is_alive(one.code.purpose, one.code.sent_ms, one.code.tries, now_ms))
            *ret = one;
        err = err_allow_altered(found);
    }
    return err;
}

enum cc_err entry_code_compare(struct service *service, const char *id, int64_t citizen_id,
                               const char *digits, int64_t now_ms, struct credential *ret,
                               bool *ret_is_right)
{
    CC_WIPED(credential) credential = {.id = 0};
    uint8_t name[SECRET_TAG_BYTES] = {0}, tag[SECRET_TAG_BYTES];
    size_t len = 0;
    *ret_is_right = false;
    if (!hex_decode(id, strlen(id), name, sizeof(name), &len) || len != sizeof(name))
        return CC_OK;
    enum cc_err err = find_named(service, name, citizen_id, now_ms, &credential);
    if (err != CC_OK || credential.id == 0)
        return err;
    credentials_code_tag(service->store, &credential, digits, tag);
    *ret_is_right = secret_tag_equal(tag, credential.code.tag);
    if (*ret_is_right) {
        *ret = credential;
    } else {
        credential.code.tries++;
        err = credentials_update(service->store, &credential);
    }
    return err;
}
