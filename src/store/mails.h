/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Mails to send, and how each went (domain/mail.h), beside the SMS of store/outbox.h. Address and
 * value are sealed, bound to what the row is, and wiped as soon as no further attempt can come.
 */
#ifndef CC_STORE_MAILS_H
#define CC_STORE_MAILS_H

#include "domain/email.h"
#include "domain/mail.h"
#include "domain/text.h"
#include "store/store.h"

enum {
    MAIL_ID_BYTES = 16,
    MAIL_OWNER_BYTES = SECRET_TAG_BYTES,
    MAIL_VALUE_SIZE = 64,
    MAILS_OPEN_MAX = 5000, /* rows that wait; more are refused */
};

struct mail {
    int64_t id;
    uint8_t message_id[MAIL_ID_BYTES]; /* drawn by mails_insert() */
    enum mail_kind kind;
    enum mail_state state;
    uint8_t owner[MAIL_OWNER_BYTES]; /* of store/emails.h; zeros = the town's address */
    enum text_lang lang;
    struct email to;
    char value[MAIL_VALUE_SIZE]; /* told by the text: a token, a clave; "" = nothing */
    int64_t created_ms, not_before_ms, expires_ms;
    int64_t attempts;
    int64_t refusals; /* temporary ones, for the back-off */
    int64_t done_ms;  /* since when no further attempt can come; 0 = active */
    int reply;        /* the server's last; 0 = none */
};
CC_WIPER(mail)

/* Errors: CC_ERR_MAILS_WAITING (MAILS_OPEN_MAX wait). */
enum cc_err mails_insert(struct store *store, struct mail *mail) CC_MUST_CHECK;
/*
 * The oldest that is due: queued or unknown, not_before <= now < expires. A row that does not open
 * is logged, refused and passed over. Errors: CC_ERR_NOT_FOUND.
 */
enum cc_err mails_next(struct store *store, int64_t now_ms, struct mail *ret) CC_MUST_CHECK;
/* queued or unknown -> sending, ++attempts. Errors: CC_ERR_NOT_FOUND. */
enum cc_err mails_claim(struct store *store, int64_t id) CC_MUST_CHECK;
/* sending -> mail->state with mail's not_before_ms, refusals, reply and done_ms; withdrawn
 * meanwhile, it ends. Errors: CC_ERR_NOT_FOUND (it was not sending). */
enum cc_err mails_settle(struct store *store, const struct mail *mail) CC_MUST_CHECK;
/* Mails of the owner that wait, from the first kind to the last, are not sent any more. */
enum cc_err mails_withdraw(struct store *store, const uint8_t owner[MAIL_OWNER_BYTES],
                           enum mail_kind first, enum mail_kind last, int64_t now_ms) CC_MUST_CHECK;
/* Mails that went to one owner are the other's: one that comes back finds where its address is. */
enum cc_err mails_move(struct store *store, const uint8_t from[MAIL_OWNER_BYTES],
                       const uint8_t to[MAIL_OWNER_BYTES]) CC_MUST_CHECK;
/* After a crash: every `sending` becomes `unknown` and waits until not_before_ms. */
enum cc_err mails_recover(struct store *store, int64_t not_before_ms,
                          int64_t *ret_count) CC_MUST_CHECK;
/* What waits past expires_ms ends, and what ended before kept_since_ms is deleted, at most some
 * hundreds of each. */
enum cc_err mails_sweep(struct store *store, int64_t now_ms, int64_t kept_since_ms) CC_MUST_CHECK;
/* When something waits to be sent (UTC ms); INT64_MAX if nothing does. */
enum cc_err mails_next_due(struct store *store, int64_t *ret_ms) CC_MUST_CHECK;
/* How many wait. */
enum cc_err mails_count_open(struct store *store, int64_t *ret) CC_MUST_CHECK;
/* Whether one of this kind waits. */
enum cc_err mails_find_waiting(struct store *store, enum mail_kind kind, bool *ret) CC_MUST_CHECK;
/* The mail of this Message-ID, from any box, without what was sealed. Errors: CC_ERR_NOT_FOUND.
 */
enum cc_err mails_find(struct store *store, const uint8_t message_id[MAIL_ID_BYTES],
                       struct mail *ret) CC_MUST_CHECK;
/* sent or unknown -> dead: it came back. Errors: CC_ERR_NOT_FOUND (it is neither). */
enum cc_err mails_return(struct store *store, int64_t id, int64_t now_ms) CC_MUST_CHECK;

#endif
