/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Gives a real daemon a serial port to test with: preloaded, it shows the folder CC_SERIAL_ROOT
 * (made by usb.py) as the parts of /sys and /dev that tell of ttys and USB, and it answers for the
 * ptys in there what a pty lacks of a serial port: the modem lines. What is set on them, and each
 * reset of a USB device, is written down in the folder. The daemon has no test door for this.
 */
#undef _FORTIFY_SOURCE /* its inline wrappers are the very functions that are replaced here */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/serial.h>
#include <linux/usbdevice_fs.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* What glibc exports without declaring it: fortified calls, and those of older programs. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __lxstat(int version, const char *path, struct stat *out);
int __xstat(int version, const char *path, struct stat *out);
char *__realpath_chk(const char *path, char *resolved, size_t cap);
ssize_t __readlink_chk(const char *path, char *out, size_t len, size_t cap);

enum { PLACE_MAX = 1024 }; /* a path in the folder; one that is longer is nobody's */

static char root[PLACE_MAX / 2];                 /* without links; empty: nothing is changed */
static atomic_int lines = TIOCM_DTR | TIOCM_RTS; /* as the kernel leaves them when a port opens */

/* NEXT(open): declares `real`, the function that this one stands before. */
#define NEXT(name)                                                                                 \
    __typeof__(&name) real = NULL;                                                                 \
    void *found = dlsym(RTLD_NEXT, #name);                                                         \
    memcpy(&real, &found, sizeof(found)) /* POSIX's way from object to function */

static char *next_realpath(const char *path, char *out)
{
    NEXT(realpath);
    return real(path, out);
}

static ssize_t next_readlink(const char *path, char *out, size_t cap)
{
    NEXT(readlink);
    return real(path, out, cap);
}

/* realpath(3), bounded. */
static bool resolve(const char *path, char *out, size_t cap)
{
    char *real_path = next_realpath(path, NULL);
    bool fits = real_path != NULL && snprintf(out, cap, "%s", real_path) < (int)cap;
    free(real_path);
    return fits;
}

__attribute__((constructor)) static void start(void)
{
    const char *folder = getenv("CC_SERIAL_ROOT");
    if (folder == NULL || !resolve(folder, root, sizeof(root)))
        root[0] = '\0';
}

static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static bool is_shown(const char *path)
{
    static const char *const folders[] = {"/sys/class/tty", "/sys/bus/usb", "/sys/devices",
                                          "/sys/fs/cgroup", "/dev/serial",  "/dev/bus/usb"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        if (is_below(path, folders[i]))
            return true;
    return strncmp(path, "/dev/tty", 8) == 0 && path[8] != '\0'; /* /dev/tty is the terminal's */
}

/* The path to use in place of this one; room is of PLACE_MAX. */
static const char *place_of(const char *path, char *room)
{
    if (root[0] == '\0' || !is_shown(path) ||
        snprintf(room, PLACE_MAX, "%s%s", root, path) >= PLACE_MAX)
        return path;
    return room;
}

/* ---- opening and looking ----------------------------------------------------------------------
 */

/* root may open anything; a node with no permission at all stands for one that is not ours. */
static bool is_denied(const char *place)
{
    struct stat info;
    return root[0] != '\0' && is_below(place, root) && stat(place, &info) == 0 &&
           S_ISREG(info.st_mode) && (info.st_mode & 0777) == 0;
}

static int open_place(int folder, const char *path, int flags, mode_t mode)
{
    char room[PLACE_MAX];
    const char *place = place_of(path, room);
    NEXT(openat);
    if (is_denied(place)) {
        errno = EACCES;
        return -1;
    }
    return real(folder, place, flags, mode);
}

static mode_t mode_of(int flags, va_list arguments)
{
    bool creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return creates ? (mode_t)va_arg(arguments, int) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_place(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_place(AT_FDCWD, path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_place(folder, path, flags, mode);
}

int __open_2(const char *path, int flags)
{
    return open_place(AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
    return open_place(AT_FDCWD, path, flags, 0);
}

FILE *fopen(const char *path, const char *mode)
{
    char room[PLACE_MAX];
    NEXT(fopen);
    return real(place_of(path, room), mode);
}

FILE *fopen64(const char *path, const char *mode)
{
    char room[PLACE_MAX];
    NEXT(fopen64);
    return real(place_of(path, room), mode);
}

DIR *opendir(const char *path)
{
    char room[PLACE_MAX];
    NEXT(opendir);
    return real(place_of(path, room));
}

int access(const char *path, int mode)
{
    char room[PLACE_MAX];
    const char *place = place_of(path, room);
    NEXT(access);
    if (mode != F_OK && is_denied(place)) {
        errno = EACCES;
        return -1;
    }
    return real(place, mode);
}

int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    char room[PLACE_MAX];
    NEXT(inotify_add_watch);
    return real(fd, place_of(path, room), mask);
}

int fstatat(int folder, const char *path, struct stat *out, int flags)
{
    char room[PLACE_MAX];
    NEXT(fstatat);
    return real(folder, place_of(path, room), out, flags);
}

int stat(const char *path, struct stat *out)
{
    return fstatat(AT_FDCWD, path, out, 0);
}

int lstat(const char *path, struct stat *out)
{
    return fstatat(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}

int __xstat(int version, const char *path, struct stat *out)
{
    (void)version;
    return fstatat(AT_FDCWD, path, out, 0);
}

int __lxstat(int version, const char *path, struct stat *out)
{
    (void)version;
    return fstatat(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}

/* ---- links ------------------------------------------------------------------------------------
 */

ssize_t readlink(const char *path, char *out, size_t cap)
{
    char room[PLACE_MAX];
    return next_readlink(place_of(path, room), out, cap);
}

ssize_t __readlink_chk(const char *path, char *out, size_t len, size_t cap)
{
    return readlink(path, out, len < cap ? len : cap);
}

/* path[PLACE_MAX] with its folder free of links; the last name may be one. */
static bool tidy(char *path)
{
    char folder[PLACE_MAX], name[NAME_MAX + 1];
    char *slash = strrchr(path, '/');
    if (slash == NULL || strlen(slash + 1) > NAME_MAX)
        return false;
    (void)snprintf(name, sizeof(name), "%s", slash + 1);
    *slash = '\0';
    return resolve(path, folder, sizeof(folder)) &&
           snprintf(path, PLACE_MAX, "%s/%s", folder, name) < PLACE_MAX;
}

/* One link further, as long as that stays in the tree. */
static bool follow(char *path)
{
    char target[PLACE_MAX / 2], next[PLACE_MAX];
    ssize_t len = next_readlink(path, target, sizeof(target) - 1);
    if (len < 0)
        return false;
    target[len] = '\0';
    int folder = target[0] == '/' ? 0 : (int)(strrchr(path, '/') - path);
    if (snprintf(next, sizeof(next), "%.*s/%s", folder, path, target) >= PLACE_MAX || !tidy(next) ||
        !is_below(next, root))
        return false;
    memcpy(path, next, sizeof(next));
    return true;
}

/* A node, ttyUSB2, is in truth a link, to a pty: of that nothing is told. */
char *realpath(const char *path, char *resolved)
{
    char room[PLACE_MAX], end[PLACE_MAX];
    if (place_of(path, room) != room)
        return next_realpath(path, resolved);
    if (!resolve(room, end, sizeof(end)))
        return NULL;
    if (is_below(end, root))
        memcpy(room, end, sizeof(end));
    else
        for (int links = 0; tidy(room) && links < 8 && follow(room);)
            links++;
    char *shown = strdup(room + strlen(root));
    if (shown == NULL || resolved == NULL)
        return shown;
    memcpy(resolved, shown, strlen(shown) + 1);
    free(shown);
    return resolved;
}

char *__realpath_chk(const char *path, char *resolved, size_t cap)
{
    return cap < PATH_MAX ? NULL : realpath(path, resolved);
}

/* ---- what a pty cannot do ---------------------------------------------------------------------
 */

static void write_down(const char *file, const char *text)
{
    char path[PLACE_MAX];
    (void)snprintf(path, sizeof(path), "%s/%s", root, file);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        abort(); /* a test that cannot write its log is no test */
    close(fd);
}

static int set_lines(int now)
{
    char text[32];
    lines = now;
    (void)snprintf(text, sizeof(text), "dtr=%d rts=%d\n", (now & TIOCM_DTR) != 0,
                   (now & TIOCM_RTS) != 0);
    write_down("lines.log", text);
    return 0;
}

static int serial_request(unsigned long request, void *argument, int error)
{
    switch (request) {
    case TIOCMGET:
        *(int *)argument = lines | TIOCM_CTS | TIOCM_DSR | TIOCM_CAR;
        return 0;
    case TIOCMSET:
        return set_lines(*(int *)argument);
    case TIOCMBIS:
        return set_lines(lines | *(int *)argument);
    case TIOCMBIC:
        return set_lines(lines & ~*(int *)argument);
    case TIOCGSERIAL:
        *(struct serial_struct *)argument = (struct serial_struct){.type = PORT_16550A};
        return 0;
    case TIOCSBRK:
    case TIOCCBRK:
        return 0;
    default: /* TCGETX and its kin: a serial port of today's kernels does not have them either */
        errno = error;
        return -1;
    }
}

/* Which node of the fake /dev/bus/usb this is, "001/005"; false if it is none. */
static bool usb_node(int fd, char *out, size_t cap)
{
    char link[64], path[PLACE_MAX], folder[PLACE_MAX];
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = next_readlink(link, path, sizeof(path) - 1);
    if (len < 0)
        return false;
    path[len] = '\0';
    int prefix = snprintf(folder, sizeof(folder), "%s/dev/bus/usb/", root);
    return strncmp(path, folder, (size_t)prefix) == 0 &&
           snprintf(out, cap, "%s", path + prefix) < (int)cap;
}

static int usb_reset(int fd, int error)
{
    char node[16], text[32];
    if (!usb_node(fd, node, sizeof(node))) {
        errno = error;
        return -1;
    }
    (void)snprintf(text, sizeof(text), "reset %s\n", node);
    write_down("usb.log", text);
    return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    NEXT(ioctl);
    int result = real(fd, request, argument);
    int error = errno;
    if (result >= 0 || root[0] == '\0' || (error != ENOTTY && error != EINVAL))
        return result;
    if (request == USBDEVFS_RESET)
        return usb_reset(fd, error);
    if (isatty(fd))
        return serial_request(request, argument, error);
    errno = error;
    return result;
}
