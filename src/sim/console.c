/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/console.h"

#include "sim/bytes.h"
#include "sim/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { REQUEST_MAX = 64 * 1024 };

struct client {
    struct client *next;
    struct sim_console *console;
    struct loop_source *source;
    int fd;
    struct sim_bytes in;
    struct sim_bytes out;
};

struct sim_console {
    struct loop *loop;
    struct sim *sim;
    struct loop_source *source;
    int fd;
    char *path;
    struct client *clients;
};

static void forget_client(struct client *client)
{
    struct client **at = &client->console->clients;
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
}

static void client_free(struct client *client)
{
    loop_source_free(client->source);
    close(client->fd);
    sim_bytes_done(&client->in);
    sim_bytes_done(&client->out);
    free(client);
}

static void answer_line(struct client *client, const char *line, size_t len)
{
    json_t *command = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    json_t *reply = json_is_object(command)
                        ? sim_control(client->console->sim, command)
                        : json_pack("{s:b, s:s}", "ok", 0, "error", "not a JSON object");
    char *text = json_dumps(reply, JSON_COMPACT);
    if (text != NULL)
        sim_bytes_str(&client->out, text);
    sim_bytes_str(&client->out, "\n");
    free(text);
    json_decref(reply);
    json_decref(command);
}

static void answer_lines(struct client *client)
{
    size_t done = 0;
    const uint8_t *end;
    while (done < client->in.len &&
           (end = memchr(client->in.data + done, '\n', client->in.len - done)) != NULL) {
        const char *line = (const char *)client->in.data + done;
        size_t len = (size_t)(end - client->in.data) - done;
        answer_line(client, line, len);
        done += len + 1;
    }
    sim_bytes_drop(&client->in, done);
}

/* False when the client has gone or is not one of ours. */
static bool serve_client(struct client *client)
{
    uint8_t bytes[4096];
    bool was_blocked = false;
    ssize_t n = read(client->fd, bytes, sizeof(bytes));
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return false;
    if (n > 0)
        sim_bytes_put(&client->in, bytes, (size_t)n);
    answer_lines(client);
    if (client->in.len > REQUEST_MAX || !sim_bytes_write(&client->out, client->fd, &was_blocked))
        return false;
    loop_fd_set_events(client->source, was_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
    return true;
}

static void on_client(uint32_t events, void *user)
{
    struct client *client = user;
    (void)events;
    if (serve_client(client))
        return;
    forget_client(client);
    client_free(client);
}

static void on_connection(uint32_t events, void *user)
{
    struct sim_console *console = user;
    (void)events;
    int fd = sim_socket_accept(console->fd);
    if (fd < 0)
        return;
    struct client *client = sim_alloc(1, sizeof(*client));
    client->console = console;
    client->fd = fd;
    client->source = loop_add_fd(console->loop, fd, EPOLLIN, on_client, client);
    client->next = console->clients;
    console->clients = client;
}

enum cc_err sim_console_open(struct loop *loop, struct sim *sim, const char *path,
                             struct sim_console **ret)
{
    int fd = sim_socket_listen_unix(path);
    if (fd < 0)
        return CC_ERR_IO;
    struct sim_console *console = sim_alloc(1, sizeof(*console));
    console->loop = loop;
    console->sim = sim;
    console->fd = fd;
    console->path = sim_strdup(path);
    console->source = loop_add_fd(loop, fd, EPOLLIN, on_connection, console);
    *ret = console;
    return CC_OK;
}

void sim_console_free(struct sim_console *console)
{
    if (console == NULL)
        return;
    for (struct client *client = console->clients, *next; client != NULL; client = next) {
        next = client->next;
        client_free(client);
    }
    loop_source_free(console->source);
    close(console->fd);
    unlink(console->path);
    free(console->path);
    free(console);
}
