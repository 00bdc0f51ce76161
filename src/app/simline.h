/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The modem behind `dispositivo = "sim:"`: simulated in this process, on the same loop. With
 * "sim:PATH" its network and telephones answer on a Unix socket (hw/simmodem.md).
 */
#ifndef CC_APP_SIMLINE_H
#define CC_APP_SIMLINE_H

#include "base/loop.h"
#include "link/link.h"

struct simline;

/* control: PATH, "" = no socket. pin: what its SIM asks for; "" = none. Errors: CC_ERR_IO, logged.
 * Owns: simline_free(). */
enum cc_err simline_new(struct loop *loop, const char *control, const char *pin,
                        struct simline **ret) CC_MUST_CHECK;
void simline_free(struct simline *simline);
/* The kind of device to give the modem with; ends with a NULL prefix, lives as long as simline. */
const struct link_scheme *simline_schemes(const struct simline *simline);

#endif
