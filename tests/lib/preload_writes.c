/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A disk that takes no writes, for a real daemon: preloaded, every write to the database's files
 * fails with the errno found in the file CC_WRITES_FILE (four bytes, machine order, mapped; 0 = all
 * is well). The daemon itself has no test door for this.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const volatile int32_t *trouble;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("CC_WRITES_FILE");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof(int32_t), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED)
        trouble = map;
}

/* True, with errno set, where the write must fail: in files whose name has ".db" in it. */
static bool is_refused(int fd)
{
    char link[40], path[400] = "";
    if (trouble == NULL || *trouble == 0)
        return false;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    path[len < 0 ? 0 : len] = '\0';
    errno = *trouble;
    return strstr(path, ".db") != NULL;
}

/* POSIX's way from the object that dlsym() gives to a function. */
static void find_next(const char *name, void *ret)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(ret, &symbol, sizeof(symbol));
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    static ssize_t (*next)(int, const void *, size_t, off_t);
    if (is_refused(fd))
        return -1;
    if (next == NULL)
        find_next("pwrite", &next);
    return next(fd, bytes, len, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    return pwrite(fd, bytes, len, at); /* off_t has 64 bits here */
}

int ftruncate(int fd, off_t len)
{
    static int (*next)(int, off_t);
    if (is_refused(fd))
        return -1;
    if (next == NULL)
        find_next("ftruncate", &next);
    return next(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
    return ftruncate(fd, len);
}
