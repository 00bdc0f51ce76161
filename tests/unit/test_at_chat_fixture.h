/* SPDX-License-Identifier: EUPL-1.2 */
/* A chat and, at the other end of its line, a modem that a test plays. */
#ifndef CC_TEST_AT_CHAT_FIXTURE_H
#define CC_TEST_AT_CHAT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "at/chat.h"
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct scene {
    struct loop *loop;
    struct at_chat *chat;
    int modem; /* the other end of the line */
    bool up, lost;
    int replies;
    enum at_result result;
    struct gsm_cause cause;
    bool payload_sent;
    size_t line_count;
    char lines[512];
    char events[512]; /* unsolicited lines, each followed by ';', a PDU after '|' */
    unsigned nonsense[AT_NONSENSE_COUNT];
    unsigned odd_lines;
    bool free_in_reply, free_in_event;
};

static inline enum cc_err open_test(const char *address, void *user, int *ret_fd)
{
    struct scene *scene = user;
    int pair[2];
    (void)address;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    scene->modem = pair[1];
    *ret_fd = pair[0];
    return CC_OK;
}

static inline void append(char *to, size_t cap, const char *text, const char *end)
{
    size_t len = strlen(to);
    (void)snprintf(to + len, cap - len, "%s%s", text, end);
}

static inline void drop_chat(struct scene *scene)
{
    at_chat_free(scene->chat);
    scene->chat = NULL;
}

static inline void on_unsolicited(const char *line, const char *pdu, void *user)
{
    struct scene *scene = user;
    append(scene->events, sizeof(scene->events), line, pdu != NULL ? "|" : ";");
    scene->odd_lines += at_chat_line_is_odd(scene->chat);
    if (pdu != NULL)
        append(scene->events, sizeof(scene->events), pdu, ";");
    if (scene->free_in_event)
        drop_chat(scene);
}

static inline void on_up(void *user)
{
    ((struct scene *)user)->up = true;
}

static inline void on_lost(void *user)
{
    ((struct scene *)user)->lost = true;
}

static inline void on_nonsense(enum at_nonsense what, void *user)
{
    ((struct scene *)user)->nonsense[what]++;
}

static inline void on_reply(const struct at_reply *reply, void *user)
{
    struct scene *scene = user;
    scene->replies++;
    scene->result = reply->result;
    scene->cause = reply->cause;
    scene->payload_sent = reply->payload_sent;
    scene->line_count = reply->line_count;
    for (size_t i = 0; i < reply->line_count; i++)
        append(scene->lines, sizeof(scene->lines), reply->lines[i], ";");
    if (scene->free_in_reply)
        drop_chat(scene);
}

static const char *const event_prefixes[] = {"+CREG:", "^", NULL};
static const struct at_chat_events events = {
    .unsolicited = on_unsolicited,
    .up = on_up,
    .lost = on_lost,
    .nonsense = on_nonsense,
    .event_prefixes = {event_prefixes},
};

static inline void open_scene(struct scene *scene)
{
    const struct link_scheme schemes[] = {{"test:", open_test, scene}, {NULL, NULL, NULL}};
    memset(scene, 0, sizeof(*scene));
    scene->loop = loop_new();
    loop_drive(scene->loop, INT64_C(1795000000000));
    assert_int_equal(
        at_chat_open(scene->loop, "test:", schemes, NULL, &events, scene, &scene->chat), CC_OK);
    assert_false(scene->up); /* never from inside the call */
    for (int i = 0; i < 5 && !scene->up; i++)
        loop_step(scene->loop, 10000);
    assert_true(scene->up);
}

static inline void close_scene(struct scene *scene)
{
    at_chat_free(scene->chat);
    close(scene->modem);
    loop_free(scene->loop);
}

static inline int begin_scene(void **state)
{
    static struct scene scene;
    open_scene(&scene);
    *state = &scene;
    return 0;
}

static inline int end_scene(void **state)
{
    close_scene(*state);
    return 0;
}

/* A case with an open_scene() of its own, as *state. */
#define scene_test(test) cmocka_unit_test_setup_teardown(test, begin_scene, end_scene)

static inline void run(struct scene *scene)
{
    for (int i = 0; i < 8; i++)
        loop_step(scene->loop, 0);
}

static inline void heard(struct scene *scene, const char *expected)
{
    char bytes[1024];
    ssize_t n = read(scene->modem, bytes, sizeof(bytes) - 1);
    bytes[n > 0 ? n : 0] = '\0';
    assert_string_equal(bytes, expected);
}

static inline void say(struct scene *scene, const char *text, size_t len)
{
    assert_int_equal(write(scene->modem, text, len), (ssize_t)len);
    run(scene);
}

/* "\1" in `says` stands for the moment at which the payload must have been written. */
struct row {
    const char *name, *command, *prefix, *payload, *says;
    size_t min_fields;
    bool numeric;
    enum at_result result;
    int code;
    const char *lines, *events;
};

static inline void start(struct scene *scene, const struct row *row)
{
    char line[64];
    const struct at_request request = {
        .command = row->command,
        .prefix = row->prefix,
        .min_fields = row->min_fields,
        .payload = row->payload,
        .numeric = row->numeric,
        .wants_lines = strncmp(row->command, "AT+CMGR=", 8) == 0,
        .prompt_ms = 5000,
        .final_ms = 5000,
        .fn = on_reply,
        .user = scene,
    };
    assert_int_equal(at_chat_send(scene->chat, &request), CC_OK);
    assert_int_equal(at_chat_send(scene->chat, &request), CC_ERR_BUSY);
    run(scene);
    (void)snprintf(line, sizeof(line), "%s\r", row->command);
    heard(scene, line);
}

#endif
