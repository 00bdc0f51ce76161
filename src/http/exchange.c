/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/exchange.h"

#include "base/log.h"
#include "base/loop.h"
#include "http/answer.h"
#include "http/assets.h"
#include "http/door.h"
#include "http/gate.h"
#include "http/header.h"
#include "http/identify.h"
#include "http/language.h"
#include "http/pump.h"
#include "http/retry.h"
#include "http/stream.h"
#include "http/tally.h"
#include "http/upload.h"
#include "http/uri.h"
#include "service/access.h"

#include <stdio.h>
#include <stdlib.h>

/* Steps of the even routes, what is drawn behind a step, and how many answers may wait at once. */
enum { STEP_US = 2000, SPREAD_US = 2000, HELD_MAX = 8 };
enum { ROUND_US = 20 * 1000 };

static void suspend_request(struct exchange *x)
{
    x->context->waiting++;
    if (!x->course.is_suspended)
        MHD_suspend_connection(x->connection);
    x->course.is_suspended = true;
}

static void resume_request(struct exchange *x, enum MHD_Result result)
{
    if (result != MHD_YES)
        log_error("http: no se puede responder a %s", x->caller.name);
    x->course.is_suspended = false;
    MHD_resume_connection(x->connection);
    pump_wake(door_pump(x->side->door));
}

static void drop_answer(struct exchange *x)
{
    if (x->held.response != NULL)
        MHD_destroy_response(x->held.response);
    x->held.response = NULL;
    x->held.err = CC_OK;
}

static enum MHD_Result send_held(struct exchange *x)
{
    struct MHD_Response *response = x->held.response;
    enum cc_err err = x->held.err;
    if (err != CC_OK) {
        drop_answer(x);
        return exchange_send_problem(x, err);
    }
    x->held.response = NULL;
    return exchange_send(x, x->answer.status, response);
}

static enum MHD_Result serve_request(struct exchange *x);

/*
 * Where each request is some waits for a server, those that come at once would keep all else
 * waiting, in one run of libmicrohttpd or in one after the other. When they have had their time,
 * the others are put off until every source that is ready has had its turn.
 */
static bool must_put_off(const struct exchange *x)
{
    return turn_waits_for_server(x->service->turn) && x->side->served_us > ROUND_US &&
           x->context->round != NULL;
}

/* A timer has its turn behind what is ready already; a deferred source comes before all files. */
static void await_round(struct exchange *x)
{
    if (!x->context->awaits_round)
        loop_timer_in(x->context->round, 0);
    x->context->awaits_round = true;
}

static enum MHD_Result put_off(struct exchange *x)
{
    x->context->waiting++;
    x->course.is_parked = true;
    x->course.due = EXCHANGE_DUE_LATER;
    pump_park(door_pump(x->side->door));
    await_round(x);
    return MHD_YES;
}

/* The body is here, and so is the caller. */
static enum MHD_Result begin_to_serve(struct exchange *x)
{
    bool is_timed = turn_waits_for_server(x->service->turn);
    int64_t begun_us = is_timed ? loop_now_us(x->service->loop) : 0;
    if (x->problem.err == CC_OK)
        x->problem.err = identify_again(x);
    enum MHD_Result result =
        x->problem.err != CC_OK ? exchange_send_problem(x, x->problem.err) : serve_request(x);
    if (is_timed)
        x->side->served_us += loop_now_us(x->service->loop) - begun_us;
    return result;
}

static enum MHD_Result serve_again(struct exchange *x)
{
    drop_answer(x);
    x->answer = (struct answer){0};
    x->problem.field[0] = '\0';
    return serve_request(x);
}

static bool is_waiting_for_commit(const struct exchange *x)
{
    return x->held.response != NULL || x->held.err != CC_OK;
}

/* The wait for the commit is over: the answer goes out, or the request is served again. */
static void end_wait(struct exchange *x, enum exchange_due due)
{
    struct pump *pump = door_pump(x->side->door);
    x->context->waiting--;
    if (x->course.is_gone) {
        drop_answer(x);
        exchange_free(x);
    } else if (x->course.is_parked) {
        x->course.due = due;
        pump_wake(pump);
    } else {
        enum MHD_Result result = due == EXCHANGE_DUE_AGAIN ? serve_again(x) : send_held(x);
        if (!is_waiting_for_commit(x))
            resume_request(x, result);
    }
}

static void end_parking(struct exchange *x, struct pump *pump)
{
    x->context->waiting -= x->course.due == EXCHANGE_DUE_LATER;
    x->course.is_parked = false;
    x->course.due = EXCHANGE_DUE_NOTHING;
    pump_unpark(pump);
}

/* libmicrohttpd asks again for the answer to a request that is parked. */
static enum MHD_Result ask_parked(struct exchange *x)
{
    struct pump *pump = door_pump(x->side->door);
    enum exchange_due due = x->course.due;
    if (due == EXCHANGE_DUE_LATER && must_put_off(x)) {
        await_round(x);
        return MHD_YES;
    }
    if (due == EXCHANGE_DUE_NOTHING)
        return MHD_YES;
    pump_note_progress(pump);
    end_parking(x, pump);
    if (due == EXCHANGE_DUE_LATER)
        return begin_to_serve(x);
    return due == EXCHANGE_DUE_AGAIN ? serve_again(x) : send_held(x);
}

static void release(void *user)
{
    struct exchange *x = user, **link = &x->context->held;
    while (*link != x)
        link = &(*link)->held.next;
    *link = x->held.next;
    loop_source_free(x->held.timer);
    end_wait(x, EXCHANGE_DUE_ANSWER);
}

void exchange_release_all(struct http_context *context)
{
    while (context->held != NULL)
        release(context->held);
}

/*
 * Until the next step since the request was whole, and a time that is drawn: what a registered NIF
 * takes longer than an unknown one is far less than a step, and what the modem's work beside it
 * shifts is far less than the spread (DOMAIN 5). Where many wait, their number decides the time,
 * and nothing is held.
 */
static void hold(struct exchange *x)
{
    struct loop *loop = x->service->loop;
    int64_t since_us = x->slot->since_us, elapsed_us = loop_now_us(loop) - since_us;
    x->held.timer = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, release, x);
    x->held.next = x->context->held;
    x->context->held = x;
    loop_timer_set(x->held.timer, since_us + (elapsed_us / STEP_US + 1) * STEP_US +
                                      secret_random_below(SPREAD_US));
}

static void on_commit(bool committed, void *user)
{
    struct exchange *x = user;
    size_t crowd = turn_count_told(x->service->turn);
    bool are_few = crowd <= HELD_MAX && x->context->waiting <= HELD_MAX;
    if (!committed)
        x->held.err = CC_ERR_DB;
    if (x->held.err == CC_OK && !x->course.is_gone && x->route->is_even && are_few)
        hold(x);
    else
        end_wait(x, EXCHANGE_DUE_ANSWER);
}

/*
 * A request whose connection is not suspended already is parked: it stays with libmicrohttpd, which
 * asks for the answer on each of its runs. A commit is soon, and to suspend and to resume would
 * cost more than those few questions.
 */
static enum MHD_Result wait_for_commit(struct exchange *x, turn_fn fn)
{
    x->context->waiting++;
    if (!x->course.is_suspended) {
        x->course.is_parked = true;
        pump_park(door_pump(x->side->door));
    }
    turn_after(x->service->turn, fn, x);
    return MHD_YES;
}

static struct MHD_Response *make_answer(struct exchange *x, const struct buf *out)
{
    if (x->stream != NULL)
        return stream_new_response(x->stream, &x->answer);
    bool may_pack =
        x->route->packs && header_takes_gzip(exchange_header(x, MHD_HTTP_HEADER_ACCEPT_ENCODING));
    return may_pack ? answer_new_packed(&x->answer, out) : answer_new(&x->answer, out);
}

/* Inside the turn. Leaves the answer in x->held.response. */
static enum cc_err run_writer(struct exchange *x, struct buf *out)
{
    enum cc_err err = retry_run(x, out);
    if (err == CC_OK && x->caller.kind == CALLER_CLIENT) /* the turn shows what other boxes did */
        err = identify_still(x->service, &x->caller, x->route, x->now_ms);
    if (err != CC_OK)
        return err;
    if (!buf_ok(out))
        return CC_ERR_NO_SPACE;
    x->held.response = make_answer(x, out);
    return x->held.response == NULL ? CC_ERR_MEMORY : CC_OK;
}

/*
 * The answer of a success waits for the commit. A failure wrote nothing: it is answered at once,
 * but where the open turn has rows of others, which it may tell of.
 */
static enum MHD_Result write_and_wait(struct exchange *x, struct buf *out)
{
    struct turn *turn = x->service->turn;
    bool has_others = turn_is_open(turn);
    enum cc_err err = turn_enter(turn);
    if (err != CC_OK)
        return exchange_send_problem(x, err);
    err = run_writer(x, out);
    turn_leave(turn, err == CC_OK);
    if (err != CC_OK && !has_others)
        return exchange_send_problem(x, err);
    x->held.err = err;
    return wait_for_commit(x, on_commit);
}

/* What was read of a turn that is undone never was: it is read again. */
static void on_commit_of_others(bool committed, void *user)
{
    if (committed)
        on_commit(true, user);
    else
        end_wait(user, EXCHANGE_DUE_AGAIN);
}

/* Rows of an open turn are read as well, and told when they are durable. A probe tells of no row, a
 * stream of events that are durable and of figures that it tells anew each second. */
static bool may_tell_of_turn(const struct exchange *x)
{
    return turn_is_open(x->service->turn) && x->stream == NULL &&
           (x->route->callers & CALLER_ANYONE) == 0;
}

static enum MHD_Result read_and_answer(struct exchange *x, struct buf *out)
{
    enum cc_err err = exchange_handle(x, out);
    if (err == CC_OK && !buf_ok(out))
        err = CC_ERR_NO_SPACE;
    struct MHD_Response *response = err == CC_OK ? make_answer(x, out) : NULL;
    if (err == CC_OK && response == NULL)
        err = CC_ERR_MEMORY;
    if (may_tell_of_turn(x)) {
        x->held.response = response;
        x->held.err = err;
        return wait_for_commit(x, on_commit_of_others);
    }
    return err == CC_OK ? exchange_send(x, x->answer.status, response)
                        : exchange_send_problem(x, err);
}

static enum MHD_Result run_handler(struct exchange *x)
{
    struct buf out;
    (void)exchange_take_now(x);
    x->answer.status = x->route->status;
    x->answer.close = x->context->draining;
    x->answer.type = x->route->type;
    if (x->answer.type == NULL && x->route->status != MHD_HTTP_NO_CONTENT)
        x->answer.type = "application/json";
    buf_init(&out, x->context->answer, sizeof(x->context->answer));
    enum MHD_Result result = x->route->writes || x->route->is_audited ? write_and_wait(x, &out)
                                                                      : read_and_answer(x, &out);
    secret_wipe(out.data, out.len);
    return result;
}

static enum MHD_Result serve_asset(struct exchange *x)
{
    const struct asset_wish wish = {
        .language = MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, "idioma"),
        .cookie = exchange_header(x, MHD_HTTP_HEADER_COOKIE),
        .accept_language = exchange_header(x, MHD_HTTP_HEADER_ACCEPT_LANGUAGE),
        .accept_encoding = exchange_header(x, MHD_HTTP_HEADER_ACCEPT_ENCODING),
        .if_none_match = exchange_header(x, MHD_HTTP_HEADER_IF_NONE_MATCH),
    };
    unsigned status = 0;
    struct MHD_Response *response = assets_answer(x->asset, &wish, &status);
    return exchange_send(x, status, response);
}

static enum MHD_Result run_after(struct exchange *x)
{
    bool waits = false;
    (void)exchange_take_now(x);
    enum cc_err err = x->route->before(x, &waits);
    if (err != CC_OK)
        return exchange_send_problem(x, err);
    x->course.is_prepared = true;
    if (!waits)
        return run_handler(x);
    suspend_request(x);
    return MHD_YES;
}

/* in: lives as long as the call. */
static enum MHD_Result run_in_order(struct exchange *x, const struct json_value *in)
{
    x->in = in;
    bool must_wait = x->route->before != NULL && !x->course.is_prepared;
    enum MHD_Result result = must_wait ? run_after(x) : run_handler(x);
    x->in = NULL;
    return result;
}

static enum MHD_Result serve_query(struct exchange *x)
{
    struct json_value in[JSON_FIELDS_MAX];
    struct uri_query query;
    enum cc_err err = uri_read_query(x->connection, x->route->shape, &query, in, x->problem.field);
    return err == CC_OK ? run_in_order(x, in) : exchange_send_problem(x, err);
}

static enum MHD_Result serve_body(struct exchange *x)
{
    struct json_value in[JSON_FIELDS_MAX] = {{0}};
    struct json_body body;
    enum cc_err err =
        json_read(x->body.bytes, x->body.len, x->route->shape, &body, in, x->problem.field);
    enum MHD_Result result = err == CC_OK ? run_in_order(x, in) : exchange_send_problem(x, err);
    json_body_done(&body);
    return result;
}

/* The digest stands for the body where a repeated request is told from another. */
static enum MHD_Result serve_upload(struct exchange *x)
{
    struct json_value in[JSON_FIELDS_MAX];
    uint8_t digest[UPLOAD_DIGEST_BYTES];
    enum cc_err err = upload_end(x->upload, in, x->problem.field);
    if (err == CC_OK && x->body.len == 0) {
        upload_digest(x->upload, digest);
        x->body.cap = sizeof(digest);
        err = body_keep(&x->body, (const char *)digest, sizeof(digest));
    }
    return err == CC_OK ? run_in_order(x, in) : exchange_send_problem(x, err);
}

void exchange_go_on(enum cc_err err, void *exchange)
{
    struct exchange *x = exchange;
    x->context->waiting--;
    if (err == CC_OK)
        err = identify_again(x);
    enum MHD_Result result = err == CC_OK ? serve_request(x) : exchange_send_problem(x, err);
    if (!is_waiting_for_commit(x))
        resume_request(x, result);
}

/* The whole request is here. */
static enum MHD_Result serve_request(struct exchange *x)
{
    if (x->asset != NULL)
        return serve_asset(x);
    if (x->upload != NULL)
        return serve_upload(x);
    if (x->route->shape == NULL)
        return run_in_order(x, NULL);
    return route_is_get(x->route) ? serve_query(x) : serve_body(x);
}

static void take_body(struct exchange *x, const char *data, size_t len)
{
    x->body.received += len;
    if (x->problem.err != CC_OK)
        return;
    if (x->upload != NULL)
        x->problem.err = upload_take(x->upload, data, len, x->problem.field);
    else if (gate_takes_body(x))
        x->problem.err = body_keep(&x->body, data, len);
}

static enum MHD_Result begin_request(struct http_side *side, struct MHD_Connection *connection,
                                     const char *url, const char *method, const char *version,
                                     void **request)
{
    struct exchange *x = exchange_new(side->context);
    if (x == NULL)
        return MHD_NO;
    *request = x;
    x->context = side->context;
    x->service = side->context->service;
    x->caller.kind = CALLER_ANYONE;
    x->side = side;
    x->connection = connection;
    x->problem.lang = language_of_header(exchange_header(x, MHD_HTTP_HEADER_ACCEPT_LANGUAGE));
    exchange_take_address(x);
    x->slot = door_slot(connection);
    slot_enter(x->slot, SLOT_BODY, loop_now_us(x->service->loop));
    x->problem.err = gate_check_framing(x, method, version);
    if (x->problem.err == CC_OK)
        x->problem.err = gate_check(x, url, method);
    if (x->problem.err != CC_OK && gate_refuses_unread(x))
        return exchange_send_problem(x, x->problem.err);
    return MHD_YES;
}

enum MHD_Result exchange_on_request(void *user, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *data,
                                    size_t *data_len, void **request)
{
    struct exchange *x = *request;
    if (x != NULL && x->course.is_parked)
        return ask_parked(x);
    pump_note_progress(door_pump(((const struct http_side *)user)->door));
    if (x == NULL)
        return begin_request(user, connection, url, method, version, request);
    if (*data_len > 0) {
        take_body(x, data, *data_len);
        /* libmicrohttpd's own buffer, free for reuse once taken; when a client hangs up before its
           answer the library frees it as it is. */
        secret_wipe((void *)(uintptr_t)data, *data_len);
        *data_len = 0;
        return x->body.received > gate_received_max(x) ? MHD_NO : MHD_YES;
    }
    if (x->course.is_answered)
        return MHD_NO;
    x->course.is_answered = true;
    slot_enter(x->slot, SLOT_SERVING, loop_now_us(x->service->loop));
    return must_put_off(x) ? put_off(x) : begin_to_serve(x);
}

void exchange_on_completed(void *user, struct MHD_Connection *connection, void **request,
                           enum MHD_RequestTerminationCode reason)
{
    struct exchange *x = *request;
    struct pump *pump = door_pump(((const struct http_side *)user)->door);
    (void)connection;
    (void)reason;
    if (x == NULL)
        return;
    *request = NULL;
    pump_note_progress(pump);
    slot_enter(x->slot, SLOT_IDLE, loop_now_us(x->service->loop));
    x->course.is_gone = x->course.is_parked && x->course.due == EXCHANGE_DUE_NOTHING;
    if (x->course.is_gone)
        pump_unpark(pump);
    else if (x->course.is_parked)
        end_parking(x, pump);
    if (x->course.is_gone)
        return; /* the commit, or the time until which it is held, ends it */
    drop_answer(x);
    exchange_free(x);
}
