/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/boxes.h"

#include "base/loop.h"
#include "base/span.h"
#include "service/service.h"
#include "store/audit.h"
#include "store/copy.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

/* Where both were heard with the same reading, their clocks must do until the next. */
static bool is_later(const struct boxes_seen *seen, size_t a, size_t b)
{
    if (seen->heard_us[a] != seen->heard_us[b])
        return seen->heard_us[a] > seen->heard_us[b];
    return seen->rows[a].seen_ms > seen->rows[b].seen_ms;
}

/* A box that has died goes on leading in its row until another leads: the one that was heard last
 * is kept, or this one itself. */
static void keep_one_leader(struct boxes_seen *seen, const char *own)
{
    size_t leader = seen->count;
    for (size_t i = 0; i < seen->count; i++) {
        bool is_own = strcmp(seen->rows[i].name, own) == 0;
        if (!seen->rows[i].state.leads)
            continue;
        if (is_own || leader == seen->count || is_later(seen, i, leader))
            leader = i;
        if (is_own)
            break;
    }
    for (size_t i = 0; i < seen->count; i++)
        seen->rows[i].state.leads = i == leader;
}

/* When this beat came, as far as this box can tell: now, unless it was there before. */
static int64_t heard_us(const struct boxes_seen *before, const struct box_row *row, int64_t now_us)
{
    bool is_old = now_us - before->read_us >= BOXES_GONE_MS * US_PER_MS; /* of before an absence */
    for (size_t i = 0; i < before->count && !is_old; i++)
        if (strcmp(before->rows[i].name, row->name) == 0 && before->rows[i].seen_ms == row->seen_ms)
            return before->heard_us[i];
    return now_us;
}

enum cc_err boxes_read(struct store *store, int64_t now_ms, int64_t now_us, struct boxes_seen *io)
{
    struct boxes_seen seen = {.read_us = now_us, .gone_ms = now_ms - BOXES_GONE_MS};
    enum cc_err err = boxes_forget(store, now_ms);
    if (err == CC_OK)
        err = boxes_list(store, seen.rows, BOXES_MAX, &seen.count);
    if (err != CC_OK)
        return err;
    for (size_t i = 0; i < seen.count; i++) {
        const struct box_row *row = &seen.rows[i];
        seen.heard_us[i] = heard_us(io, row, now_us);
        bool is_there = now_us - seen.heard_us[i] < BOXES_GONE_MS * US_PER_MS;
        if (is_there && row->seen_ms <= seen.gone_ms)
            seen.gone_ms = row->seen_ms - 1;
    }
    keep_one_leader(&seen, store->box);
    *io = seen;
    return CC_OK;
}

bool boxes_is_gone(const struct boxes_seen *boxes, const struct box_row *row)
{
    return row->seen_ms <= boxes->gone_ms;
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

/* ---- the machine: its disk, its age and that of the last copy -------------------------------- */

enum { FRESH_US = 25 * 1000 * 1000, FULL_PERCENT = 90, FOLDER_SIZE = 1024 };
static const int64_t least_bytes = INT64_C(200000000);

int box_used_percent(const struct box_facts *facts)
{
    if (facts->disk_total <= 0)
        return -1;
    int64_t used = facts->disk_total - facts->disk_free;
    return (int)((used * 100 + facts->disk_total - 1) / facts->disk_total);
}

bool box_disk_ends(const struct box_facts *facts)
{
    return facts->disk_total > 0 &&
           (box_used_percent(facts) > FULL_PERCENT || facts->disk_free < least_bytes);
}

/* Of a database on a server there is no file here; what the box keeps beside its name there is. */
bool box_look_at_disk(const char *path, struct box_facts *io)
{
    struct statvfs disk;
    char folder[FOLDER_SIZE];
    (void)snprintf(folder, sizeof(folder), "%s", path);
    if (statvfs(path, &disk) != 0 && statvfs(dirname(folder), &disk) != 0)
        return false;
    io->disk_free = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    io->disk_total =
        (int64_t)(disk.f_blocks - disk.f_bfree + disk.f_bavail) * (int64_t)disk.f_frsize;
    return true;
}

const struct box_facts *box_look(struct service *service)
{
    struct box_facts *facts = &service->box_facts;
    int64_t now_us = loop_now_us(service->loop);
    bool is_fresh = facts->looked_us != 0 && now_us - facts->looked_us < FRESH_US;
    if (facts->database == NULL || is_fresh)
        return facts;
    *facts = (struct box_facts){
        .database = facts->database, .looked_us = now_us, .copy_ms = copy_last_ms(facts->database)};
    if (audit_find_begin(service->store, &facts->begun_ms) != CC_OK)
        facts->begun_ms = 0; /* a database that fails is told by itself */
    (void)box_look_at_disk(facts->database, facts);
    return facts;
}
