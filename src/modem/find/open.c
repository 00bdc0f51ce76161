/* SPDX-License-Identifier: EUPL-1.2 */
/* The way in: find the device and open it; again and again while it is not there. */
#include "modem/find/open.h"

#include "base/alloc.h"
#include "base/loop.h"
#include "base/span.h"
#include "modem/find/claims.h"
#include "modem/find/private.h"

#include <stdlib.h>
#include <string.h>

enum {
    RETRY_MS = 500,       /* a device whose return nothing tells… */
    AWAY_RETRY_MS = 2000, /* …soon enough for a message to leave within 5 s, where udev tells… */
    AWAY_MS = 300000,     /* …or the device has been away for so long */
    MUTE_RETRY_MS = 3000, /* a port that does not talk AT: leave it alone for a while */
    OPEN_MS = 5000,       /* for a TCP serial server */
};

static void plan_look(struct modem *modem, int64_t ms)
{
    modem->find->look_us = loop_now_us(modem->loop) + ms * US_PER_MS;
    modem_set_timer(modem, ms, modem_try_open);
}

/* Also for an event about another device: a look costs little. */
static void on_plugged(void *user)
{
    struct modem *modem = user;
    struct modem_find *find = modem->find;
    int64_t now_us = loop_now_us(modem->loop);
    if (!find->has_news)
        find->news_us = now_us;
    int64_t ms = find_wait_ms(find->news_us, now_us);
    if (modem->state == MODEM_ABSENT && (find->has_news || find->look_us > now_us + ms * US_PER_MS))
        plan_look(modem, ms);
    find->has_news = true;
}

void modem_find_init(struct modem *modem)
{
    modem->find = alloc_or_abort(sizeof(*modem->find));
    struct find_spec *spec = &modem->find->wish.spec;
    modem->find->wish.drivers = modem->config.drivers;
    if (!find_spec_parse(modem->config.device, spec))
        *spec = (struct find_spec){.kind = FIND_DIRECT}; /* opening it will say so */
    find_claims_join(modem->config.claims, modem, spec, modem->config.device);
    if (spec->kind != FIND_DIRECT || modem->config.device[0] == '/')
        modem->find->watch = link_watch_new(modem->loop, on_plugged, modem);
}

void modem_find_done(struct modem *modem)
{
    link_watch_free(modem->find->watch);
    find_claims_leave(modem->config.claims, modem);
    free(modem->find);
}

void modem_close_line(struct modem *modem)
{
    struct at_chat *chat = modem->chat;
    modem->chat = NULL;
    at_chat_free(chat);
}

static void retry_later(struct modem *modem)
{
    struct modem_find *find = modem->find;
    int64_t now_us = loop_now_us(modem->loop);
    if (find->absent_since_us == 0)
        find->absent_since_us = now_us;
    bool is_long = now_us - find->absent_since_us > AWAY_MS * US_PER_MS;
    int64_t ms = is_long || find->watch != NULL ? AWAY_RETRY_MS : RETRY_MS;
    find->news_us = now_us;
    plan_look(modem, find->has_news ? FIND_PLUGGED_MS : ms);
}

static enum cc_err open_at(struct modem *modem, const char *device)
{
    return at_chat_open(modem->loop, device, modem->config.schemes, modem->tape,
                        &modem->chat_events, modem, &modem->chat);
}

/* The line is open; port is what it was found by, NULL = no port that this box lists. */
static void on_opened(struct modem *modem, const struct link_port *port)
{
    struct modem_find *find = modem->find;
    find->holder_asked_us = find->storage_since_us = 0;
    find->now = (struct find_port){0};
    modem->identity.usb_device[0] = modem->identity.imei[0] = '\0';
    if (port != NULL) {
        find_port_keep(port, &find->now);
        memcpy(modem->identity.usb_device, port->usb_device, sizeof(modem->identity.usb_device));
        if (strcmp(port->path, modem->config.device) != 0)
            memcpy(modem->identity.port, port->path, sizeof(modem->identity.port));
    }
    find_claims_set(modem->config.claims, modem, modem->identity.usb_device);
    modem_enter(modem, MODEM_OPENING);
}

/* Lists the ports and devices, with those of other sections marked. NULL, and logged, when the list
 * cannot be had. Owns: free() */
static struct find_view *look_around(struct modem *modem)
{
    struct find_view *view = malloc(sizeof(*view));
    enum cc_err err = CC_ERR_MEMORY;
    if (view != NULL)
        err = link_ports_list(view->ports, LINK_PORTS_MAX, find_is_wanted, &modem->find->wish,
                              &view->port_count);
    if (err != CC_OK) {
        modem_set_detail(modem, LOG_LEVEL_WARNING, "%s", err_text(err));
        free(view);
        return NULL;
    }
    view->device_count = 0;
    find_claims_mark(modem->config.claims, modem, view);
    return view;
}

/* ---- the device itself ---------------------------------------------------------------------- */

/* Where the path leads, among the ports; port_count = to none of them. */
static size_t port_of_path(const struct find_view *view, const char *path)
{
    char *real = realpath(path, NULL);
    size_t i = 0;
    while (i < view->port_count && (real == NULL || strcmp(view->ports[i].path, real) != 0))
        i++;
    free(real);
    return i;
}

static void opened_direct(struct modem *modem)
{
    struct find_view *view = modem->config.device[0] == '/' ? look_around(modem) : NULL;
    size_t i = view != NULL ? port_of_path(view, modem->config.device) : 0;
    if (view == NULL || i == view->port_count) {
        on_opened(modem, NULL);
    } else if (view->taken[i]) {
        modem_close_line(modem);
        modem_set_detail(modem, LOG_LEVEL_WARNING,
                         "Otra sección modem usa ya este módem. Indique otro en dispositivo.");
        retry_later(modem);
    } else {
        on_opened(modem, &view->ports[i]);
    }
    free(view);
}

static void open_direct(struct modem *modem)
{
    enum cc_err err = open_at(modem, modem->config.device);
    if (err == CC_OK) {
        opened_direct(modem);
        return;
    }
    find_say_closed(modem, err, modem->config.device);
    retry_later(modem);
}

/* ---- a device that is looked for ------------------------------------------------------------ */

/*
 * Chooses the candidate for the n-th try in vain: round robin; but a port that has talked AT before
 * is every second one, so that a modem that was only stuck is soon met again.
 */
static size_t pick_candidate(const struct modem_find *find, const struct find_view *view,
                             const size_t *candidates, unsigned n)
{
    const struct link_port *first = &view->ports[candidates[0]];
    bool is_known = find->wish.had.vid == first->vid && find->wish.had.pid == first->pid &&
                    find->wish.had.interface == first->interface;
    if (!is_known || find->count < 3)
        return candidates[n % find->count];
    return candidates[n % 2 == 0 ? 0 : 1 + n / 2 % (find->count - 1)];
}

static void say_crowded(struct modem *modem, const struct find_view *view)
{
    bool is_crowded =
        modem->find->wish.spec.kind != FIND_IMEI &&
        find_count_modems(&modem->find->wish, view) > find_claims_waiting(modem->config.claims);
    if (is_crowded && !modem->find->is_crowded)
        log_warning("módem %s: %s", modem->config.name, find_crowded_advice);
    modem->find->is_crowded = is_crowded;
}

/* The first that opens. Why the best one does not is what a person should know. */
static void open_one_of(struct modem *modem, const struct find_view *view, const size_t *candidates)
{
    enum cc_err first = CC_OK;
    size_t chosen = candidates[0];
    for (unsigned n = 0; n < modem->find->count; n++) {
        size_t i = pick_candidate(modem->find, view, candidates, modem->find->tries + n);
        enum cc_err err = open_at(modem, view->ports[i].path);
        if (err == CC_OK) {
            modem->find->tries += n;
            on_opened(modem, &view->ports[i]);
            return;
        }
        if (first == CC_OK || i == candidates[0]) {
            first = err;
            chosen = i;
        }
    }
    find_say_closed(modem, first, view->ports[chosen].path);
    retry_later(modem);
}

static void say_none(struct modem *modem, struct find_view *view)
{
    const struct link_usb_device *device = NULL;
    if (link_usb_list(view->devices, LINK_USB_MAX, &view->device_count) != CC_OK)
        view->device_count = 0;
    enum find_reason reason = find_why_none(&modem->find->wish, view, &device);
    find_say_none(modem, reason, device);
    retry_later(modem);
}

/* Something was plugged in or out: the best one is next, whichever port's turn it was. */
static void take_stock(struct modem_find *find, const struct link_port *best, size_t count)
{
    struct find_port now;
    find_port_keep(best, &now);
    if (count != find->count || now.address != find->best.address ||
        now.interface != find->best.interface || strcmp(now.usb_device, find->best.usb_device) != 0)
        find->tries = find->empties = 0;
    find->count = count;
    find->best = now;
}

static void open_found(struct modem *modem)
{
    struct modem_find *find = modem->find;
    size_t candidates[LINK_PORTS_MAX];
    if (find->now.vid != 0)
        find_claims_set(modem->config.claims, modem, "");
    struct find_view *view = look_around(modem);
    if (view == NULL) {
        retry_later(modem);
        return;
    }
    find_forget_unplugged(&find->wish, view);
    size_t count = find_candidates(&find->wish, view, candidates);
    if (count > 0) {
        take_stock(find, &view->ports[candidates[0]], count);
        say_crowded(modem, view);
        open_one_of(modem, view, candidates);
    } else {
        find->count = 0;
        say_none(modem, view);
    }
    free(view);
}

void modem_try_open(struct modem *modem)
{
    modem->find->has_news = false;
    if (modem->find->wish.spec.kind == FIND_DIRECT)
        open_direct(modem);
    else
        open_found(modem);
}

/* ---- what the open port turned out to be ---------------------------------------------------- */

void modem_find_note_up(struct modem *modem)
{
    modem->find->absent_since_us = 0;
}

enum find_kind modem_find_kind(const struct modem *modem)
{
    return modem->find->wish.spec.kind;
}

const struct find_port *modem_find_port(const struct modem *modem)
{
    return &modem->find->now;
}

const char *modem_find_advice(const struct modem *modem)
{
    return modem->find->is_crowded ? find_crowded_advice : "";
}

void modem_find_note_answer(struct modem *modem)
{
    modem->find->tries = 0;
    modem->find->wish.had = modem->find->now;
}

void modem_find_leave_mute_port(struct modem *modem)
{
    struct modem_find *find = modem->find;
    bool is_wish = find->wish.spec.kind != FIND_DIRECT;
    bool is_last = !is_wish || find->count <= 1 || (find->tries + 1) % find->count == 0;
    if (is_last)
        find_say_mute(modem);
    find->tries++;
    if (!is_wish) /* the modem may be another section's, by a port that answers */
        find_claims_set(modem->config.claims, modem, "");
    modem_enter(modem, MODEM_ABSENT);
    if (!is_wish)
        plan_look(modem, MUTE_RETRY_MS);
    else if (!is_last)
        modem_set_timer(modem, 0, modem_try_open);
}

bool modem_find_leave_empty_port(struct modem *modem)
{
    struct modem_find *find = modem->find;
    if (find->wish.spec.kind == FIND_DIRECT || find->count < 2)
        return false;
    find->wish.had = (struct find_port){0};
    find->tries = find->empties++; /* each answer to AT has put it to 0 */
    modem_find_leave_mute_port(modem);
    return true;
}

static bool is_the_one(const struct modem *modem)
{
    const struct find_spec *spec = &modem->find->wish.spec;
    if (spec->kind == FIND_IMEI)
        return strcmp(spec->imei, modem->identity.imei) == 0;
    bool is_named = spec->kind == FIND_DIRECT || spec->serial[0] != '\0';
    return is_named || modem->identity.imei[0] == '\0' ||
           !find_claims_has_imei(modem->config.claims, modem, modem->identity.imei);
}

bool modem_find_settle(struct modem *modem)
{
    if (is_the_one(modem))
        return true;
    log_info("módem %s: el de %s es otro; se prueba el siguiente", modem->config.name,
             modem->identity.port);
    modem->find->wish.had = (struct find_port){0};
    if (modem->identity.imei[0] != '\0')
        find_remember_wrong(&modem->find->wish, &modem->find->now);
    else
        modem->find->tries++; /* no IMEI told: the next try may tell it */
    modem_enter(modem, MODEM_ABSENT);
    if (modem->identity.imei[0] != '\0')
        modem_set_timer(modem, 0, modem_try_open);
    return false;
}

/* ---- the states ----------------------------------------------------------------------------- */

void modem_find_enter_absent(struct modem *modem)
{
    modem->identity.port[0] = '\0';
    retry_later(modem);
}

static void open_timed_out(struct modem *modem)
{
    modem_set_detail(modem, LOG_LEVEL_WARNING,
                     "El dispositivo no acepta la conexión. Revise la dirección y la red.");
    modem_enter(modem, MODEM_ABSENT);
}

void modem_find_enter_opening(struct modem *modem)
{
    modem_set_timer(modem, OPEN_MS, open_timed_out);
}
