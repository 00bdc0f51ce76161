/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/fsx.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ssize_t fsx_read_up_to(int fd, void *out, size_t cap)
{
    size_t len = 0;
    while (len < cap) {
        ssize_t n = read(fd, (char *)out + len, cap - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

enum cc_err fsx_read(const char *path, void *out, size_t cap, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? CC_ERR_NOT_FOUND : CC_ERR_IO;
    ssize_t len = fsx_read_up_to(fd, out, cap);
    char more;
    ssize_t beyond = len < 0 ? -1 : fsx_read_up_to(fd, &more, 1);
    close(fd);
    if (beyond < 0)
        return CC_ERR_IO;
    if (beyond > 0)
        return CC_ERR_NO_SPACE;
    *ret_len = (size_t)len;
    return CC_OK;
}

bool fsx_write_all(int fd, const void *bytes, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = write(fd, (const char *)bytes + done, len - done);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            done += (size_t)n;
    }
    return true;
}

/* Opens the folder of path; -1 on error. */
static int open_folder_of(const char *path, int flags)
{
    char *copy = strdup(path);
    int fd = copy != NULL ? open(dirname(copy), flags | O_CLOEXEC, S_IRUSR | S_IWUSR) : -1;
    free(copy);
    return fd;
}

/* A name is only durable once its folder is. */
static bool sync_folder_of(const char *path)
{
    int fd = open_folder_of(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0;
    close(fd);
    return ok;
}

/* The file systems of USB sticks have no modes of their own: who mounts one sets them for all. */
static bool set_mode(int fd, mode_t mode)
{
    return fchmod(fd, mode) == 0 || errno == EPERM;
}

static bool fill_buffer(int fd, const void *bytes, size_t len, mode_t mode)
{
    return fsx_write_all(fd, bytes, len) && set_mode(fd, mode) && fsync(fd) == 0;
}

/* The file has no name until it is whole: a process that is killed meanwhile leaves nothing. FAT,
 * NFS and FUSE have no such files; a machine without /proc cannot name one. */
static bool create_unnamed(const char *path, const void *bytes, size_t len, mode_t mode)
{
    char own[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
    int fd = open_folder_of(path, O_TMPFILE | O_WRONLY);
    if (fd < 0)
        return false;
    (void)snprintf(own, sizeof(own), "/proc/self/fd/%d", fd);
    bool is_named = fill_buffer(fd, bytes, len, mode) &&
                    linkat(AT_FDCWD, own, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return is_named;
}

/* Neither way replaces a file that is there already; a USB stick has no hard links for the first
 * (EPERM, or by its driver ENOSYS or EOPNOTSUPP), and some other file systems have not got the
 * second. */
static bool take_name(const char *temporary, const char *path)
{
    return link(temporary, path) == 0 ||
           (errno != EEXIST &&
            renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0);
}

/* temporary is a mkostemp(3) pattern; what it makes is gone again on return. */
static bool create_by_link(char *temporary, const char *path, const void *bytes, size_t len,
                           mode_t mode)
{
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return false;
    bool filled = fill_buffer(fd, bytes, len, mode);
    bool closed = close(fd) == 0;
    bool named = filled && closed && take_name(temporary, path);
    int error = errno;
    unlink(temporary);
    errno = error;
    return named;
}

enum cc_err fsx_create(const char *path, const void *bytes, size_t len, mode_t mode)
{
    char *temporary = NULL;
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return CC_ERR_MEMORY;
    bool is_made =
        create_unnamed(path, bytes, len, mode) || create_by_link(temporary, path, bytes, len, mode);
    free(temporary);
    if (!is_made)
        return CC_ERR_IO;
    if (!sync_folder_of(path)) {
        unlink(path);
        return CC_ERR_IO;
    }
    return CC_OK;
}

enum cc_err fsx_replace(const char *path, const void *bytes, size_t len, mode_t mode)
{
    char *temporary = NULL;
    if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
        return CC_ERR_MEMORY;
    int fd = mkostemp(temporary, O_CLOEXEC);
    bool is_filled = fd >= 0 && fill_buffer(fd, bytes, len, mode);
    bool is_closed = fd >= 0 && close(fd) == 0;
    bool is_done = is_filled && is_closed && rename(temporary, path) == 0;
    int error = errno;
    if (fd >= 0 && !is_done)
        unlink(temporary);
    free(temporary);
    errno = error;
    return is_done && sync_folder_of(path) ? CC_OK : CC_ERR_IO;
}

static bool sync_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0;
    return close(fd) == 0 && ok;
}

enum cc_err fsx_sync(const char *path)
{
    return sync_file(path) && sync_folder_of(path) ? CC_OK : CC_ERR_IO;
}

/* RENAME_NOREPLACE, not link(2): the file systems of USB sticks have no hard links. */
/* NFS, and most file systems of FUSE, know hard links and not this flag. */
static bool move_name(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    return errno == EINVAL && link(from, to) == 0 && unlink(from) == 0;
}

enum cc_err fsx_move_new(const char *from, const char *to)
{
    bool moved = sync_file(from) && move_name(from, to);
    return moved && sync_folder_of(to) ? CC_OK : CC_ERR_IO;
}

bool fsx_can_create(const char *path)
{
    char *copy = strdup(path);
    bool can = copy != NULL && access(dirname(copy), W_OK) == 0;
    free(copy);
    return can;
}

bool fsx_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}
