/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * When a contraclave dies (DOMAIN 4): the first instant whose local clock reads 02:00 or later on
 * the civil day after the request. Found by scanning localtime_r, since mktime's answer for an
 * ambiguous hour depends on earlier calls. The zone is the process's (TZ, set once at start).
 */
#ifndef CC_DOMAIN_EXPIRY_H
#define CC_DOMAIN_EXPIRY_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Units: UTC milliseconds, both ways. The contraclave is valid while now < result. */
int64_t expiry_of_request(int64_t accepted_ms);
/* First instant of a civil day of the zone. Units: days since 1970-01-01; UTC milliseconds. */
int64_t expiry_day_start(int64_t day);
/* Appends "2026-11-24T02:00:00+01:00", the instant in the process's zone (RFC 3339). */
void expiry_format_local(int64_t at_ms, struct buf *out);
/* Appends "2026-11-24T01:00:00Z". */
void expiry_format_utc(int64_t at_ms, struct buf *out);
/* True if the IANA name exists on this machine: tzset() takes an unknown one for UTC in silence. */
bool expiry_zone_exists(const char *name);

#endif
