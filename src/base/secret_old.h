/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Generations of the master key. It may be replaced (store/rotation.h), and tags outlive what they
 * are made of. So the tag under the next key is made of the tag under the one before, and
 * secret_tag() repeats those steps: it needs the subkeys of the tags, and no more, of each key that
 * the database had, oldest first. The master key, the subkey of sealed fields and that of the audit
 * do not follow from them.
 */
#ifndef CC_BASE_SECRET_OLD_H
#define CC_BASE_SECRET_OLD_H

#include "base/secret.h"

enum {
    SECRET_OLD_MAX = 40,                                             /* changes of the master key */
    SECRET_KEPT_BYTES = 15 * SECRET_KEY_BYTES + SECRET_PUBLIC_BYTES, /* of each key before */
};

/* Number of the newest key: 0 = the first that the database had. */
size_t secret_keys_generation(const struct secret_keys *keys);
/* Copies what is kept of the key of a generation. Owns: the caller wipes ret. */
void secret_keys_keep(const struct secret_keys *keys, size_t generation,
                      uint8_t ret[SECRET_KEPT_BYTES]);
/* Adds the generation after those that were added. Errors: CC_ERR_NO_SPACE. */
enum cc_err secret_keys_add_old(struct secret_keys *keys,
                                const uint8_t kept[SECRET_KEPT_BYTES]) CC_MUST_CHECK;
/* The key by which the signatures of an older generation are checked. */
void secret_old_public_key(const struct secret_keys *keys, size_t generation,
                           uint8_t ret[SECRET_PUBLIC_BYTES]);

/* The tag under the first key alone: for what goes into another tag, which must stay as it was. */
void secret_root_tag(const struct secret_keys *keys, enum secret_use use, const void *a,
                     size_t a_len, const void *b, size_t b_len, uint8_t out[SECRET_TAG_BYTES]);
/* Makes the tag that secret_tag() gives now where it gave `tag` before the newest key. out may be
 * tag. */
void secret_next_tag(const struct secret_keys *keys, enum secret_use use,
                     const uint8_t tag[SECRET_TAG_BYTES], uint8_t out[SECRET_TAG_BYTES]);
/* secret_short_tag() under the key of a generation, of a use whose subkeys are kept. */
void secret_short_tag_of(const struct secret_keys *keys, enum secret_use use, size_t generation,
                         const void *bytes, size_t len, uint8_t out[SECRET_TAG_BYTES]);

#endif
