/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The online alta with a copy of the document (seeds 001a, 003, 004): the person asks and proves
 * the mobile, a clerk compares and decides. Whether a NIF is registered is looked up only when the
 * mobile is proven, so that no stranger can ask. All inside a turn.
 */
#ifndef CC_SERVICE_APPLICATION_H
#define CC_SERVICE_APPLICATION_H

#include "base/buf.h"
#include "domain/email.h"
#include "service/application_files.h"
#include "service/caller.h"

struct application_input {
    struct nif nif;
    struct person_name name; /* normalised */
    struct phone phone;
    struct contraste contrast; /* "" = none */
    struct email email;        /* "" = none; of store/emails.h until a clerk has decided */
    enum text_lang lang;
    const char *secret_hash;         /* of the password that the person chose; NULL = none */
    const struct address_keys *from; /* of the end user */
    const struct application_upload *upload;
    const struct caller *caller;
    bool has_worked; /* with a reto that is solved */
};

struct application_output {
    char id[APPLICATION_ID_SIZE];
    enum application_state state;
    int64_t resend_from_ms;
};

/*
 * Takes the alta on and sends the code to the mobile; a mobile that had its SMS of the day gets
 * none, and the answer is the same. Errors: CC_ERR_RATE_LIMITED (*ret_wait_s is set: this address,
 * or the town), CC_ERR_APPLICATIONS_FULL, CC_ERR_NOT_CONFIGURED (an address, and citizens get no
 * mails), CC_ERR_DB.
 */
enum cc_err application_request(struct service *service, const struct application_input *input,
                                int64_t now_ms, struct application_output *ret,
                                int64_t *ret_wait_s) CC_MUST_CHECK;
/*
 * Compares the code. CC_OK: what was written is to stay, and *ret_verdict is the answer: CC_OK,
 * CC_ERR_CODE_WRONG, CC_ERR_ALREADY_REGISTERED. Errors: CC_ERR_NOT_FOUND (none of this client),
 * CC_ERR_APPLICATION_STATE, CC_ERR_CODE_EXPIRED, CC_ERR_ALTERED, CC_ERR_DB.
 */
enum cc_err application_prove(struct service *service, const char *id, const char *code,
                              const struct caller *caller, int64_t now_ms,
                              struct application_output *ret,
                              enum cc_err *ret_verdict) CC_MUST_CHECK;
/* Sends another code; the one of before is dead. Errors: as above, and CC_ERR_RATE_LIMITED. */
enum cc_err application_resend(struct service *service, const char *id, const struct caller *caller,
                               int64_t now_ms, struct application_output *ret,
                               int64_t *ret_wait_s) CC_MUST_CHECK;
/* Deletes altas whose mobile was not proven within a day, the fact of those that ended a month ago,
 * at most some dozens per call, and the codes of the desk that are dead. Errors: CC_ERR_DB. */
enum cc_err application_sweep(struct service *service, int64_t now_ms) CC_MUST_CHECK;

/* ---- a clerk --------------------------------------------------------------------------------- */

/* Oldest first, those of the state (APPLICATION_STATES = all) behind the id. Errors: CC_ERR_DB. */
enum { APPLICATION_LIST_MAX = 50 };
enum cc_err application_list(struct service *service, enum application_state state,
                             int64_t after_id, application_visit_fn visit,
                             void *user) CC_MUST_CHECK;
/* All of one, audited. Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err application_look(struct service *service, const char *id, const struct caller *caller,
                             int64_t now_ms, struct application *ret) CC_MUST_CHECK;
/* A document, from 0, for reading; audited. Errors: as above, and those of sealed_reader_new().
 * Owns: sealed_reader_free(). */
enum cc_err application_read(struct service *service, const char *id, size_t index,
                             const struct caller *caller, int64_t now_ms,
                             struct application_document *ret,
                             struct sealed_reader **ret_reader) CC_MUST_CHECK;
/* The person is registered, and told. verified: how it was seen who it is, for the history; "" = by
 * the copy alone. Errors: as above, CC_ERR_APPLICATION_STATE (another clerk was faster), those of
 * enrol_person(). */
enum cc_err application_accept(struct service *service, const char *id, const char *verified,
                               const struct caller *caller, int64_t now_ms,
                               struct application *ret) CC_MUST_CHECK;
/* Appends the SMS with which application_reject() would tell this reason. Errors: those of
 * text_render(). */
enum cc_err application_preview(const struct service *service,
                                const struct application *application,
                                enum application_reason reason, struct buf *out) CC_MUST_CHECK;
/* The person is told why. Errors: as above. */
enum cc_err application_reject(struct service *service, const char *id,
                               enum application_reason reason, const struct caller *caller,
                               int64_t now_ms, struct application *ret) CC_MUST_CHECK;

#endif
