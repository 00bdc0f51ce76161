/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Mobile numbers: Spanish mobiles (6 or 71 to 74, nine digits, with or without +34 / 0034) and
 * numbers abroad in E.164. Pure. Source: ITU-T E.164; Plan Nacional de Numeración Telefónica (Real
 * Decreto 2296/2004, annex: 6 and 71 to 74 are mobile, 70 is personal numbering).
 */
#ifndef CC_DOMAIN_PHONE_H
#define CC_DOMAIN_PHONE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { PHONE_SIZE = 17, PHONE_MASK_SIZE = 17 };

struct phone {
    char e164[PHONE_SIZE]; /* "+34600123123" */
};

/*
 * Spaces (NBSP too), dots, dashes and parentheses between digits are dropped. Errors:
 * CC_ERR_PHONE_FORMAT, CC_ERR_PHONE_NOT_MOBILE (a Spanish number outside the ranges above, or one
 * of a satellite, shared-cost, freephone, premium or personal service abroad).
 */
enum cc_err phone_parse(const char *text, size_t len, struct phone *ret) CC_MUST_CHECK;
/*
 * Whether a message there costs what one to Spain does, or little more: strangers may have one sent
 * to such a number alone, or they would be paid for numbers of theirs that the town's SIM pays for.
 * Countries of the European Economic Area. Source: Regulation (EU) 2015/2120, article 5a.
 */
bool phone_is_cheap(const struct phone *phone);
/* "+34*****123": country as far as it is +34, the last three digits, stars between. Abroad
 * "+*****123"; "" of none. */
void phone_mask(const struct phone *phone, char out[PHONE_MASK_SIZE]);
/* The number of a message centre: "+", then 7 to 15 digits (ITU-T E.164). */
bool phone_is_centre(const char *text);

#endif
