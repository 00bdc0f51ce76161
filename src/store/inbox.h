/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Messages that came in, for technicians: whole ones, long ones while their parts arrive, and what
 * could not be read. Sender and text are sealed, and never in a log: both are whatever a stranger
 * wanted them to be. Bounded: the newest INBOX_KEPT, 90 days (store_sweep).
 */
#ifndef CC_STORE_INBOX_H
#define CC_STORE_INBOX_H

#include "gsm/concat.h"
#include "gsm/deliver.h"
#include "store/store.h"

enum {
    INBOX_KEPT = 2000,
    INBOX_SEEN_KEPT = 20000,
    INBOX_GROUPS_KEPT = 200, /* long messages that are not whole yet */
    INBOX_MODEM_SIZE = 33,
    INBOX_TEXT_SIZE = GSM_CONCAT_MAX * (GSM_CONCAT_TEXT_MAX + 5) + 1, /* the longest there is */
};

/* The numbers are in the database. */
enum inbox_kind {
    INBOX_MESSAGE = 0,
    INBOX_BALANCE = 1,    /* the operator says that the balance is low */
    INBOX_INCOMPLETE = 2, /* parts of it never came: GSM_CONCAT_GAP in the text */
    INBOX_UNREADABLE = 3, /* the text is the PDU in hexadecimal */
};

struct inbox_message {
    int64_t id;
    enum inbox_kind kind;
    char modem[INBOX_MODEM_SIZE];
    char from[GSM_ADDR_SIZE]; /* "" when it could not be read */
    const char *text;         /* UTF-8, the caller's */
    int64_t parts;            /* parts received */
    int64_t sent_ms;          /* the centre's stamp; 0 = none */
    int64_t received_ms;
    int64_t read_ms; /* 0 = by nobody yet */
};

/*
 * *ret_new: this PDU was not met in the last 7 days. The same one is shown again after a crash
 * between its commit and its deletion. Only a keyed tag is stored, of the newest INBOX_SEEN_KEPT.
 */
enum cc_err inbox_meet(struct store *store, const char *modem, const uint8_t *pdu, size_t len,
                       int64_t now_ms, bool *ret_new) CC_MUST_CHECK;
/* Drops the oldest beyond INBOX_KEPT, but not the last notice of low balance of a modem as long as
 * nobody has read it: strangers' messages must not put that alarm out. Errors: CC_ERR_MEMORY. */
enum cc_err inbox_insert(struct store *store, const struct inbox_message *message,
                         int64_t *ret_id) CC_MUST_CHECK;
/* Newest first, at most max; visit returns false to stop. A row that does not open is shown as an
 * unreadable one without text. Errors: CC_ERR_MEMORY. */
enum cc_err inbox_list(struct store *store, int64_t max,
                       bool (*visit)(const struct inbox_message *message, void *user),
                       void *user) CC_MUST_CHECK;
/* id 0 = all. Errors: CC_ERR_NOT_FOUND for an id that there is not. */
enum cc_err inbox_mark_read(struct store *store, int64_t id, int64_t now_ms) CC_MUST_CHECK;
/* The notices of low balance of this modem: a newer balance has come. */
enum cc_err inbox_mark_balance_read(struct store *store, const char *modem,
                                    int64_t now_ms) CC_MUST_CHECK;
enum cc_err inbox_count_unread(struct store *store, int64_t *ret) CC_MUST_CHECK;
/* UTC ms: since when a notice of low balance of this modem has waited to be read; 0 = there is
 * none. */
enum cc_err inbox_balance_alarm_since(struct store *store, const char *modem,
                                      int64_t *ret_ms) CC_MUST_CHECK;
const char *inbox_kind_token(enum inbox_kind kind); /* "mensaje", "aviso_saldo", … */

/* ---- inbox_parts.c: long messages -------------------------------------------------------------*/

/*
 * Adds a part (deliver->concat.present). When it makes its message whole, the message comes in *ret
 * with its text in `text`, and its parts are gone. Parts belong together by modem, sender,
 * reference and total, if the centre stamped them within an hour; a second text for the same index
 * begins another message. Errors: CC_ERR_NOT_FOUND when there is no whole message yet;
 * CC_ERR_MEMORY.
 */
enum cc_err inbox_add_part(struct store *store, const char *modem,
                           const struct gsm_deliver *deliver, int64_t now_ms, struct buf *text,
                           struct inbox_message *ret) CC_MUST_CHECK;
/* The oldest unfinished message that began before before_ms, or that is one too many: as above,
 * with gaps, its kind set. Errors: CC_ERR_NOT_FOUND when there is none; CC_ERR_MEMORY. */
enum cc_err inbox_take_unfinished(struct store *store, int64_t before_ms, struct buf *text,
                                  struct inbox_message *ret) CC_MUST_CHECK;

#endif
