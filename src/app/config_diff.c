/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/config.h"
#include "app/config_keys.h"
#include "app/config_values.h"

#include <string.h>

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
    return strcmp(a->name, b->name) == 0;
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
