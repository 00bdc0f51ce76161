/* SPDX-License-Identifier: EUPL-1.2 */
/* The fields behind '='. Its own reader, not at/fields: a peer that shares the client's parser
 * would share its mistakes. */
#include "sim/commands.h"

#include <stdlib.h>
#include <string.h>

bool sim_args_parse(struct sim_args *args, const char *text)
{
    bool quoted = false;
    char *out = args->storage;
    args->count = 1;
    args->field[0] = out;
    if (strlen(text) >= sizeof(args->storage))
        return false;
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            quoted = !quoted;
        } else if (*text != ',' || quoted) {
            *out++ = *text;
        } else {
            *out++ = '\0';
            if (args->count == SIM_ARGS_MAX)
                return false;
            args->field[args->count++] = out;
        }
    }
    *out = '\0';
    return !quoted;
}

bool sim_args_int(const struct sim_args *args, size_t index, int min, int max, int *value)
{
    const char *text = sim_args_text(args, index);
    if (text[0] == '\0')
        return true;
    if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 9)
        return false;
    long number = strtol(text, NULL, 10);
    if (number < min || number > max)
        return false;
    *value = (int)number;
    return true;
}

const char *sim_args_text(const struct sim_args *args, size_t index)
{
    return index < args->count ? args->field[index] : "";
}
