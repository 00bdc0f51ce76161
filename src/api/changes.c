/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/changes.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

enum { INSTANT_SIZE = sizeof("2027-01-01T00:00:00Z"), FLICKER_S = 2 };

static bool read_instant(const json_t *value, int64_t *ret_s)
{
    struct tm tm = {0};
    const char *text = json_string_value(value);
    const char *rest = text != NULL && json_string_length(value) == INSTANT_SIZE - 1
                           ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm)
                           : NULL;
    *ret_s = (int64_t)timegm(&tm);
    return rest != NULL && *rest == '\0';
}

/* An instant is worked out from an age, which may round to the next second: no news. */
static bool is_same_instant(const json_t *before, const json_t *now)
{
    int64_t before_s, now_s;
    return read_instant(before, &before_s) && read_instant(now, &now_s) &&
           llabs(now_s - before_s) < FLICKER_S;
}

/* Puts the instants of `before` in the place of those of `now` that say the same. */
static void keep_instants(json_t *before, json_t *now)
{
    const char *key;
    size_t i;
    json_t *value;
    json_object_foreach(now, key, value)
    {
        json_t *old = json_object_get(before, key);
        if (is_same_instant(old, value))
            (void)json_object_set(now, key, old);
        else
            keep_instants(old, value);
    }
    json_array_foreach(now, i, value)
    {
        keep_instants(json_array_get(before, i), value);
    }
}

json_t *changes_find(json_t *before, json_t *now)
{
    json_t *changes = json_object(), *value;
    const char *key;
    keep_instants(before, now);
    json_object_foreach(now, key, value)
    {
        if (!json_equal(json_object_get(before, key), value))
            (void)json_object_set(changes, key, value);
    }
    if (json_object_size(changes) > 0)
        return changes;
    json_decref(changes);
    return NULL;
}
