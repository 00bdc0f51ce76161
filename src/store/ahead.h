/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Asking ahead for what a verification reads (db_ask_ahead()): over a network it costs one way to
 * the server and back, and not one for each SELECT. Whether the NIF is registered is not known yet,
 * so that both cases are asked for, and take equally long.
 */
#ifndef CC_STORE_AHEAD_H
#define CC_STORE_AHEAD_H

#include "domain/limits.h"
#include "domain/nif.h"
#include "store/store.h"

struct ahead_wish {
    const struct nif *nif;
    const char *contrast_ip;  /* where a contrast datum comes along; NULL = without one */
    const char *ip, *ip_wide; /* "" = none */
    const struct limits *limits;
    int64_t now_ms;
};

/* Does nothing where the engine has no use for it. */
void ahead_ask(struct store *store, const struct ahead_wish *wish);

#endif
