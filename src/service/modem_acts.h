/* SPDX-License-Identifier: EUPL-1.2 */
/* Acts of a person on a modem, which is given by its name. */
#ifndef CC_SERVICE_MODEM_ACTS_H
#define CC_SERVICE_MODEM_ACTS_H

#include "modem/modem.h"
#include "service/caller.h"
#include "service/service.h"
#include "store/balance.h"
#include "store/recoveries.h"
#include "store/samples.h"

/*
 * The modem of that name; "-" stands for the only one there is. Errors: CC_ERR_FIELD_MISSING ("-",
 * and there are several), CC_ERR_NOT_FOUND.
 */
enum cc_err service_find_modem(const struct service *service, const char *name,
                               struct modem **ret) CC_MUST_CHECK;
/* In a turn; audited. Errors: those of modem_restart(), CC_ERR_DB. */
enum cc_err service_restart_modem(struct service *service, struct modem *modem,
                                  const struct caller *caller, int64_t now_ms) CC_MUST_CHECK;

/* In a turn; audited. Errors: those of modem_set_centre(), CC_ERR_DB. */
enum cc_err service_set_centre(struct service *service, struct modem *modem, const char *number,
                               const struct caller *caller, int64_t now_ms) CC_MUST_CHECK;

/* The samples of a modem, as samples_list(). Errors: CC_ERR_DB. */
enum cc_err service_list_samples(struct service *service, const struct modem *modem,
                                 int64_t since_ms, int64_t now_ms,
                                 bool (*visit)(const struct samples_row *row, void *user),
                                 void *user, int64_t *span_ms_io) CC_MUST_CHECK;
/* The recoveries of a modem, as recoveries_list(). Errors: CC_ERR_DB. */
enum cc_err service_list_recoveries(struct service *service, const struct modem *modem,
                                    int64_t since_ms, int64_t max,
                                    bool (*visit)(const struct recovery *recovery, void *user),
                                    void *user) CC_MUST_CHECK;
/* The last balance that its operator told, and how far a question is. Errors: CC_ERR_DB. */
enum cc_err service_get_balance(struct service *service, const struct modem *modem,
                                struct balance *ret) CC_MUST_CHECK;

#endif
