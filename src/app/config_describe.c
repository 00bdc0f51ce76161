/* SPDX-License-Identifier: EUPL-1.2 */
/* The keys of a configuration that was read: shown to a person, and compared with another's. */
#include "app/config.h"
#include "app/config_keys.h"
#include "app/config_values.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

static void put_text(const struct config_key *key, const char *text, struct buf *out)
{
    if (text == NULL || text[0] == '\0')
        buf_str(out, "(vacío)");
    else
        buf_str(out, key->is_shown ? text : "(puesto)");
}

static void put_number(const struct config_key *key, int64_t number, struct buf *out)
{
    bool is_time = key->read == config_read_seconds || key->read == config_read_minutes;
    buf_fmt(out, "%" PRId64 "%s", number, is_time ? " ms" : "");
}

static void put_word(const struct config_key *key, int value, struct buf *out)
{
    for (const struct config_word *row = key->words; row->word != NULL; row++)
        if (row->value == value)
            buf_str(out, row->word);
}

static void put_period(struct period period, struct buf *out)
{
    if (period.last == 0)
        buf_str(out, "no");
    else
        buf_fmt(out, "de %" PRId32 " a %" PRId32, period.first, period.last);
}

/* By the type that the key's reader writes. */
static void put_key(const struct config_key *key, const void *base, struct buf *out)
{
    const char *at = (const char *)base + key->offset;
    const char *text;
    bool flag;
    int value;
    int64_t number;
    struct period period;
    buf_fmt(out, "%s %s = ", key->section, key->name);
    if (key->read == config_read_text) {
        memcpy(&text, at, sizeof(text));
        put_text(key, text, out);
    } else if (key->read == config_read_flag) {
        memcpy(&flag, at, sizeof(flag));
        buf_str(out, flag ? "si" : "no");
    } else if (key->read == config_read_word) {
        memcpy(&value, at, sizeof(value));
        put_word(key, value, out);
    } else if (key->read == config_read_period) {
        memcpy(&period, at, sizeof(period));
        put_period(period, out);
    } else {
        memcpy(&number, at, sizeof(number));
        put_number(key, number, out);
    }
    buf_str(out, "\n");
}

void config_describe(const struct config *config, struct buf *out)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++)
        if (strcmp(key->section, "modem") != 0)
            put_key(key, config, out);
    for (size_t i = 0; i < config->modem_count; i++) {
        buf_fmt(out, "modem «%s»:\n", config->modems[i].config.name);
        for (const struct config_key *key = config_keys; key->name != NULL; key++)
            if (strcmp(key->section, "modem") == 0)
                put_key(key, &config->modems[i], out);
    }
}

/* ---- what a change of it needs --------------------------------------------------------------- */

/* By the type that the key's reader writes. */
static bool same_value(const struct config_key *key, const void *a, const void *b)
{
    const char *at = (const char *)a + key->offset, *bt = (const char *)b + key->offset;
    const char *text_a, *text_b;
    if (key->read != config_read_text) {
        size_t size = sizeof(int64_t);
        if (key->read == config_read_period)
            size = sizeof(struct period);
        else if (key->read == config_read_flag)
            size = sizeof(bool);
        else if (key->read == config_read_word)
            size = sizeof(int);
        return memcmp(at, bt, size) == 0;
    }
    memcpy(&text_a, at, sizeof(text_a));
    memcpy(&text_b, bt, sizeof(text_b));
    return strcmp(text_a, text_b) == 0;
}

static bool same_modem(const struct config_modem *a, const struct config_modem *b)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++)
        if (strcmp(key->section, "modem") == 0 && !same_value(key, a, b))
            return false;
    return strcmp(a->config.name, b->config.name) == 0;
}

static bool same_modems(const struct config *a, const struct config *b)
{
    if (a->modem_count != b->modem_count)
        return false;
    for (size_t i = 0; i < a->modem_count; i++)
        if (!same_modem(&a->modems[i], &b->modems[i]))
            return false;
    return true;
}

static void name_difference(struct buf *out, const char *name)
{
    if (out->len > 0)
        buf_str(out, ", ");
    buf_str(out, name);
}

void config_needs_restart(const struct config *started, const struct config *reread,
                          struct buf *out)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++)
        if (key->at_start && !same_value(key, started, reread))
            name_difference(out, key->name);
    if (!same_modems(started, reread))
        name_difference(out, "modem");
}
