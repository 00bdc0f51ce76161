/* SPDX-License-Identifier: EUPL-1.2 */
/* The built-in kinds of device; each opener has the form of link_scheme.open. Private to link/. */
#ifndef CC_LINK_SCHEMES_H
#define CC_LINK_SCHEMES_H

#include "link/link.h"

/*
 * A real tty by libserialport: 115200 8N1, raw, no flow control, exclusive. Symbolic links are
 * resolved first, since libserialport 0.1.1 refuses them.
 */
enum cc_err scheme_serial_open(const char *path, void *user, int *ret_fd);
/* "127.0.0.1:5000", "[::1]:5000": numeric, so that no name server can stall the loop; "localhost"
 * is known. */
enum cc_err scheme_tcp_open(const char *address, void *user, int *ret_fd);
bool scheme_tcp_is_valid(const char *address);
enum cc_err scheme_unix_open(const char *path, void *user, int *ret_fd);
/* A pseudo-terminal, which libserialport cannot open. */
enum cc_err scheme_pty_open(const char *path, void *user, int *ret_fd);

/* Locks the line for a single owner by the kernel's lock, since TIOCEXCL does not stop root.
 * Errors: CC_ERR_DEVICE_BUSY. */
enum cc_err scheme_lock(int fd) CC_MUST_CHECK;
/* Closes a line that is locked, or needs no lock. Lets it be opened again, although another process
 * may have its descriptor: a child that has not run yet. */
void scheme_close(int fd);
/* errno to the error that says what to do about a device. */
enum cc_err scheme_error(int error);

#endif
