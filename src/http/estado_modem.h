/* SPDX-License-Identifier: EUPL-1.2 */
/* One modem as an object of GET /v1/estado: what it is, how it is, what it has told. */
#ifndef CC_HTTP_ESTADO_MODEM_H
#define CC_HTTP_ESTADO_MODEM_H

#include "base/buf.h"
#include "modem/modem.h"

void estado_put_modem(struct buf *out, const struct modem *modem);

#endif
