/* SPDX-License-Identifier: EUPL-1.2 */
/* The transport with a routes table of its own, over real sockets: what a handler may answer. */
#include "http/server.h"
#include "http/stream.h"
#include "service/access.h"
#include "test_store_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { HEADER_MS = 2000, BODY_MS = 200, PATIENCE_STEPS = 400, STEP_US = 5000 };

static const char page[] = "<!doctype html>";

/* The one stream of a test, and what its source has. */
static struct {
    struct stream *stream;
    char ready[64 * 1024];
    size_t len;
    unsigned opened, closed;
} events;

static size_t read_events(void *user, char *out, size_t cap)
{
    (void)user;
    size_t len = events.len < cap ? events.len : cap;
    memcpy(out, events.ready, len);
    memmove(events.ready, events.ready + len, events.len - len);
    events.len -= len;
    return len;
}

static void close_events(void *user)
{
    (void)user;
    events.stream = NULL;
    events.closed++;
}

static void put_events(const char *text)
{
    assert_true(events.len + strlen(text) <= sizeof(events.ready));
    memcpy(events.ready + events.len, text, strlen(text));
    events.len += strlen(text);
    stream_wake(events.stream);
}

static enum cc_err show_events(struct exchange *x, struct buf *out)
{
    static const struct stream_source source = {read_events, close_events, NULL};
    (void)out;
    enum cc_err err = stream_open(x, &source, &events.stream);
    events.opened += err == CC_OK;
    return err;
}

static enum cc_err show_page(struct exchange *x, struct buf *out)
{
    answer_add_header(&x->answer, "ETag", "\"1\"");
    const char *known = exchange_header(x, "If-None-Match");
    if (known != NULL && strcmp(known, "\"1\"") == 0)
        x->answer.status = MHD_HTTP_NOT_MODIFIED;
    else
        buf_str(out, page);
    return CC_OK;
}

static enum cc_err show_row(struct exchange *x, struct buf *out)
{
    buf_fmt(out, "%s %s", x->params[0].text, x->in[0].text != NULL ? x->in[0].text : "-");
    return CC_OK;
}

/* How often the row of a turn was read, and what its commit said. */
static struct {
    unsigned reads, told;
    bool was_kept, is_undone;
} turns;

static void on_commit(bool committed, void *user)
{
    (void)user;
    turns.told++;
    turns.was_kept = committed;
}

/* Another's row comes into the turn just before the read. */
static enum cc_err show_touched(struct exchange *x, struct buf *out)
{
    struct turn *turn = x->service->turn;
    if (turns.reads++ == 0) {
        assert_ok(turn_enter(turn));
        turn_leave(turn, store_touch(x->service->store, T0) == CC_OK);
        turn_after(turn, on_commit, NULL);
    }
    int64_t count = ask_int(x->service->store, "SELECT count(*) FROM meta WHERE name = 'touched'");
    if (x->params[0].len > 1 && count > 0)
        return CC_ERR_PHONE_IN_USE;
    buf_fmt(out, "filas: %lld", (long long)count);
    return CC_OK;
}

static void undo_turn(void *user)
{
    struct store *store = user;
    if (!turns.is_undone)
        db_rollback(store->db);
    turns.is_undone = true;
}

static enum cc_err touch_row(struct exchange *x, struct buf *out)
{
    buf_str(out, "escrito");
    return store_touch(x->service->store, T0);
}

static const struct json_shape query_shape = {
    .fields = {{"desde", .optional = true, .max_bytes = 8}}};

static const struct route table[] = {
    {"GET", "/eventos", CALLER_ANYONE, .status = 200, .type = "text/event-stream",
     .handler = show_events},
    {"GET", "/pagina", CALLER_ANYONE, .status = 200, .type = "text/html; charset=utf-8",
     .handler = show_page},
    {"GET", "/filas/{nombre}", CALLER_ANYONE, .status = 200, .type = "text/plain",
     .handler = show_row, .shape = &query_shape},
    {"GET", "/tocado/{que}", CALLER_CLIENT, .status = 200, .type = "text/plain",
     .on_loopback = true, .handler = show_touched},
    {"GET", "/escrito", CALLER_ANYONE, .status = 200, .type = "text/plain", .is_even = true,
     .writes = true, .handler = touch_row},
    {"GET", "/sesion", CALLER_SESSION, .status = 200, .handler = show_row},
};

struct bench {
    struct fixture *store;
    struct loop *loop;
    struct settings settings;
    struct service service;
    struct http *http;
};

static void set_up_with(void **state, struct loop *loop, struct bench *b)
{
    memset(&events, 0, sizeof(events));
    memset(&turns, 0, sizeof(turns));
    *b = (struct bench){.store = *state, .loop = loop};
    b->service = (struct service){.loop = b->loop,
                                  .store = &b->store->store,
                                  .turn = turn_new(b->loop, &b->store->store),
                                  .settings = &b->settings};
    assert_ok(access_new(&b->store->store, &b->service.access));
    const struct http_config config = {.routes = table,
                                       .route_count = sizeof(table) / sizeof(table[0]),
                                       .listen = "127.0.0.1:0",
                                       .control_path = "",
                                       .proxies = "",
                                       .trusted = "",
                                       .header_ms = HEADER_MS,
                                       .body_ms = BODY_MS,
                                       .idle_ms = HEADER_MS};
    assert_ok(http_new(&b->service, &config, &b->http));
}

static void set_up(void **state, struct bench *b)
{
    set_up_with(state, loop_new(), b);
}

static void tear_down(struct bench *b)
{
    http_free(b->http);
    access_free(b->service.access);
    turn_free(b->service.turn);
    loop_free(b->loop);
}

static int connect_to(const struct bench *b)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)http_port(b->http)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void send_line(int fd, const char *first_line)
{
    char text[512];
    int len = snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: localhost\r\n\r\n", first_line);
    assert_int_equal(send(fd, text, (size_t)len, 0), len);
}

static int send_request(const struct bench *b, const char *first_line)
{
    int fd = connect_to(b);
    send_line(fd, first_line);
    return fd;
}

/* Appends to text what the box sends, until wanted is in it; false if it never is. */
static bool wait_for(const struct bench *b, int fd, char *text, size_t cap, const char *wanted)
{
    for (int i = 0; i < PATIENCE_STEPS; i++) {
        size_t used = strlen(text);
        ssize_t len = recv(fd, text + used, cap - used - 1, MSG_DONTWAIT);
        text[used + (len > 0 ? (size_t)len : 0)] = '\0';
        if (strstr(text, wanted) != NULL)
            return true;
        (void)loop_step(b->loop, STEP_US);
    }
    return false;
}

static void expect(const struct bench *b, const char *first_line, const char *const wanted[])
{
    char text[2048] = "";
    int fd = send_request(b, first_line);
    for (size_t i = 0; wanted[i] != NULL; i++)
        if (!wait_for(b, fd, text, sizeof(text), wanted[i]))
            fail_msg("%s: no \"%s\" in: %s", first_line, wanted[i], text);
    close(fd);
}

static void test_pages_and_parameters(void **state)
{
    static const struct {
        const char *first_line;
        const char *wanted[5];
    } rows[] = {
        {"GET /pagina",
         {"200 OK", "Content-Type: text/html; charset=utf-8\r\n", "Cache-Control: no-store\r\n",
          "ETag: \"1\"\r\n", "\r\n\r\n<!doctype html>"}},
        {"HEAD /pagina", {"200 OK", "Content-Length: 15\r\n", "ETag: \"1\"\r\n", "\r\n\r\n"}},
        {"GET /filas/a%20%C3%B1",
         {"200 OK", "Content-Type: text/plain\r\n", "Cache-Control: no-store\r\n",
          "\r\n\r\na \xC3\xB1 -"}},
        {"GET /filas/b?desde=%31+2", {"200 OK", "\r\n\r\nb 1 2"}},
        {"GET /filas/b?otro=1", {"400 ", "field_unknown", "\"campo\":\"otro\""}},
        {"GET /filas/b?desde=1&desde=1", {"400 ", "json_duplicate", "\"campo\":\"desde\""}},
        {"GET /filas/b?desde=%", {"400 ", "query_format", "\"campo\":\"desde\""}},
        {"GET /filas/b?desde=123456789", {"422 ", "field_length", "\"campo\":\"desde\""}},
        {"GET /filas/%00", {"404 ", "not_found"}},
        {"GET /filas/%F1", {"404 ", "not_found"}},
        {"GET /filas/", {"404 ", "not_found"}},
        {"GET /pagina?desde=1", {"200 OK"}},
        {"POST /pagina", {"405 ", "Allow: GET, HEAD\r\n"}},
        {"GET /sesion", {"401 ", "unauthenticated"}},
    };
    static struct bench b;
    set_up(state, &b);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect(&b, rows[i].first_line,
               (const char *const[]){rows[i].wanted[0], rows[i].wanted[1], rows[i].wanted[2],
                                     rows[i].wanted[3], rows[i].wanted[4], NULL});
    expect(&b, "GET /pagina HTTP/1.1\r\nIf-None-Match: \"1\"\r\nX-Rest:",
           (const char *const[]){"304 Not Modified", "ETag: \"1\"\r\n", NULL});
    tear_down(&b);
}

static void test_a_stream_stays_open_and_ends_with_the_server(void **state)
{
    char text[4096] = "";
    static struct bench b;
    set_up(state, &b);
    int fd = send_request(&b, "GET /eventos");
    assert_true(wait_for(&b, fd, text, sizeof(text), "text/event-stream"));
    for (int i = 0; i < 3 * BODY_MS * 1000 / STEP_US; i++) /* longer than an answer may take */
        (void)loop_step(b.loop, STEP_US);
    put_events("data: uno\n\n");
    assert_true(wait_for(&b, fd, text, sizeof(text), "data: uno\n\n"));
    put_events("data: dos\n\n");
    assert_true(wait_for(&b, fd, text, sizeof(text), "data: dos\n\n"));
    assert_int_equal(events.closed, 0);
    http_drain(b.http);
    assert_true(wait_for(&b, fd, text, sizeof(text), "\r\n0\r\n\r\n"));
    assert_int_equal(events.closed, 1);
    close(fd);
    tear_down(&b);
}

static void test_the_server_ends_with_a_stream_open(void **state)
{
    char text[1024] = "";
    static struct bench b;
    set_up(state, &b);
    int fd = send_request(&b, "GET /eventos");
    assert_true(wait_for(&b, fd, text, sizeof(text), "text/event-stream"));
    tear_down(&b);
    assert_int_equal(events.closed, 1);
    close(fd);
}

static void step_until_closed(const struct bench *b, bool is_full)
{
    static char noise[8192];
    memset(noise, '.', sizeof(noise) - 1);
    for (int i = 0; i < PATIENCE_STEPS && events.closed == 0; i++) {
        if (is_full ? events.len + sizeof(noise) < sizeof(events.ready) : i % 8 == 0)
            put_events(is_full ? noise : ":\n\n");
        (void)loop_step(b->loop, STEP_US);
    }
}

static void test_a_client_that_hangs_up_is_noticed_at_the_next_bytes(void **state)
{
    char text[1024] = "";
    static struct bench b;
    set_up(state, &b);
    int fd = send_request(&b, "GET /eventos");
    assert_true(wait_for(&b, fd, text, sizeof(text), "text/event-stream"));
    close(fd);
    step_until_closed(&b, false);
    assert_int_equal(events.closed, 1);
    tear_down(&b);
}

static void test_a_client_that_does_not_read_is_closed(void **state)
{
    char text[1024] = "";
    static struct bench b;
    set_up(state, &b);
    int fd = send_request(&b, "GET /eventos");
    assert_true(wait_for(&b, fd, text, sizeof(text), "text/event-stream"));
    for (int i = 0; i < 40 && events.closed == 0; i++) /* some MB fill the sockets' buffers */
        step_until_closed(&b, true);
    assert_int_equal(events.closed, 1);
    close(fd);
    tear_down(&b);
}

static void test_streams_are_bounded(void **state)
{
    int fds[STREAMS_MAX + 1];
    char text[2048] = "";
    static struct bench b;
    set_up(state, &b);
    for (int i = 0; i < STREAMS_MAX; i++) {
        char header[1024] = "";
        fds[i] = send_request(&b, "GET /eventos");
        assert_true(wait_for(&b, fds[i], header, sizeof(header), "text/event-stream"));
    }
    fds[STREAMS_MAX] = send_request(&b, "GET /eventos");
    assert_true(wait_for(&b, fds[STREAMS_MAX], text, sizeof(text), "too_many_streams"));
    assert_non_null(strstr(text, "503 "));
    assert_non_null(strstr(text, "Retry-After: 1\r\n"));
    assert_int_equal(events.opened, STREAMS_MAX);
    tear_down(&b);
    assert_int_equal(events.closed, STREAMS_MAX);
    for (int i = 0; i <= STREAMS_MAX; i++)
        close(fds[i]);
}

static void test_the_head_of_a_stream_opens_none(void **state)
{
    static struct bench b;
    set_up(state, &b);
    expect(&b, "HEAD /eventos", (const char *const[]){"200 OK", "text/event-stream", NULL});
    for (int i = 0; i < PATIENCE_STEPS && events.closed == 0; i++)
        (void)loop_step(b.loop, STEP_US);
    assert_int_equal(events.closed, 1);
    tear_down(&b);
}

/* The answer must come, and not before the commit of the turn that it read: bytes that may leave go
 * before that, which is what the loop does last. */
static void expect_durable(struct bench *b, const char *path, const char *const wanted[])
{
    char line[128], text[2048] = "";
    (void)snprintf(line, sizeof(line), "GET %s", path);
    int fd = send_request(b, line);
    for (int i = 0; i < PATIENCE_STEPS && turns.told == 0; i++) {
        (void)loop_step(b->loop, STEP_US);
        assert_true(turns.told > 0 || recv(fd, text, sizeof(text), MSG_DONTWAIT | MSG_PEEK) < 0);
    }
    for (size_t i = 0; wanted[i] != NULL; i++)
        if (!wait_for(b, fd, text, sizeof(text), wanted[i]))
            fail_msg("%s: no \"%s\" in: %s", path, wanted[i], text);
    close(fd);
}

static void test_what_is_read_is_told_when_it_is_durable(void **state)
{
    static struct bench b;
    set_up(state, &b);
    expect_durable(&b, "/tocado/a", (const char *const[]){"200 OK", "filas: 1", NULL});
    assert_true(turns.was_kept);
    assert_int_equal(turns.reads, 1);
    tear_down(&b);
}

static void test_a_refusal_that_was_read_is_told_when_it_is_durable(void **state)
{
    static struct bench b;
    set_up(state, &b);
    expect_durable(&b, "/tocado/no", (const char *const[]){"409 ", "phone_in_use", NULL});
    assert_true(turns.was_kept);
    tear_down(&b);
}

static void test_what_was_undone_is_read_again(void **state)
{
    static const char *const paths[] = {"/tocado/a", "/tocado/no"};
    static struct bench b;
    for (size_t i = 0; i < 2; i++) {
        set_up(state, &b);
        turn_set_before(b.service.turn, undo_turn, b.service.store);
        expect_durable(&b, paths[i], (const char *const[]){"200 OK", "filas: 0", NULL});
        assert_false(turns.was_kept);
        assert_int_equal(turns.reads, 2);
        tear_down(&b);
    }
}

/* How many of these connections have an answer when the loop falls quiet and no time passes. */
static size_t count_answered(const struct bench *b, const int fds[], size_t count)
{
    size_t answered = 0;
    char byte;
    for (int i = 0; i < PATIENCE_STEPS; i++)
        (void)loop_step(b->loop, 0);
    for (size_t i = 0; i < count; i++)
        answered += recv(fds[i], &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
    return answered;
}

/* Of a few each is held until its step; of a crowd none is, the last ones neither. */
static void test_no_answer_of_a_crowd_is_held(void **state)
{
    static const struct {
        size_t count, at_once;
    } rows[] = {{1, 0}, {8, 0}, {9, 9}, {30, 30}};
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        static struct bench b;
        int fds[30];
        size_t count = rows[row].count;
        struct loop *loop = loop_new();
        loop_drive(loop, T0);
        set_up_with(state, loop, &b);
        for (size_t i = 0; i < count; i++)
            fds[i] = send_request(&b, "GET /escrito");
        assert_int_equal(count_answered(&b, fds, count), rows[row].at_once);
        while (count_answered(&b, fds, count) < count)
            (void)loop_step(loop, STEP_US);
        for (size_t i = 0; i < count; i++)
            close(fds[i]);
        tear_down(&b);
    }
}

/* A change of the key, a full disk or a crowded processor holds the loop up: a client whose request
 * has come meanwhile is not late, on a new connection or on one that was open. */
static void test_no_client_is_closed_for_our_delay(void **state)
{
    static struct bench b;
    char text[2048] = "";
    set_up(state, &b);
    int fd = connect_to(&b);
    for (int i = 0; i < 10; i++)
        (void)loop_step(b.loop, STEP_US);
    for (int n = 0; n < 2; n++) {
        send_line(fd, "GET /pagina");
        (void)usleep((HEADER_MS + 400) * 1000);
        text[0] = '\0';
        assert_true(wait_for(&b, fd, text, sizeof(text), page));
        for (int i = 0; i < 10; i++)
            (void)loop_step(b.loop, STEP_US);
    }
    (void)usleep((HEADER_MS + 400) * 1000);
    while (recv(fd, text, sizeof(text), MSG_DONTWAIT) !=
           0) /* nothing came: closed, if a sweep later */
        (void)loop_step(b.loop, STEP_US);
    close(fd);
    tear_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(test_pages_and_parameters),
        fixture_test(test_a_stream_stays_open_and_ends_with_the_server),
        fixture_test(test_the_server_ends_with_a_stream_open),
        fixture_test(test_a_client_that_hangs_up_is_noticed_at_the_next_bytes),
        fixture_test(test_a_client_that_does_not_read_is_closed),
        fixture_test(test_streams_are_bounded),
        fixture_test(test_the_head_of_a_stream_opens_none),
        fixture_test(test_what_is_read_is_told_when_it_is_durable),
        fixture_test(test_a_refusal_that_was_read_is_told_when_it_is_durable),
        fixture_test(test_what_was_undone_is_read_again),
        fixture_test(test_no_answer_of_a_crowd_is_held),
        fixture_test(test_no_client_is_closed_for_our_delay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
