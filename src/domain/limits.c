/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/limits.h"

#include "base/span.h"

#include <stddef.h>

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

/* Requests that a rule holds for: opened without the contrast, with it. */
enum { OPEN = 1, PROVEN = 2, BOTH = OPEN | PROVEN };

/* A limit and its counter; the rows are asked in this order, the gravest first. */
struct rule {
    size_t limit;   /* offset in struct limits */
    size_t counter; /* offset in struct limits_citizen */
    rule_fn hits;
    unsigned ways;
    enum limits_verdict verdict;
};

#define RULE(limit_name, counter_name, fn, ways_, verdict)                                         \
    {                                                                                              \
        offsetof(struct limits, limit_name), offsetof(struct limits_citizen, counter_name), fn,    \
            ways_, LIMITS_##verdict                                                                \
    }

static const struct rule rules[] = {
    RULE(citizen.lock_after, failures_in_a_row, is_reached, BOTH, LOCKED),
    RULE(citizen.contrast_after, failures_in_a_row, is_reached, OPEN, NEEDS_CONTRAST),
    RULE(citizen.gap_s, last_request_ms, is_too_soon, BOTH, TOO_SOON),
    RULE(citizen.sends_hour, requests_hour, is_reached, OPEN, TOO_MANY_HOUR),
    RULE(citizen.sends_day, requests_day, is_reached, OPEN, TOO_MANY_DAY),
    RULE(citizen.contrast_sends_hour, requests_hour, is_reached, PROVEN, TOO_MANY_HOUR),
    RULE(citizen.contrast_sends_day, requests_day, is_reached, PROVEN, TOO_MANY_DAY),
    RULE(citizen.sms_per_phone_day, phone_sms_day, is_reached, BOTH, TOO_MANY_PHONE),
};

static int64_t field_at(const void *record, size_t offset)
{
    return *(const int64_t *)(const void *)((const char *)record + offset);
}

static bool is_over(int64_t limit, int64_t counted)
{
    return limit > 0 && counted >= limit;
}

bool limits_compares_contrast(const struct limits_per_citizen *limits,
                              const struct limits_citizen *counted)
{
    return !counted->contrast_locked &&
           !is_over(limits->wrong_contrasts_here, counted->wrong_contrasts_here) &&
           !is_over(limits->wrong_contrasts_day, counted->wrong_contrasts_day) &&
           !is_over(limits->wrong_contrasts_month, counted->wrong_contrasts_month);
}

enum limits_verdict limits_request(const struct limits *limits,
                                   const struct limits_citizen *counted, int64_t now_ms)
{
    unsigned way = counted->contrast == LIMITS_CONTRAST_RIGHT ? PROVEN : OPEN;
    if (!counted->registered)
        return LIMITS_UNKNOWN_NIF;
    if (counted->locked)
        return LIMITS_LOCKED;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct rule *rule = &rules[i];
        int64_t limit = field_at(limits, rule->limit);
        if (limit == 0 || (rule->ways & way) == 0)
            continue;
        if (rule->hits(limit, field_at(counted, rule->counter), now_ms))
            return rule->verdict;
    }
    bool needs_contrast = counted->town_asks || limits->citizen.contrast_always != 0;
    return needs_contrast && way == OPEN ? LIMITS_NEEDS_CONTRAST : LIMITS_SEND;
}

const char *limits_verdict_token(enum limits_verdict verdict)
{
    static const char *const tokens[] = {
        [LIMITS_SEND] = "enviar",
        [LIMITS_UNKNOWN_NIF] = "nif_desconocido",
        [LIMITS_LOCKED] = "bloqueado",
        [LIMITS_NEEDS_CONTRAST] = "pide_contraste",
        [LIMITS_TOO_SOON] = "demasiado_pronto",
        [LIMITS_TOO_MANY_HOUR] = "limite_hora",
        [LIMITS_TOO_MANY_DAY] = "limite_dia",
        [LIMITS_TOO_MANY_PHONE] = "limite_movil",
    };
    return tokens[verdict];
}

bool limits_is_told(enum limits_verdict verdict)
{
    return verdict != LIMITS_SEND && verdict != LIMITS_UNKNOWN_NIF && verdict != LIMITS_TOO_SOON;
}

bool limits_reads(const struct limits_per_citizen *limits, const struct limits_citizen *counted)
{
    if (!counted->registered || counted->locked ||
        is_over(limits->lock_after, counted->failures_in_a_row))
        return false;
    return counted->contrast == LIMITS_CONTRAST_RIGHT || counted->refusals_minute == 0 ||
           !is_over(limits->refusals_hour, counted->refusals_hour);
}

bool limits_compares_request(const struct limits *limits, const struct limits_citizen *counted,
                             bool opened_with_contrast)
{
    bool is_doubted = counted->town_asks ||
                      is_over(limits->town.failures, counted->town_failures_day) ||
                      is_over(limits->citizen.contrast_after, counted->failures_in_a_row);
    return opened_with_contrast || !is_doubted || counted->contrast == LIMITS_CONTRAST_RIGHT;
}

static bool is_below(int64_t limit, int64_t counted)
{
    return limit == 0 || counted < limit;
}

bool limits_request_is_alive(const struct limits_per_code *limits, int64_t tries, int64_t uses,
                             int64_t expires_ms, int64_t now_ms)
{
    return now_ms < expires_ms && is_below(limits->tries, tries) && is_below(limits->uses, uses);
}

size_t limits_most_alive(const struct limits_per_citizen *limits, size_t most)
{
    size_t alive = 2 * (size_t)limits->live;
    return alive > 0 && alive < most ? alive : most;
}

int64_t limits_stop_at(int64_t limit)
{
    enum { SHOWN_AT_MOST = 100 };
    return limit > 0 ? limit + 1 : SHOWN_AT_MOST;
}

bool limits_town_asks(const struct limits_per_town *limits, const struct limits_town *counted,
                      bool asks)
{
    int64_t ends_below = limits->nifs_alarm > 0 ? limits->nifs_alarm : limits->nifs_contrast;
    return is_over(limits->nifs_contrast, counted->nifs_day) ||
           is_over(limits->failures, counted->failures_day) ||
           (asks && is_over(ends_below, counted->nifs_day));
}

unsigned limits_town_alarms(const struct limits_per_town *limits, const struct limits_town *counted)
{
    unsigned alarms = 0;
    if (is_over(limits->nifs_alarm, counted->nifs_day))
        alarms |= LIMITS_ALARM_NIFS;
    if (is_over(limits->failures_month, counted->failures_month))
        alarms |= LIMITS_ALARM_DRIP;
    if (limits->sends_times > 0 && counted->sends_hour >= limits->sends_least &&
        counted->sends_hour > limits->sends_times * counted->sends_usual)
        alarms |= LIMITS_ALARM_SENDS;
    return alarms;
}
