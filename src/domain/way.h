/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The ways in to a registration (DOMAIN 1, seeds 001 and 003), and when the town has each of them
 * open: always, never, or between two civil days of its zone. Pure; the zone is the process's.
 */
#ifndef CC_DOMAIN_WAY_H
#define CC_DOMAIN_WAY_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum way {
    WAY_IN_PERSON,   /* presencial: a clerk of the Registro */
    WAY_FORM,        /* formulario: online, with a copy of the document */
    WAY_CERTIFICATE, /* certificado */
    WAY_IDENTITY,    /* identidad: the sede has identified the person elsewhere */
    WAY_PHONE,       /* telefono: only a person who already exists */
    WAYS
};

/* The first and the last open day as numbers such as 20260131; of a way that never opens, 0. */
struct way_period {
    int32_t first, last;
};

/*
 * Reads "si", "no", "desde 2026-01-01", "hasta 2026-06-30" or "desde 2026-01-01 hasta 2026-06-30";
 * both days are open ones. Errors: CC_ERR_RANGE: another text, a day that no calendar has, or an
 * end before the beginning.
 */
enum cc_err way_parse_period(const char *text, struct way_period *ret) CC_MUST_CHECK;
/* Whether the local day of now_ms (UTC) lies in the period. */
bool way_period_has(const struct way_period *period, int64_t now_ms);

#endif
