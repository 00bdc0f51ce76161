/* SPDX-License-Identifier: EUPL-1.2 */
/* Who is registered. Keyed by the blind index of the NIF's first 8 characters (DOMAIN 2): the id
 * is made of it. */
#ifndef CC_STORE_CITIZENS_H
#define CC_STORE_CITIZENS_H

#include "domain/contraste.h"
#include "domain/life.h"
#include "domain/name.h"
#include "domain/nif.h"
#include "domain/phone.h"
#include "domain/text.h"
#include "store/store.h"

/* How the identity was proven at the alta (DOMAIN 6): online and by telephone, or in person and by
 * certificate. */
enum citizen_grade { CITIZEN_GRADE_BASIC, CITIZEN_GRADE_ADVANCED };
enum citizen_channel {
    CITIZEN_CHANNEL_IN_PERSON,
    CITIZEN_CHANNEL_ONLINE,
    CITIZEN_CHANNEL_CERTIFICATE,
    CITIZEN_CHANNEL_PHONE,
    CITIZEN_CHANNEL_ASSERTED /* the sede says how the identity was proven */
};

struct citizen {
    int64_t id;
    uint8_t nif_index[SECRET_TAG_BYTES]; /* set by citizens_find() */
    uint8_t nif_root[SECRET_TAG_BYTES];  /* likewise: seal_nif_root() */
    struct nif nif;
    struct person_name name;
    struct phone phone;
    struct contraste contrast; /* "" = none recorded */
    enum life_state state;
    enum text_lang lang; /* of what the box writes to the person */
    bool shares_phone;   /* with another NIF: a supervisor has said why */
    enum citizen_grade grade;
    enum citizen_channel channel;
    bool locked;
    bool contrast_locked; /* too many wrong ones: not compared until staff unlock */
    int64_t created_ms;
    int64_t entered_ms; /* without a request, or with one that is gone */
    uint64_t version;   /* another one after each change */
};
CC_WIPER(citizen)

/* Writes a new one; ret->id is set. Errors: CC_ERR_ALREADY_REGISTERED, CC_ERR_PHONE_IN_USE. */
enum cc_err citizens_insert(struct store *store, const struct citizen *citizen,
                            int64_t *ret_id) CC_MUST_CHECK;
/* Errors: CC_ERR_NOT_FOUND (also of who is blocked) and CC_ERR_ALTERED (its tag does not fit), both
 * with nif_index set all the same; CC_ERR_CORRUPT. */
enum cc_err citizens_find(struct store *store, const struct nif *nif,
                          struct citizen *ret) CC_MUST_CHECK;
/* The same, and the contrast datum stays sealed (ret->contrast empty): for calls that gave none,
 * which are most, it saves a third of the time. */
enum cc_err citizens_find_without_contrast(struct store *store, const struct nif *nif,
                                           struct citizen *ret) CC_MUST_CHECK;
/* Only a person who is blocked, whom the others do not find. Errors: the same. */
enum cc_err citizens_find_blocked(struct store *store, const struct nif *nif,
                                  struct citizen *ret) CC_MUST_CHECK;
/* By the row's id and the blind index that opens it. Errors: the same. */
enum cc_err citizens_find_by_index(struct store *store, int64_t id,
                                   const uint8_t nif_index[SECRET_TAG_BYTES],
                                   struct citizen *ret) CC_MUST_CHECK;
/* By the row's id alone, and by the blind index of the NIF alone, which owns an address of mail.
 * Errors: the same. */
enum cc_err citizens_find_id(struct store *store, int64_t id, struct citizen *ret) CC_MUST_CHECK;
enum cc_err citizens_find_owner(struct store *store, const uint8_t nif_index[SECRET_TAG_BYTES],
                                struct citizen *ret) CC_MUST_CHECK;
enum cc_err citizens_set_locks(struct store *store, int64_t id, bool locked,
                               bool contrast_locked) CC_MUST_CHECK;
/* Writes all of a citizen but the NIF over what is stored. Call it with what citizens_find() read
 * in this transaction, changed. Errors: CC_ERR_NOT_FOUND, CC_ERR_PHONE_IN_USE. */
enum cc_err citizens_update(struct store *store, const struct citizen *citizen) CC_MUST_CHECK;
/* Whether a citizen who has not left has this phone, as its first owner. */
enum cc_err citizens_find_phone(struct store *store, const struct phone *phone,
                                bool *ret) CC_MUST_CHECK;
/* "" takes the datum away. Errors: CC_ERR_NOT_FOUND. */
enum cc_err citizens_set_contrast(struct store *store, const struct nif *nif,
                                  const struct contraste *contrast) CC_MUST_CHECK;
/* Is called for each person; of a row that does not open, with NULL. */
typedef void (*citizens_visit_fn)(const struct citizen *citizen, void *user);
/* The people behind `after` (0 = from the first), in the order of their ids, which tells nothing;
 * at most `max`. *ret_last is the last id, 0 when there are no more. */
enum cc_err citizens_each(struct store *store, int64_t after, int64_t max, citizens_visit_fn visit,
                          void *user, int64_t *ret_last) CC_MUST_CHECK;
/* Without looking at the rows, which a whole town's pages would wait for: from the count of the
 * start on. Reads them where nothing was counted. */
enum cc_err citizens_count(struct store *store, int64_t *ret) CC_MUST_CHECK;
/* How sure an identity is that was proven in this way (DOMAIN 6). */
enum citizen_grade citizen_grade_of(enum citizen_channel channel);
const char *citizen_grade_token(enum citizen_grade grade);       /* "basico", "avanzado" */
const char *citizen_channel_token(enum citizen_channel channel); /* "presencial", … */

#endif
