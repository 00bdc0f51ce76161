/* SPDX-License-Identifier: EUPL-1.2 */
#include "link/schemes.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAUD = 115200 };

enum cc_err scheme_error(int error)
{
    static const struct {
        int error;
        enum cc_err err;
    } rows[] = {
        {ENOENT, CC_ERR_DEVICE_MISSING},    {ENXIO, CC_ERR_DEVICE_MISSING},
        {ENODEV, CC_ERR_DEVICE_MISSING},    {ECONNREFUSED, CC_ERR_DEVICE_MISSING},
        {EBUSY, CC_ERR_DEVICE_BUSY},        {EAGAIN, CC_ERR_DEVICE_BUSY},
        {EACCES, CC_ERR_DEVICE_PERMISSION}, {EPERM, CC_ERR_DEVICE_PERMISSION},
        {ENOTTY, CC_ERR_DEVICE_NOT_TTY},    {EISDIR, CC_ERR_DEVICE_NOT_TTY},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].error == error)
            return rows[i].err;
    return CC_ERR_IO;
}

enum cc_err scheme_lock(int fd)
{
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return scheme_error(errno);
    /* refuses further opens by others; best effort, the lock above is what we rely on */
    (void)ioctl(fd, TIOCEXCL);
    return CC_OK;
}

void scheme_close(int fd)
{
    (void)ioctl(fd, TIOCNXCL);
    (void)flock(fd, LOCK_UN);
    close(fd);
}

/*
 * In one go: each change of a modem line is a transfer to the device, and one that hangs takes the
 * kernel 5 s each. DTR and RTS are up, since many modems are mute without (u-blox, Telit).
 */
static enum cc_err configure_port(struct sp_port *port)
{
    struct sp_port_config *config = NULL;
    if (sp_new_config(&config) != SP_OK)
        return CC_ERR_MEMORY;
    bool ok = sp_set_config_baudrate(config, BAUD) == SP_OK &&
              sp_set_config_bits(config, 8) == SP_OK &&
              sp_set_config_parity(config, SP_PARITY_NONE) == SP_OK &&
              sp_set_config_stopbits(config, 1) == SP_OK &&
              sp_set_config_flowcontrol(config, SP_FLOWCONTROL_NONE) == SP_OK &&
              sp_set_config_rts(config, SP_RTS_ON) == SP_OK &&
              sp_set_config_dtr(config, SP_DTR_ON) == SP_OK && sp_set_config(port, config) == SP_OK;
    int error = errno;
    sp_free_config(config);
    return ok ? CC_OK : scheme_error(error);
}

/* The lock before the speed: a line in use keeps its own. */
static enum cc_err take_line(struct sp_port *port, int *ret_fd)
{
    int handle = -1;
    if (sp_get_port_handle(port, &handle) != SP_OK)
        return CC_ERR_IO;
    int fd = fcntl(handle, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return CC_ERR_IO;
    enum cc_err err = scheme_lock(fd);
    if (err != CC_OK) {
        close(fd); /* the lock is another's */
        return err;
    }
    err = configure_port(port);
    if (err == CC_OK && fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) != 0)
        err = CC_ERR_IO;
    if (err == CC_OK)
        *ret_fd = fd;
    else
        scheme_close(fd);
    return err;
}

/*
 * libserialport opens and configures; the descriptor is then kept by dup(), so that one kind of
 * link serves every device. The line stays open, and so its lock, settings and DTR stay, across
 * sp_close().
 */
static enum cc_err open_port(struct sp_port *port, int *ret_fd)
{
    if (sp_open(port, SP_MODE_READ_WRITE) != SP_OK)
        return scheme_error(sp_last_error_code());
    enum cc_err err = take_line(port, ret_fd);
    sp_close(port);
    return err;
}

enum cc_err scheme_serial_open(const char *path, void *user, int *ret_fd)
{
    (void)user;
    char *real = realpath(path, NULL);
    if (real == NULL)
        return scheme_error(errno);
    struct sp_port *port = NULL;
    enum sp_return result = sp_get_port_by_name(real, &port);
    free(real);
    if (result != SP_OK) /* there, but no tty that the kernel lists */
        return result == SP_ERR_MEM ? CC_ERR_MEMORY : CC_ERR_DEVICE_NOT_TTY;
    enum cc_err err = open_port(port, ret_fd);
    sp_free_port(port);
    return err;
}
