/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Once an hour the whole database is checked against its key, in small steps over a connection of
 * its own, so that an edit is told without being asked for (store/check.h). The start has checked
 * it already.
 */
#ifndef CC_SERVICE_INSPECT_H
#define CC_SERVICE_INSPECT_H

#include "base/loop.h"
#include "store/store.h"

struct inspect;

/* store, to whose facts the findings are added, and the paths stay the caller's. */
struct inspect *inspect_new(struct loop *loop, struct store *store, const char *db_path,
                            const char *key_path);
void inspect_free(struct inspect *inspect);

#endif
