/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Requests for a contraclave and what became of them, with the counters the limits ask for. Clave
 * and contraclave are compared as keyed tags bound to the citizen (DOMAIN 3). What sending the same
 * contraclave again takes is sealed, bound to its row, and erased when the request ends.
 */
#ifndef CC_STORE_REQUESTS_H
#define CC_STORE_REQUESTS_H

#include "domain/clave.h"
#include "domain/limits.h"
#include "domain/nif.h"
#include "domain/text.h"
#include "store/store.h"

#include <stdbool.h>

enum { REQUEST_ID_BYTES = 16, REQUEST_LIVE_MAX = 16 };

/* What it takes to send the contraclave of a request again. Wipe it after use. */
struct request_secret {
    struct nif nif; /* as it was asked for, registered or not; its kind is left out */
    enum text_lang lang;
    char contraclave[CODE_SIZE];
};

struct request {
    int64_t id;
    uint8_t public_id[REQUEST_ID_BYTES];
    int64_t citizen_id;
    bool with_contrast; /* opened with the right contrast datum */
    uint8_t clave_tag[SECRET_TAG_BYTES];
    uint8_t code_tag[SECRET_TAG_BYTES];
    int64_t created_ms;
    int64_t expires_ms;
    int64_t tries; /* wrong ones */
    int64_t uses;
    int64_t replaced_ms;                 /* since when nothing compares it any more; 0 = it does */
    int64_t resent_ms;                   /* when it was last asked to be sent again; 0 = never */
    int64_t cancelled_ms;                /* 0 = it was not */
    const struct request_secret *secret; /* sealed by requests_insert(); NULL = none, or not read */
    struct rowtag_image image;           /* set when it is read */
};

/* Data bound into the tags of a request: in a row moved to another citizen, or given a later end,
 * the tags no longer fit. */
struct request_owner {
    const uint8_t *public_id; /* REQUEST_ID_BYTES */
    const uint8_t *nif_root;  /* SECRET_TAG_BYTES; of the citizen who asked: seal_nif_root() */
    int64_t expires_ms;
};

/* The tags: keyed, and different for each request. The second covers clave and contraclave. */
void request_clave_tag(const struct store *store, const struct request_owner *owner,
                       const char *clave, uint8_t ret[SECRET_TAG_BYTES]);
void request_code_tag(const struct store *store, const struct request_owner *owner,
                      const char *clave, const char *contraclave, uint8_t ret[SECRET_TAG_BYTES]);
/* client_id and ip ("" = not given) are kept for the counters; ip only as a keyed tag. Citizen 0 is
 * nobody: a request that is withheld (store/withheld.h). */
enum cc_err requests_insert(struct store *store, const struct request *request, int64_t client_id,
                            const char *ip, int64_t *ret_id) CC_MUST_CHECK;
/*
 * The citizen's live requests, newest first: not expired, not replaced, with tries and uses left;
 * at most REQUEST_LIVE_MAX. Whatever its expiry says, a request ends CLOCK_REQUEST_LIFE_MS after
 * its creation, and one dated in the future is left out (DOMAIN 7).
 */
enum cc_err requests_live(struct store *store, int64_t citizen_id, const struct limits *limits,
                          int64_t now_ms, struct request ret[REQUEST_LIVE_MAX],
                          size_t *ret_count) CC_MUST_CHECK;
/* The same, and the last entry by a request, where it is so recent that the rows which were read
 * must have it; else 0. */
enum cc_err requests_live_and_used(struct store *store, int64_t citizen_id,
                                   const struct limits *limits, int64_t now_ms,
                                   struct request ret[REQUEST_LIVE_MAX], size_t *ret_count,
                                   int64_t *ret_recent_ms) CC_MUST_CHECK;
/* Requests to be compared for show: the newest that were withheld, then the newest of anybody; at
 * most `most`, for which ret has room and which is no more than REQUEST_LIVE_MAX. */
enum cc_err requests_newest(struct store *store, size_t most, struct request *ret,
                            size_t *ret_count) CC_MUST_CHECK;
/*
 * Makes room for one more request opened in this way: beyond limits->citizen.live the oldest unused
 * live ones are replaced, then the oldest used. Requests opened with the contrast are replaced by
 * their like alone. citizen_id 0 = nobody's, for the same work.
 */
enum cc_err requests_replace(struct store *store, int64_t citizen_id, bool with_contrast,
                             const struct limits *limits, int64_t now_ms) CC_MUST_CHECK;
/* Ends all live requests of the citizen, as if replaced now. */
enum cc_err requests_end(struct store *store, int64_t citizen_id, int64_t now_ms) CC_MUST_CHECK;
/* Erases the sealed contraclave with the last of so many tries (0 = no limit). Errors:
 * CC_ERR_NOT_FOUND. */
enum cc_err requests_set_tries(struct store *store, int64_t id, int64_t tries,
                               int64_t limit) CC_MUST_CHECK;
/* Counts another use of the request, and likewise. Errors: CC_ERR_NOT_FOUND. */
enum cc_err requests_add_use(struct store *store, const struct request *request, int64_t now_ms,
                             int64_t limit) CC_MUST_CHECK;
/* When the person has entered last, with any request; 0 = never. The row of an entry's own request
 * has the instant, since it is written anyway; before that row goes, the citizen's takes it. */
enum cc_err requests_last_use(struct store *store, int64_t citizen_id,
                              int64_t *ret_ms) CC_MUST_CHECK;
/* An entry without a request. Errors: CC_ERR_NOT_FOUND. */
enum cc_err requests_set_last_use(struct store *store, int64_t id, int64_t now_ms) CC_MUST_CHECK;

/*
 * Writes the newest request without a change that means anything: what a refusal that compared
 * nothing writes in place of requests_set_tries(), so that the disk shows no difference. A row
 * written over as it is would reach no page. Errors: CC_ERR_NOT_FOUND (there is none).
 */
enum cc_err requests_touch(struct store *store) CC_MUST_CHECK;

/* Fills the counters of `ret` that come from requests sent in this way, and from the phone's own
 * messages in the outbox; for citizen_id 0 and phone "" nobody's, in the same time. */
enum cc_err requests_count_for(struct store *store, int64_t citizen_id, const char *phone,
                               bool with_contrast, const struct limits *limits, int64_t now_ms,
                               struct limits_citizen *ret) CC_MUST_CHECK;

/*
 * Messages to a phone: those of the person who has it, contraclaves and codes of a secret; or these
 * and what a stranger who knows the phone may send there by writing it into a form, which must not
 * use up the person's; or the codes of a secret alone.
 */
enum requests_messages { REQUESTS_OWN, REQUESTS_ALL, REQUESTS_SECRET };

/* Whether fewer than `most` went to the phone in a day; 0 = no limit. */
enum cc_err requests_check_phone(struct store *store, const char *phone,
                                 enum requests_messages which, int64_t most, int64_t now_ms,
                                 bool *ret) CC_MUST_CHECK;
/* Over the last hour, counted no further than `limit`. 0 when ip is "". */
enum cc_err requests_count_ip(struct store *store, const char *ip, int64_t now_ms, int64_t limit,
                              int64_t *ret) CC_MUST_CHECK;
/* Every request asked with this IP counts, also one that sent nothing (unknown NIF): call it for
 * each. */
enum cc_err ip_requests_insert(struct store *store, const char *ip, int64_t now_ms) CC_MUST_CHECK;

#endif
