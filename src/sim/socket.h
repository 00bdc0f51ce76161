/* SPDX-License-Identifier: EUPL-1.2 */
/* Listening sockets of simmodem; every descriptor is non-blocking and closed on exec. */
#ifndef CC_SIM_SOCKET_H
#define CC_SIM_SOCKET_H

/* On 127.0.0.1; port 0 takes a free one, *port says which. -1 with errno. */
int sim_socket_listen_tcp(int *port);
/* In place of a socket that an earlier run left behind, never of another kind of file. -1 with
 * errno. */
int sim_socket_listen_unix(const char *path);
/* -1 when nobody waits. */
int sim_socket_accept(int listener);

#endif
