/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Records which (SIM card, PIN) pairs have been tried: a wrong PIN is tried once in the life of the
 * card, also across restarts (MODEMS 1 #10). Only a keyed tag of the pair is stored.
 */
#ifndef CC_STORE_SIMPIN_H
#define CC_STORE_SIMPIN_H

#include "store/store.h"

/* True in *ret_tried when this pair was tried and did not unlock the card. */
enum cc_err simpin_was_tried(struct store *store, const char *iccid, const char *pin,
                             bool *ret_tried) CC_MUST_CHECK;
/*
 * Before the try; then, when the card took it, simpin_worked(). Both are durable on return: they
 * commit the turn's open transaction and begin the next, so never call them inside a savepoint.
 */
enum cc_err simpin_trying(struct store *store, const char *iccid, const char *pin,
                          int64_t now_ms) CC_MUST_CHECK;
enum cc_err simpin_worked(struct store *store, const char *iccid, const char *pin) CC_MUST_CHECK;

#endif
