/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The life of a secret (seed 002): registered by a person who proves with a PIN who it is, "dado de
 * alta pero sin autorizar" until staff have seen the document, recovered by a code to the mobile
 * and the contrast datum, withdrawn. Inside a turn, and audited.
 */
#ifndef CC_SERVICE_CREDENTIAL_H
#define CC_SERVICE_CREDENTIAL_H

#include "service/entry.h"
#include "service/life.h"

/*
 * Keeps the password of the person who has proven with PIN24H who it is, to be authorised, over the
 * one of before. *ret_done false: the proof was none. hash: of entry_begin_hash(). Errors: those of
 * verify_pin(); CC_ERR_PASSWORD_COMMON.
 */
enum cc_err credential_register(struct service *service, const struct verify_input *proof,
                                const struct entry_proof *secret, int64_t now_ms, bool *ret_done,
                                int64_t *ret_wait_s) CC_MUST_CHECK;

/* Keeps a password that is good when staff have seen the document: that of a person who is
 * registered by an online alta, too. hash: as entry_begin_hash() made it. Errors: CC_ERR_DB. */
enum cc_err credential_keep_pending(struct service *service, const struct nif *nif,
                                    const char *hash, const struct caller *caller,
                                    int64_t now_ms) CC_MUST_CHECK;

struct credential_order {
    struct nif nif;
    enum credential_kind kind;
    const char *document; /* that staff have seen: credential_is_document() */
    const struct caller *caller;
};

/* Staff have seen the document: the secret is good, and the phone is told. Errors:
 * CC_ERR_NOT_FOUND, CC_ERR_LIFE_STATE (it is good already, or the person is not active),
 * CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err credential_authorise(struct service *service, const struct credential_order *order,
                                 int64_t now_ms) CC_MUST_CHECK;
/* Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err credential_withdraw(struct service *service, const struct credential_order *order,
                                int64_t now_ms) CC_MUST_CHECK;
/* Draws a clave of the town into job->drawn, for entry_begin_hash(). */
void credential_draw_key(struct entry_job *job);
/*
 * "Resetear clave" (seed 004): staff have verified who the person is, as the order says, and the
 * drawn clave takes the place of the one before and is mailed; staff never see it. It must be
 * changed when it is used, within CREDENTIAL_KEY_LIFE_MS. Errors: CC_ERR_EMAIL_UNPROVEN, those of
 * life_perform(), CC_ERR_MAILS_WAITING (too many mails wait).
 */
enum cc_err credential_send_key(struct service *service, const struct life_order *order,
                                const struct entry_job *job, int64_t now_ms) CC_MUST_CHECK;
/*
 * Sends a code with which another password may be given, if the contrast is right. The answer is
 * the same for every NIF. input: nif, method, contrast, from, caller. Errors:
 * CC_ERR_CLOCK_UNRELIABLE, CC_ERR_RATE_LIMITED (by address), CC_ERR_DB.
 */
enum cc_err credential_recover(struct service *service, const struct entry_input *input,
                               int64_t now_ms, struct entry_output *ret,
                               int64_t *ret_wait_s) CC_MUST_CHECK;

/* A secret with its owner. */
typedef void (*credential_visit_fn)(const struct citizen *citizen,
                                    const struct credential *credential, void *user);
/* Those that wait to be authorised, oldest first, 100 at most; those of persons who are not
 * registered yet are left out. Errors: CC_ERR_DB. */
enum cc_err credential_each_pending(struct service *service, credential_visit_fn visit,
                                    void *user) CC_MUST_CHECK;
/* All of a person who was found. Errors: CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err credential_each_citizen(struct service *service, const struct citizen *citizen,
                                    credential_visit_fn visit, void *user) CC_MUST_CHECK;
/* All of a person. Errors: CC_ERR_NOT_FOUND (no such person), CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err credential_each_of(struct service *service, const struct nif *nif,
                               credential_visit_fn visit, void *user) CC_MUST_CHECK;

#endif
