/* SPDX-License-Identifier: EUPL-1.2 */
/* The modem behind `dispositivo = "sim:"`: simulated in this process, on the same loop. */
#ifndef CC_APP_SIMLINE_H
#define CC_APP_SIMLINE_H

#include "base/loop.h"
#include "link/link.h"

struct simline;

/* pin: what its SIM asks for; "" = none. Owns: simline_free(). */
struct simline *simline_new(struct loop *loop, const char *pin);
void simline_free(struct simline *simline);
/* The kind of device to give the modem with; ends with a NULL prefix, lives as long as simline. */
const struct link_scheme *simline_schemes(const struct simline *simline);

#endif
