/* SPDX-License-Identifier: EUPL-1.2 */
/* What the verdict is told, and the status tells, of a box that shares the database. Pure. */
#ifndef CC_SERVICE_VERDICT_BOX_H
#define CC_SERVICE_VERDICT_BOX_H

#include "base/buf.h"
#include "domain/text.h"

#include <stdbool.h>
#include <stdint.h>

enum { VERDICT_BOXES_MAX = 16 };

struct verdict_box {
    const char *name;
    int64_t seen_ms, sends_ms; /* UTC; sends_ms 0 = it never could */
    int64_t modems, ready;
    bool is_gone, can_send;
};

/* A sentence on one of them. */
void verdict_say_box(const struct verdict_box *box, int64_t now_ms, enum text_lang lang,
                     struct buf *out);

#endif
