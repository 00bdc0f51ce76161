/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mailer.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/span.h"
#include "service/clock.h"
#include "service/mail.h"
#include "service/mail_form.h"
#include "store/emails.h"
#include "store/mails.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHILD_MS = ALERT_POST_MS + 5000 };

#define KEPT_MS (30 * DAY_MS)

/* In memory that the child shares. */
struct outcome {
    struct mail_trace trace;
    char detail[ALERT_DETAIL_SIZE];
};

struct mailer {
    struct service *service;
    struct loop_source *timer, *next;
    struct child *child;
    struct outcome *outcome;
    const struct alert_settings *settings; /* read by the child, which has a copy of them */
    struct mail mail;                      /* under way */
    bool is_busy, is_unsettled, is_stopped;
    int64_t pause_us; /* until when the server is left alone */
    int64_t failures; /* of the server, in a row */
    int64_t swept_ms;
    loop_fn idle;
    void *idle_user;
    char text[MAIL_FORM_SIZE];
    size_t len;
};

static void settle(struct mailer *mailer);

static void rest(struct mailer *mailer)
{
    loop_fn idle = mailer->idle;
    mailer->is_busy = false;
    secret_wipe(&mailer->mail, sizeof(mailer->mail));
    secret_wipe(mailer->text, sizeof(mailer->text));
    mailer->idle = NULL;
    if (idle != NULL)
        idle(mailer->idle_user);
    else
        loop_deferred_arm(mailer->next);
}

/* ---- the child ------------------------------------------------------------------------------- */

static bool send_mail(void *arg)
{
    struct mailer *mailer = arg;
    struct alert_settings settings = *mailer->settings;
    settings.recipients = mailer->mail.to.text;
    (void)!alert_post_mail(&settings, mailer->text, mailer->len, true, &mailer->outcome->trace,
                           mailer->outcome->detail);
    return true;
}

static void on_end(bool has_worked, void *user)
{
    struct mailer *mailer = user;
    child_free(mailer->child);
    mailer->child = NULL;
    if (!has_worked) { /* killed at its deadline: how much of the text had gone nobody knows */
        mailer->outcome->trace.is_whole = true;
        (void)snprintf(mailer->outcome->detail, ALERT_DETAIL_SIZE,
                       "no se ha podido terminar a tiempo: se intentará otra vez");
    }
    settle(mailer);
}

static bool write_form(struct mailer *mailer)
{
    const struct service *service = mailer->service;
    const struct mail *mail = &mailer->mail;
    char link[MAIL_LINK_SIZE], id[2 * MAIL_ID_BYTES + 1];
    struct buf out;
    mail_fill_value(service, mail, link);
    hex_encode_lower(mail->message_id, MAIL_ID_BYTES, id);
    const struct mail_form form = {
        .kind = mail->kind,
        .lang = mail->lang,
        .from = service->settings->alerts.sender,
        .to = mail->to.text,
        .id = id,
        .at_ms = mail->created_ms,
        .values = {.entity = service->installation.entity, .value = link},
    };
    buf_init(&out, mailer->text, sizeof(mailer->text));
    mail_form_write(&form, &out);
    mailer->len = out.len;
    secret_wipe(link, sizeof(link));
    return buf_ok(&out);
}

static void on_claimed(bool committed, void *user)
{
    struct mailer *mailer = user;
    if (!committed) {
        rest(mailer);
        return;
    }
    *mailer->outcome = (struct outcome){.trace = {.subject = -1}};
    mailer->settings = &mailer->service->settings->alerts;
    if (!write_form(mailer) || child_start(mailer->service->loop, send_mail, mailer, CHILD_MS,
                                           on_end, mailer, &mailer->child) != CC_OK)
        settle(mailer); /* nothing left the box */
    mailer->settings = NULL;
}

/* ---- what became of it ----------------------------------------------------------------------- */

static void apply_verdict(struct mailer *mailer, struct mail_verdict verdict, int64_t now_ms)
{
    struct mail *mail = &mailer->mail;
    int64_t wait = MAIL_DOUBT_MS;
    mailer->failures = verdict.is_server ? mailer->failures + 1 : 0;
    mail->refusals += verdict.state == MAIL_QUEUED && !verdict.is_server;
    if (verdict.state == MAIL_QUEUED)
        wait = mail_wait_ms(verdict.is_server ? mailer->failures : mail->refusals);
    if (verdict.is_server)
        mailer->pause_us = loop_now_us(mailer->service->loop) + wait * US_PER_MS;
    mail->state = verdict.state;
    mail->reply = mailer->outcome->trace.reply;
    mail->not_before_ms = now_ms + wait;
    mail->done_ms = verdict.state == MAIL_QUEUED || verdict.state == MAIL_UNKNOWN ? 0 : now_ms;
}

/* Logged once a server's failure, and each mail that is lost to its reader. */
static void say_outcome(const struct mailer *mailer, struct mail_verdict verdict)
{
    const struct mail *mail = &mailer->mail;
    if (verdict.is_server && mailer->failures == 1)
        log_warning("no se pueden enviar correos: %s", mailer->outcome->detail);
    else if (verdict.state == MAIL_DEAD || verdict.state == MAIL_REFUSED)
        log_warning("el correo %" PRId64 " no se acepta: %s", mail->id, mailer->outcome->detail);
    else if (verdict.state == MAIL_UNKNOWN)
        log_notice("no se sabe si el correo %" PRId64 " ha llegado; se repetirá con el mismo "
                   "identificador",
                   mail->id);
}

static void on_settled(bool committed, void *user)
{
    struct mailer *mailer = user;
    mailer->is_unsettled = !committed;
    if (committed)
        rest(mailer);
    else
        loop_timer_in(mailer->timer, US_PER_S);
}

static enum cc_err write_outcome(struct mailer *mailer, int64_t now_ms)
{
    struct service *service = mailer->service;
    enum cc_err err = mails_settle(service->store, &mailer->mail);
    if (err == CC_ERR_NOT_FOUND) /* withdrawn meanwhile */
        return CC_OK;
    return err == CC_OK && mailer->mail.state == MAIL_DEAD
               ? mail_note_dead(service, &mailer->mail, now_ms)
               : err;
}

/* The outcome is kept until the disk takes it: without it the mail would go a second time. */
static void settle(struct mailer *mailer)
{
    struct turn *turn = mailer->service->turn;
    int64_t now_ms = service_now_ms(mailer->service);
    if (!mailer->is_unsettled) {
        struct mail_verdict verdict = mail_judge(&mailer->outcome->trace);
        mailer->outcome->detail[ALERT_DETAIL_SIZE - 1] = '\0';
        apply_verdict(mailer, verdict, now_ms);
        say_outcome(mailer, verdict);
    }
    mailer->is_unsettled = true;
    enum cc_err err = turn_enter(turn);
    if (err == CC_OK) {
        err = write_outcome(mailer, now_ms);
        turn_leave(turn, err == CC_OK);
    }
    if (err == CC_OK)
        turn_after(turn, on_settled, mailer);
    else
        loop_timer_in(mailer->timer, US_PER_S);
}

/* ---- the next -------------------------------------------------------------------------------- */

static int64_t pause_left_ms(const struct mailer *mailer)
{
    int64_t left_us = mailer->pause_us - loop_now_us(mailer->service->loop);
    return left_us > 0 ? left_us / US_PER_MS + 1 : 0;
}

static void wait_for_next(struct mailer *mailer, int64_t now_ms)
{
    int64_t due_ms = INT64_MAX, wait = HOUR_MS, pause = pause_left_ms(mailer);
    enum cc_err err = mails_next_due(mailer->service->store, &due_ms);
    if (err == CC_OK && mail_has_server(mailer->service) && due_ms < now_ms + wait)
        wait = due_ms - now_ms;
    if (wait < pause)
        wait = pause;
    /* a row that cannot be claimed is no busy loop */
    loop_timer_in(mailer->timer, wait * US_PER_MS > US_PER_S ? wait * US_PER_MS : US_PER_S);
}

/* A clock that is only believed ends no mail: DOMAIN 7. */
static enum cc_err claim_next(struct mailer *mailer, int64_t now_ms)
{
    struct store *store = mailer->service->store;
    bool may_send = mail_has_server(mailer->service) && pause_left_ms(mailer) == 0;
    int64_t sweep_ms = 0;
    enum cc_err err = CC_OK;
    if (service_find_sweep_time(mailer->service, &sweep_ms) &&
        (sweep_ms - mailer->swept_ms >= HOUR_MS || sweep_ms < mailer->swept_ms)) {
        err = mails_sweep(store, sweep_ms, sweep_ms - KEPT_MS);
        mailer->swept_ms = sweep_ms;
    }
    if (err == CC_OK)
        err = may_send ? mails_next(store, now_ms, &mailer->mail) : CC_ERR_NOT_FOUND;
    return err == CC_OK ? mails_claim(store, mailer->mail.id) : err;
}

static void on_next(void *user)
{
    struct mailer *mailer = user;
    struct turn *turn = mailer->service->turn;
    int64_t now_ms = service_now_ms(mailer->service);
    if (mailer->is_busy || mailer->is_stopped)
        return;
    enum cc_err err = turn_enter(turn);
    if (err == CC_OK) {
        err = claim_next(mailer, now_ms);
        turn_leave(turn, err == CC_OK || err == CC_ERR_NOT_FOUND);
    }
    if (err == CC_OK) {
        mailer->is_busy = true;
        turn_after(turn, on_claimed, mailer);
    } else {
        wait_for_next(mailer, now_ms);
    }
}

static void on_timer(void *user)
{
    struct mailer *mailer = user;
    if (mailer->is_unsettled)
        settle(mailer);
    else
        on_next(mailer);
}

/* ---- its owner's ----------------------------------------------------------------------------- */

static enum cc_err recover(struct mailer *mailer)
{
    struct service *service = mailer->service;
    int64_t count = 0;
    enum cc_err err = turn_enter(service->turn);
    if (err != CC_OK)
        return err;
    err = mails_recover(service->store, service_now_ms(service), &count);
    turn_leave(service->turn, err == CC_OK);
    if (count > 0)
        log_notice("un correo se estaba enviando al cerrarse el programa: no se sabe si ha llegado "
                   "y se repite con el mismo identificador");
    return err;
}

enum cc_err mailer_new(struct service *service, struct mailer **ret)
{
    struct mailer *mailer = alloc_or_abort(sizeof(*mailer));
    mailer->service = service;
    mailer->outcome = child_share(sizeof(struct outcome));
    mailer->timer = loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_timer, mailer);
    mailer->next = loop_add_deferred(service->loop, LOOP_PRIORITY_NORMAL, on_next, mailer);
    enum cc_err err = recover(mailer);
    if (err != CC_OK) {
        mailer_free(mailer);
        return err;
    }
    loop_deferred_arm(mailer->next);
    *ret = mailer;
    return CC_OK;
}

void mailer_free(struct mailer *mailer)
{
    if (mailer == NULL)
        return;
    child_end(mailer->child);
    loop_source_free(mailer->timer);
    loop_source_free(mailer->next);
    child_unshare(mailer->outcome, sizeof(struct outcome));
    secret_wipe(mailer, sizeof(*mailer));
    free(mailer);
}

static void on_queued(bool committed, void *user)
{
    struct mailer *mailer = user;
    if (committed)
        loop_deferred_arm(mailer->next);
}

void mailer_wake(struct mailer *mailer)
{
    if (mailer != NULL)
        turn_after(mailer->service->turn, on_queued, mailer);
}

void mailer_drain(struct mailer *mailer, loop_fn idle, void *user)
{
    if (mailer != NULL)
        mailer->is_stopped = true;
    if (mailer == NULL || !mailer->is_busy) {
        idle(user);
        return;
    }
    mailer->idle = idle;
    mailer->idle_user = user;
}
