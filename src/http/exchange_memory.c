/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/exchange.h"
#include "http/upload.h"

#include <stdlib.h>
#include <string.h>

enum { SPARES_MAX = 64 };

struct exchange *exchange_new(struct http_context *context)
{
    struct exchange *x = context->spares;
    if (x == NULL)
        return calloc(1, sizeof(*x));
    context->spares = x->held.next;
    context->spare_count--;
    memset(x, 0, sizeof(*x));
    return x;
}

void exchange_free(struct exchange *x)
{
    struct http_context *context = x->context;
    body_done(&x->body);
    upload_free(x->upload);
    secret_wipe(&x->prepared, sizeof(x->prepared));
    secret_wipe(&x->cookies, sizeof(x->cookies));
    if (context->spare_count == SPARES_MAX) {
        free(x);
        return;
    }
    x->held.next = context->spares;
    context->spares = x;
    context->spare_count++;
}

void exchange_free_spares(struct http_context *context)
{
    for (struct exchange *x = context->spares, *next; x != NULL; x = next) {
        next = x->held.next;
        free(x);
    }
    context->spares = NULL;
    context->spare_count = 0;
}
