/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Makes the disk of a real daemon slow: preloaded, each fsync(2) and fdatasync(2) first waits as
 * many milliseconds as CC_FSYNC_MS says; where CC_FSYNC_NAME is given, only those of files that
 * have it in their name.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int (*sync_fn)(int fd);

static bool is_slow(int fd)
{
    char link[40], path[400];
    const char *name = getenv("CC_FSYNC_NAME");
    if (name == NULL)
        return true;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    path[len < 0 ? 0 : len] = '\0';
    return strstr(path, name) != NULL;
}

static int slow_sync(const char *name, int fd)
{
    const char *text = getenv("CC_FSYNC_MS");
    long ms = text != NULL ? strtol(text, NULL, 10) : 0;
    struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
    sync_fn real;
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(&real, &symbol, sizeof(real)); /* POSIX's way from object to function */
    if (is_slow(fd))
        nanosleep(&wait, NULL);
    return real(fd);
}

int fsync(int fd)
{
    return slow_sync("fsync", fd);
}

int fdatasync(int fd)
{
    return slow_sync("fdatasync", fd);
}
