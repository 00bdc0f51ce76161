/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Evidence: what the box knew when a person entered, kept apart from the request, its message and
 * the person, which go before it does. It is written in the transaction of the verification,
 * sealed, under the number of the verification in the audit trail. What becomes known later (the
 * message, who did the alta) is read from its own tables until the row is settled, and then stands
 * in it.
 */
#ifndef CC_STORE_EVIDENCE_H
#define CC_STORE_EVIDENCE_H

#include "domain/clock_trust.h"
#include "domain/name.h"
#include "domain/nif.h"
#include "domain/phone.h"
#include "store/citizens.h"
#include "store/clients.h"
#include "store/life.h"
#include "store/outbox.h"

enum {
    EVIDENCE_ID_SIZE = 2 * SECRET_TAG_BYTES + 1,
    EVIDENCE_CALLER_SIZE = CLIENT_NAME_SIZE + 16,
    EVIDENCE_ADDRESS_SIZE = 46,
    EVIDENCE_CONFIG_SIZE = 16,
    EVIDENCE_METHOD_SIZE = 24,
    EVIDENCE_MESSAGES_MAX = 4 /* the newest of the request: the first and its resends */
};
/* Messages stay for 30 days, requests for two days after their end. */
#define EVIDENCE_SETTLE_MS (INT64_C(36) * 3600 * 1000)

/* A message of the request. Units: UTC ms; 0 = it has not. */
struct evidence_message {
    enum outbox_state state;
    int64_t created_ms, sent_ms, delivered_ms;
    int64_t attempts;
    char modem[OUTBOX_MODEM_SIZE]; /* of the last attempt */
};

/* The registration as it was. */
struct evidence_alta {
    enum citizen_grade grade;
    enum citizen_channel channel;
    int64_t at_ms;
    char actor[LIFE_ACTOR_SIZE]; /* who verified the identity; "" = not known */
    char document[LIFE_DOCUMENT_SIZE];
};

struct evidence_request {
    int64_t id; /* below 0: no request, but the credential of this id and its code */
    int64_t created_ms, expires_ms;
    int64_t tries; /* wrong ones before */
    int64_t uses;  /* with this one */
    bool with_contrast;
};

struct evidence {
    struct nif nif;
    struct person_name name;
    struct phone phone;
    struct evidence_alta alta;
    struct evidence_request request;
    int64_t at_ms; /* of the verification */
    bool with_contrast;
    bool is_substantial;
    enum clock_network network; /* the word of the mobile network on the clock */
    bool is_synchronised;       /* a time service kept the clock */
    char client[EVIDENCE_CALLER_SIZE];
    char client_address[EVIDENCE_ADDRESS_SIZE]; /* "" = of the control socket */
    char address[EVIDENCE_ADDRESS_SIZE];        /* of the end user; "" = not given */
    char config[EVIDENCE_CONFIG_SIZE];          /* version of the configuration */
    char method[EVIDENCE_METHOD_SIZE];          /* its token: domain/method.h */
    bool is_settled;
    struct evidence_message messages[EVIDENCE_MESSAGES_MAX]; /* newest first */
    size_t message_count;
};

/*
 * The id of the evidence of an audit row: digits that look random, so that a client cannot count
 * the entries, and from which who has the key makes the number again.
 */
void evidence_id(const struct store *store, int64_t audit_id, char ret[EVIDENCE_ID_SIZE]);
/* Whether a row of the trail is of an entry, which has evidence. Pure. */
bool evidence_is_entry(const char *event, const char *result);
/* The same where that row of the trail is of an entry; "" of any other act. */
void evidence_id_of_act(const struct store *store, int64_t audit_id, const char *event,
                        const char *result, char ret[EVIDENCE_ID_SIZE]);
/* Errors: CC_ERR_NOT_FOUND: no id of this box. */
enum cc_err evidence_parse_id(const struct store *store, const char *text,
                              int64_t *ret_audit_id) CC_MUST_CHECK;
/* Behind audit_append(), in its transaction. The message and who did the alta are left out. Errors:
 * CC_ERR_MEMORY. */
enum cc_err evidence_add(struct store *store, int64_t audit_id,
                         const struct evidence *evidence) CC_MUST_CHECK;
/* Writes what the transaction has added: store_commit() does it. Errors: CC_ERR_MEMORY. */
enum cc_err evidence_close(struct store *store) CC_MUST_CHECK;
/* Wipes what was added and is not written, with the store. */
void evidence_forget(struct store *store);
/* With all that is known by now. Errors: CC_ERR_NOT_FOUND, CC_ERR_ALTERED (the row does not open),
 * CC_ERR_MEMORY. Wipe it after use. */
enum cc_err evidence_find(struct store *store, int64_t audit_id,
                          struct evidence *ret) CC_MUST_CHECK;
/*
 * Settles the oldest entries, about `most`, EVIDENCE_SETTLE_MS after the verification: no report
 * comes any more. *ret_more: there may be others, whose messages must not go yet. Inside a turn.
 * Errors: CC_ERR_MEMORY.
 */
enum cc_err evidence_settle(struct store *store, int64_t now_ms, int64_t most,
                            bool *ret_more) CC_MUST_CHECK;
/* Forgets the end users' addresses in the oldest settled rows from before an instant, `max` at
 * most. Inside a turn. Errors: CC_ERR_MEMORY. */
enum cc_err evidence_forget_addresses(struct store *store, int64_t before_ms, int64_t now_ms,
                                      int64_t max, int64_t *ret_count) CC_MUST_CHECK;
/* Destroys the oldest rows from before an instant, `max` at most; a row holds the entries of a
 * moment. */
enum cc_err evidence_destroy(struct store *store, int64_t before_ms, int64_t now_ms, int64_t max,
                             int64_t *ret_count) CC_MUST_CHECK;

#endif
