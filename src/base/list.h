/* SPDX-License-Identifier: EUPL-1.2 */
/* Lists of words as people write them in the configuration: "uno, dos". Pure. */
#ifndef CC_BASE_LIST_H
#define CC_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Takes the word at *rest, and moves *rest to the next one or to the end. False where there is no
 * word, or where anything but a comma and another word follows it. */
bool list_take(const char **rest, const char **ret_word, size_t *ret_len);

#endif
