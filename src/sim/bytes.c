/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void *sim_alloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        abort();
    return memory;
}

char *sim_strdup(const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL)
        abort();
    return copy;
}

void sim_bytes_put(struct sim_bytes *b, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    if (b->len + len > b->cap) {
        size_t cap = 2 * (b->len + len) + 256;
        uint8_t *grown = realloc(b->data, cap);
        if (grown == NULL)
            abort();
        b->data = grown;
        b->cap = cap;
    }
    memcpy(b->data + b->len, bytes, len);
    b->len += len;
}

void sim_bytes_str(struct sim_bytes *b, const char *text)
{
    sim_bytes_put(b, text, strlen(text));
}

void sim_bytes_drop(struct sim_bytes *b, size_t len)
{
    b->len -= len;
    if (b->len > 0)
        memmove(b->data, b->data + len, b->len);
}

void sim_bytes_done(struct sim_bytes *b)
{
    free(b->data);
    *b = (struct sim_bytes){0};
}

/* A socket must not raise SIGPIPE in the process that holds the simulator; a pty cannot. */
static ssize_t write_some(int fd, const void *bytes, size_t len)
{
    ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    return n < 0 && errno == ENOTSOCK ? write(fd, bytes, len) : n;
}

bool sim_bytes_write(struct sim_bytes *b, int fd, bool *ret_blocked)
{
    size_t done = 0;
    *ret_blocked = false;
    while (done < b->len) {
        ssize_t n = write_some(fd, b->data + done, b->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n < 0) {
            *ret_blocked = true;
            break;
        }
        done += (size_t)n;
    }
    sim_bytes_drop(b, done);
    return true;
}
