/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Faults of the data, as one fact that the status (`aviso_datos`), /readyz and the doctor tell. The
 * engine's faults (store/db.h) come and go by themselves; findings of the keyed tags stay until
 * notice_clear(). Nothing is decided here.
 */
#ifndef CC_STORE_NOTICE_H
#define CC_STORE_NOTICE_H

#include "store/store.h"

/* In order of gravity: the last that holds is the one that is told. */
enum data_notice {
    DATA_FINE,
    DATA_BUSY,      /* another process holds the database's lock */
    DATA_AWAY,      /* its server does not answer */
    DATA_REFUSED,   /* its server keeps nothing */
    DATA_FULL,      /* no space on its disk */
    DATA_READ_ONLY, /* its file system takes no writes */
    DATA_DISK,      /* its disk fails */
    DATA_MOVED,     /* its file is not where it was */
    DATA_ALTERED,   /* a row was changed without the key */
    DATA_OLD,       /* in doubt as a whole: older than its anchor, cut, rows missing */
    DATA_DAMAGED,   /* a page is malformed */
    DATA_THERE,     /* the same, of its server */
    DATA_NOTICE_COUNT
};

/* Sets or takes back DATA_OLD or DATA_ALTERED. */
void notice_set(struct store *store, enum data_notice notice);
void notice_clear(struct store *store, enum data_notice notice);
enum data_notice notice_gravest(const struct store *store);
/* The word of the status, "" for DATA_FINE: ocupada, ausente, no_guarda, lleno, solo_lectura,
 * disco, movida, antigua, alterada, danada, danada_alli. */
const char *notice_token(enum data_notice notice);

#endif
