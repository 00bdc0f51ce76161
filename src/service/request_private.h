/* SPDX-License-Identifier: EUPL-1.2 */
/* What a request and its resend have in common. Private to the files of request.h. */
#ifndef CC_SERVICE_REQUEST_PRIVATE_H
#define CC_SERVICE_REQUEST_PRIVATE_H

#include "service/contrast.h"
#include "service/request.h"
#include "store/requests.h"

/* All that a request needs to be carried out, whether it will be or not. */
struct draft {
    int64_t now_ms;
    struct citizen citizen;
    struct limits_citizen counted;
    enum limits_verdict verdict;
    bool is_sent;
    struct request request; /* as it is, or will be, in the database */
    char contraclave[CODE_SIZE];
};

/*
 * Finds the person of input->nif, counts, and decides: draft->citizen, counted and verdict.
 * is_proven: the contrast was given before, and was right. An unknown NIF takes as long. Errors:
 * CC_ERR_CORRUPT, CC_ERR_DB.
 */
enum cc_err draft_look_up(struct service *service, const struct request_input *input,
                          bool is_proven, struct draft *draft) CC_MUST_CHECK;
/*
 * Queues the SMS of draft->request, or, where nothing is sent, one that stays: nobody's, as
 * store/withheld.h tells. Errors: CC_ERR_TEXT_TOO_LONG, CC_ERR_DB.
 */
enum cc_err draft_queue(struct service *service, enum text_lang lang,
                        struct draft *draft) CC_MUST_CHECK;
/* Tells the phone of a contrast that was wrong, and of a contraclave that was not sent. Errors:
 * CC_ERR_DB. */
enum cc_err draft_tell(struct service *service, const struct request_input *input,
                       const struct draft *draft) CC_MUST_CHECK;
void draft_answer(const struct service *service, const struct draft *draft,
                  struct request_output *ret);
/* From when on its contraclave may be sent again. Units: UTC ms. */
int64_t request_resend_from(const struct service *service, const struct request *request);

#endif
