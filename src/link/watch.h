/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Hears of serial ports and USB devices that are plugged in and out: from udev, once the names in
 * /dev and their permissions are made. Where no udev runs (most containers) nothing is heard, and
 * nothing tells so: whoever waits for a device also looks from time to time.
 */
#ifndef CC_LINK_WATCH_H
#define CC_LINK_WATCH_H

#include "base/loop.h"

struct link_watch;

/* fn is called from the loop, several times for one device: it is for looking again. NULL = it
 * cannot be heard, which is logged. Owns: link_watch_free(). */
struct link_watch *link_watch_new(struct loop *loop, loop_fn fn, void *user);
/* Takes NULL. */
void link_watch_free(struct link_watch *watch);

#endif
