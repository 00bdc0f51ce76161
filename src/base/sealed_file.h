/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A file that is sealed in pieces as its bytes come in and opened in pieces as they are asked for,
 * so that neither way needs the whole in memory. Each file has a key of its own, which is not in
 * it: without the key the file is noise. Source: libsodium's secretstream (XChaCha20-Poly1305).
 */
#ifndef CC_BASE_SEALED_FILE_H
#define CC_BASE_SEALED_FILE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SEALED_FILE_KEY_BYTES = 32 };

struct sealed_writer;
struct sealed_reader;

/* Makes a new file, 0600, and draws its key. Errors: CC_ERR_IO (with errno), CC_ERR_MEMORY. Owns:
 * sealed_writer_free(). */
enum cc_err sealed_writer_new(const char *path, struct sealed_writer **ret) CC_MUST_CHECK;
/* The same with a key of the caller's, behind a head of `len` bytes, which stands in clear at the
 * beginning of the file. Errors: as above. */
enum cc_err sealed_writer_new_after(const char *path, const uint8_t key[SEALED_FILE_KEY_BYTES],
                                    const void *head, size_t len,
                                    struct sealed_writer **ret) CC_MUST_CHECK;
/* Errors: CC_ERR_IO, with errno. */
enum cc_err sealed_writer_add(struct sealed_writer *writer, const void *bytes,
                              size_t len) CC_MUST_CHECK;
/*
 * Writes the last piece. Most of the file is on its way to the disk; fsx_sync() makes it durable.
 * Errors: as above.
 */
enum cc_err sealed_writer_finish(struct sealed_writer *writer,
                                 uint8_t ret_key[SEALED_FILE_KEY_BYTES]) CC_MUST_CHECK;
/* Closes; the file stays. Takes NULL. */
void sealed_writer_free(struct sealed_writer *writer);

/* Errors: CC_ERR_NOT_FOUND, CC_ERR_IO, CC_ERR_CORRUPT (no file of this kind, or another key),
 * CC_ERR_MEMORY. Owns: sealed_reader_free(). */
enum cc_err sealed_reader_new(const char *path, const uint8_t key[SEALED_FILE_KEY_BYTES],
                              struct sealed_reader **ret) CC_MUST_CHECK;
/* The same behind a head of `len` bytes, which the caller has read. Errors: as above. */
enum cc_err sealed_reader_new_after(const char *path, const uint8_t key[SEALED_FILE_KEY_BYTES],
                                    size_t len, struct sealed_reader **ret) CC_MUST_CHECK;
/* The next bytes, at most cap of them; 0 = the end, -1 = the file was cut short, changed, or cannot
 * be read. */
ssize_t sealed_reader_take(struct sealed_reader *reader, void *out, size_t cap);
/* Takes NULL. */
void sealed_reader_free(struct sealed_reader *reader);

#endif
