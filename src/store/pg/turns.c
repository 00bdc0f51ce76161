/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * libpq begins with the first server each time and waits for each as long as the network does: one
 * which is switched off, and does not even refuse, would keep those behind it from being asked in
 * PG_CONNECT_MS.
 */
#include "store/pg/turns.h"

#include <stdio.h>
#include <string.h>

static size_t count_parts(const char *list)
{
    size_t count = 1;
    for (; list != NULL && *list != '\0'; list++)
        count += *list == ',';
    return count;
}

static const char *find_part(const char *list, size_t index)
{
    for (; index > 0; index--)
        list += strcspn(list, ",") + 1;
    return list;
}

/* A list of one part is of all servers, and stays. */
static void turn_list(struct pg_address *address, const char *keyword, size_t by,
                      char storage[PG_LIST_SIZE])
{
    const char *list = pg_address_value(address, keyword);
    size_t count = count_parts(list);
    if (count < 2 || strlen(list) >= PG_LIST_SIZE)
        return;
    const char *first = find_part(list, by % count);
    size_t before = (size_t)(first - list);
    if (before == 0)
        return;
    (void)snprintf(storage, PG_LIST_SIZE, "%s,%.*s", first, (int)(before - 1), list);
    pg_address_set(address, keyword, storage);
}

size_t pg_turns_count(const struct pg_address *address)
{
    const char *list = pg_address_value(address, "hostaddr");
    return count_parts(list != NULL ? list : pg_address_value(address, "host"));
}

void pg_turns_apply(struct pg_address *address, size_t by, struct pg_turns *storage)
{
    turn_list(address, "host", by, storage->host);
    turn_list(address, "hostaddr", by, storage->hostaddr);
    turn_list(address, "port", by, storage->port);
}
