/* SPDX-License-Identifier: EUPL-1.2 */
/* Alerts to people: the member `avisos` of the status, and a test of them. */
#include "api/estado.h"
#include "api/resources.h"
#include "http/exchange.h"
#include "http/json_write.h"
#include "service/alerts.h"

#include <stdio.h>
#include <string.h>

enum { PLACE_SIZE = 512 };

static void put_result(struct buf *out, const char *key, bool is_known,
                       const struct alert_result *result)
{
    if (!is_known) {
        json_put_null(out, key);
        return;
    }
    json_open(out, key, '{');
    json_put_utc(out, "hora", result->at_ms);
    json_put_bool(out, "enviado", result->is_sent);
    json_put_text(out, "detalle", result->detail);
    json_close(out, '}');
}

/* Where the alerts of a channel go: the addresses; of a webhook no more than its host, because the
 * rest may be a secret. */
static void put_place(struct buf *out, const struct alert_settings *settings,
                      enum alert_channel channel)
{
    char place[PLACE_SIZE];
    const char *host = strstr(settings->webhook, "://");
    if (channel == ALERT_MAIL) {
        json_put_text(out, "a", settings->recipients);
        return;
    }
    size_t len = host != NULL ? (size_t)(host - settings->webhook) + 3 : 0;
    len += strcspn(settings->webhook + len, "/?#");
    (void)snprintf(place, sizeof(place), "%.*s", (int)len, settings->webhook);
    json_put_text(out, "a", place);
}

static void put_channel(const struct estado_view *view, struct buf *out, enum alert_channel channel)
{
    struct alert_channel_status status;
    alerts_status(view->service->senders.alerts, channel, &status);
    if (!status.is_configured) {
        json_put_null(out, alert_channel_token(channel));
        return;
    }
    json_open(out, alert_channel_token(channel), '{');
    if (caller_sees_exactly(view->caller))
        put_place(out, &view->service->settings->alerts, channel);
    else
        json_put_null(out, "a");
    put_result(out, "ultimo", status.last.at_ms > 0, &status.last);
    put_result(out, "prueba", status.trial == ALERT_TRIED, &status.trial_end);
    json_put_bool(out, "enviando", status.is_sending);
    json_close(out, '}');
}

void avisos_put_status(const struct estado_view *view, struct buf *out)
{
    if (view->service->senders.alerts == NULL) {
        json_put_null(out, "avisos");
        return;
    }
    json_open(out, "avisos", '{');
    for (int i = 0; i < ALERT_CHANNEL_COUNT; i++)
        put_channel(view, out, (enum alert_channel)i);
    json_close(out, '}');
}

enum cc_err avisos_try(struct exchange *x, struct buf *out)
{
    const struct estado_view view = {.service = x->service, .caller = &x->caller};
    enum cc_err err = alerts_try(x->service->senders.alerts, &x->caller, x->now_ms);
    if (err == CC_OK)
        avisos_put_status(&view, out);
    return err;
}
