/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Retos: what a script pays for and a person does in a moment, before a password is registered
 * online. A proof of work that the browser finds, and a plain question. A reto says nothing of a
 * person: it is a random number, its end and a tag, so that none is kept until it is used; then its
 * number is, until that end. Bound to the client it was made for, and to this start of the box.
 * Boxes that share a database take each other's, and each remembers its own: a reto serves once at
 * each of them, and once more after a start. Nobody gains much by that: three boxes make the work a
 * third, 1.6 bits of it, and the altas that bound all, and double the work, are counted in the
 * database.
 */
#ifndef CC_SERVICE_CHALLENGE_H
#define CC_SERVICE_CHALLENGE_H

#include "domain/question.h"
#include "service/service.h"

enum {
    CHALLENGE_SIZE = 2 * (CHALLENGE_ID_BYTES + 8 + 2 + SECRET_TAG_BYTES) + 1,
    CHALLENGE_LIFE_MS = 15 * 60 * 1000,
    CHALLENGE_WORK_MAX = 20, /* characters of the proof */
};

struct challenge {
    char text[CHALLENGE_SIZE];
    int64_t bits; /* zero ones at the beginning of SHA-256(text ":" proof) */
    struct question question;
    int64_t expires_ms;
};

/* As a person gives it back. NULL = not given. */
struct challenge_reply {
    const char *text, *work, *answer;
};

/* Makes one, of which nothing is kept. Errors: CC_ERR_NOT_CONFIGURED (the town has them
 * off), CC_ERR_DB. */
enum cc_err challenge_make(struct service *service, int64_t client_id, enum text_lang lang,
                           int64_t now_ms, struct challenge *ret) CC_MUST_CHECK;
/*
 * Whether it is solved; always as cheap as one hash. A wrong answer uses it up, so that no answer
 * is found by trying. CC_OK where the town has them off. Errors: CC_ERR_CHALLENGE_INVALID (none of
 * this client's), CC_ERR_CHALLENGE_EXPIRED (or made when the work was less
 * than half), CC_ERR_CHALLENGE_WORK, CC_ERR_CHALLENGE_USED, CC_ERR_CHALLENGE_WRONG,
 * CC_ERR_RATE_LIMITED (too many wrong ones).
 */
enum cc_err challenge_check(struct service *service, int64_t client_id,
                            const struct challenge_reply *reply, int64_t now_ms) CC_MUST_CHECK;
/* Uses up one that was checked. CC_OK where the town has them off. Errors: CC_ERR_CHALLENGE_USED,
 * CC_ERR_CHALLENGE_INVALID, CC_ERR_RATE_LIMITED (so many live ones are used as are remembered). */
enum cc_err challenge_use(struct service *service, const struct challenge_reply *reply,
                          int64_t now_ms) CC_MUST_CHECK;

#endif
