/* SPDX-License-Identifier: EUPL-1.2 */
/* Facts for the status page and the probes. None is personal. */
#ifndef CC_SERVICE_HEALTH_H
#define CC_SERVICE_HEALTH_H

#include "pool/pool.h"
#include "service/service.h"
#include "store/citizens.h"
#include "store/notice.h"
#include "store/outbox.h"
#include "store/outbox_list.h"
#include "store/samples.h"

struct health_queue {
    int64_t by_state[OUTBOX_EXPIRED + 1];
    int64_t oldest_ms; /* when the oldest that waits was asked for; 0 = none waits */
};

/* Errors: CC_ERR_DB. */
enum cc_err health_queue_count(struct service *service, struct health_queue *ret) CC_MUST_CHECK;

/* The newest max messages of the queue. Errors: CC_ERR_DB. */
enum cc_err health_list_queue(struct service *service, int64_t max,
                              bool (*visit)(const struct outbox_message *message, void *user),
                              void *user) CC_MUST_CHECK;
/* The queue and the deliveries over time, as box_samples_list(). Errors: CC_ERR_DB. */
enum cc_err health_list_history(struct service *service, int64_t since_ms, int64_t now_ms,
                                bool (*visit)(const struct box_samples_row *row, void *user),
                                void *user, int64_t *span_ms_io) CC_MUST_CHECK;
/* A server walks over all rows to count them: of a large town the number is up to a minute old
 * there. Errors: CC_ERR_DB. */
enum cc_err health_count_citizens(struct service *service, int64_t *ret) CC_MUST_CHECK;
/* Whether the engine of the database has a fault now: what is read from it may be missing. */
bool health_has_fault(const struct service *service);
/* The gravest of what is wrong with the data. */
enum data_notice health_notice(const struct service *service);
/* Whether the database may be an older one, or another: clients are not served from it. */
bool health_is_in_doubt(const struct service *service);
/* Appends which rows were changed, what is wrong with the whole, and what to do. */
void health_say_integrity(const struct service *service, struct buf *out);
/* Whether requests are accepted and a modem can send; else the first reason why not. */
enum cc_err health_check_ready(struct service *service) CC_MUST_CHECK;

/* Whether a modem of this box can send, or another box that shares the database. */
bool health_can_send(const struct service *service);
/* The waiting messages of a class. Errors: CC_ERR_DB. */
enum cc_err health_look_waiting(struct service *service, enum outbox_class class_,
                                struct outbox_waiting *ret) CC_MUST_CHECK;

/* ---- counts of the limits, for staff: of the town and of a citizen ----------------------------
 */
struct figures_town {
    struct limits_town counted;
    bool asks_contrast;
};

struct figures_citizen {
    struct citizen citizen;
    struct limits_citizen open;   /* of requests without the contrast, and of verifications */
    struct limits_citizen proven; /* of requests with the right contrast */
    size_t live;                  /* requests that could still be verified */
};
CC_WIPER(figures_citizen)

/* Errors: CC_ERR_DB. */
enum cc_err figures_count_town(struct service *service, int64_t now_ms,
                               struct figures_town *ret) CC_MUST_CHECK;
/* *ret holds personal data: the caller wipes it. Errors: CC_ERR_NOT_FOUND, CC_ERR_DB. */
enum cc_err figures_count_citizen(struct service *service, const struct nif *nif, int64_t now_ms,
                                  struct figures_citizen *ret) CC_MUST_CHECK;
/* The citizen with only the failures counted. Errors: as above. */
enum cc_err figures_find_citizen(struct service *service, const struct nif *nif, int64_t now_ms,
                                 struct figures_citizen *ret) CC_MUST_CHECK;

#endif
