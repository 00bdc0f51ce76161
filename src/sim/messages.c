/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/messages.h"

#include "gsm/deliver.h"
#include "gsm/gsm7.h"
#include "gsm/report.h"
#include "sim/commands.h"
#include "sim/state.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { STAT_UNREAD = 0, STAT_READ = 1, STAT_ALL = 4 };

static const char *const stat_names[] = {"REC UNREAD", "REC READ", "STO UNSENT", "STO SENT", "ALL"};
enum { STATS = sizeof(stat_names) / sizeof(stat_names[0]) };

static void put_time(int64_t at_ms, struct buf *out)
{
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    buf_fmt(out, "\"%02d/%02d/%02d,%02d:%02d:%02d+00\"", utc.tm_year % 100, utc.tm_mon + 1,
            utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

void sim_put_text(const struct sim *sim, const char *utf8, size_t len, struct buf *out)
{
    uint8_t bytes[640];
    size_t septets = 0;
    size_t bad = 0;
    struct buf ucs2;
    if (strcmp(sim->profile.cscs, "UCS2") == 0) {
        buf_init(&ucs2, bytes, sizeof(bytes));
        if (ucs2_from_utf8(utf8, len, &ucs2))
            buf_hex(out, bytes, ucs2.len);
    } else if (strcmp(sim->profile.cscs, "GSM") == 0 &&
               gsm7_from_utf8(utf8, len, bytes, sizeof(bytes), &septets, &bad)) {
        buf_put(out, bytes, septets);
    } else {
        for (size_t i = 0; i < len; i++) {
            bool is_ascii = (unsigned char)utf8[i] < 0x80;
            if (is_ascii || (utf8[i] & 0x40) != 0) /* a '?' for a character, not for a byte */
                buf_byte(out, is_ascii ? (uint8_t)utf8[i] : '?');
        }
    }
}

static void put_number(const struct gsm_addr *addr, struct buf *out)
{
    buf_fmt(out, "\"%s\"", addr->text);
}

static void format_deliver(struct sim *sim, const struct sim_slot *slot, struct buf *out)
{
    char utf8[SIM_MESSAGE_TEXT];
    struct buf text;
    struct gsm_deliver deliver;
    if (!gsm_deliver_decode(slot->pdu, slot->len, &deliver))
        return;
    put_number(&deliver.from, out);
    buf_str(out, ",,");
    put_time(deliver.sent_ms, out);
    buf_byte(out, '\n');
    buf_init(&text, utf8, sizeof(utf8));
    gsm_deliver_text(&deliver, &text);
    sim_put_text(sim, utf8, text.len, out);
}

static void format_report(const struct sim_slot *slot, struct buf *out)
{
    struct gsm_report report;
    if (!gsm_report_decode(slot->pdu, slot->len, &report))
        return;
    buf_fmt(out, "6,%d,", report.reference);
    put_number(&report.to, out);
    buf_fmt(out, ",%d,", report.to.text[0] == '+' ? 145 : 129);
    put_time(report.submitted_ms, out);
    buf_byte(out, ',');
    put_time(report.done_ms, out);
    buf_fmt(out, ",%d", report.status);
}

void sim_message_format(struct sim *sim, const struct sim_slot *slot, const char *name, int index,
                        struct buf *out)
{
    bool with_stat = strncmp(name, "+CMG", 4) == 0;
    int stat = slot->read ? STAT_READ : STAT_UNREAD;
    buf_fmt(out, "%s: ", name);
    if (index > 0)
        buf_fmt(out, "%d,", index);
    if (sim->profile.cmgf == 1) {
        if (with_stat)
            buf_fmt(out, "\"%s\",", stat_names[stat]);
        if (slot->is_report)
            format_report(slot, out);
        else
            format_deliver(sim, slot, out);
        return;
    }
    if (with_stat)
        buf_fmt(out, "%d,,", stat);
    else if (!slot->is_report || sim_has_quirk(sim, SIM_QUIRK_CDS_COMMA))
        buf_byte(out, ','); /* +CMT: [<alpha>],<length> */
    buf_fmt(out, "%zu\n", slot->tpdu_len);
    buf_hex(out, slot->pdu, slot->len);
}

static void show_message(struct sim *sim, struct sim_slot *slot, const char *name, int index)
{
    char storage[SIM_MESSAGE_TEXT];
    struct buf text;
    buf_init(&text, storage, sizeof(storage));
    sim_message_format(sim, slot, name, index, &text);
    sim_line_block(sim, text.data, text.len);
    slot->read = true;
}

static struct sim_result list_messages(struct sim *sim, int stat)
{
    for (int i = 1; i <= SIM_SLOTS; i++) {
        struct sim_slot *slot = sim_slot_at(sim, i);
        if (slot != NULL && (stat == STAT_ALL || stat == (slot->read ? STAT_READ : STAT_UNREAD)))
            show_message(sim, slot, "+CMGL", i);
    }
    return sim_ok();
}

struct sim_result sim_cmgl_set(struct sim *sim, const struct sim_args *args)
{
    int stat = -1;
    if (sim->profile.cmgf == 0) {
        if (!sim_args_int(args, 0, 0, STAT_ALL, &stat) || stat < 0)
            return sim_cms(SIM_CMS_NOT_ALLOWED);
        return list_messages(sim, stat);
    }
    for (int i = 0; i < STATS; i++)
        if (strcmp(stat_names[i], sim_args_text(args, 0)) == 0)
            stat = i;
    return stat >= 0 ? list_messages(sim, stat) : sim_cms(SIM_CMS_NOT_ALLOWED);
}

struct sim_result sim_cmgl_exec(struct sim *sim)
{
    return list_messages(sim, STAT_UNREAD);
}

struct sim_result sim_cmgr_set(struct sim *sim, const struct sim_args *args)
{
    int index = 0;
    struct sim_slot *slot = NULL;
    if (args->count == 1 && sim_args_int(args, 0, 1, SIM_SLOTS, &index))
        slot = sim_slot_at(sim, index);
    if (slot == NULL)
        return sim_cms(SIM_CMS_INVALID_INDEX);
    show_message(sim, slot, "+CMGR", 0);
    return sim_ok();
}
