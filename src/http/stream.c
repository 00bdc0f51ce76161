/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/stream.h"

#include "http/door.h"
#include "http/identify.h"
#include "http/pump.h"

#include <stdlib.h>

enum { BLOCK_SIZE = 4096 };

struct stream {
    LIST_ENTRY(stream) link;
    struct http_context *context;
    struct MHD_Connection *connection;
    struct door *door;
    struct slot *slot;
    struct stream_source source;
    struct caller caller;
    const struct route *route;
    bool is_suspended;
    bool is_ended;
};

static void enter_phase(struct stream *stream, enum slot_phase phase)
{
    slot_enter(stream->slot, phase, loop_now_us(stream->context->service->loop));
}

/* Called by libmicrohttpd when the bytes before have been written to the socket. */
static ssize_t on_read(void *user, uint64_t position, char *out, size_t cap)
{
    struct stream *stream = user;
    (void)position;
    if (stream->is_ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    size_t len = stream->source.read(stream->source.user, out, cap);
    if (len > 0) {
        enter_phase(stream, SLOT_ANSWER);
        return (ssize_t)len;
    }
    stream->is_suspended = true;
    enter_phase(stream, SLOT_SERVING);
    MHD_suspend_connection(stream->connection);
    return 0;
}

/* A stream that was ended counts no more, though its connection may take a while to close. */
static void set_ended(struct stream *stream)
{
    if (!stream->is_ended)
        stream->context->stream_count--;
    stream->is_ended = true;
}

static void on_close(void *user)
{
    struct stream *stream = user;
    LIST_REMOVE(stream, link);
    set_ended(stream);
    stream->source.close(stream->source.user);
    free(stream);
}

static size_t count_streams(const struct http_context *context, const struct caller *caller,
                            struct stream **ret_oldest)
{
    size_t count = 0;
    *ret_oldest = NULL;
    for (struct stream *stream = LIST_FIRST(&context->streams); stream != NULL;
         stream = LIST_NEXT(stream, link)) {
        bool is_same = stream->caller.kind == caller->kind &&
                       stream->caller.operator_id == caller->operator_id;
        if (stream->is_ended || !is_same)
            continue;
        count++;
        *ret_oldest = stream;
    }
    return count;
}

/* The oldest stream of the person who has most, where that is more than the newcomer would have. */
static struct stream *find_victim(const struct http_context *context, const struct caller *newcomer)
{
    struct stream *oldest, *victim = NULL;
    size_t most = count_streams(context, newcomer, &oldest) + 1;
    for (struct stream *stream = LIST_FIRST(&context->streams); stream != NULL;
         stream = LIST_NEXT(stream, link)) {
        size_t count = count_streams(context, &stream->caller, &oldest);
        if (count > most) {
            most = count;
            victim = oldest;
        }
    }
    return victim;
}

/* False: all are taken, and nobody has more than a fair share of them. */
static bool make_room(struct http_context *context, const struct caller *newcomer)
{
    if (context->stream_count < STREAMS_MAX)
        return true;
    struct stream *victim = find_victim(context, newcomer);
    if (victim != NULL)
        stream_end(victim);
    return victim != NULL;
}

enum cc_err stream_open(struct exchange *x, const struct stream_source *source,
                        struct stream **ret_stream)
{
    struct http_context *context = x->context;
    if (!make_room(context, &x->caller))
        return CC_ERR_STREAMS;
    struct stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL)
        return CC_ERR_MEMORY;
    *stream = (struct stream){.context = context,
                              .connection = x->connection,
                              .door = x->side->door,
                              .slot = x->slot,
                              .caller = x->caller,
                              .route = x->route,
                              .source = *source};
    LIST_INSERT_HEAD(&context->streams, stream, link);
    context->stream_count++;
    x->stream = stream;
    *ret_stream = stream;
    return CC_OK;
}

bool stream_is_allowed(const struct stream *stream)
{
    struct service *service = stream->context->service;
    enum cc_err err =
        identify_still(service, &stream->caller, stream->route, service_now_ms(service));
    return err != CC_ERR_UNAUTHENTICATED && err != CC_ERR_FORBIDDEN;
}

void stream_wake(struct stream *stream)
{
    if (!stream->is_suspended)
        return;
    stream->is_suspended = false;
    enter_phase(stream, SLOT_ANSWER);
    MHD_resume_connection(stream->connection);
    pump_wake(door_pump(stream->door));
}

void stream_end(struct stream *stream)
{
    set_ended(stream);
    stream_wake(stream);
}

struct MHD_Response *stream_new_response(struct stream *stream, const struct answer *answer)
{
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_SIZE, on_read, stream, on_close);
    if (response == NULL) {
        on_close(stream);
        return NULL;
    }
    return answer_take_whole(response, answer_add_headers(answer, response));
}

void stream_end_all(struct http_context *context)
{
    for (struct stream *stream = LIST_FIRST(&context->streams); stream != NULL;
         stream = LIST_NEXT(stream, link))
        stream_end(stream);
}
