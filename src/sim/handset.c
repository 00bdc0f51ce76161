/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/handset.h"

#include "sim/bytes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* TP-PID 0x41-0x47: Replace Short Message Type n (23.040 9.2.3.9). */
enum { PID_REPLACE_FIRST = 0x41, PID_REPLACE_LAST = 0x47 };

void sim_handset_receive(struct sim_handset *handset, const struct sim_received *message)
{
    if (handset->count == handset->cap) {
        size_t cap = 2 * handset->cap + 16;
        struct sim_received *grown = sim_alloc(cap, sizeof(*grown));
        if (handset->count > 0)
            memcpy(grown, handset->messages, handset->count * sizeof(*grown));
        free(handset->messages);
        handset->messages = grown;
        handset->cap = cap;
    }
    handset->messages[handset->count++] = *message;
}

void sim_handset_clear(struct sim_handset *handset)
{
    for (size_t i = 0; i < handset->count; i++)
        free(handset->messages[i].text);
    free(handset->messages);
    *handset = (struct sim_handset){0};
}

static bool is_for(const struct sim_received *message, const char *number)
{
    return number == NULL || gsm_addr_same(message->number, number);
}

static json_t *message_json(const struct sim_received *m)
{
    return json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:i, s:I, s:s, s:b}", "number", m->number,
                     "text", m->text, "part", m->part, "parts", m->parts, "pid", m->pid, "dcs",
                     m->dcs, "vp_s", (json_int_t)m->vp_s, "mr", m->reference, "at_us",
                     (json_int_t)m->at_us, "smsc", m->smsc, "srr", m->srr);
}

json_t *sim_handset_messages(const struct sim_handset *handset, const char *number)
{
    json_t *list = json_array();
    for (size_t i = 0; i < handset->count; i++)
        if (is_for(&handset->messages[i], number))
            json_array_append_new(list, message_json(&handset->messages[i]));
    return list;
}

static bool is_same_message(const struct sim_received *a, const struct sim_received *b)
{
    return a->parts == b->parts && a->concat_reference == b->concat_reference &&
           strcmp(a->number, b->number) == 0;
}

/* The newest of a part that is in no text yet, looking back from the message at `last`. */
static size_t find_part(const struct sim_handset *handset, const bool *used, size_t last, int part)
{
    for (size_t i = last + 1; i-- > 0;) {
        const struct sim_received *m = &handset->messages[i];
        if (!used[i] && m->part == part && is_same_message(m, &handset->messages[last]))
            return i;
    }
    return SIZE_MAX;
}

/* The text that the message at `last` completes; NULL while parts are missing. */
static char *merge_parts(const struct sim_handset *handset, bool *used, size_t last)
{
    struct sim_bytes text = {0};
    int parts = handset->messages[last].parts;
    for (int part = 1; part <= parts; part++) {
        size_t i = find_part(handset, used, last, part);
        if (i == SIZE_MAX) {
            sim_bytes_done(&text);
            return NULL;
        }
        sim_bytes_str(&text, handset->messages[i].text);
    }
    for (int part = 1; part <= parts; part++)
        used[find_part(handset, used, last, part)] = true;
    sim_bytes_put(&text, "", 1);
    return (char *)text.data;
}

static json_t *find_replaced(json_t *list, const struct sim_received *message)
{
    size_t i;
    json_t *entry;
    if (message->pid < PID_REPLACE_FIRST || message->pid > PID_REPLACE_LAST)
        return NULL;
    json_array_foreach(list, i, entry)
    {
        const char *number = json_string_value(json_object_get(entry, "number"));
        if (json_integer_value(json_object_get(entry, "pid")) == message->pid &&
            strcmp(number, message->number) == 0)
            return entry;
    }
    return NULL;
}

json_t *sim_handset_texts(const struct sim_handset *handset, const char *number)
{
    json_t *list = json_array();
    bool *used = sim_alloc(handset->count + 1, sizeof(*used));
    for (size_t i = 0; i < handset->count; i++) {
        const struct sim_received *m = &handset->messages[i];
        char *text = is_for(m, number) ? merge_parts(handset, used, i) : NULL;
        if (text == NULL)
            continue;
        json_t *entry = json_pack("{s:s, s:s, s:i, s:i}", "number", m->number, "text", text,
                                  "parts", m->parts, "pid", m->pid);
        json_t *replaced = find_replaced(list, m);
        if (replaced == NULL) {
            json_array_append_new(list, entry);
        } else {
            json_object_update(replaced, entry);
            json_decref(entry);
        }
        free(text);
    }
    free(used);
    return list;
}
