/* SPDX-License-Identifier: EUPL-1.2 */
/* Keeps claves, contraclaves and the master key in the memory of this process. */
#ifndef CC_APP_MEMORY_H
#define CC_APP_MEMORY_H

/*
 * No core file, no other process of the same user that reads this one's memory, and, where the
 * system lets it (LimitMEMLOCK=infinity of the unit, or root), no page of it in the swap. Called
 * before the first secret is read. What the system refuses is left: the unit forbids swap too.
 */
void memory_keep_private(void);

#endif
