/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Who asks for something. The way in (control socket, bearer token, cookie of a session) only makes
 * a caller; what the caller may do, and the name that the audit trail gets, are in it.
 */
#ifndef CC_SERVICE_CALLER_H
#define CC_SERVICE_CALLER_H

#include "domain/address.h"
#include "store/clients.h"

enum caller_kind {
    CALLER_ANYONE = 1 << 0,  /* not authenticated: probes, pages before the log-in */
    CALLER_CLIENT = 1 << 1,  /* the bearer of a client's token */
    CALLER_SESSION = 1 << 2, /* a person who has logged in */
    CALLER_PEER = 1 << 3,    /* a process of this computer, on the control socket */
    CALLER_STAFF = CALLER_SESSION | CALLER_PEER,
};

enum { CALLER_NAME_SIZE = CLIENT_NAME_SIZE + 16 };

struct caller {
    enum caller_kind kind;
    int64_t id;                          /* of the client or of the session; 0 = none */
    int64_t operator_id;                 /* of a session; 0 = none */
    int64_t ends_ms;                     /* of a session, if it is not used until then */
    unsigned scopes;                     /* bits of enum client_scope */
    char name[CALLER_NAME_SIZE];         /* "cliente:sede", "control:uid 0", for logs and audit */
    uint8_t token_tag[SECRET_TAG_BYTES]; /* of what a client has shown */
    bool has_address;
    struct address address; /* for the audit: that of the citizen, where a client tells it */
};

/* NULL = not known: on the control socket, and of what the box does by itself. */
static inline const uint8_t *caller_address(const struct caller *caller)
{
    return caller->has_address ? caller->address.bytes : NULL;
}

/* Whether the caller holds one of these scopes, or none is wanted; SCOPE_ADMIN holds all. */
static inline bool caller_has_scope(const struct caller *caller, unsigned scopes)
{
    return scopes == 0 || (caller->scopes & (scopes | SCOPE_ADMIN)) != 0;
}

/* The client's id, by which its requests are counted; 0 for other kinds of caller. */
static inline int64_t caller_client_id(const struct caller *caller)
{
    return caller->kind == CALLER_CLIENT ? caller->id : 0;
}

/*
 * Whether counts and times are told exactly. A client gets them rounded: a sede that looks before
 * and after a request must not see whether it sent a message.
 */
static inline bool caller_sees_exactly(const struct caller *caller)
{
    return caller->kind != CALLER_CLIENT;
}

#endif
