/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/entry_code.h"

#include "base/buf.h"
#include "base/hex.h"
#include "domain/clave.h"
#include "store/outbox.h"
#include "store/requests.h"

#include <string.h>

static enum cc_err compose_code(const struct service *service, const struct citizen *citizen,
                                const struct credential *credential, const char *digits,
                                int64_t now_ms, struct outbox_message *ret)
{
    static const enum text_id texts[CREDENTIAL_PURPOSES] = {
        [CREDENTIAL_ENTRY] = TEXT_ENTRY_CODE,
        [CREDENTIAL_RECOVERY] = TEXT_RECOVERY_CODE,
    };
    struct buf text;
    const struct text_values values = {.entity = service->settings->entity_sms, .code = digits};
    *ret = (struct outbox_message){
        .request_id = -credential->id,
        .class = OUTBOX_VALIDATION,
        .phone = citizen->phone,
        .created_ms = now_ms,
        .not_before_ms = now_ms,
        .expires_ms = now_ms + CREDENTIAL_CODE_LIFE_MS,
        .reference = -1,
    };
    buf_init(&text, ret->text, sizeof(ret->text));
    enum cc_err err = text_render(citizen->lang, texts[credential->code.purpose], &values, &text);
    return err == CC_OK && buf_cstr(&text) == NULL ? CC_ERR_TEXT_TOO_LONG : err;
}

/* Another code, whose message takes the place of the one before. */
static enum cc_err send_code(struct service *service, const struct citizen *citizen,
                             struct credential *credential, int64_t now_ms)
{
    char digits[CODE_SIZE];
    struct outbox_message message;
    clave_from_number(secret_random_below(clave_count(CREDENTIAL_CODE_DIGITS)),
                      CREDENTIAL_CODE_DIGITS, digits);
    credentials_code_tag(service->store, credential, digits, credential->code.tag);
    enum cc_err err = outbox_withdraw(service->store, -credential->id, citizen->phone.e164, now_ms);
    if (err == CC_OK)
        err = compose_code(service, citizen, credential, digits, now_ms, &message);
    if (err == CC_OK)
        err = outbox_insert(service->store, &message, &credential->code.message_id);
    secret_wipe(digits, sizeof(digits));
    secret_wipe(&message, sizeof(message));
    return err;
}

enum cc_err entry_code_send(struct service *service, const struct citizen *citizen,
                            struct credential *credential, enum credential_purpose purpose,
                            int64_t now_ms)
{
    struct credential_code *code = &credential->code;
    bool may_send = false;
    bool is_alive = code->purpose == purpose &&
                    credential_code_is_alive(purpose, code->sent_ms, code->tries, now_ms);
    bool is_soon = now_ms >= code->sent_ms && now_ms - code->sent_ms < CREDENTIAL_CODE_GAP_MS;
    enum cc_err err = requests_check_phone(service->store, citizen->phone.e164, REQUESTS_OWN,
                                           &service->settings->limits, now_ms, &may_send);
    if (err != CC_OK || (is_soon && is_alive))
        return err;
    *code = (struct credential_code){.purpose = purpose, .sent_ms = code->sent_ms};
    secret_random(code->id, sizeof(code->id));
    secret_random(code->tag, sizeof(code->tag)); /* of no digits, where none are sent */
    if (may_send && !is_soon) {
        code->sent_ms = now_ms;
        err = send_code(service, citizen, credential, now_ms);
    }
    return err;
}

enum cc_err entry_code_compare(struct service *service, const char *id, int64_t citizen_id,
                               const char *digits, int64_t now_ms, struct credential *ret,
                               bool *ret_is_right)
{
    struct credential credential = {.id = 0};
    uint8_t code_id[SECRET_TAG_BYTES] = {0}, tag[SECRET_TAG_BYTES];
    size_t len = 0;
    *ret_is_right = false;
    if (!hex_decode(id, strlen(id), code_id, sizeof(code_id), &len) || len != sizeof(code_id))
        return CC_OK;
    enum cc_err err = credentials_find_code(service->store, code_id, &credential);
    if (err == CC_ERR_NOT_FOUND || err == CC_ERR_ALTERED)
        return CC_OK;
    struct credential_code *code = &credential.code;
    if (err != CC_OK || credential.citizen_id != citizen_id ||
        !credential_code_is_alive(code->purpose, code->sent_ms, code->tries, now_ms)) {
        secret_wipe(&credential, sizeof(credential));
        return err;
    }
    credentials_code_tag(service->store, &credential, digits, tag);
    *ret_is_right = secret_tag_equal(tag, code->tag);
    if (*ret_is_right) {
        *ret = credential;
    } else {
        code->tries++;
        err = credentials_update(service->store, &credential);
    }
    secret_wipe(&credential, sizeof(credential));
    return err;
}
