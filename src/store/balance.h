/* SPDX-License-Identifier: EUPL-1.2 */
/* The last balance that each modem's network told, and the last question for it. Sealed. */
#ifndef CC_STORE_BALANCE_H
#define CC_STORE_BALANCE_H

#include "store/store.h"

enum { BALANCE_TEXT_SIZE = 1301, BALANCE_ERROR_SIZE = 33 };

struct balance {
    int64_t asked_ms;               /* 0 = never */
    int64_t ended_ms;               /* of that question; 0 = it has not ended */
    char error[BALANCE_ERROR_SIZE]; /* token of how it ended; "" = well */
    char text[BALANCE_TEXT_SIZE];   /* the last that was told: hostile; "" = none */
    int64_t told_ms;
};

enum cc_err balance_asked(struct store *store, const char *modem, int64_t now_ms) CC_MUST_CHECK;
enum cc_err balance_told(struct store *store, const char *modem, const char *text,
                         int64_t now_ms) CC_MUST_CHECK;
enum cc_err balance_failed(struct store *store, const char *modem, const char *error,
                           int64_t now_ms) CC_MUST_CHECK;
/* All zero for a modem that was never asked. Errors: CC_ERR_CORRUPT. */
enum cc_err balance_get(struct store *store, const char *modem, struct balance *ret) CC_MUST_CHECK;

#endif
