/* SPDX-License-Identifier: EUPL-1.2 */
/* The NIFs and phones of a file of people, to tell in constant time whether one is in it. */
#ifndef CC_SERVICE_IMPORT_KEYS_H
#define CC_SERVICE_IMPORT_KEYS_H

#include "domain/nif.h"
#include "domain/phone.h"

#include <stdbool.h>

enum { IMPORT_PEOPLE_MAX = 50000 };

struct import_keys;

/* Memory: 2 MiB, of which pages without a key are not touched. NULL: there is none. Owns:
 * import_keys_free(). */
struct import_keys *import_keys_new(void);
/* Takes NULL. */
void import_keys_free(struct import_keys *keys);
/* At most IMPORT_PEOPLE_MAX of each: in a full table a search has no end. */
void import_keys_add_nif(struct import_keys *keys, const struct nif *nif);
void import_keys_add_phone(struct import_keys *keys, const struct phone *phone);
/* Of no keys (NULL), false. */
bool import_keys_has_nif(const struct import_keys *keys, const struct nif *nif);
bool import_keys_has_phone(const struct import_keys *keys, const struct phone *phone);

#endif
