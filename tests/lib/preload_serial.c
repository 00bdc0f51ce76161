/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What umockdev does not do for a serial port that is in truth a pty. umockdev shows the folder
 * UMOCKDEV_DIR (made by usb.py) as /sys and /dev, and brings uevents; its answers to ioctl() would
 * need its own server in each test. Preloaded before umockdev, this library
 *   - answers for a pty's modem lines, and writes down what is set on them (lines.log) and each
 *     reset of a USB device (usb.log);
 *   - tells nothing of the pty behind /dev/ttyUSB2 (realpath);
 *   - denies nodes without any permission, to root too.
 */
#undef _FORTIFY_SOURCE /* its inline wrappers are the very functions that are replaced here */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/serial.h>
#include <linux/usbdevice_fs.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* glibc exports these without declaring them: the fortified calls. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
char *__realpath_chk(const char *path, char *resolved, size_t cap);

enum { PLACE_MAX = 1024 };

static atomic_int lines = TIOCM_DTR | TIOCM_RTS; /* as the kernel leaves them when a port opens */

/* NEXT(open): declares `real`, the function that this one stands before. */
#define NEXT(name)                                                                                 \
    __typeof__(&name) real = NULL;                                                                 \
    void *found = dlsym(RTLD_NEXT, #name);                                                         \
    memcpy(&real, &found, sizeof(found)) /* POSIX's way from object to function */

static const char *root(void)
{
    const char *folder = getenv("UMOCKDEV_DIR");
    return folder != NULL ? folder : "";
}

/* Where the node of this path is in the folder; false: it is none of ours. */
static bool find_node(const char *path, char place[PLACE_MAX])
{
    struct stat info;
    return root()[0] != '\0' && strncmp(path, "/dev/", 5) == 0 &&
           snprintf(place, PLACE_MAX, "%s%s", root(), path) < PLACE_MAX && lstat(place, &info) == 0;
}

static bool is_denied(const char *place)
{
    struct stat info;
    return lstat(place, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 0777) == 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* By openat(): umockdev's open() wants its server for the ioctl() calls on a node. */
static int open_path(const char *path, int flags, mode_t mode)
{
    char place[PLACE_MAX];
    NEXT(openat);
    if (find_node(path, place) && is_denied(place)) {
        errno = EACCES;
        return -1;
    }
    return real(AT_FDCWD, path, flags, mode);
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
    return open_path(path, flags, mode);
}

#if __SIZEOF_POINTER__ == 8 /* otherwise open() is compiled as open64() */
int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_path(path, flags, mode);
}
#endif

int __open_2(const char *path, int flags)
{
    return open_path(path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
    return open_path(path, flags, 0);
}

int access(const char *path, int mode)
{
    char place[PLACE_MAX];
    NEXT(access);
    if (mode != F_OK && find_node(path, place) && is_denied(place)) {
        errno = EACCES;
        return -1;
    }
    return real(path, mode);
}

/*
 * glibc's own. umockdev's cuts its folder's length off each answer, and a node that comes up while
 * it looks leads to a pty outside of the folder: it would then write before the answer's memory.
 */
static char *libc_realpath(const char *path, char *resolved)
{
    static char *(*libc)(const char *, char *);
    if (libc == NULL) {
        void *found = dlsym(dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD), "realpath");
        memcpy(&libc, &found, sizeof(found));
    }
    return libc(path, resolved);
}

/* A name by-id leads to a node, and there the way ends: the node's link to a pty is not followed.
 */
char *realpath(const char *path, char *resolved)
{
    char place[PLACE_MAX], target[PLACE_MAX] = "";
    NEXT(realpath);
    if (!find_node(path, place))
        return strncmp(path, "/dev/", 5) == 0 ? libc_realpath(path, resolved)
                                              : real(path, resolved);
    char *end = libc_realpath(place, NULL);
    if (end == NULL)
        return NULL;
    free(end);
    bool is_name = readlink(place, target, sizeof(target) - 1) > 0 && target[0] != '/';
    char *shown = resolved != NULL ? resolved : malloc(PATH_MAX);
    if (shown == NULL)
        abort();
    (void)snprintf(shown, PATH_MAX, "%s%s", is_name ? "/dev" : "",
                   is_name ? strrchr(target, '/') : path);
    return shown;
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
    (void)snprintf(path, sizeof(path), "%s/%s", root(), file);
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

/* Finds the node of the fake /dev/bus/usb behind fd, "001/005"; false if there is none. */
static bool usb_node(int fd, char *out, size_t cap)
{
    char link[64], path[PLACE_MAX], folder[PLACE_MAX];
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    if (len < 0)
        return false;
    path[len] = '\0';
    int prefix = snprintf(folder, sizeof(folder), "%s/dev/bus/usb/", root());
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
    if (result >= 0 || root()[0] == '\0' || (error != ENOTTY && error != EINVAL))
        return result;
    if (request == USBDEVFS_RESET)
        return usb_reset(fd, error);
    if (isatty(fd))
        return serial_request(request, argument, error);
    errno = error;
    return result;
}
