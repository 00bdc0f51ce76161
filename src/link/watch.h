/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Tells when serial ports and USB devices are plugged in and out. The events come from udev, after
 * the names in /dev and their permissions are made. Where no udev runs (most containers) there are
 * no events and no error: a caller that waits for a device must also look from time to time.
 */
#ifndef CC_LINK_WATCH_H
#define CC_LINK_WATCH_H

#include "base/loop.h"

struct link_watch;

/* Calls fn from the loop, several times for one device, so that the caller looks again. NULL =
 * there is no monitor, which is logged. Owns: link_watch_free(). */
struct link_watch *link_watch_new(struct loop *loop, loop_fn fn, void *user);
/* Takes NULL. */
void link_watch_free(struct link_watch *watch);

#endif
