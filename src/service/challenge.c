/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/challenge.h"

#include "base/hex.h"
#include "base/le64.h"
#include "base/span.h"
#include "domain/application.h"
#include "store/applications.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    IMAGE_BYTES = CHALLENGE_ID_BYTES + 8 + 2, /* number, end, language, bits */
    WHOLE_BYTES = IMAGE_BYTES + SECRET_TAG_BYTES,
    LANGUAGE_AT = CHALLENGE_ID_BYTES + 8,
    BITS_AT,
    DIGIT_BITS = 4,
    USED_DOUBLES = 1024,
};

struct parsed {
    uint8_t whole[WHOLE_BYTES];
    int64_t expires_ms, bits;
    enum text_lang lang;
};

/* ---- which are used -------------------------------------------------------------------------- */

static bool memory_has(const struct challenge_memory *memory, const uint8_t id[CHALLENGE_ID_BYTES])
{
    for (size_t i = 0; i < memory->count; i++)
        if (memcmp(memory->used[i].id, id, CHALLENGE_ID_BYTES) == 0)
            return true;
    return false;
}

/* False where all rows are taken by live ones. */
static bool memory_add(struct challenge_memory *memory, const uint8_t id[CHALLENGE_ID_BYTES],
                       int64_t expires_ms, int64_t now_ms)
{
    size_t at = 0;
    while (at < memory->count && memory->used[at].expires_ms > now_ms)
        at++;
    if (at == CHALLENGES_MAX)
        return false;
    memory->count += at == memory->count;
    memcpy(memory->used[at].id, id, CHALLENGE_ID_BYTES);
    memory->used[at].expires_ms = expires_ms;
    return true;
}

/* ---- one reto -------------------------------------------------------------------------------- */

static void make_tag(const struct service *service, int64_t client_id,
                     const uint8_t image[IMAGE_BYTES], uint8_t ret[SECRET_TAG_BYTES])
{
    uint8_t whose[CHALLENGE_ID_BYTES + 8];
    struct buf b;
    buf_init(&b, whose, sizeof(whose));
    buf_put(&b, service->documents.challenges.key, CHALLENGE_ID_BYTES);
    buf_le64(&b, (uint64_t)client_id);
    secret_tag(service->store->keys, SECRET_USE_CHALLENGE, whose, sizeof(whose), image, IMAGE_BYTES,
               ret);
}

/* The work is doubled each time that the altas of an hour would have closed the form, and for each
 * 1024 retos that were used and live: nobody works enough to use up what can be remembered. */
static enum cc_err count_bits(struct service *service, int64_t now_ms, int64_t *ret)
{
    const struct challenge_memory *memory = &service->documents.challenges;
    int64_t altas = 0, live = 0;
    for (size_t i = 0; i < memory->count; i++)
        live += memory->used[i].expires_ms > now_ms;
    enum cc_err err = applications_count_since(service->store, now_ms - HOUR_MS, &altas);
    *ret = service->settings->challenge_bits + altas / APPLICATION_TOWN_HOUR + live / USED_DOUBLES;
    return err;
}

/* The question is not told by the reto: its seed is a tag of it. */
static void draw_question(const struct service *service, const uint8_t image[IMAGE_BYTES],
                          enum text_lang lang, struct question *ret)
{
    uint8_t seed[SECRET_TAG_BYTES];
    static_assert(sizeof(seed) == QUESTION_SEED_BYTES, "seed of a question");
    secret_tag(service->store->keys, SECRET_USE_CHALLENGE, image, CHALLENGE_ID_BYTES, NULL, 0,
               seed);
    question_draw(lang, seed, ret);
}

enum cc_err challenge_make(struct service *service, int64_t client_id, enum text_lang lang,
                           int64_t now_ms, struct challenge *ret)
{
    struct challenge_memory *memory = &service->documents.challenges;
    uint8_t whole[WHOLE_BYTES];
    struct buf b;
    if (service->settings->challenge_bits == 0)
        return CC_ERR_NOT_CONFIGURED;
    if (!memory->has_key && !db_is_shared(service->store->db))
        secret_random(memory->key, sizeof(memory->key));
    memory->has_key = true;
    *ret = (struct challenge){.expires_ms = now_ms + CHALLENGE_LIFE_MS};
    enum cc_err err = count_bits(service, now_ms, &ret->bits);
    if (err != CC_OK)
        return err;
    secret_random(whole, CHALLENGE_ID_BYTES);
    buf_init(&b, whole, sizeof(whole));
    b.len = CHALLENGE_ID_BYTES;
    buf_le64(&b, (uint64_t)ret->expires_ms);
    buf_byte(&b, (uint8_t)lang);
    buf_byte(&b, (uint8_t)ret->bits);
    make_tag(service, client_id, whole, whole + IMAGE_BYTES);
    hex_encode_lower(whole, sizeof(whole), ret->text);
    draw_question(service, whole, lang, &ret->question);
    return CC_OK;
}

static enum cc_err parse_reply(const struct challenge_reply *reply, struct parsed *ret)
{
    size_t len = 0;
    if (reply->text == NULL ||
        !hex_decode(reply->text, strlen(reply->text), ret->whole, WHOLE_BYTES, &len) ||
        len != WHOLE_BYTES)
        return CC_ERR_CHALLENGE_INVALID;
    ret->expires_ms = (int64_t)le64_get(ret->whole + CHALLENGE_ID_BYTES);
    ret->lang = (enum text_lang)ret->whole[LANGUAGE_AT];
    ret->bits = ret->whole[BITS_AT];
    return CC_OK;
}

static int64_t count_zero_bits(const char *digest)
{
    int64_t bits = 0;
    for (; *digest == '0'; digest++)
        bits += DIGIT_BITS;
    for (int digit = hex_value(*digest); digit > 0 && digit < 8; digit *= 2)
        bits++;
    return bits;
}

static bool is_worked_for(const struct challenge_reply *reply, int64_t bits)
{
    char text[CHALLENGE_SIZE + 1 + CHALLENGE_WORK_MAX], digest[SECRET_DIGEST_HEX_SIZE];
    if (reply->work == NULL || strlen(reply->work) > CHALLENGE_WORK_MAX)
        return false;
    int len = snprintf(text, sizeof(text), "%s:%s", reply->text, reply->work);
    secret_digest_hex(text, (size_t)len, digest);
    return count_zero_bits(digest) >= bits;
}

static enum cc_err use_up(struct service *service, const struct parsed *parsed, int64_t now_ms)
{
    struct challenge_memory *memory = &service->documents.challenges;
    if (memory_has(memory, parsed->whole))
        return CC_ERR_CHALLENGE_USED;
    return memory_add(memory, parsed->whole, parsed->expires_ms, now_ms) ? CC_OK
                                                                         : CC_ERR_RATE_LIMITED;
}

/* A reto that is none tells nothing; a late one and one without work are not looked at further. */
static enum cc_err check_worth(const struct service *service, int64_t client_id,
                               const struct challenge_reply *reply, int64_t now_ms,
                               struct parsed *ret)
{
    uint8_t tag[SECRET_TAG_BYTES];
    enum cc_err err = parse_reply(reply, ret);
    if (err != CC_OK)
        return err;
    make_tag(service, client_id, ret->whole, tag);
    if (!secret_tag_equal(tag, ret->whole + IMAGE_BYTES))
        return CC_ERR_CHALLENGE_INVALID;
    if (now_ms >= ret->expires_ms)
        return CC_ERR_CHALLENGE_EXPIRED;
    return is_worked_for(reply, ret->bits) ? CC_OK : CC_ERR_CHALLENGE_WORK;
}

enum cc_err challenge_check(struct service *service, int64_t client_id,
                            const struct challenge_reply *reply, int64_t now_ms)
{
    struct parsed parsed = {.bits = 0};
    struct question question;
    int64_t bits = 0;
    if (service->settings->challenge_bits == 0)
        return CC_OK;
    enum cc_err err = check_worth(service, client_id, reply, now_ms, &parsed);
    if (err == CC_OK && memory_has(&service->documents.challenges, parsed.whole))
        err = CC_ERR_CHALLENGE_USED;
    if (err == CC_OK)
        err = count_bits(service, now_ms, &bits);
    if (err == CC_OK && parsed.bits + 1 < bits) /* laid by while the work was light */
        err = CC_ERR_CHALLENGE_EXPIRED;
    if (err != CC_OK)
        return err;
    draw_question(service, parsed.whole, parsed.lang, &question);
    if (reply->answer != NULL &&
        question_is_answer(&question, reply->answer, strlen(reply->answer)))
        return CC_OK;
    err = use_up(service, &parsed, now_ms);
    return err == CC_OK ? CC_ERR_CHALLENGE_WRONG : err;
}

enum cc_err challenge_use(struct service *service, const struct challenge_reply *reply,
                          int64_t now_ms)
{
    struct parsed parsed = {.bits = 0};
    if (service->settings->challenge_bits == 0)
        return CC_OK;
    enum cc_err err = parse_reply(reply, &parsed);
    return err == CC_OK ? use_up(service, &parsed, now_ms) : err;
}
