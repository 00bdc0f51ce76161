/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Alerts by mail and webhook: looks at the verdict every 15 s, decides with domain/alerts what is
 * to be told, keeps that in the database, and sends it from a child process, one at a time, again
 * and again with growing pauses. What it knows is in memory: a disk that takes nothing more does
 * not stop the alert about it.
 */
#ifndef CC_SERVICE_ALERTS_H
#define CC_SERVICE_ALERTS_H

#include "service/service.h"
#include "store/alerts.h"

struct alerts;

enum alert_trial { ALERT_NO_TRIAL, ALERT_TRYING, ALERT_TRIED };

/* Of one channel, for the status. */
struct alert_channel_status {
    bool is_configured, is_sending;
    struct alert_result last;      /* of any alert */
    enum alert_trial trial;        /* of the test that a person asked for… */
    struct alert_result trial_end; /* …and how it ended; of ALERT_TRIED */
    uint64_t sent, failed;         /* since the start of the program */
};

/* Reads what was known before. Errors: CC_ERR_DB. Owns: alerts_free(). */
enum cc_err alerts_new(struct service *service, struct alerts **ret) CC_MUST_CHECK;
/* Ends a sending that is under way: the alert goes again after the next start. Takes NULL. */
void alerts_free(struct alerts *alerts);
/* Sends a test by every configured channel. Inside a turn; audited. Errors: CC_ERR_NOT_CONFIGURED
 * (there is none), CC_ERR_BUSY (one is under way), CC_ERR_DB. */
enum cc_err alerts_try(struct alerts *alerts, const struct caller *caller,
                       int64_t now_ms) CC_MUST_CHECK;
void alerts_status(const struct alerts *alerts, enum alert_channel channel,
                   struct alert_channel_status *ret);
/* "correo", "webhook". */
const char *alert_channel_token(enum alert_channel channel);

#endif
