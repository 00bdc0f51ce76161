/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Alerts to people: what is known of each kind of fault, what is still to be sent about it, and how
 * the last sending by each channel ended. A restart neither repeats nor forgets one.
 */
#ifndef CC_STORE_ALERTS_H
#define CC_STORE_ALERTS_H

#include "domain/alerts.h"
#include "store/store.h"

enum alert_channel { ALERT_MAIL, ALERT_WEBHOOK, ALERT_CHANNEL_COUNT };

enum { ALERT_SENTENCE_SIZE = 1288, ALERT_CAUSE_SIZE = 32, ALERT_DETAIL_SIZE = 240 };

/* Event that waits to be sent by a channel; ALERT_NONE = none. A newer one takes its place. */
struct alert_waiting {
    enum alert_event event;
    int64_t tries; /* that have failed */
};

struct alert_record {
    struct alert_state state;
    struct alert_waiting waiting[ALERT_CHANNEL_COUNT];
    char sentence[ALERT_SENTENCE_SIZE]; /* as the verdict had it when it was told */
    char action[ALERT_SENTENCE_SIZE];
    char cause[ALERT_CAUSE_SIZE];
};

/* End of the last sending by a channel. */
struct alert_result {
    int64_t at_ms; /* UTC; 0 = nothing was sent yet */
    bool is_sent;
    char detail[ALERT_DETAIL_SIZE]; /* why not: Spanish, and what to do */
};

/* All of this box, or of all that share the database; what has no row is zeroed. */
enum cc_err alerts_load(struct store *store, struct alert_record records[ALERT_KIND_COUNT],
                        struct alert_result results[ALERT_CHANNEL_COUNT]) CC_MUST_CHECK;
/* Both inside a turn. */
enum cc_err alerts_save(struct store *store, enum alert_kind kind,
                        const struct alert_record *record) CC_MUST_CHECK;
enum cc_err alerts_save_result(struct store *store, enum alert_channel channel,
                               const struct alert_result *result) CC_MUST_CHECK;

#endif
