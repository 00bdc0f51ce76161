/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/day.h"

#include "base/loop.h"
#include "service/chronicle.h"
#include "service/service.h"
#include "store/failures.h"
#include "store/outbox_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    DAY_S = 86400,
    FRESH_US = 10 * 1000 * 1000,
    MESSAGES_MAX = 20000,
    LOOKED_AT_LEAST = 200, /* also of days before: for the last delivery of each modem */
    FAILURES_MAX = 10000,
};

/* Figures gathered from the messages of today. */
struct gathering {
    struct day *day;
    int64_t *hand_over, *delivery; /* MESSAGES_MAX each */
    size_t hand_over_count, delivery_count, looked_at;
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

static void count_fate(struct gathering *gathering, const struct outbox_fate *fate)
{
    struct day_figures *told = &gathering->day->told;
    told->delivered += fate->state == OUTBOX_DELIVERED;
    told->refused += fate->state == OUTBOX_FAILED;
    told->unknown += fate->state == OUTBOX_UNKNOWN;
    if (fate->sent_ms > 0)
        gathering->hand_over[gathering->hand_over_count++] = fate->sent_ms - fate->created_ms;
    if (fate->state == OUTBOX_DELIVERED)
        gathering->delivery[gathering->delivery_count++] = fate->done_ms - fate->created_ms;
}

static bool take_fate(const struct outbox_fate *fate, void *user)
{
    struct gathering *gathering = user;
    bool is_today = fate->created_ms >= gathering->day->told.since_ms;
    if (fate->state == OUTBOX_DELIVERED)
        note_delivery(gathering->day, fate);
    if (is_today)
        count_fate(gathering, fate);
    return ++gathering->looked_at < LOOKED_AT_LEAST || is_today;
}

static enum cc_err gather_messages(struct service *service)
{
    struct day_figures *told = &service->day.told;
    struct gathering gathering = {
        .day = &service->day,
        .hand_over = malloc(MESSAGES_MAX * sizeof(int64_t)),
        .delivery = malloc(MESSAGES_MAX * sizeof(int64_t)),
    };
    enum cc_err err = CC_ERR_MEMORY;
    if (gathering.hand_over != NULL && gathering.delivery != NULL)
        err = outbox_list_fates(service->store, MESSAGES_MAX, take_fate, &gathering);
    if (err == CC_OK) {
        told->hand_over = day_find_spans(gathering.hand_over, gathering.hand_over_count);
        told->delivery = day_find_spans(gathering.delivery, gathering.delivery_count);
    }
    free(gathering.hand_over);
    free(gathering.delivery);
    return err;
}

/* Seconds to add to UTC for the local clock at that instant, and the day of the month there. */
static int64_t offset_at(int64_t utc_s, int *ret_day)
{
    time_t at = (time_t)utc_s;
    struct tm tm = {.tm_mday = 1};
    (void)localtime_r(&at, &tm);
    *ret_day = tm.tm_mday;
    return tm.tm_gmtoff;
}

/* The midnight of the town's zone with so many midnights between it and now. Units: UTC ms. */
static int64_t find_midnight(int64_t now_ms, int days_before)
{
    int day;
    int64_t now_s = now_ms / 1000, offset_s = offset_at(now_s, &day);
    int64_t local_s = now_s + offset_s;
    int64_t midnight_s = local_s - local_s % DAY_S - days_before * DAY_S;
    return (midnight_s - offset_at(midnight_s - offset_s, &day)) * 1000;
}

/* When today and this month began in the town's zone. Units: UTC ms. */
static void find_beginnings(int64_t now_ms, int64_t *ret_day_ms, int64_t *ret_month_ms)
{
    int day;
    (void)offset_at(now_ms / 1000, &day);
    *ret_day_ms = find_midnight(now_ms, 0);
    *ret_month_ms = find_midnight(now_ms, day - 1);
}

enum cc_err day_look(struct service *service, int64_t now_ms, const struct day_figures **ret)
{
    struct day *day = &service->day;
    int64_t now_us = loop_now_us(service->loop), day_ms = 0, month_ms = 0;
    *ret = &day->told;
    if (day->looked_us != 0 && now_us - day->looked_us < FRESH_US)
        return CC_OK;
    find_beginnings(now_ms, &day_ms, &month_ms);
    day->told = (struct day_figures){.since_ms = day_ms};
    enum cc_err err = gather_messages(service);
    if (err == CC_OK)
        err = chronicle_sum_unable(service, month_ms, now_ms, &day->told.unable_ms);
    if (err == CC_OK)
        err =
            failures_count_since(service->store, day_ms, now_ms, FAILURES_MAX, &day->told.failures);
    day->looked_us = err == CC_OK ? now_us : 0;
    return err;
}

int64_t day_last_delivered(const struct service *service, const char *modem)
{
    const struct day *day = &service->day;
    for (size_t i = 0; i < day->modem_count; i++)
        if (strcmp(day->modems[i].name, modem) == 0)
            return day->modems[i].delivered_ms;
    return 0;
}
