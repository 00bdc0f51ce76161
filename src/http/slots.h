/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The connections of one listening socket: what each of them waits for and since when, and whose it
 * is. Their number is bounded, in total and per address, and every wait for a client has an
 * absolute deadline, which bytes that trickle in do not move. Pure: the caller closes the slots
 * that are named here.
 */
#ifndef CC_HTTP_SLOTS_H
#define CC_HTTP_SLOTS_H

#include "http/peer.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct certificate;
struct door;
struct loop_source;

enum slot_phase {
    SLOT_HEADER,  /* waits for the rest of a header */
    SLOT_BODY,    /* waits for the rest of a body */
    SLOT_SERVING, /* waits for this program: no deadline */
    SLOT_ANSWER,  /* waits until the client has read its answer */
    SLOT_IDLE,    /* waits for the next request */
    SLOT_PHASES
};

struct slot {
    LIST_ENTRY(slot) link;
    struct peer peer;
    int fd; /* libmicrohttpd's, once `first` is NULL */
    struct door *door;
    struct loop_source *first; /* while its first byte is awaited */
    enum slot_phase phase;
    int64_t since_us;                /* loop_now_us() at the beginning of the phase */
    const char *uri, *uri_end;       /* where the request line has them: for http/framing.h alone */
    struct certificate *certificate; /* of its TLS session; NULL = plain */
    bool is_handshaking;             /* by TLS, and no request has come yet */
    bool is_closing; /* has been shut down, and libmicrohttpd has not yet let go of it */
};

struct slot_limits {
    size_t total;
    size_t per_peer;               /* 0 = no limit; exempt peers have none */
    size_t handshakes;             /* of a peer with its IPv6 /64, before a request; likewise */
    int64_t phase_us[SLOT_PHASES]; /* 0 = no deadline */
    int64_t grace_us;              /* a wait that is shorter is never closed to make room */
};

struct slots {
    struct slot_limits limits;
    LIST_HEAD(, slot) list;
    size_t count;
};

/* Adds slot, which stays the caller's, in SLOT_HEADER. */
void slots_add(struct slots *slots, struct slot *slot, int64_t now_us);
void slots_remove(struct slots *slots, struct slot *slot);
/* Begins a phase, with its deadline. Takes NULL. */
void slot_enter(struct slot *slot, enum slot_phase phase, int64_t now_us);
/* Whether the deadline of its phase has passed and it is not closing yet. */
bool slot_is_expired(const struct slot *slot, const struct slot_limits *limits, int64_t now_us);
/* Whether it waits for bytes of a request. */
bool slot_awaits_request(const struct slot *slot);
/* How many of this peer are open and not closing. */
size_t slots_count_peer(const struct slots *slots, const struct peer *peer);
/*
 * Whether this peer has as many handshakes under way as it may; *ret_victim is then the oldest of
 * them, NULL if none has lasted for grace_us.
 */
bool slots_are_handshakes_full(const struct slots *slots, const struct peer *peer, int64_t now_us,
                               struct slot **ret_victim);
/*
 * The slot to close so that another connection has room: of those that wait for their client, have
 * done so for grace_us, and belong to peer (NULL = to anybody), the one nearest to its deadline.
 * NULL if there is none.
 */
struct slot *slots_find_victim(const struct slots *slots, const struct peer *peer, int64_t now_us);

#endif
