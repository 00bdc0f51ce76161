/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines of a modem that make no sense: remembers which kinds were logged. Pure. */
#ifndef CC_MODEM_TELL_NONSENSE_H
#define CC_MODEM_TELL_NONSENSE_H

#include "at/chat.h"

#include <stdbool.h>

/* The kinds that the modem room finds, behind those of the chat (enum at_nonsense). */
enum nonsense_kind {
    NONSENSE_REPLY = AT_NONSENSE_COUNT,
    NONSENSE_REPORT,
    NONSENSE_MESSAGE,
    NONSENSE_ANNOUNCED,
    NONSENSE_FORMAT,
    NONSENSE_REGISTRATION,
    NONSENSE_COUNT
};

struct nonsense {
    unsigned told; /* bit per kind */
};

/* Notes the kind. Returns its Spanish predicate ("envía líneas que no acaban") the first time, and
 * NULL from then on. */
const char *nonsense_note(struct nonsense *nonsense, unsigned kind);
/* The line is a result or a reference, which belongs to a command, and no command waits for it. */
bool nonsense_is_stray_reply(const char *line);

#endif
