/* SPDX-License-Identifier: EUPL-1.2 */
/* Stored messages as a modem shows them, in PDU and in text mode. Source: 3GPP TS 27.005 3.4, 4. */
#ifndef CC_SIM_MESSAGES_H
#define CC_SIM_MESSAGES_H

#include "base/buf.h"
#include "sim/store.h"

/* Room for one: header and PDU in hexadecimal, or text in UCS2 hexadecimal. */
enum { SIM_MESSAGE_TEXT = 1024 };

/* "NAME: …\n…" for +CMGL (with its index), +CMGR, +CMT and +CDS (index 0). */
void sim_message_format(struct sim *sim, const struct sim_slot *slot, const char *name, int index,
                        struct buf *out);
/* UTF-8 in the character set of +CSCS; what it does not have becomes '?'. */
void sim_put_text(const struct sim *sim, const char *utf8, size_t len, struct buf *out);
/* The slot at an index of the first memory; NULL if empty or out of range. */
struct sim_slot *sim_slot_at(struct sim *sim, int index);

#endif
