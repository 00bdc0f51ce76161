/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The rows that belong to one box: those about its modems and the messages they send and receive
 * carry its name. Several boxes may share one database of an engine that allows that.
 */
#ifndef CC_STORE_BOX_H
#define CC_STORE_BOX_H

#include "store/store.h"

/*
 * Gives the rows of a database that only this box can write to the name of this box, where it has
 * changed since the last start. Changes nothing in a shared database or in a store without a name.
 * Errors: CC_ERR_DB, CC_ERR_DB_BUSY.
 */
enum cc_err box_adopt_rows(struct store *store) CC_MUST_CHECK;

#endif
