/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/journal.h"

#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

void journal_send(const char *const *fields, size_t count)
{
    struct iovec parts[JOURNAL_FIELDS_MAX];
    size_t used = 0;
    for (; used < count && used < JOURNAL_FIELDS_MAX; used++)
        parts[used] = (struct iovec){(void *)(uintptr_t)fields[used], strlen(fields[used])};
    (void)sd_journal_sendv(parts, (int)used);
}
