/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A conversation with one modem: one command in flight, a deadline each, its prompt and payload,
 * its reply lines, and unsolicited lines wherever they fall. Echo on or off. The reply comes from
 * the loop, never from inside at_chat_send(); a new command may be sent in the callback. An
 * unsolicited line is no sign of life: it never moves a deadline (DESIGN 6, MODEMS 1 #2 #3).
 */
#ifndef CC_AT_CHAT_H
#define CC_AT_CHAT_H

#include "at/command.h"
#include "base/err.h"
#include "base/loop.h"
#include "link/link.h"

#include <stdbool.h>
#include <stddef.h>

struct at_chat;

struct at_reply {
    enum at_result result;
    struct gsm_cause cause;
    bool payload_sent; /* the prompt came and the payload went out: the outcome matters */
    size_t line_count; /* information lines that belong to the command */
    const char *const *lines;
};

typedef void (*at_reply_fn)(const struct at_reply *reply, void *user);

struct at_request {
    const char *command; /* "AT+CMGS=23", without \r; copied */
    const char
        *prefix; /* information lines start so ("+CMGS:"); NULL = any line that is no known event */
    size_t min_fields; /* a line with fewer fields is an event (+CREG: 1 against +CREG: 2,1); 0 =
                          any */
    const char
        *payload; /* sent after the prompt, followed by Ctrl-Z; NULL = no prompt; copied, wiped */
    bool numeric; /* take "0" and "4" as results too */
    bool wants_lines; /* an OK alone may have come before its lines (gammu#91), as with "…?" and a
                         payload that have a prefix */
    unsigned prompt_ms; /* until the prompt; ignored without a payload */
    unsigned pause_ms;  /* from the prompt to the payload; 0 = none */
    unsigned final_ms;  /* until the final result, from the start or from the prompt */
    /* Takes each information line as it comes, so that a list may be of any length; the reply then
     * has none. Must neither send nor free. NULL = they are kept for the reply. */
    void (*line_fn)(const char *line, void *user);
    at_reply_fn fn;
    void *user;
};

/* Kinds of senseless lines and replies. */
enum at_nonsense {
    AT_NONSENSE_LONG_LINE,  /* over AT_LINE_MAX: dropped */
    AT_NONSENSE_LONG_REPLY, /* a line more than a reply can have: dropped */
    AT_NONSENSE_CUT_PDU,    /* +CDS or +CMT, and what followed was no PDU */
    AT_NONSENSE_BYTES,      /* bytes that are no text, in a reply that may be any line: kept */
    AT_NONSENSE_COUNT
};

enum { AT_CHAT_EVENT_LISTS = 3 };

struct at_chat_events {
    /* A line that belongs to no command. pdu: the hexadecimal second line of +CDS/+CMT, else NULL.
     */
    void (*unsolicited)(const char *line, const char *pdu, void *user);
    /* The link came up or was lost; a command in flight has been answered AT_RESULT_LOST before. */
    void (*up)(void *user);
    void (*lost)(void *user);
    /* Something made no sense, and was left out but for bytes. Must not free the chat. */
    void (*nonsense)(enum at_nonsense what, void *user);
    /* The modem has echoed the command in flight. Must not free the chat; may be NULL. */
    void (*echo)(void *user);
    /* A command has got its final result. Must neither send nor free; may be NULL. */
    void (*answered)(void *user);
    /* Prefixes of lines that are always events, also while a command with prefix NULL waits; each
     * list ends with NULL, and may itself be NULL. */
    const char *const *event_prefixes[AT_CHAT_EVENT_LISTS];
};

/* Opens the device and starts talking. Errors as link_open(). Owns: at_chat_free(). */
enum cc_err at_chat_open(struct loop *loop, const char *device, const struct link_scheme *extra,
                         struct tape *tape, const struct at_chat_events *events, void *user,
                         struct at_chat **ret) CC_MUST_CHECK;
/* Drops a command in flight without an answer. */
void at_chat_free(struct at_chat *chat);
bool at_chat_is_busy(const struct at_chat *chat);
/* Lines of this modem have come behind the OK of their answer. */
bool at_chat_is_early(const struct at_chat *chat);
/* Errors: CC_ERR_BUSY when a command is in flight, CC_ERR_NO_SPACE when it is too long. */
enum cc_err at_chat_send(struct at_chat *chat, const struct at_request *request) CC_MUST_CHECK;
/* The command in flight, if there is one, need not be waited for longer than this: the modem has
 * forgotten it. Never lengthens a deadline. */
void at_chat_hasten(struct at_chat *chat, unsigned ms);
/* The modem wants this pause between a final result and the next command (Telit: 20 ms, MODEMS 2);
 * at_chat_send() keeps it. 0 = none. */
void at_chat_set_gap(struct at_chat *chat, unsigned gap_ms);
/* ESC and \r: leaves a prompt that a time-out left open (27.005 4.3). */
void at_chat_escape(struct at_chat *chat);
/* +++: back from a data call to the commands, with a second of silence before and behind it
 * (V.250). */
void at_chat_escape_data(struct at_chat *chat);
/* The same where ESC is ignored: Ctrl-Z and \r end the text. Only after something that is no PDU
 * was written there (a command will do), so that the modem refuses it and nothing leaves. */
void at_chat_end_text(struct at_chat *chat);
/* While `unsolicited` is called: there were bytes in that line that are no text. */
bool at_chat_line_is_odd(const struct at_chat *chat);

#endif
