/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who else is at the modem's port: for the sentence that names the rival ("ModemManager usa
 * /dev/ttyUSB2") in place of a bare "busy". Reads /proc; ends nobody.
 */
#ifndef CC_LINK_HOLDER_H
#define CC_LINK_HOLDER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The first process that has this device open (any path to it, symbolic links too): its name of at
 * most 15 characters, cut to cap, and its pid, which is our own when it is another modem section
 * that holds the port. False, with nothing written, if nobody is seen; without root the
 * processes of other users cannot be looked into, so false does not prove the port is free.
 * Cost: walks /proc, some milliseconds; ask only when opening said CC_ERR_DEVICE_BUSY.
 */
bool link_holder(const char *device, char *ret_name, size_t cap, int *ret_pid);

/*
 * Whether a process of this name runs, "ModemManager" for example (the kernel keeps 15 characters
 * of a name, and only those are compared), or a system service called so: where the processes of
 * others are hidden (ProtectProc=invisible), its control group still shows.
 */
bool link_process_runs(const char *comm);

#endif
