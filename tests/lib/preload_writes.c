/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A disk that takes no writes, for a real daemon: preloaded, every write to the files whose name
 * has CC_WRITES_NAME in it (".db" without: those of the database) fails with the errno found in the
 * file CC_WRITES_FILE (four bytes, machine order, mapped; 0 = all is well), and a negative one
 * stands for a disk with a megabyte left. The daemon itself has no test door for this.
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
#include <sys/statvfs.h>
#include <unistd.h>

/* With 32 bits, offsets of 64 make the compiler call pwrite64() where pwrite() is written. */
#if __SIZEOF_POINTER__ == 8
#define LARGE ""
#else
#define LARGE "64"
#endif

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

/* True, with errno set, where the write must fail. */
static bool is_refused(int fd)
{
    char link[40], path[400] = "";
    const char *name = getenv("CC_WRITES_NAME");
    if (trouble == NULL || *trouble <= 0)
        return false;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    path[len < 0 ? 0 : len] = '\0';
    errno = *trouble;
    return strstr(path, name != NULL ? name : ".db") != NULL;
}

/* POSIX's way from the object that dlsym() gives to a function. */
static void find_next(const char *name, void *ret)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(ret, &symbol, sizeof(symbol));
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    static ssize_t (*next)(int, const void *, size_t);
    if (is_refused(fd))
        return -1;
    if (next == NULL)
        find_next("write", &next);
    return next(fd, bytes, len);
}

int statvfs(const char *path, struct statvfs *ret)
{
    static int (*next)(const char *, struct statvfs *);
    if (next == NULL)
        find_next("statvfs" LARGE, &next);
    int result = next(path, ret);
    if (result == 0 && trouble != NULL && *trouble < 0)
        ret->f_bavail = (fsblkcnt_t)(1000000 / ret->f_frsize);
    return result;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    static ssize_t (*next)(int, const void *, size_t, off_t);
    if (is_refused(fd))
        return -1;
    if (next == NULL)
        find_next("pwrite" LARGE, &next);
    return next(fd, bytes, len, at);
}

int ftruncate(int fd, off_t len)
{
    static int (*next)(int, off_t);
    if (is_refused(fd))
        return -1;
    if (next == NULL)
        find_next("ftruncate" LARGE, &next);
    return next(fd, len);
}

#if __SIZEOF_POINTER__ == 8
int statvfs64(const char *path, struct statvfs64 *ret)
{
    return statvfs(path, (struct statvfs *)ret); /* the same here */
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    return pwrite(fd, bytes, len, at); /* off_t has 64 bits here */
}

int ftruncate64(int fd, off64_t len)
{
    return ftruncate(fd, len);
}
#endif
