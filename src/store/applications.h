/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Online altas, from the form to the clerk's decision. The personal part and the keys of the
 * documents are sealed, bound to every other column that decides something, so that none of them
 * can be changed without the key. The documents are files: service/documents.h.
 */
#ifndef CC_STORE_APPLICATIONS_H
#define CC_STORE_APPLICATIONS_H

#include "base/sealed_file.h"
#include "base/secret_password.h"
#include "domain/address.h"
#include "domain/application.h"
#include "domain/contraste.h"
#include "domain/document.h"
#include "domain/name.h"
#include "domain/nif.h"
#include "domain/phone.h"
#include "store/store.h"

enum { APPLICATION_ID_BYTES = 16, APPLICATION_ID_SIZE = 2 * APPLICATION_ID_BYTES + 1 };

struct application_document {
    enum document_type type;
    int64_t size;
    uint8_t key[SEALED_FILE_KEY_BYTES];
};

struct application {
    int64_t id;
    uint8_t public_id[APPLICATION_ID_BYTES];
    int64_t client_id; /* whose sede it came by: nobody else's client finds it */
    enum application_state state;
    int64_t created_ms, ended_ms; /* ended_ms 0 = open */
    struct application_code code;
    uint8_t code_tag[SECRET_TAG_BYTES];
    /* sealed; of one that has ended only nif, lang and reason are left */
    struct nif nif;
    struct person_name name;
    struct phone phone;
    struct contraste contrast;                   /* "" = none */
    char secret_hash[SECRET_PASSWORD_HASH_SIZE]; /* of the password that was chosen; "" = none */
    enum text_lang lang;
    enum application_reason reason;
    size_t document_count;
    struct application_document documents[DOCUMENTS_MAX];
};
CC_WIPER(application)

/* Number of the open ones, and the bytes of their documents. */
struct application_load {
    int64_t open;
    int64_t bytes;
};

/* The tag of a code: keyed, and another for each application and each sending. */
void applications_code_tag(const struct store *store, const struct application *application,
                           const char *code, uint8_t ret[SECRET_TAG_BYTES]);
enum cc_err applications_insert(struct store *store, const struct application *application,
                                const struct address_keys *from, int64_t *ret_id) CC_MUST_CHECK;
/* Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED. */
enum cc_err applications_find(struct store *store, const uint8_t public_id[APPLICATION_ID_BYTES],
                              struct application *ret) CC_MUST_CHECK;
/* Writes what applications_find() read in this transaction, changed. Errors: CC_ERR_NOT_FOUND. */
enum cc_err applications_update(struct store *store,
                                const struct application *application) CC_MUST_CHECK;
enum cc_err applications_delete(struct store *store, int64_t id) CC_MUST_CHECK;
/* Since then, those of the address and those of its wide network; 0 for "". */
enum cc_err applications_count_from(struct store *store, const struct address_keys *from,
                                    int64_t since_ms, int64_t *ret_narrow,
                                    int64_t *ret_wide) CC_MUST_CHECK;
enum cc_err applications_count_since(struct store *store, int64_t since_ms,
                                     int64_t *ret) CC_MUST_CHECK;
enum cc_err applications_measure(struct store *store, struct application_load *ret) CC_MUST_CHECK;
/* The oldest in this state that was made before then, and whose code was sent and whose end was
 * before last_ms. Errors: CC_ERR_NOT_FOUND. */
enum cc_err applications_oldest(struct store *store, enum application_state state,
                                int64_t before_ms, int64_t last_ms, int64_t *ret_id,
                                uint8_t ret_public_id[APPLICATION_ID_BYTES]) CC_MUST_CHECK;
typedef void (*application_visit_fn)(const struct application *application, void *user);
/* Oldest first, those of the state (APPLICATION_STATES = all) behind the id, at most max. One that
 * was altered is left out. */
enum cc_err applications_each(struct store *store, enum application_state state, int64_t after_id,
                              int64_t max, application_visit_fn visit, void *user) CC_MUST_CHECK;

#endif
