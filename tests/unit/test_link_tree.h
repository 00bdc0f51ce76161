/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A /sys and a /dev of our own: the program starts itself once more with umockdev's library and
 * preload_serial.so, so that the folder it makes is what the kernel would show.
 */
#ifndef CC_TEST_LINK_TREE_H
#define CC_TEST_LINK_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "/sys/devices/pci0000:00/0000:00:14.0/usb1/"

static inline const char *place(const char *path)
{
    static char out[1024];
    (void)snprintf(out, sizeof(out), "%s%s", getenv("UMOCKDEV_DIR"), path);
    return out;
}

static inline void make_folders(const char *path)
{
    char folder[1024];
    (void)snprintf(folder, sizeof(folder), "%s", place(path));
    for (char *c = folder + 1; (c = strchr(c, '/')) != NULL; c++) {
        *c = '\0';
        assert_true(mkdir(folder, 0700) == 0 || errno == EEXIST);
        *c = '/';
    }
}

static inline void put(const char *folder, const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    make_folders(path);
    FILE *file = fopen(place(path), "w");
    assert_non_null(file);
    (void)fprintf(file, "%s\n", text);
    assert_int_equal(fclose(file), 0);
}

static inline void put_link(const char *path, const char *target)
{
    make_folders(path);
    assert_int_equal(symlink(target, place(path)), 0);
}

/* Once more, with the folder in place of /sys and /dev. */
static inline int start_again(char **argv, char *folder)
{
    char exe[512], preload[600];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    if (len < 0 || mkdtemp(folder) == NULL)
        return 1;
    exe[len] = '\0';
    (void)snprintf(preload, sizeof(preload), "%.*s/preload_serial.so:libumockdev-preload.so.0",
                   (int)(strrchr(exe, '/') - exe), exe);
    setenv("UMOCKDEV_DIR", folder, 1);
    setenv("LD_PRELOAD", preload, 1);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    execv(exe, argv);
    return 1;
}

static inline int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info, (void)kind, (void)where;
    return remove(path);
}

/* The tests in a folder of their own, which make() fills; the exit code. */
static inline int run_in_tree(char **argv, void (*make)(void), const struct CMUnitTest *tests,
                              size_t count)
{
    char folder[] = "/tmp/cc-link-XXXXXX";
    if (getenv("UMOCKDEV_DIR") == NULL)
        return start_again(argv, folder);
    make();
    int failed = _cmocka_run_group_tests("link", tests, count, NULL, NULL);
    (void)nftw(getenv("UMOCKDEV_DIR"), remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return failed;
}

#endif
