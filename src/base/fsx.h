/* SPDX-License-Identifier: EUPL-1.2 */
/* Files, whole and durable. */
#ifndef CC_BASE_FSX_H
#define CC_BASE_FSX_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Reads until the end of the file or until cap bytes; -1 on error. */
ssize_t fsx_read_up_to(int fd, void *out, size_t cap);
/* Writes all of the bytes. False on error, errno is set. */
bool fsx_write_all(int fd, const void *bytes, size_t len) CC_MUST_CHECK;
/* Reads at most cap bytes. Errors: CC_ERR_NOT_FOUND, CC_ERR_IO, CC_ERR_NO_SPACE (file is larger).
 */
enum cc_err fsx_read(const char *path, void *out, size_t cap, size_t *ret_len) CC_MUST_CHECK;
/*
 * Makes a new file with exactly this content and, where the file system has modes, this mode, or
 * leaves nothing: no name, fsync, name (never an existing file's), fsync of the folder. Where the
 * file system has no files without a name (FAT, NFS, FUSE), a process that is killed meanwhile
 * leaves a file whose name is that of path with a random end. errno is set. Errors: CC_ERR_IO,
 * CC_ERR_MEMORY.
 */
enum cc_err fsx_create(const char *path, const void *bytes, size_t len, mode_t mode) CC_MUST_CHECK;
/*
 * As fsx_create(), and takes the place of a file that has the name already: at any instant there is
 * the old one or the new one, whole. errno is set. Errors: CC_ERR_IO, CC_ERR_MEMORY.
 */
enum cc_err fsx_replace(const char *path, const void *bytes, size_t len, mode_t mode) CC_MUST_CHECK;
/*
 * Makes the file `from` durable and gives it the name `to` in the same folder, which must be free;
 * the name is durable too. Logged by the caller, errno set. Errors: CC_ERR_IO.
 */
enum cc_err fsx_move_new(const char *from, const char *to) CC_MUST_CHECK;
/* Makes a file and its name durable. Errors: CC_ERR_IO. */
enum cc_err fsx_sync(const char *path) CC_MUST_CHECK;
bool fsx_exists(const char *path);
/* Whether the folder of path lets us make files. */
bool fsx_can_create(const char *path);

#endif
