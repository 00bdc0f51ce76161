/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/import_keys.h"

#include "base/secret.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SLOT_BITS = 18, SLOTS = 1 << SLOT_BITS }; /* more than twice the keys */

struct import_keys {
    uint64_t multiplier;   /* odd, by chance: nobody can choose keys that share a slot */
    uint64_t slots[SLOTS]; /* 0 = free */
};

struct import_keys *import_keys_new(void)
{
    struct import_keys *keys = calloc(1, sizeof(*keys));
    if (keys == NULL)
        return NULL;
    secret_random(&keys->multiplier, sizeof(keys->multiplier));
    keys->multiplier |= 1;
    return keys;
}

void import_keys_free(struct import_keys *keys)
{
    if (keys != NULL)
        secret_wipe(keys, sizeof(*keys));
    free(keys);
}

/* The eight characters that a NIF is known by (DOMAIN 2). */
static uint64_t key_of_nif(const struct nif *nif)
{
    uint64_t key;
    memcpy(&key, nif->text, sizeof(key));
    return key;
}

/* At most 15 digits: less than 2^50, and no NIF's, whose eight bytes are all ASCII. */
static uint64_t key_of_phone(const struct phone *phone)
{
    return strtoull(phone->e164 + 1, NULL, 10);
}

/* Where the key is, or the free slot where it would be. */
static size_t find_slot(const struct import_keys *keys, uint64_t key)
{
    size_t slot = (size_t)((key * keys->multiplier) >> (64 - SLOT_BITS));
    while (keys->slots[slot] != 0 && keys->slots[slot] != key)
        slot = (slot + 1) % SLOTS;
    return slot;
}

static void add_key(struct import_keys *keys, uint64_t key)
{
    keys->slots[find_slot(keys, key)] = key;
}

static bool has_key(const struct import_keys *keys, uint64_t key)
{
    return keys != NULL && keys->slots[find_slot(keys, key)] == key;
}

void import_keys_add_nif(struct import_keys *keys, const struct nif *nif)
{
    add_key(keys, key_of_nif(nif));
}

void import_keys_add_phone(struct import_keys *keys, const struct phone *phone)
{
    add_key(keys, key_of_phone(phone));
}

bool import_keys_has_nif(const struct import_keys *keys, const struct nif *nif)
{
    return has_key(keys, key_of_nif(nif));
}

bool import_keys_has_phone(const struct import_keys *keys, const struct phone *phone)
{
    return has_key(keys, key_of_phone(phone));
}
