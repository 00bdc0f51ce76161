/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/sealed_file.h"

#include "base/fsx.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PIECE_BYTES = 16 * 1024,
    OVERHEAD = crypto_secretstream_xchacha20poly1305_ABYTES,
    HEADER_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    PUSH_BYTES = 512 * 1024, /* between two starts of the disk's work */
};

_Static_assert((int)SEALED_FILE_KEY_BYTES == (int)crypto_secretstream_xchacha20poly1305_KEYBYTES,
               "the key is libsodium's");

typedef crypto_secretstream_xchacha20poly1305_state stream_state;

struct sealed_writer {
    int fd;
    stream_state state;
    uint8_t key[SEALED_FILE_KEY_BYTES];
    size_t len; /* in piece, which is written when more comes: the last one is marked */
    off_t written, pushed;
    uint8_t piece[PIECE_BYTES];
    uint8_t sealed[PIECE_BYTES + OVERHEAD];
};

struct sealed_reader {
    int fd;
    stream_state state;
    bool is_last; /* the piece that ends the file was read */
    size_t at, len;
    uint8_t piece[PIECE_BYTES];
    uint8_t sealed[PIECE_BYTES + OVERHEAD];
};

enum cc_err sealed_writer_new_after(const char *path, const uint8_t key[SEALED_FILE_KEY_BYTES],
                                    const void *head, size_t len, struct sealed_writer **ret)
{
    uint8_t header[HEADER_BYTES];
    struct sealed_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL)
        return CC_ERR_MEMORY;
    writer->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    memcpy(writer->key, key, sizeof(writer->key));
    crypto_secretstream_xchacha20poly1305_init_push(&writer->state, header, writer->key);
    bool is_begun = writer->fd >= 0 && fsx_write_all(writer->fd, head, len) &&
                    fsx_write_all(writer->fd, header, sizeof(header));
    if (!is_begun) {
        int error = errno;
        sealed_writer_free(writer);
        errno = error;
        return CC_ERR_IO;
    }
    *ret = writer;
    return CC_OK;
}

enum cc_err sealed_writer_new(const char *path, struct sealed_writer **ret)
{
    uint8_t key[SEALED_FILE_KEY_BYTES];
    secret_random(key, sizeof(key));
    enum cc_err err = sealed_writer_new_after(path, key, NULL, 0, ret);
    secret_wipe(key, sizeof(key));
    return err;
}

static enum cc_err write_piece(struct sealed_writer *writer, uint8_t tag)
{
    crypto_secretstream_xchacha20poly1305_push(&writer->state, writer->sealed, NULL, writer->piece,
                                               writer->len, NULL, 0, tag);
    if (!fsx_write_all(writer->fd, writer->sealed, writer->len + OVERHEAD))
        return CC_ERR_IO;
    writer->written += (off_t)(writer->len + OVERHEAD);
    writer->len = 0;
    if (writer->written - writer->pushed >= PUSH_BYTES) {
        (void)sync_file_range(writer->fd, writer->pushed, writer->written - writer->pushed,
                              SYNC_FILE_RANGE_WRITE);
        writer->pushed = writer->written;
    }
    return CC_OK;
}

enum cc_err sealed_writer_add(struct sealed_writer *writer, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    enum cc_err err = CC_OK;
    while (err == CC_OK && len > 0) {
        size_t room = sizeof(writer->piece) - writer->len, take = len < room ? len : room;
        memcpy(writer->piece + writer->len, at, take);
        writer->len += take;
        at += take;
        len -= take;
        if (len > 0)
            err = write_piece(writer, 0);
    }
    return err;
}

enum cc_err sealed_writer_finish(struct sealed_writer *writer,
                                 uint8_t ret_key[SEALED_FILE_KEY_BYTES])
{
    enum cc_err err = write_piece(writer, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    if (err == CC_OK)
        memcpy(ret_key, writer->key, sizeof(writer->key));
    return err;
}

void sealed_writer_free(struct sealed_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->fd >= 0)
        close(writer->fd);
    secret_wipe(writer, sizeof(*writer));
    free(writer);
}

enum cc_err sealed_reader_new_after(const char *path, const uint8_t key[SEALED_FILE_KEY_BYTES],
                                    size_t len, struct sealed_reader **ret)
{
    uint8_t header[HEADER_BYTES];
    struct sealed_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        return CC_ERR_MEMORY;
    reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum cc_err err = reader->fd >= 0 ? CC_OK : errno == ENOENT ? CC_ERR_NOT_FOUND : CC_ERR_IO;
    if (err == CC_OK && lseek(reader->fd, (off_t)len, SEEK_SET) < 0)
        err = CC_ERR_IO;
    if (err == CC_OK &&
        fsx_read_up_to(reader->fd, header, sizeof(header)) != (ssize_t)sizeof(header))
        err = CC_ERR_CORRUPT;
    if (err == CC_OK &&
        crypto_secretstream_xchacha20poly1305_init_pull(&reader->state, header, key) != 0)
        err = CC_ERR_CORRUPT;
    if (err == CC_OK)
        *ret = reader;
    else
        sealed_reader_free(reader);
    return err;
}

enum cc_err sealed_reader_new(const char *path, const uint8_t key[SEALED_FILE_KEY_BYTES],
                              struct sealed_reader **ret)
{
    return sealed_reader_new_after(path, key, 0, ret);
}

static bool read_piece(struct sealed_reader *reader)
{
    uint8_t tag = 0, behind;
    unsigned long long len = 0;
    ssize_t got = fsx_read_up_to(reader->fd, reader->sealed, sizeof(reader->sealed));
    if (got < OVERHEAD || crypto_secretstream_xchacha20poly1305_pull(
                              &reader->state, reader->piece, &len, &tag, reader->sealed,
                              (unsigned long long)got, NULL, 0) != 0)
        return false;
    reader->at = 0;
    reader->len = (size_t)len;
    reader->is_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    /* behind a last piece that is full there may be bytes that were not read with it */
    return !reader->is_last || fsx_read_up_to(reader->fd, &behind, 1) == 0;
}

ssize_t sealed_reader_take(struct sealed_reader *reader, void *out, size_t cap)
{
    if (reader->at == reader->len && !reader->is_last && !read_piece(reader))
        return -1;
    size_t left = reader->len - reader->at, take = left < cap ? left : cap;
    memcpy(out, reader->piece + reader->at, take);
    reader->at += take;
    return (ssize_t)take;
}

void sealed_reader_free(struct sealed_reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->fd >= 0)
        close(reader->fd);
    secret_wipe(reader, sizeof(*reader));
    free(reader);
}
