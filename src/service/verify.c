/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/verify.h"

#include "base/buf.h"
#include "store/audit.h"
#include "store/outbox.h"
#include "store/requests.h"

#include <string.h>

enum {
    IP_WAIT_S = 60,
    NOTICE_LIFE_MS = 24 * 60 * 60 * 1000, /* the notice of a lock is of use for a day */
};

/* The requests of one citizen against what was typed. */
struct comparison {
    struct request requests[REQUEST_LIVE_MAX];
    bool usable[REQUEST_LIVE_MAX];
    size_t count;
    const struct request *match; /* all three right; NULL = none */
};

static enum cc_err check_ip(struct service *service, const char *ip, int64_t now_ms,
                            int64_t *ret_wait_s)
{
    int64_t limit = service->settings->limits.failures_per_ip_hour;
    int64_t count = 0;
    if (limit == 0 || ip[0] == '\0')
        return CC_OK;
    enum cc_err err = failures_count_ip(service->store, ip, now_ms, limit, &count);
    if (err != CC_OK || count < limit)
        return err;
    *ret_wait_s = IP_WAIT_S;
    return CC_ERR_RATE_LIMITED;
}

static bool is_code_right(const struct service *service, const struct verify_input *input,
                          const struct citizen *citizen, const struct request *request)
{
    uint8_t tag[SECRET_TAG_BYTES];
    const struct request_owner owner = {request->public_id, citizen->nif_index,
                                        request->expires_ms};
    request_code_tag(service->store, &owner, input->clave, input->contraclave, tag);
    return secret_tag_equal(tag, request->code_tag);
}

static bool is_clave_right(const struct service *service, const struct verify_input *input,
                           const struct citizen *citizen, const struct request *request)
{
    uint8_t tag[SECRET_TAG_BYTES];
    const struct request_owner owner = {request->public_id, citizen->nif_index,
                                        request->expires_ms};
    request_clave_tag(service->store, &owner, input->clave, tag);
    return secret_tag_equal(tag, request->clave_tag);
}

/* Within its tries and uses, whether its time is over or not. */
static bool is_usable(const struct service *service, const struct request *request, int64_t now_ms)
{
    return limits_request_is_alive(&service->settings->limits, request->tries, request->uses,
                                   now_ms + 1, now_ms);
}

/* Every request is compared, also behind a match, so that the time tells nothing. */
static void compare(const struct service *service, const struct verify_input *input,
                    const struct citizen *citizen, struct comparison *c, int64_t now_ms)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct request *request = &c->requests[i];
        bool code_right = is_code_right(service, input, citizen, request);
        c->usable[i] = is_usable(service, request, now_ms);
        if (c->usable[i] && code_right && c->match == NULL)
            c->match = request;
    }
}

static bool is_admitted(const struct citizen *citizen)
{
    return citizen->state == CITIZEN_ACTIVE && !citizen->locked;
}

static enum cc_err tell_of_lock(struct service *service, const struct citizen *citizen,
                                int64_t now_ms)
{
    struct buf text;
    int64_t id = 0;
    const struct text_values values = {.entity = service->settings->entity_sms};
    struct outbox_message message = {
        .class = OUTBOX_NOTICE,
        .phone = citizen->phone,
        .created_ms = now_ms,
        .not_before_ms = now_ms,
        .expires_ms = now_ms + NOTICE_LIFE_MS,
        .reference = -1,
    };
    buf_init(&text, message.text, sizeof(message.text));
    enum cc_err err = text_render(TEXT_LANG_ES, TEXT_LOCKED, &values, &text);
    if (err == CC_OK && buf_cstr(&text) == NULL)
        err = CC_ERR_TEXT_TOO_LONG;
    return err == CC_OK ? outbox_insert(service->store, &message, &id) : err;
}

/* An update of a row that does not exist is no error here: an unknown NIF does the same work. */
static enum cc_err done_or_absent(enum cc_err err)
{
    return err == CC_ERR_NOT_FOUND ? CC_OK : err;
}

/* Every usable request whose clave was right: all of their codes were being guessed at. */
static enum cc_err charge_requests(struct service *service, const struct verify_input *input,
                                   const struct citizen *citizen, const struct comparison *c,
                                   int64_t *ret_charged)
{
    for (size_t i = 0; i < c->count; i++) {
        bool clave_right = is_clave_right(service, input, citizen, &c->requests[i]);
        if (!c->usable[i] || !clave_right)
            continue;
        enum cc_err err =
            requests_set_tries(service->store, c->requests[i].id, c->requests[i].tries + 1);
        if (err != CC_OK)
            return err;
        *ret_charged = c->requests[i].id;
    }
    return CC_OK;
}

static enum cc_err charge(struct service *service, const struct verify_input *input,
                          const struct citizen *citizen, const struct comparison *live,
                          const struct comparison *expired, int64_t now_ms)
{
    const struct limits *limits = &service->settings->limits;
    int64_t charged = 0;
    int64_t failures = citizen->failures_in_a_row + 1;
    bool locked = citizen->locked || (limits->lock_after > 0 && failures >= limits->lock_after);
    enum cc_err err = charge_requests(service, input, citizen, expired, &charged);
    if (err == CC_OK)
        err = charge_requests(service, input, citizen, live, &charged);
    if (err == CC_OK && charged == 0) /* the same work, on nothing */
        err = done_or_absent(requests_set_tries(service->store, 0, 1));
    if (err == CC_OK)
        err = failures_insert(service->store, citizen->id, charged, input->ip, now_ms);
    if (err == CC_OK)
        err = done_or_absent(citizens_set_failures(service->store, citizen->id, failures, locked));
    if (err == CC_OK && locked && !citizen->locked && citizen->id != 0)
        err = tell_of_lock(service, citizen, now_ms);
    return err;
}

static enum cc_err consume(struct service *service, const struct citizen *citizen,
                           const struct request *match)
{
    enum cc_err err = requests_set_uses(service->store, match->id, match->uses + 1);
    if (err == CC_OK && citizen->failures_in_a_row > 0)
        err = citizens_set_failures(service->store, citizen->id, 0, false);
    return err;
}

static enum cc_err audit(struct service *service, const struct verify_input *input,
                         const struct comparison *c, int64_t now_ms, struct verify_output *out)
{
    const struct audit_entry entry = {
        .event = "verificacion",
        .actor = input->actor,
        .subject_index = out->citizen.nif_index,
        .result = out->correct   ? "correcto"
                  : out->expired ? "caducada"
                                 : "rechazado",
        .reference = out->correct ? c->match->id : 0,
    };
    enum cc_err err = audit_append(service->store, &entry, now_ms, NULL);
    if (err == CC_OK)
        audit_evidence(service->store, out->evidence);
    return err;
}

/*
 * Somebody who knew all three came too late: the answer may say so (DOMAIN 6), which is no failure.
 * The guesses at an expired code are charged like any other, or its motive could be found by
 * trying.
 */
static enum cc_err refuse(struct service *service, const struct verify_input *input,
                          const struct comparison *live, int64_t now_ms, struct verify_output *out)
{
    const struct citizen *citizen = &out->citizen;
    struct comparison expired = {0};
    enum cc_err err =
        requests_expired(service->store, citizen->id, now_ms, expired.requests, &expired.count);
    if (err != CC_OK)
        return err;
    compare(service, input, citizen, &expired, now_ms);
    out->expired = expired.match != NULL && live->match == NULL && is_admitted(citizen);
    return out->expired ? CC_OK : charge(service, input, citizen, live, &expired, now_ms);
}

static enum cc_err settle(struct service *service, const struct verify_input *input,
                          const struct comparison *live, int64_t now_ms, struct verify_output *out)
{
    const struct citizen *citizen = &out->citizen;
    out->correct = live->match != NULL && is_admitted(citizen);
    if (!out->correct)
        return refuse(service, input, live, now_ms, out);
    out->expires_ms = live->match->expires_ms;
    return consume(service, citizen, live->match);
}

enum cc_err verify_pin(struct service *service, const struct verify_input *input, int64_t now_ms,
                       struct verify_output *ret, int64_t *ret_wait_s)
{
    struct verify_output out = {0};
    struct comparison c = {0};
    enum cc_err err = service_check_clock(service, now_ms);
    if (err == CC_OK)
        err = check_ip(service, input->ip, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = done_or_absent(citizens_find(service->store, &input->nif, &out.citizen));
    if (err == CC_OK)
        err = requests_unexpired(service->store, out.citizen.id, now_ms, c.requests, &c.count);
    if (err != CC_OK)
        return err;
    compare(service, input, &out.citizen, &c, now_ms);
    err = settle(service, input, &c, now_ms, &out);
    if (err == CC_OK)
        err = audit(service, input, &c, now_ms, &out);
    if (err == CC_OK)
        *ret = out;
    return err;
}
