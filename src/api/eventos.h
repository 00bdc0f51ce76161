/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes what has happened (service/chronicle.h), with its sentences. */
#ifndef CC_API_EVENTOS_H
#define CC_API_EVENTOS_H

#include "base/buf.h"
#include "domain/text.h"
#include "service/service.h"

#include <stdint.h>

enum { EVENTOS_SHOWN = 50 };

/* Appends the member `sucesos`: the newest max since then, newest first. Errors: CC_ERR_DB. */
enum cc_err eventos_put(struct service *service, int64_t since_ms, int64_t max, enum text_lang lang,
                        struct buf *out) CC_MUST_CHECK;
/* Appends the events after this id as Server-Sent Events named `suceso`, oldest first, at most
 * EVENTOS_SHOWN. *ret_id: of the last one; unchanged when there is none. Errors: CC_ERR_DB. */
enum cc_err eventos_put_stream(struct service *service, int64_t after_id, enum text_lang lang,
                               struct buf *out, int64_t *ret_id) CC_MUST_CHECK;

#endif
