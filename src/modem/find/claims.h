/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Claims of the modem sections on USB devices, so that two never talk to the same device: the
 * device that a section has open, and the device that a more exact section (a path, a serial
 * number) is waiting for. All functions take claims NULL: a modem that is alone.
 */
#ifndef CC_MODEM_FIND_CLAIMS_H
#define CC_MODEM_FIND_CLAIMS_H

#include "modem/find/find.h"

struct find_claims;

/* Owns: find_claims_free(), after the modems. Takes NULL. */
struct find_claims *find_claims_new(void);
void find_claims_free(struct find_claims *claims);

/* A section and its wish; device (for FIND_DIRECT) lives until find_claims_leave(). */
void find_claims_join(struct find_claims *claims, const void *owner, const struct find_spec *spec,
                      const char *device);
void find_claims_leave(struct find_claims *claims, const void *owner);
/* Makes this USB device the owner's, in place of the one before; "" = none. */
void find_claims_set(struct find_claims *claims, const void *owner, const char *usb_device);
/* Fills view->taken for this owner. */
void find_claims_mark(const struct find_claims *claims, const void *owner, struct find_view *view);
/* How many sections that look for a device have none yet; 1 without claims. */
size_t find_claims_waiting(const struct find_claims *claims);
/* Another section asks for the modem with this IMEI. */
bool find_claims_has_imei(const struct find_claims *claims, const void *owner, const char *imei);

#endif
