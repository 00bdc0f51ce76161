/* SPDX-License-Identifier: EUPL-1.2 */
/* Files sealed in pieces: what was written is read again, and nothing else is. */
#include "base/sealed_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 16 * 1024, MOST = 5 * PIECE };

struct fixture {
    char folder[64], path[80];
    uint8_t key[SEALED_FILE_KEY_BYTES];
    uint8_t plain[MOST], read[MOST + 1];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    const char *tmp = getenv("TMPDIR");
    assert_non_null(f);
    (void)snprintf(f->folder, sizeof(f->folder), "%.40s/sealed.XXXXXX", tmp != NULL ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->path, sizeof(f->path), "%s/file", f->folder);
    for (size_t i = 0; i < sizeof(f->plain); i++)
        f->plain[i] = (uint8_t)(i * 31 + i / 251);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    (void)unlink(f->path);
    (void)rmdir(f->folder);
    free(f);
    return 0;
}

static void write_file(struct fixture *f, size_t len, size_t step)
{
    struct sealed_writer *writer = NULL;
    (void)unlink(f->path);
    assert_int_equal(sealed_writer_new(f->path, &writer), CC_OK);
    for (size_t at = 0; at < len; at += step)
        assert_int_equal(
            sealed_writer_add(writer, f->plain + at, len - at < step ? len - at : step), CC_OK);
    assert_int_equal(sealed_writer_finish(writer, f->key), CC_OK);
    sealed_writer_free(writer);
}

/* The length of what opens; -1 where it fails on the way. */
static ssize_t read_file(struct fixture *f, const uint8_t *key, size_t step)
{
    struct sealed_reader *reader = NULL;
    size_t len = 0;
    ssize_t got = -1;
    if (sealed_reader_new(f->path, key, &reader) == CC_OK)
        while ((got = sealed_reader_take(reader, f->read + len, step)) > 0)
            len += (size_t)got;
    sealed_reader_free(reader);
    return got < 0 ? -1 : (ssize_t)len;
}

static void each_length_comes_back(void **state)
{
    static const size_t lengths[] = {0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, MOST};
    static const size_t steps[] = {7777, PIECE, MOST};
    struct fixture *f = *state;
    struct stat st;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        for (size_t j = 0; j < sizeof(steps) / sizeof(steps[0]); j++) {
            write_file(f, lengths[i], steps[j]);
            assert_int_equal(read_file(f, f->key, steps[j]), lengths[i]);
            assert_memory_equal(f->read, f->plain, lengths[i]);
        }
    }
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void what_was_changed_does_not_open(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    write_file(f, 3 * PIECE + 5, PIECE);
    assert_int_equal(stat(f->path, &st), 0);
    uint8_t wrong[SEALED_FILE_KEY_BYTES];
    memcpy(wrong, f->key, sizeof(wrong));
    wrong[0] ^= 1;
    assert_int_equal(read_file(f, wrong, MOST), -1);
    for (off_t at = 3; at < st.st_size; at += 4099) { /* a bit anywhere, the header too */
        uint8_t byte = 0;
        int fd = open(f->path, O_RDWR | O_CLOEXEC);
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 4;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        assert_int_equal(read_file(f, f->key, MOST), -1);
        byte ^= 4;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        close(fd);
    }
    assert_int_equal(read_file(f, f->key, MOST), 3 * PIECE + 5);
}

static void what_was_cut_does_not_end(void **state)
{
    struct fixture *f = *state;
    static const off_t lengths[] = {0, 10, 24, 30, 24 + PIECE + 17, 24 + 2 * (PIECE + 17) - 1};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        write_file(f, 2 * PIECE + 9, PIECE);
        assert_int_equal(truncate(f->path, lengths[i]), 0);
        assert_int_equal(read_file(f, f->key, MOST), -1);
    }
}

/* Also behind a last piece that is full, with which nothing else is read. */
static void what_was_added_does_not_open(void **state)
{
    struct fixture *f = *state;
    static const size_t lengths[] = {0, 9, PIECE, 2 * PIECE};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        write_file(f, lengths[i], PIECE);
        int fd = open(f->path, O_WRONLY | O_APPEND | O_CLOEXEC);
        assert_int_equal(write(fd, "x", 1), 1);
        close(fd);
        assert_int_equal(read_file(f, f->key, MOST), -1);
    }
}

static void files_that_are_there_or_not(void **state)
{
    struct fixture *f = *state;
    struct sealed_writer *writer = NULL;
    struct sealed_reader *reader = NULL;
    assert_int_equal(sealed_reader_new(f->path, f->key, &reader), CC_ERR_NOT_FOUND);
    write_file(f, 5, 5);
    assert_int_equal(sealed_writer_new(f->path, &writer), CC_ERR_IO);
    assert_null(writer);
    assert_null(reader);
    sealed_writer_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_length_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_changed_does_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_cut_does_not_end, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_added_does_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(files_that_are_there_or_not, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
