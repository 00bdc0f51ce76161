/* SPDX-License-Identifier: EUPL-1.2 */
/* Files: read whole or refused, made whole or not at all. */
#include "base/fsx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int __real_link(const char *from, const char *to);
int __real_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);
int __real_fchmod(int fd, mode_t mode);
int __real_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __wrap_link(const char *from, const char *to);
int __wrap_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);
int __wrap_fchmod(int fd, mode_t mode);
int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);

static char folder[64];
static bool is_stick;       /* FAT: neither hard links nor modes */
static int no_link = EPERM; /* how such a file system says so */
static bool is_killed;      /* a process that sets modes */
static bool is_remote;      /* NFS, FUSE: renameat2(2) without flags alone */

int __wrap_link(const char *from, const char *to)
{
    errno = no_link;
    return is_stick ? -1 : __real_link(from, to);
}

int __wrap_linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    errno = no_link;
    return is_stick ? -1 : __real_linkat(from_fd, from, to_fd, to, flags);
}

int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    errno = EINVAL;
    return is_remote && flags != 0 ? -1 : __real_renameat2(from_fd, from, to_fd, to, flags);
}

int __wrap_fchmod(int fd, mode_t mode)
{
    if (is_killed)
        (void)raise(SIGKILL);
    errno = EPERM;
    return is_stick ? -1 : __real_fchmod(fd, mode);
}

static const char *in_folder(const char *name)
{
    static char path[400];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/test_base_fsx.XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

/* Removes everything in the folder; returns how many files there were. */
static int empty_folder(void)
{
    int count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        unlink(in_folder(entry->d_name));
        count++;
    }
    closedir(dir);
    return count;
}

static int remove_folder(void **state)
{
    (void)state;
    empty_folder();
    return rmdir(folder);
}

static void reads_within_cap(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        size_t cap;
        enum cc_err err;
    } rows[] = {
        {"", 0, CC_OK},
        {"", 4, CC_OK},
        {"abcd", 4, CC_OK},
        {"abcd", 5, CC_OK},
        {"abcd", 3, CC_ERR_NO_SPACE},
        {"abcd", 0, CC_ERR_NO_SPACE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[8];
        size_t len = 77;
        size_t size = strlen(rows[i].content);
        assert_int_equal(fsx_create(in_folder("f"), rows[i].content, size, 0600), CC_OK);
        enum cc_err err = fsx_read(in_folder("f"), out, rows[i].cap, &len);
        if (err != rows[i].err)
            fail_msg("row %zu: %s", i, err_token(err));
        if (err == CC_OK && (len != size || memcmp(out, rows[i].content, len) != 0))
            fail_msg("row %zu: other content", i);
        if (err != CC_OK && len != 77)
            fail_msg("row %zu: length touched on failure", i);
        assert_int_equal(empty_folder(), 1);
    }
}

static void reading_fails_clearly(void **state)
{
    (void)state;
    char out[8];
    size_t len = 0;
    assert_int_equal(fsx_read(in_folder("none"), out, sizeof(out), &len), CC_ERR_NOT_FOUND);
    assert_int_equal(fsx_read(folder, out, sizeof(out), &len), CC_ERR_IO);
    assert_int_equal(fsx_read("/dev/null/x", out, sizeof(out), &len), CC_ERR_IO);
}

static void creates_with_exact_mode(void **state)
{
    (void)state;
    static const mode_t modes[] = {0400, 0600, 0640, 0644};
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct stat st;
        mode_t old = umask(0077);
        assert_int_equal(fsx_create(in_folder("m"), "x", 1, modes[i]), CC_OK);
        umask(old);
        assert_int_equal(stat(in_folder("m"), &st), 0);
        assert_int_equal(st.st_mode & 07777, modes[i]);
        assert_int_equal(st.st_nlink, 1);
        assert_true(fsx_exists(in_folder("m")));
        assert_int_equal(empty_folder(), 1);
        assert_false(fsx_exists(in_folder("m")));
    }
}

static void never_replaces(void **state)
{
    (void)state;
    char out[8];
    size_t len = 0;
    assert_int_equal(fsx_create(in_folder("k"), "old", 3, 0600), CC_OK);
    assert_int_equal(fsx_create(in_folder("k"), "new!", 4, 0600), CC_ERR_IO);
    assert_int_equal(fsx_read(in_folder("k"), out, sizeof(out), &len), CC_OK);
    assert_int_equal(len, 3);
    assert_memory_equal(out, "old", 3);
    /* and no temporary file is left beside it */
    assert_int_equal(empty_folder(), 1);
}

static void check_file(const char *name, const char *text, mode_t mode)
{
    char out[8];
    size_t len = 0;
    struct stat st;
    assert_int_equal(fsx_read(in_folder(name), out, sizeof(out), &len), CC_OK);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(out, text, len);
    assert_int_equal(stat(in_folder(name), &st), 0);
    assert_int_equal(st.st_mode & 07777, mode);
}

/* Writes a file that the disk takes only half of. */
static enum cc_err fill_disk(enum cc_err (*write_file)(const char *, const void *, size_t, mode_t),
                             const char *name)
{
    static char large[65536];
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    struct rlimit tight = {.rlim_cur = 4096, .rlim_max = old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    enum cc_err err = write_file(in_folder(name), large, sizeof(large), 0600);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    return err;
}

static void replaces_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(fsx_replace(in_folder("r"), "old", 3, 0644), CC_OK);
    check_file("r", "old", 0644);
    assert_int_equal(fsx_replace(in_folder("r"), "new!", 4, 0600), CC_OK);
    check_file("r", "new!", 0600);
    /* a disk that takes only half of it leaves the file that was there */
    assert_int_equal(fill_disk(fsx_replace, "r"), CC_ERR_IO);
    check_file("r", "new!", 0600);
    assert_int_equal(fsx_replace("/nonexistent/folder/f", "x", 1, 0600), CC_ERR_IO);
    assert_int_equal(mkdir(in_folder("d"), 0700), 0);
    assert_int_equal(fsx_replace(in_folder("d"), "x", 1, 0600), CC_ERR_IO);
    assert_int_equal(rmdir(in_folder("d")), 0);
    assert_int_equal(empty_folder(), 1);
}

static void leaves_nothing_behind(void **state)
{
    (void)state;
    assert_int_equal(fsx_create("/nonexistent/folder/f", "x", 1, 0600), CC_ERR_IO);
    assert_int_equal(fsx_create("/dev/null/f", "x", 1, 0600), CC_ERR_IO);

    /* a disk that takes only half of it */
    assert_int_equal(fill_disk(fsx_create, "big"), CC_ERR_IO);
    assert_int_equal(empty_folder(), 0);
}

static void leaves_nothing_when_it_is_killed(void **state)
{
    (void)state;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        is_killed = true;
        _exit(fsx_create(in_folder("key"), "key", 3, 0400) == CC_OK);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(empty_folder(), 0);
}

static void creates_by_bare_name(void **state)
{
    (void)state;
    char here[4096];
    assert_non_null(getcwd(here, sizeof(here)));
    assert_int_equal(chdir(folder), 0);
    enum cc_err err = fsx_create("bare", "x", 1, 0600);
    assert_int_equal(chdir(here), 0);
    assert_int_equal(err, CC_OK);
    assert_int_equal(empty_folder(), 1);
}

static void moves_and_never_replaces(void **state)
{
    (void)state;
    char from[400], to[400], text[8];
    size_t len = 0;
    (void)snprintf(from, sizeof(from), "%s", in_folder("from"));
    (void)snprintf(to, sizeof(to), "%s", in_folder("to"));
    assert_int_equal(fsx_move_new(from, to), CC_ERR_IO); /* there is nothing to move */
    assert_int_equal(fsx_create(from, "new", 3, 0600), CC_OK);
    assert_int_equal(fsx_create(to, "old", 3, 0600), CC_OK);
    assert_int_equal(fsx_move_new(from, to), CC_ERR_IO);
    assert_int_equal(fsx_read(to, text, sizeof(text), &len), CC_OK);
    assert_memory_equal(text, "old", 3);
    assert_int_equal(unlink(to), 0);
    assert_int_equal(fsx_move_new(from, to), CC_OK);
    assert_false(fsx_exists(from));
    assert_int_equal(fsx_sync(to), CC_OK);
    assert_int_equal(fsx_sync(from), CC_ERR_IO);
    assert_int_equal(empty_folder(), 1);
}

static void moves_on_another_machine(void **state)
{
    is_remote = true;
    moves_and_never_replaces(state);
    is_remote = false;
}

static void creates_on_a_stick(void **state)
{
    static const int ways[] = {EPERM, ENOSYS, EOPNOTSUPP};
    char text[8];
    size_t len = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        is_stick = true;
        no_link = ways[i];
        assert_int_equal(fsx_create(in_folder("key"), "key", 3, 0400), CC_OK);
        assert_int_equal(fsx_create(in_folder("key"), "new", 3, 0400), CC_ERR_IO);
        assert_int_equal(errno, EEXIST);
        is_stick = false;
        assert_int_equal(fsx_read(in_folder("key"), text, sizeof(text), &len), CC_OK);
        assert_memory_equal(text, "key", 3);
        assert_int_equal(empty_folder(), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_within_cap),
        cmocka_unit_test(reading_fails_clearly),
        cmocka_unit_test(creates_on_a_stick),
        cmocka_unit_test(creates_with_exact_mode),
        cmocka_unit_test(never_replaces),
        cmocka_unit_test(leaves_nothing_behind),
        cmocka_unit_test(creates_by_bare_name),
        cmocka_unit_test(moves_and_never_replaces),
        cmocka_unit_test(moves_on_another_machine),
        cmocka_unit_test(replaces_whole_or_not_at_all),
        cmocka_unit_test(leaves_nothing_when_it_is_killed),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
