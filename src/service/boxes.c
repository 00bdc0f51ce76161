/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/boxes.h"

#include <string.h>

/* A box that has died goes on leading in its row until another leads: only the last is kept. */
static void keep_one_leader(struct boxes_seen *seen)
{
    int64_t last_ms = 0;
    for (size_t i = 0; i < seen->count; i++)
        if (seen->rows[i].state.leads && seen->rows[i].seen_ms > last_ms)
            last_ms = seen->rows[i].seen_ms;
    for (size_t i = 0; i < seen->count; i++)
        seen->rows[i].state.leads = seen->rows[i].state.leads && seen->rows[i].seen_ms == last_ms;
}

enum cc_err boxes_read(struct store *store, int64_t now_ms, struct boxes_seen *ret)
{
    struct boxes_seen seen = {.read_ms = now_ms};
    enum cc_err err = boxes_forget(store, now_ms);
    if (err == CC_OK)
        err = boxes_list(store, seen.rows, BOXES_MAX, &seen.count);
    if (err == CC_OK) {
        keep_one_leader(&seen);
        *ret = seen;
    }
    return err;
}

bool boxes_is_gone(const struct boxes_seen *boxes, const struct box_row *row)
{
    return row->seen_ms <= boxes->read_ms - BOXES_GONE_MS;
}

bool boxes_can_send(const struct boxes_seen *boxes, const char *own)
{
    for (size_t i = 0; i < boxes->count; i++) {
        const struct box_row *row = &boxes->rows[i];
        if (strcmp(row->name, own) != 0 && row->state.can_send && !boxes_is_gone(boxes, row))
            return true;
    }
    return false;
}
