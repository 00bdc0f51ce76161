/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/notice.h"

#include "store/db_fault.h"

#include <stddef.h>

void notice_set(struct store *store, enum data_notice notice)
{
    store->notices |= 1U << notice;
}

void notice_clear(struct store *store, enum data_notice notice)
{
    store->notices &= ~(1U << notice);
}

enum data_notice notice_gravest(const struct store *store)
{
    static const enum data_notice of_fault[] = {
        [DB_FAULT_NONE] = DATA_FINE,   [DB_FAULT_BUSY] = DATA_BUSY,
        [DB_FAULT_FULL] = DATA_FULL,   [DB_FAULT_READ_ONLY] = DATA_READ_ONLY,
        [DB_FAULT_DISK] = DATA_DISK,   [DB_FAULT_DAMAGED] = DATA_DAMAGED,
        [DB_FAULT_AWAY] = DATA_AWAY,   [DB_FAULT_REFUSED] = DATA_REFUSED,
        [DB_FAULT_MOVED] = DATA_MOVED,
    };
    unsigned notices = store->notices | 1U << of_fault[db_fault(store->db)];
    enum data_notice gravest = DATA_FINE;
    for (unsigned notice = DATA_FINE; notice < DATA_NOTICE_COUNT; notice++)
        if ((notices & 1U << notice) != 0)
            gravest = (enum data_notice)notice;
    return gravest == DATA_DAMAGED && db_is_shared(store->db) ? DATA_THERE : gravest;
}

const char *notice_token(enum data_notice notice)
{
    static const char *const tokens[DATA_NOTICE_COUNT] = {
        [DATA_FINE] = "",          [DATA_BUSY] = "ocupada",
        [DATA_AWAY] = "ausente",   [DATA_REFUSED] = "no_guarda",
        [DATA_FULL] = "lleno",     [DATA_READ_ONLY] = "solo_lectura",
        [DATA_DISK] = "disco",     [DATA_MOVED] = "movida",
        [DATA_OLD] = "antigua",    [DATA_ALTERED] = "alterada",
        [DATA_DAMAGED] = "danada", [DATA_THERE] = "danada_alli",
    };
    return (size_t)notice < DATA_NOTICE_COUNT ? tokens[notice] : "";
}
