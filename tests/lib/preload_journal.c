/* SPDX-License-Identifier: EUPL-1.2 */
/* A journal for tests: preloaded, each entry is a line of the file CC_JOURNAL_FILE, its fields
 * parted by tabs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

int sd_journal_sendv(const struct iovec *parts, int count);

int sd_journal_sendv(const struct iovec *parts, int count)
{
    const char *path = getenv("CC_JOURNAL_FILE");
    FILE *file = path != NULL ? fopen(path, "ae") : NULL;
    if (file == NULL)
        return 0;
    for (int i = 0; i < count; i++)
        (void)fprintf(file, "%.*s%c", (int)parts[i].iov_len, (const char *)parts[i].iov_base,
                      i + 1 < count ? '\t' : '\n');
    return fclose(file);
}
