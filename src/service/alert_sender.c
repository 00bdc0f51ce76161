/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/alert_sender.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

enum { CHILD_MS = ALERT_POST_MS + 5000 };

/* In memory that the child shares. */
struct outcome {
    bool is_sent;
    char detail[ALERT_DETAIL_SIZE];
};

struct alert_sender {
    struct loop *loop;
    struct loop_source *failed; /* the child could not be started */
    struct child *child;
    struct outcome *outcome;
    alert_sent_fn on_sent;
    void *user;
    const struct alert_settings *settings; /* read by the child, which has a copy of them */
    enum alert_channel channel;
    bool is_test, is_busy;
    int64_t now_ms;
    char text[ALERT_TEXT_SIZE];
    size_t len;
};

/* In the child. */
static bool work(void *arg)
{
    struct alert_sender *sender = arg;
    struct outcome *outcome = sender->outcome;
    outcome->is_sent =
        sender->channel == ALERT_MAIL
            ? alert_post_mail(sender->settings, sender->text, sender->len, sender->is_test, NULL,
                              outcome->detail)
            : alert_post_webhook(sender->settings, sender->text, sender->now_ms, outcome->detail);
    return true;
}

static void on_end(bool has_worked, void *user)
{
    struct alert_sender *sender = user;
    struct outcome *outcome = sender->outcome;
    child_free(sender->child);
    sender->child = NULL;
    sender->is_busy = false;
    outcome->detail[sizeof(outcome->detail) - 1] = '\0';
    if (!has_worked)
        sender->on_sent(false, "no se ha podido terminar a tiempo: se intentará otra vez",
                        sender->user);
    else
        sender->on_sent(outcome->is_sent, outcome->is_sent ? "" : outcome->detail, sender->user);
}

static void on_failed(void *user)
{
    on_end(false, user);
}

struct alert_sender *alert_sender_new(struct loop *loop, alert_sent_fn on_sent, void *user)
{
    struct alert_sender *sender = alloc_or_abort(sizeof(*sender));
    sender->loop = loop;
    sender->outcome = child_share(sizeof(struct outcome));
    sender->on_sent = on_sent;
    sender->user = user;
    sender->failed = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, on_failed, sender);
    return sender;
}

void alert_sender_free(struct alert_sender *sender)
{
    if (sender == NULL)
        return;
    child_end(sender->child);
    loop_source_free(sender->failed);
    child_unshare(sender->outcome, sizeof(struct outcome));
    free(sender);
}

bool alert_sender_is_busy(const struct alert_sender *sender)
{
    return sender->is_busy;
}

static void write_text(struct alert_sender *sender, const struct alert_told *told)
{
    const struct alert_settings *settings = sender->settings;
    char id[ALERT_MAIL_ID_SIZE];
    struct buf text;
    secret_random_text(id, sizeof(id) - 1);
    buf_init(&text, sender->text, sizeof(sender->text));
    if (sender->channel == ALERT_MAIL)
        alert_write_mail(told, settings->sender, settings->recipients, id, &text);
    else if (!alert_write_json(told, &text))
        text.len = 0;
    sender->len = text.len;
    (void)buf_cstr(&text); /* the texts fit: test_alert_text */
}

void alert_sender_start(struct alert_sender *sender, const struct alert_settings *settings,
                        enum alert_channel channel, const struct alert_told *told)
{
    sender->settings = settings;
    sender->channel = channel;
    sender->is_test = told->event == ALERT_TEST;
    sender->is_busy = true;
    sender->now_ms = told->now_ms;
    memset(sender->outcome, 0, sizeof(*sender->outcome));
    write_text(sender, told);
    if (child_start(sender->loop, work, sender, CHILD_MS, on_end, sender, &sender->child) != CC_OK)
        loop_deferred_arm(sender->failed);
    sender->settings = NULL;
}
