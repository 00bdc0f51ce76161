/* SPDX-License-Identifier: EUPL-1.2 */
/* The order in which the servers of an address with several are tried. */
#ifndef CC_STORE_PG_TURNS_H
#define CC_STORE_PG_TURNS_H

#include "store/pg/private.h"

/* Room for the lists of an address. */
enum { PG_LIST_SIZE = 1024 };
struct pg_turns {
    char host[PG_LIST_SIZE], hostaddr[PG_LIST_SIZE], port[PG_LIST_SIZE];
};

/* How many servers the address names. */
size_t pg_turns_count(const struct pg_address *address);
/* Begins its lists with the server that comes `by` places behind the first. */
void pg_turns_apply(struct pg_address *address, size_t by, struct pg_turns *storage);

#endif
