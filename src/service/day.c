/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/day.h"

#include "base/loop.h"
#include "base/span.h"
#include "domain/expiry.h"
#include "service/chronicle.h"
#include "service/service.h"
#include "store/failures.h"
#include "store/outbox_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    FRESH_US = 10 * 1000 * 1000,
    STALE_US = 60 * 1000 * 1000, /* older figures are not told: a pass takes less than a second */
    BETWEEN_US = 5 * 1000,
    MESSAGES_MAX = 20000,
    PIECE = 400,           /* messages of a step: under a millisecond */
    LOOKED_AT_LEAST = 200, /* also of days before: for the last delivery of each modem */
    FAILURES_MAX = 10000,
};

/* Kinds of step; each takes about a millisecond at 10 000 messages a day. */
enum day_step { STEP_MESSAGES, STEP_HAND_OVER, STEP_DELIVERY, STEP_COUNTS, STEP_DONE };

/* A pass over the messages of today, newest first. */
struct day_pass {
    struct day *day;
    struct day_figures figures;
    enum day_step step;
    int64_t month_ms, before_id;
    int64_t hand_over[MESSAGES_MAX], delivery[MESSAGES_MAX];
    size_t hand_over_count, delivery_count, looked_at;
    bool is_read;
};

static int compare_spans(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Of sorted spans, at least one. */
static int64_t at_percent(const int64_t *spans, size_t count, unsigned percent)
{
    size_t rank = (count * percent + 99) / 100;
    return spans[rank > 0 ? rank - 1 : 0];
}

struct day_spans day_find_spans(int64_t *spans, size_t count)
{
    if (count == 0)
        return (struct day_spans){-1, -1};
    qsort(spans, count, sizeof(spans[0]), compare_spans);
    return (struct day_spans){at_percent(spans, count, 50), at_percent(spans, count, 90)};
}

static void note_delivery(struct day *day, const struct outbox_fate *fate)
{
    size_t i = 0;
    while (i < day->modem_count && strcmp(day->modems[i].name, fate->modem) != 0)
        i++;
    if (i == POOL_MAX)
        return;
    if (i == day->modem_count)
        (void)snprintf(day->modems[day->modem_count++].name, DAY_MODEM_SIZE, "%s", fate->modem);
    if (fate->done_ms > day->modems[i].delivered_ms)
        day->modems[i].delivered_ms = fate->done_ms;
}

static void count_fate(struct day_pass *pass, const struct outbox_fate *fate)
{
    struct day_figures *told = &pass->figures;
    told->delivered += fate->state == OUTBOX_DELIVERED;
    told->refused += fate->state == OUTBOX_FAILED;
    told->unknown += fate->state == OUTBOX_UNKNOWN;
    if (fate->sent_ms > 0)
        pass->hand_over[pass->hand_over_count++] = fate->sent_ms - fate->created_ms;
    if (fate->state == OUTBOX_DELIVERED)
        pass->delivery[pass->delivery_count++] = fate->done_ms - fate->created_ms;
}

static bool take_fate(const struct outbox_fate *fate, void *user)
{
    struct day_pass *pass = user;
    bool is_today = fate->created_ms >= pass->figures.since_ms;
    if (fate->state == OUTBOX_DELIVERED)
        note_delivery(pass->day, fate);
    if (is_today)
        count_fate(pass, fate);
    pass->before_id = fate->id;
    pass->looked_at++;
    pass->is_read =
        pass->looked_at == MESSAGES_MAX || (pass->looked_at >= LOOKED_AT_LEAST && !is_today);
    return !pass->is_read;
}

/* When today and this month began in the town's zone. Units: UTC ms. */
static void find_beginnings(int64_t now_ms, int64_t *ret_day_ms, int64_t *ret_month_ms)
{
    time_t now_s = (time_t)(now_ms / 1000);
    struct tm local = {.tm_mday = 1};
    (void)localtime_r(&now_s, &local);
    int64_t day = (now_s + local.tm_gmtoff) / DAY_S;
    *ret_day_ms = expiry_day_start(day);
    *ret_month_ms = expiry_day_start(day - (local.tm_mday - 1));
}

/* ---- passes ---------------------------------------------------------------------------------- */

static enum cc_err take_step(struct service *service, struct day_pass *pass, int64_t now_ms)
{
    struct day_figures *figures = &pass->figures;
    size_t before = pass->looked_at;
    enum cc_err err = CC_OK;
    switch (pass->step) {
    case STEP_MESSAGES:
        err = outbox_list_fates(service->store, pass->before_id, PIECE, take_fate, pass);
        pass->is_read = pass->is_read || pass->looked_at - before < PIECE;
        if (!pass->is_read)
            return err;
        break;
    case STEP_HAND_OVER:
        figures->hand_over = day_find_spans(pass->hand_over, pass->hand_over_count);
        break;
    case STEP_DELIVERY:
        figures->delivery = day_find_spans(pass->delivery, pass->delivery_count);
        break;
    case STEP_COUNTS:
        err = chronicle_sum_unable(service, pass->month_ms, now_ms, &figures->unable_ms);
        if (err == CC_OK)
            err = failures_count_since(service->store, figures->since_ms, now_ms, FAILURES_MAX,
                                       &figures->failures);
        break;
    case STEP_DONE:
        break;
    }
    pass->step++;
    return err;
}

static void end_pass(struct day *day)
{
    free(day->pass);
    day->pass = NULL;
}

/* The few messages of a small town are read at once; more of them step by step. */
static enum cc_err go_on(struct service *service, int64_t now_ms)
{
    struct day *day = &service->day;
    enum cc_err err = CC_OK;
    bool may_wait = day->timer != NULL, waits = false;
    while (err == CC_OK && day->pass->step != STEP_DONE && !waits) {
        err = take_step(service, day->pass, now_ms);
        waits = may_wait && day->pass->looked_at >= PIECE && day->pass->step != STEP_DONE;
    }
    if (waits && err == CC_OK) {
        loop_timer_in(day->timer, BETWEEN_US);
        return CC_OK;
    }
    day->looked_us = err == CC_OK ? loop_now_us(service->loop) : 0;
    if (err == CC_OK)
        day->told = day->pass->figures;
    end_pass(day);
    return err;
}

/* A pass that fails is begun anew by the next look. */
static void on_step(void *user)
{
    struct service *service = user;
    if (service->day.pass != NULL)
        (void)!go_on(service, service_now_ms(service));
}

static enum cc_err begin_pass(struct service *service, int64_t now_ms)
{
    struct day_pass *pass = malloc(sizeof(*pass));
    if (pass == NULL)
        return CC_ERR_MEMORY;
    pass->day = &service->day;
    pass->figures = (struct day_figures){.since_ms = 0};
    pass->step = STEP_MESSAGES;
    pass->before_id = INT64_MAX;
    pass->hand_over_count = pass->delivery_count = pass->looked_at = 0;
    pass->is_read = false;
    find_beginnings(now_ms, &pass->figures.since_ms, &pass->month_ms);
    service->day.pass = pass;
    return go_on(service, now_ms);
}

enum cc_err day_look(struct service *service, int64_t now_ms, const struct day_figures **ret)
{
    struct day *day = &service->day;
    int64_t now_us = loop_now_us(service->loop);
    enum cc_err err = CC_OK;
    if (day->pass == NULL && (day->looked_us == 0 || now_us - day->looked_us >= FRESH_US))
        err = begin_pass(service, now_ms);
    bool is_known = day->looked_us != 0 && now_us - day->looked_us < STALE_US;
    *ret = is_known ? &day->told : NULL;
    return err;
}

void day_start(struct service *service)
{
    service->day.timer = loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_step, service);
    (void)!begin_pass(service, service_now_ms(service));
}

void day_stop(struct service *service)
{
    loop_source_free(service->day.timer);
    service->day.timer = NULL;
    end_pass(&service->day);
}

int64_t day_last_delivered(const struct service *service, const char *modem)
{
    const struct day *day = &service->day;
    for (size_t i = 0; i < day->modem_count; i++)
        if (strcmp(day->modems[i].name, modem) == 0)
            return day->modems[i].delivered_ms;
    return 0;
}
