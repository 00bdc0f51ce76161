/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Hands one alert to a mail server or a webhook, with libcurl, which waits: for a child process
 * only (base/child.h). Certificates are checked, redirections are not followed, nothing of what the
 * other side says is kept but its number, and all of it ends within ALERT_POST_MS.
 */
#ifndef CC_SERVICE_ALERT_POST_H
#define CC_SERVICE_ALERT_POST_H

#include "domain/mail.h"
#include "store/alerts.h"

enum { ALERT_CONNECT_MS = 10 * 1000, ALERT_POST_MS = 60 * 1000 };

enum alert_security { ALERT_STARTTLS, ALERT_TLS, ALERT_PLAIN };

/* Where alerts go. "" = not configured. */
struct alert_settings {
    const char *recipients; /* "a@b, c@d" */
    const char *server;     /* "host:port" */
    enum alert_security security;
    const char *sender;
    const char *user, *password;
    const char *authority; /* PEM file of the authorities to believe; "" = the system's */
    const char *webhook;   /* http or https */
    const char *secret;    /* of the webhook's signature */
    int64_t after_ms;      /* how long a fault lasts before it is told */
    int64_t queue_ms;      /* how long a message may wait */
};

/* Each returns whether it was taken; else `detail` says in Spanish why not and what to do.
 * ret_trace (may be NULL) is how far it came, written on the way, so that who kills the child knows
 * it too. */
bool alert_post_mail(const struct alert_settings *settings, const char *mail, size_t len,
                     bool must_reach_all, struct mail_trace *ret_trace,
                     char detail[ALERT_DETAIL_SIZE]) CC_MUST_CHECK;
/*
 * The header X-Contraclaved-Firma: "t=SECONDS,v1=HEX", where HEX is the HMAC-SHA-256 of
 * "SECONDS.BODY" under the secret.
 */
bool alert_post_webhook(const struct alert_settings *settings, const char *body, int64_t now_ms,
                        char detail[ALERT_DETAIL_SIZE]) CC_MUST_CHECK;

#endif
