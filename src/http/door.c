/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/door.h"

#include "base/log.h"
#include "base/loop.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    ACCEPTS_PER_PASS = 64, /* then the loop's other sources have their turn */
    SWEEP_US = 250 * 1000,
    SWEEP_PAUSED_US = 10 * 1000,
    /* libmicrohttpd has seen by then what it had read before the phase began */
    SETTLED_US = 10 * 1000,
    FAILURE_LOG_US = 60 * 1000 * 1000,
    TLS_HANDSHAKE = 22, /* type of the first record of a client. Source: RFC 8446, 5.1 */
    ANSWER_SIZE = 512,
    UNREAD_SIZE = 4096
};

union peer_address {
    struct sockaddr any;
    struct sockaddr_storage storage;
};

struct door {
    struct loop *loop;
    struct slots slots;
    struct peer_proxies proxies;
    struct tls *tls; /* NULL = plain HTTP */
    bool asks_certificate;
    struct pump *pump;
    size_t handshakes;     /* slots that are handshaking */
    struct slot *arriving; /* accepted, and libmicrohttpd has not yet announced it */
    int listen_fd;
    struct loop_source *listening;
    struct loop_source *sweep; /* set while a connection is open or accepting is paused */
    int64_t sweep_at_us;       /* 0 = not set */
    bool is_late;              /* the last sweep came late, and looked at nothing */
    bool is_paused;
    int64_t failure_logged_us; /* 0 = never */
};

static void set_sweep(struct door *door, int64_t delay_us)
{
    int64_t at_us = loop_now_us(door->loop) + delay_us;
    if (door->sweep == NULL || (door->sweep_at_us != 0 && door->sweep_at_us <= at_us))
        return;
    loop_timer_set(door->sweep, at_us);
    door->sweep_at_us = at_us;
}

/* The listening socket is level-triggered: connections that still wait are reported at once. */
static void set_paused(struct door *door, bool is_paused)
{
    if (door->is_paused == is_paused || door->listening == NULL)
        return;
    door->is_paused = is_paused;
    loop_fd_set_events(door->listening, is_paused ? 0 : EPOLLIN);
    if (is_paused)
        set_sweep(door, SWEEP_PAUSED_US);
}

/* libmicrohttpd finds the end of the stream and closes: it alone may close the descriptor. */
static void close_slot(struct slot *slot)
{
    slot->is_closing = true;
    (void)shutdown(slot->fd, SHUT_RDWR);
}

/*
 * Whether the client has closed, and nothing that it sent is left to read. libmicrohttpd does not
 * always see that: it takes a short read for the end of what there is, and the end of the stream
 * that came with the data is never reported again to its edge-triggered epoll.
 */
static bool is_gone(const struct slot *slot, int64_t now_us)
{
    char byte;
    if (slot->is_closing || !slot_awaits_request(slot) || now_us - slot->since_us < SETTLED_US)
        return false;
    ssize_t result = recv(slot->fd, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT);
    return result == 0 || (result < 0 && errno != EAGAIN && errno != EINTR);
}

/*
 * Whether bytes have come since the connection began to wait for its next request: a header has
 * begun, which libmicrohttpd tells only when the request line is complete.
 */
static bool has_begun(const struct slot *slot, int64_t now_us)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);
    return slot->phase == SLOT_IDLE &&
           getsockopt(slot->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
           (int64_t)info.tcpi_last_data_recv * 1000 + SETTLED_US < now_us - slot->since_us;
}

static void begin_tls(struct door *door, struct slot *slot, struct MHD_Connection *connection)
{
    if (door->tls == NULL || slot == NULL)
        return;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    slot->certificate = tls_begin(door->tls, info->tls_session, door->asks_certificate);
    pump_set_handshakes(door->pump, ++door->handshakes);
}

static void end_handshake(struct door *door, struct slot *slot)
{
    if (!slot->is_handshaking)
        return;
    slot->is_handshaking = false;
    if (slot->certificate != NULL)
        pump_set_handshakes(door->pump, --door->handshakes);
}

static void drop_slot(struct door *door, struct slot *slot)
{
    end_handshake(door, slot);
    slots_remove(&door->slots, slot);
    loop_source_free(slot->first);
    certificate_release(slot->certificate);
    free(slot);
}

/* Of a connection that libmicrohttpd has not got. */
static void turn_away(struct door *door, struct slot *slot)
{
    int fd = slot->fd;
    drop_slot(door, slot);
    close(fd);
    set_paused(door, false);
}

static void on_connection(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct door *door = user;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = door->arriving;
        door->arriving = NULL;
        begin_tls(door, *context, connection);
    } else if (*context != NULL) {
        drop_slot(door, *context);
        *context = NULL;
        set_paused(door, false);
    }
}

/* The request line is here. A connection's first header has its deadline since the accept. */
static void *on_uri(void *user, const char *uri, struct MHD_Connection *connection)
{
    struct door *door = user;
    struct slot *slot = door_slot(connection);
    if (slot == NULL)
        return NULL;
    end_handshake(door, slot);
    slot->uri = uri;
    slot->uri_end = uri + strlen(uri);
    if (slot->phase == SLOT_IDLE)
        slot_enter(slot, SLOT_HEADER, loop_now_us(door->loop));
    return NULL;
}

/* Gives the connection to libmicrohttpd, which owns its descriptor from then on. */
static void pump_slot(struct door *door, struct slot *slot)
{
    union peer_address address = {0};
    socklen_t len = sizeof(address);
    if (getpeername(slot->fd, &address.any, &len) < 0) { /* it is gone already */
        turn_away(door, slot);
        return;
    }
    loop_source_free(slot->first);
    slot->first = NULL;
    door->arriving = slot;
    pump_add(door->pump, slot->fd, &address.any, len);
    if (door->arriving != NULL) { /* refused before it was announced */
        drop_slot(door, slot);
        door->arriving = NULL;
    }
}

/* A person who types http:// for https:// gets a sentence in place of an empty page. */
static void answer_plainly(int fd)
{
    static const char sentence[] =
        "Este puerto solo habla TLS: escriba la dirección con https://.\n";
    char answer[ANSWER_SIZE];
    int len = snprintf(answer, sizeof(answer),
                       "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                       "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
                       strlen(sentence), sentence);
    (void)send(fd, answer, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void refuse_protocol(const struct door *door, const struct slot *slot)
{
    char unread[UNREAD_SIZE]; /* what is left unread would reset the connection */
    (void)recv(slot->fd, unread, sizeof(unread), MSG_DONTWAIT);
    if (door->tls != NULL)
        answer_plainly(slot->fd);
}

/*
 * What is spoken here, TLS or plain HTTP, shows in the first byte. libmicrohttpd would wait for the
 * end of a header that never comes, and say nothing to a browser.
 */
static void on_first(uint32_t events, void *user)
{
    struct slot *slot = user;
    struct door *door = slot->door;
    uint8_t byte;
    (void)events;
    ssize_t result = recv(slot->fd, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT);
    if (result < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (slot->first == NULL)
            slot->first = loop_add_fd(door->loop, slot->fd, EPOLLIN, on_first, slot);
        return;
    }
    bool is_right = result == 1 && (byte == TLS_HANDSHAKE) == (door->tls != NULL);
    if (is_right && !slot->is_closing) {
        pump_slot(door, slot);
        return;
    }
    if (result == 1 && !slot->is_closing)
        refuse_protocol(door, slot);
    turn_away(door, slot);
}

static void admit_connection(struct door *door, int fd, const struct peer *peer)
{
    struct slot *slot = calloc(1, sizeof(*slot));
    if (slot == NULL) {
        close(fd);
        return;
    }
    slot->fd = fd;
    slot->door = door;
    slot->peer = *peer;
    slot->is_handshaking = door->tls != NULL;
    slots_add(&door->slots, slot, loop_now_us(door->loop));
    set_sweep(door, SWEEP_US);
    on_first(0, slot);
}

/*
 * At the limit of an address, of handshakes or of all, its longest wait is closed, or else the new
 * connection is.
 */
static bool has_room_for(struct door *door, const struct peer *peer)
{
    const struct slot_limits *limits = &door->slots.limits;
    struct slot *handshake;
    if (slots_are_handshakes_full(&door->slots, peer, loop_now_us(door->loop), &handshake)) {
        if (handshake != NULL)
            close_slot(handshake);
        return handshake != NULL;
    }
    if (!peer->is_counted || limits->per_peer == 0 ||
        slots_count_peer(&door->slots, peer) < limits->per_peer)
        return true;
    struct slot *victim = slots_find_victim(&door->slots, peer, loop_now_us(door->loop));
    if (victim != NULL)
        close_slot(victim);
    return victim != NULL;
}

/* Closes the longest wait, and accepts again when it is closed or at the next sweep. */
static void make_room(struct door *door)
{
    struct slot *victim = slots_find_victim(&door->slots, NULL, loop_now_us(door->loop));
    if (victim != NULL)
        close_slot(victim);
    set_paused(door, true);
}

/* Descriptors or memory ran out: closing a connection may free some. */
static void on_accept_failure(struct door *door, int error)
{
    int64_t now_us = loop_now_us(door->loop);
    make_room(door);
    if (door->failure_logged_us != 0 && now_us - door->failure_logged_us < FAILURE_LOG_US)
        return;
    door->failure_logged_us = now_us;
    log_error("http: no se puede aceptar una conexión: %s; si se repite, suba LimitNOFILE en la "
              "unidad de systemd y reinicie el servicio",
              err_system_text(error));
}

/* False when no more can be accepted now. */
static bool accept_one(struct door *door)
{
    union peer_address address = {0};
    socklen_t len = sizeof(address);
    int fd = accept4(door->listen_fd, &address.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        bool is_lack = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (is_lack)
            on_accept_failure(door, errno);
        return !is_lack &&
               errno != EAGAIN; /* other errors are of a connection that was closed meanwhile */
    }
    struct peer peer = peer_of(&address.any, &door->proxies);
    if (has_room_for(door, &peer))
        admit_connection(door, fd, &peer);
    else
        close(fd);
    return true;
}

static void on_ready(uint32_t events, void *user)
{
    struct door *door = user;
    (void)events;
    for (int i = 0; i < ACCEPTS_PER_PASS; i++) {
        bool is_full = door->slots.count >= door->slots.limits.total;
        if (is_full && i == 0) /* the event says that another connection waits */
            make_room(door);
        if (is_full || !accept_one(door))
            return;
    }
}

/* The loop was held up: what clients have sent meanwhile is read before they are judged, once. */
static bool must_read_first(struct door *door, int64_t late_us)
{
    door->is_late = late_us > SWEEP_US && !door->is_late;
    return door->is_late;
}

static void on_sweep(void *user)
{
    struct door *door = user;
    int64_t now_us = loop_now_us(door->loop), late_us = now_us - door->sweep_at_us;
    door->sweep_at_us = 0;
    if (must_read_first(door, late_us)) {
        set_sweep(door, SWEEP_PAUSED_US);
        return;
    }
    for (struct slot *slot = LIST_FIRST(&door->slots.list); slot != NULL;
         slot = LIST_NEXT(slot, link)) {
        if (has_begun(slot, now_us))
            slot_enter(slot, SLOT_HEADER, now_us);
        if (slot_is_expired(slot, &door->slots.limits, now_us) || is_gone(slot, now_us))
            close_slot(slot);
    }
    set_paused(door, false);
    if (door->slots.count > 0)
        set_sweep(door, SWEEP_US);
}

enum cc_err door_new(struct loop *loop, const struct door_config *config, struct door **ret)
{
    struct door *door = calloc(1, sizeof(*door));
    if (door == NULL) {
        close(config->listen_fd);
        return CC_ERR_MEMORY;
    }
    const struct pump_config pump = {
        .connections = (unsigned)config->limits.total + 1,
        .on_request = config->on_request,
        .on_completed = config->on_completed,
        .user = config->user,
        .on_connection = on_connection,
        .on_uri = on_uri,
        .connection_user = door,
        .is_tls = config->tls != NULL,
    };
    door->loop = loop;
    door->slots.limits = config->limits;
    door->proxies = config->proxies;
    door->tls = config->tls;
    door->asks_certificate = config->asks_certificate;
    door->listen_fd = config->listen_fd;
    enum cc_err err = pump_new(loop, &pump, &door->pump);
    if (err != CC_OK) {
        door_free(door);
        return err;
    }
    door->listening = loop_add_fd(loop, door->listen_fd, EPOLLIN, on_ready, door);
    door->sweep = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_sweep, door);
    *ret = door;
    return CC_OK;
}

void door_detach(struct door *door)
{
    loop_source_free(door->listening);
    loop_source_free(door->sweep);
    door->listening = door->sweep = NULL;
    for (struct slot *slot = LIST_FIRST(&door->slots.list), *next; slot != NULL; slot = next) {
        next = LIST_NEXT(slot, link);
        if (slot->first != NULL)
            turn_away(door, slot);
    }
    if (door->pump != NULL)
        pump_detach(door->pump);
}

void door_free(struct door *door)
{
    if (door == NULL)
        return;
    door_detach(door);
    pump_free(door->pump);
    close(door->listen_fd);
    free(door);
}

struct pump *door_pump(const struct door *door)
{
    return door->pump;
}

struct slot *door_slot(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}
