/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/limits.h"

#include <stddef.h>

enum { MS_PER_S = 1000, US_PER_S = 1000000, MILLI = 1000 };

const struct limits limits_pin24h = {
    .uses_per_request = 20,
    .tries_per_request = 3,
    .live_per_nif = 3,
    .failures_per_nif_day = 5,
    .contrast_after = 15,
    .lock_after = 50,
    .gap_s = 60,
    .requests_per_nif_hour = 3,
    .requests_per_nif_day = 5,
    .sms_per_phone_day = 5,
    .failures_per_ip_hour = 20,
    .requests_per_ip_hour = 30,
    .client_per_second = 5,
    .client_burst = 20,
    .town_failures_hour = 20,
    .town_failures_day = 40,
    .town_contrast_day = 60,
};

typedef bool (*rule_fn)(int64_t limit, int64_t counted, int64_t now_ms);

static bool is_reached(int64_t limit, int64_t counted, int64_t now_ms)
{
    (void)now_ms;
    return counted >= limit;
}

static bool is_too_soon(int64_t limit_s, int64_t last_ms, int64_t now_ms)
{
    return last_ms != 0 && (now_ms - last_ms) / MS_PER_S < limit_s;
}

/* One limit against one counter; the rows are asked in this order, the gravest first. */
struct rule {
    size_t limit;   /* offset in struct limits */
    size_t counter; /* offset in struct limits_citizen */
    rule_fn hits;
    enum limits_verdict verdict;
};

#define RULE(limit_name, counter_name, fn, verdict)                                                \
    {                                                                                              \
        offsetof(struct limits, limit_name), offsetof(struct limits_citizen, counter_name), fn,    \
            LIMITS_##verdict                                                                       \
    }

static const struct rule rules[] = {
    RULE(lock_after, failures_in_a_row, is_reached, LOCKED),
    RULE(contrast_after, failures_in_a_row, is_reached, NEEDS_CONTRAST),
    RULE(town_contrast_day, town_failures_day, is_reached, NEEDS_CONTRAST),
    RULE(failures_per_nif_day, failures_day, is_reached, TOO_MANY_FAILURES),
    RULE(gap_s, last_request_ms, is_too_soon, TOO_SOON),
    RULE(requests_per_nif_hour, requests_hour, is_reached, TOO_MANY_HOUR),
    RULE(requests_per_nif_day, requests_day, is_reached, TOO_MANY_DAY),
    RULE(live_per_nif, live, is_reached, TOO_MANY_LIVE),
    RULE(sms_per_phone_day, phone_sms_day, is_reached, TOO_MANY_PHONE),
};

static int64_t field_at(const void *record, size_t offset)
{
    return *(const int64_t *)(const void *)((const char *)record + offset);
}

enum limits_verdict limits_request(const struct limits *limits,
                                   const struct limits_citizen *counted, int64_t now_ms)
{
    if (!counted->registered)
        return LIMITS_UNKNOWN_NIF;
    if (counted->locked)
        return LIMITS_LOCKED;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct rule *rule = &rules[i];
        int64_t limit = field_at(limits, rule->limit);
        bool is_waived = rule->verdict == LIMITS_NEEDS_CONTRAST && counted->contrast_given;
        if (limit == 0 || is_waived)
            continue;
        if (rule->hits(limit, field_at(counted, rule->counter), now_ms))
            return rule->verdict;
    }
    return LIMITS_SEND;
}

const char *limits_verdict_token(enum limits_verdict verdict)
{
    static const char *const tokens[] = {
        [LIMITS_SEND] = "enviar",
        [LIMITS_UNKNOWN_NIF] = "nif_desconocido",
        [LIMITS_LOCKED] = "bloqueado",
        [LIMITS_NEEDS_CONTRAST] = "pide_contraste",
        [LIMITS_TOO_MANY_FAILURES] = "demasiados_fallos",
        [LIMITS_TOO_SOON] = "demasiado_pronto",
        [LIMITS_TOO_MANY_HOUR] = "limite_hora",
        [LIMITS_TOO_MANY_DAY] = "limite_dia",
        [LIMITS_TOO_MANY_LIVE] = "limite_vivas",
        [LIMITS_TOO_MANY_PHONE] = "limite_movil",
    };
    return tokens[verdict];
}

static bool is_below(int64_t limit, int64_t counted)
{
    return limit == 0 || counted < limit;
}

bool limits_request_is_alive(const struct limits *limits, int64_t tries, int64_t uses,
                             int64_t expires_ms, int64_t now_ms)
{
    return now_ms < expires_ms && is_below(limits->tries_per_request, tries) &&
           is_below(limits->uses_per_request, uses);
}

/* Adds what has flowed in since the last call, up to burst. */
static void bucket_refill(struct limits_bucket *bucket, int64_t per_second, int64_t burst,
                          int64_t now_us)
{
    int64_t elapsed_us = now_us - bucket->updated_us;
    if (!bucket->started || elapsed_us / US_PER_S > burst / per_second) {
        *bucket = (struct limits_bucket){burst * MILLI, now_us, true};
        return;
    }
    int64_t gained_milli = elapsed_us * per_second / (US_PER_S / MILLI);
    if (gained_milli <= 0)
        return;
    /* Only the time that became tokens is spent, so that frequent calls lose no fraction. */
    bucket->updated_us += gained_milli * (US_PER_S / MILLI) / per_second;
    bucket->tokens_milli += gained_milli;
    if (bucket->tokens_milli > burst * MILLI)
        bucket->tokens_milli = burst * MILLI;
}

bool limits_bucket_take(struct limits_bucket *bucket, int64_t per_second, int64_t burst,
                        int64_t now_us, int64_t *ret_wait_s)
{
    if (per_second == 0 || burst == 0)
        return true;
    bucket_refill(bucket, per_second, burst, now_us);
    if (bucket->tokens_milli < MILLI) {
        /* At one token a second or more, the next is never further away than this. */
        *ret_wait_s = 1;
        return false;
    }
    bucket->tokens_milli -= MILLI;
    return true;
}

void limits_bucket_return(struct limits_bucket *bucket)
{
    bucket->tokens_milli += MILLI; /* the next refill cuts what is over the burst */
}
