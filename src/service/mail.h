/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Mails of the town to its citizens and to itself, and the addresses that they go to: an address is
 * proven by a link of the sede, which gives the token of it back. All inside a turn.
 */
#ifndef CC_SERVICE_MAIL_H
#define CC_SERVICE_MAIL_H

#include "domain/name.h"
#include "service/caller.h"
#include "service/service.h"
#include "store/emails.h"
#include "store/mails.h"

enum { MAIL_LINK_SIZE = 320, MAIL_LINK_GAP_MS = 60 * 1000, MAIL_DEAD_MAX = 100 };

/* Whether a server and a sender are configured. */
bool mail_has_server(const struct service *service);
/* Whether citizens get mails: the sede's link is configured too. */
bool mail_reaches_citizens(const struct service *service);

/* What the text of a mail tells: the whole link, or nothing. */
void mail_fill_value(const struct service *service, const struct mail *mail,
                     char ret[MAIL_LINK_SIZE]);
/* The address of this mail does not exist: noted where it is still the owner's. Errors: CC_ERR_DB.
 */
enum cc_err mail_note_dead(struct service *service, const struct mail *mail,
                           int64_t now_ms) CC_MUST_CHECK;

/* Tells the town's address, unless it has none or one of this kind waits already. Errors:
 * CC_ERR_DB. */
enum cc_err mail_tell_town(struct service *service, enum mail_kind kind,
                           int64_t now_ms) CC_MUST_CHECK;
/* Writes the owner's address, not proven and without a link. Errors: CC_ERR_NOT_CONFIGURED
 * (citizens get no mails), CC_ERR_DB. */
enum cc_err mail_record(struct service *service, const uint8_t owner[EMAIL_OWNER_BYTES],
                        const struct email *address, int64_t now_ms) CC_MUST_CHECK;
/* Queues a mail: kind, lang, owner, to and value are set. Errors: CC_ERR_MAILS_WAITING (too many
 * wait), CC_ERR_DB. */
enum cc_err mail_queue(struct service *service, struct mail *mail, int64_t now_ms) CC_MUST_CHECK;
/* Sends a link by a mail of this kind; the link of before is dead. Errors: CC_ERR_NOT_FOUND (no
 * address), CC_ERR_MAILS_WAITING (too many mails wait), CC_ERR_DB. */
enum cc_err mail_send_link(struct service *service, const uint8_t owner[EMAIL_OWNER_BYTES],
                           enum mail_kind kind, enum text_lang lang, int64_t now_ms) CC_MUST_CHECK;
/* The token of a link proves its address, once. Errors: CC_ERR_EMAIL_LINK, CC_ERR_ALTERED,
 * CC_ERR_DB. */
enum cc_err mail_prove(struct service *service, const char *token, size_t len,
                       const struct caller *caller, int64_t now_ms) CC_MUST_CHECK;
/* The address of an online alta, or of a NIF of before, becomes the person's, with its proof and
 * its link. CC_OK also where it gave none. */
enum cc_err mail_move(struct service *service, const uint8_t from[EMAIL_OWNER_BYTES],
                      const struct nif *to) CC_MUST_CHECK;

/* ---- the address of a person in the registry ------------------------------------------------- */

/* "sin_probar", "probado", "no_llega". */
const char *mail_proof_token(const struct email_row *row);
/* Errors: CC_ERR_NOT_FOUND (none), CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err mail_find(struct service *service, const struct nif *nif,
                      struct email_row *ret) CC_MUST_CHECK;
/*
 * Staff write another address, which gets a link, while the one of before is told if it was proven;
 * the same address gets another link, and "" takes it away. Errors: CC_ERR_NOT_FOUND,
 * CC_ERR_LIFE_STATE (has left), CC_ERR_NOT_CONFIGURED, CC_ERR_RATE_LIMITED (*ret_wait_s is set: a
 * link a minute), CC_ERR_MAILS_WAITING, CC_ERR_ALTERED, CC_ERR_DB.
 */
enum cc_err mail_change(struct service *service, const struct nif *nif, const struct email *address,
                        const struct caller *caller, int64_t now_ms,
                        int64_t *ret_wait_s) CC_MUST_CHECK;
/* An address that a server has said does not exist, and whose it is. */
struct mail_dead {
    const struct nif *nif;
    const struct person_name *name;
    const struct email *address;
    int64_t since_ms;
    bool is_applicant; /* of an online alta that is not decided yet */
};
typedef void (*mail_dead_fn)(const struct mail_dead *dead, void *user);
/* The longest known first, MAIL_DEAD_MAX at most. Errors: CC_ERR_DB. */
enum cc_err mail_each_dead(struct service *service, mail_dead_fn visit, void *user) CC_MUST_CHECK;
/* The person has left: address and mails that wait go. */
enum cc_err mail_forget(struct service *service, const struct nif *nif,
                        int64_t now_ms) CC_MUST_CHECK;

#endif
