/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/chronicle.h"

#include "base/alloc.h"
#include "base/loop.h"
#include "service/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TICK_US = 1000 * 1000,
    QUIET_TICK_US = 15 * TICK_US, /* while nothing runs on the loop and the box can send… */
    STIRRED_US = TICK_US / 2,     /* …and from the first that does run */
    BURST = 20,
    REFILL_US = 180 * 1000 * 1000,
    QUEUE_MAX = 32,
    OPEN_MAX = 64,
    NOW_MAX = VERDICT_ITEMS_MAX + 2,
    PACES = POOL_MAX + 2, /* of each modem, of one that was renamed, of the box */
};

/* Topics that are no reason of the verdict. */
static const char topic_unable[] = "sin_envio"; /* nothing can be sent: counted, not shown */

/* How many events a modem may still write. */
struct pace {
    char modem[EVENT_MODEM_SIZE];
    int64_t full_us; /* when its whole burst is there again */
};

/* Findings of the verdict as it is now. */
struct look {
    struct event found[NOW_MAX];
    size_t count;
    bool is_starting; /* the box cannot send, and it is only its start: as it was before */
    const struct verdict *verdict;
};

struct chronicle {
    struct service *service;
    struct loop_source *timer, *post;
    uint64_t dispatched;         /* by the loop, with the last look */
    bool is_quiet;               /* the next look is QUIET_TICK_US from the last */
    struct event open[OPEN_MAX]; /* findings, as they were written */
    size_t open_count;
    struct event queue[QUEUE_MAX]; /* until their commit */
    size_t queued, in_turn;
    struct pace paces[PACES];
    size_t pace_count;
    int64_t newest;
    struct look look; /* scratch space of chronicle_look() */
    chronicle_tell *tell;
    void *tell_user;
    char told[2 * VERDICT_TEXT_SIZE], said[2 * VERDICT_TEXT_SIZE]; /* the last; scratch space */
};

/* ---- writing --------------------------------------------------------------------------------- */

static struct pace *pace_of(struct chronicle *chronicle, const char *modem)
{
    for (size_t i = 0; i < chronicle->pace_count; i++)
        if (strcmp(chronicle->paces[i].modem, modem) == 0)
            return &chronicle->paces[i];
    if (chronicle->pace_count == PACES)
        return &chronicle->paces[PACES - 1];
    struct pace *pace = &chronicle->paces[chronicle->pace_count++];
    (void)snprintf(pace->modem, sizeof(pace->modem), "%s", modem);
    return pace;
}

static bool take_pace(struct chronicle *chronicle, const char *modem)
{
    struct pace *pace = pace_of(chronicle, modem);
    int64_t now_us = loop_now_us(chronicle->service->loop);
    int64_t full_us = pace->full_us > now_us ? pace->full_us : now_us;
    if (full_us - now_us > (int64_t)(BURST - 1) * REFILL_US)
        return false;
    pace->full_us = full_us + REFILL_US;
    return true;
}

static void on_commit(bool committed, void *user)
{
    struct chronicle *chronicle = user;
    size_t written = committed ? chronicle->in_turn : 0;
    chronicle->in_turn = 0;
    chronicle->queued -= written;
    memmove(chronicle->queue, chronicle->queue + written,
            chronicle->queued * sizeof(chronicle->queue[0]));
    if (written > 0 && events_newest(chronicle->service->store, &chronicle->newest) != CC_OK)
        chronicle->newest += (int64_t)written;
}

/* Writes what waits; when that fails, at the next tick. */
static void write_queue(struct chronicle *chronicle)
{
    struct service *service = chronicle->service;
    enum cc_err err = CC_OK;
    if (chronicle->queued == 0 || chronicle->in_turn > 0 || turn_enter(service->turn) != CC_OK)
        return;
    for (size_t i = 0; i < chronicle->queued && err == CC_OK; i++)
        err = events_insert(service->store, &chronicle->queue[i]);
    turn_leave(service->turn, err == CC_OK);
    if (err != CC_OK)
        return;
    chronicle->in_turn = chronicle->queued;
    turn_after(service->turn, on_commit, chronicle);
}

static void copy_text(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text);
}

/* False when there is no room or the modem has written too much: the change is seen again later. */
static bool queue_event(struct chronicle *chronicle, enum event_kind kind,
                        const struct event *finding)
{
    struct event event = *finding;
    if (chronicle->queued == QUEUE_MAX || !take_pace(chronicle, finding->modem))
        return false;
    event.kind = kind;
    event.at_ms = service_now_ms(chronicle->service);
    if (kind == EVENT_END)
        event.level = EVENT_GOOD;
    chronicle->queue[chronicle->queued++] = event;
    return true;
}

/* ---- notes ----------------------------------------------------------------------------------- */

static const struct {
    const char *token;
    enum event_level level;
} notes[CHRONICLE_NOTE_COUNT] = {
#define NOTE_ROW(name, token, level) [CHRONICLE_##name] = {token, EVENT_##level},
    CHRONICLE_NOTES(NOTE_ROW)
#undef NOTE_ROW
};

void chronicle_add(struct chronicle *chronicle, enum chronicle_note note, const char *modem,
                   const char *actor)
{
    struct event finding = {.level = notes[note].level};
    if (chronicle == NULL)
        return;
    copy_text(finding.token, sizeof(finding.token), notes[note].token);
    copy_text(finding.topic, sizeof(finding.topic), notes[note].token);
    copy_text(finding.modem, sizeof(finding.modem), modem);
    copy_text(finding.actor, sizeof(finding.actor), actor);
    (void)queue_event(chronicle, EVENT_NOTE, &finding);
}

enum chronicle_note chronicle_find_note(const char *token)
{
    int i = 0;
    while (i < CHRONICLE_NOTE_COUNT && strcmp(notes[i].token, token) != 0)
        i++;
    return (enum chronicle_note)i;
}

void chronicle_add_rung(struct chronicle *chronicle, const char *rung, const char *modem)
{
    char token[EVENT_TOKEN_SIZE];
    (void)snprintf(token, sizeof(token), "peldano_%s", rung);
    enum chronicle_note note = chronicle_find_note(token);
    if (note < CHRONICLE_NOTE_COUNT)
        chronicle_add(chronicle, note, modem, "");
}

/* ---- findings -------------------------------------------------------------------------------- */

static bool is_same(const struct event *a, const struct event *b)
{
    return strcmp(a->topic, b->topic) == 0 && strcmp(a->modem, b->modem) == 0;
}

static size_t find_same(const struct event *list, size_t count, const struct event *wanted)
{
    size_t i = 0;
    while (i < count && !is_same(&list[i], wanted))
        i++;
    return i;
}

/* Of the modem, where it is the one of several that is out. */
static enum verdict_reason reason_of(const struct verdict_item *item)
{
    return item->reason == VERDICT_ONE_OUT ? item->inner : item->reason;
}

static bool is_trouble(enum verdict_reason reason)
{
    return verdict_reason_can(reason) >= VERDICT_NOT_NOW;
}

/* A modem that only starts is as it was before: is_hidden() keeps what was found. */
static void add_item(struct look *look, const struct verdict_item *item)
{
    enum verdict_reason reason = reason_of(item);
    bool is_out = item->modem != NULL && is_trouble(reason);
    struct event found = {.since_ms = item->since_ms > 0 ? item->since_ms : look->verdict->now_ms};
    if (reason == VERDICT_STARTS || look->count == NOW_MAX)
        return;
    found.level = verdict_reason_can(item->reason) == VERDICT_NO ? EVENT_BAD : EVENT_CARE;
    copy_text(found.token, sizeof(found.token), verdict_reason_token(reason));
    copy_text(found.topic, sizeof(found.topic), is_out ? CHRONICLE_TOPIC_MODEM : found.token);
    copy_text(found.modem, sizeof(found.modem), item->modem != NULL ? item->modem->name : "");
    if (reason == VERDICT_PAUSED && item->text != NULL)
        copy_text(found.actor, sizeof(found.actor), item->text);
    if (find_same(look->found, look->count, &found) == look->count)
        look->found[look->count++] = found;
}

static void take_look(const struct verdict *verdict, struct look *ret)
{
    *ret = (struct look){.verdict = verdict};
    ret->is_starting = verdict->first.reason == VERDICT_STARTS;
    if (verdict->first.reason != VERDICT_FINE)
        add_item(ret, &verdict->first);
    for (size_t i = 0; i < verdict->other_count; i++)
        add_item(ret, &verdict->others[i]);
    if (verdict->can < VERDICT_NOT_NOW || ret->is_starting || ret->count == NOW_MAX)
        return;
    struct event *unable = &ret->found[ret->count++];
    *unable = (struct event){.level = EVENT_BAD, .since_ms = verdict->first.since_ms};
    if (unable->since_ms == 0)
        unable->since_ms = verdict->now_ms;
    copy_text(unable->token, sizeof(unable->token), topic_unable);
    copy_text(unable->topic, sizeof(unable->topic), topic_unable);
}

/* Whether the modem starts, or does not send: then what was found while it sent cannot be seen. */
static bool is_hidden(const struct look *look, const struct event *finding)
{
    const struct verdict *verdict = look->verdict;
    if (finding->modem[0] == '\0')
        return look->is_starting && strcmp(finding->topic, topic_unable) == 0;
    for (size_t i = 0; i <= verdict->other_count; i++) {
        const struct verdict_item *item = i == 0 ? &verdict->first : &verdict->others[i - 1];
        if (item->modem != NULL && strcmp(item->modem->name, finding->modem) == 0 &&
            is_trouble(reason_of(item)))
            return true;
    }
    return false;
}

static void end_findings(struct chronicle *chronicle, const struct look *look)
{
    for (size_t i = chronicle->open_count; i-- > 0;) {
        struct event *open = &chronicle->open[i];
        if (find_same(look->found, look->count, open) < look->count || is_hidden(look, open) ||
            !queue_event(chronicle, EVENT_END, open))
            continue;
        *open = chronicle->open[--chronicle->open_count];
    }
}

/* A modem that is out for another reason than before is out since then all the same. */
static void begin_finding(struct chronicle *chronicle, const struct event *found)
{
    size_t at = find_same(chronicle->open, chronicle->open_count, found);
    bool is_new = at == chronicle->open_count;
    struct event next = *found;
    if (at == OPEN_MAX || (!is_new && strcmp(chronicle->open[at].token, found->token) == 0))
        return;
    if (!is_new)
        next.since_ms = chronicle->open[at].since_ms;
    if (!queue_event(chronicle, EVENT_BEGIN, &next))
        return;
    chronicle->open[at] = next;
    chronicle->open_count += is_new;
}

void chronicle_look(struct chronicle *chronicle, const struct verdict *verdict)
{
    struct look *look = &chronicle->look;
    take_look(verdict, look);
    end_findings(chronicle, look);
    for (size_t i = 0; i < look->count; i++)
        begin_finding(chronicle, &look->found[i]);
    write_queue(chronicle);
}

static void tell_change(struct chronicle *chronicle, const struct verdict *verdict)
{
    struct buf text;
    buf_init(&text, chronicle->said, sizeof(chronicle->said));
    verdict_say(verdict, &verdict->first, TEXT_LANG_ES, &text);
    if (verdict->need != VERDICT_NOTHING) {
        buf_byte(&text, ' ');
        verdict_say_action(verdict, &verdict->first, TEXT_LANG_ES, &text);
    }
    if (buf_cstr(&text) == NULL || strcmp(chronicle->said, chronicle->told) == 0)
        return;
    copy_text(chronicle->told, sizeof(chronicle->told), chronicle->said);
    chronicle->tell(chronicle->told, chronicle->tell_user);
}

static void on_tick(void *user)
{
    struct chronicle *chronicle = user;
    struct loop *loop = chronicle->service->loop;
    struct facts facts;
    struct verdict verdict;
    facts_collect(chronicle->service, true, &facts);
    verdict_judge(&facts.told, &verdict);
    chronicle_look(chronicle, &verdict);
    if (chronicle->tell != NULL)
        tell_change(chronicle, &verdict);
    chronicle->dispatched = loop_dispatched(loop);
    chronicle->is_quiet = verdict.can < VERDICT_NOT_NOW && chronicle->queued == 0;
    loop_timer_in(chronicle->timer, chronicle->is_quiet ? QUIET_TICK_US : TICK_US);
}

/* Any callback may have changed the verdict. */
static void on_stir(void *user)
{
    struct chronicle *chronicle = user;
    struct loop *loop = chronicle->service->loop;
    if (!chronicle->is_quiet || loop_dispatched(loop) == chronicle->dispatched)
        return;
    chronicle->is_quiet = false;
    loop_timer_in(chronicle->timer, STIRRED_US);
}

void chronicle_note_modem(struct chronicle *chronicle, const struct modem *modem)
{
    struct event out = {.topic = CHRONICLE_TOPIC_MODEM};
    struct modem_status status;
    if (chronicle == NULL)
        return;
    modem_status(modem, &status);
    copy_text(out.modem, sizeof(out.modem), status.name);
    enum verdict_reason reason = facts_trouble_of(&status);
    bool was_out = find_same(chronicle->open, chronicle->open_count, &out) < chronicle->open_count;
    if (reason == VERDICT_STARTS || is_trouble(reason) == was_out)
        return;
    chronicle->is_quiet = false; /* or on_stir(), which runs before the timer, would put it off */
    loop_timer_in(chronicle->timer, 0);
}

/* ---- new, free, questions -------------------------------------------------------------------- */

static bool restore_finding(const struct event *event, void *user)
{
    struct chronicle *chronicle = user;
    chronicle->open[chronicle->open_count++] = *event;
    return chronicle->open_count < OPEN_MAX;
}

enum cc_err chronicle_new(struct service *service, struct chronicle **ret)
{
    struct chronicle *chronicle = alloc_or_abort(sizeof(*chronicle));
    chronicle->service = service;
    enum cc_err err = events_list_open(service->store, restore_finding, chronicle);
    if (err == CC_OK)
        err = events_newest(service->store, &chronicle->newest);
    if (err != CC_OK) {
        free(chronicle);
        return err;
    }
    chronicle->timer = loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_tick, chronicle);
    chronicle->post = loop_add_post(service->loop, on_stir, chronicle);
    *ret = chronicle;
    return CC_OK;
}

void chronicle_start(struct chronicle *chronicle, chronicle_tell *tell, void *user)
{
    chronicle->tell = tell;
    chronicle->tell_user = user;
    chronicle_add(chronicle, CHRONICLE_STARTED, "", "");
    loop_timer_in(chronicle->timer, TICK_US);
}

void chronicle_free(struct chronicle *chronicle)
{
    if (chronicle == NULL)
        return;
    loop_source_free(chronicle->timer);
    loop_source_free(chronicle->post);
    free(chronicle);
}

int64_t chronicle_newest(const struct chronicle *chronicle)
{
    return chronicle != NULL ? chronicle->newest : 0;
}

int64_t chronicle_unable_since(const struct chronicle *chronicle)
{
    struct event unable = {.since_ms = 0};
    if (chronicle == NULL)
        return 0;
    copy_text(unable.topic, sizeof(unable.topic), topic_unable);
    size_t at = find_same(chronicle->open, chronicle->open_count, &unable);
    return at < chronicle->open_count ? chronicle->open[at].since_ms : 0;
}

enum cc_err chronicle_sum_unable(struct service *service, int64_t since_ms, int64_t now_ms,
                                 int64_t *ret_ms)
{
    int64_t unable_ms = chronicle_unable_since(service->chronicle), sum_ms = 0;
    enum cc_err err = events_sum_spans(service->store, topic_unable, since_ms, &sum_ms);
    if (err != CC_OK)
        return err;
    if (unable_ms > 0)
        sum_ms += now_ms - (unable_ms > since_ms ? unable_ms : since_ms);
    *ret_ms = sum_ms;
    return CC_OK;
}

/* What is asked with events of the open turn left out. */
struct durable {
    int64_t newest;
    events_visit *visit;
    void *user;
};

static bool visit_durable(const struct event *event, void *user)
{
    const struct durable *asked = user;
    return event->id > asked->newest || asked->visit(event, asked->user);
}

enum cc_err chronicle_list(struct service *service, int64_t since_ms, int64_t max,
                           events_visit *visit, void *user)
{
    struct durable asked = {chronicle_newest(service->chronicle), visit, user};
    return events_list(service->store, since_ms, topic_unable, max, visit_durable, &asked);
}

enum cc_err chronicle_list_after(struct service *service, int64_t id, int64_t max,
                                 events_visit *visit, void *user)
{
    struct durable asked = {chronicle_newest(service->chronicle), visit, user};
    return events_list_after(service->store, id, topic_unable, max, visit_durable, &asked);
}
