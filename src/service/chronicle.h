/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Writes down what happens to the box and its modems (store/events.h): the beginning and the end of
 * each finding of the verdict, the rungs of the recovery ladder, and acts of staff. Looks at the
 * verdict once a second, or every fifteen while the box can send and nothing happens on its loop;
 * and at once when a modem goes out or comes back. Compares the verdict with what was written: what
 * could not be written, because the disk failed or too much happened, follows later. Each modem,
 * and the box, has a burst of 20 events and then one every three minutes: a modem that comes and
 * goes does not write without end.
 */
#ifndef CC_SERVICE_CHRONICLE_H
#define CC_SERVICE_CHRONICLE_H

#include "base/buf.h"
#include "domain/text.h"
#include "service/service.h"
#include "service/verdict.h"
#include "store/events.h"

#include <stddef.h>
#include <stdint.h>

/* X(NAME, token, level): events that are no finding of the verdict. Tokens are stable. */
#define CHRONICLE_NOTES(X)                                                                         \
    X(ESCAPE, "peldano_escape", RECOVERY)                                                          \
    X(INIT, "peldano_inicializacion", RECOVERY)                                                    \
    X(RESTART, "peldano_reinicio", RECOVERY)                                                       \
    X(REOPEN, "peldano_reapertura", RECOVERY)                                                      \
    X(USB_RESET, "peldano_puerto_usb", RECOVERY)                                                   \
    X(POWER, "peldano_alimentacion", RECOVERY)                                                     \
    X(STARTED, "arranque", RECOVERY)                                                               \
    X(RESTART_ASKED, "reinicio_pedido", RECOVERY)                                                  \
    X(CENTRE_SET, "centro_puesto", GOOD)

enum chronicle_note {
#define CHRONICLE_ENUM(name, token, level) CHRONICLE_##name,
    CHRONICLE_NOTES(CHRONICLE_ENUM)
#undef CHRONICLE_ENUM
        CHRONICLE_NOTE_COUNT
};

/* The topic of why a modem does not send: another reason takes the place of the one before. */
#define CHRONICLE_TOPIC_MODEM "modem"

struct chronicle;

/* Reads which findings were open when the program ended. Errors: CC_ERR_DB. Owns:
 * chronicle_free(), before the turn of the service. */
enum cc_err chronicle_new(struct service *service, struct chronicle **ret) CC_MUST_CHECK;
void chronicle_free(struct chronicle *chronicle);
/* Is told what the verdict says and asks for, in Spanish, whenever that has changed. */
typedef void chronicle_tell(const char *text, void *user);
/* Notes the start of the program, and looks at the verdict from now on. `tell` may be NULL. */
void chronicle_start(struct chronicle *chronicle, chronicle_tell *tell, void *user);

/* An act of `actor`, or "" for the box itself; modem "" = the box. Written at the next look.
 * chronicle NULL: does nothing. */
void chronicle_add(struct chronicle *chronicle, enum chronicle_note note, const char *modem,
                   const char *actor);
/* The note of a token; CHRONICLE_NOTE_COUNT = it is of none. */
enum chronicle_note chronicle_find_note(const char *token);
/* A rung of the ladder, by its token; one that is no event is left out. */
void chronicle_add_rung(struct chronicle *chronicle, const char *rung, const char *modem);
/* The modem has changed: one that goes out, or can send again, is looked at now, so that what an
 * open page shows for a moment is an event as well. chronicle NULL: does nothing. */
void chronicle_note_modem(struct chronicle *chronicle, const struct modem *modem);
/* Compares the verdict with what was written, and writes what has changed. */
void chronicle_look(struct chronicle *chronicle, const struct verdict *verdict);

/* Id of the newest event that is durable; 0 = there is none, or there is no chronicle. */
int64_t chronicle_newest(const struct chronicle *chronicle);
/* Since when nothing can be sent, UTC ms; 0 = it can. */
int64_t chronicle_unable_since(const struct chronicle *chronicle);
/* Milliseconds without sending from since_ms on, as far as they were written. Errors: CC_ERR_DB. */
enum cc_err chronicle_sum_unable(struct service *service, int64_t since_ms, int64_t now_ms,
                                 int64_t *ret_ms) CC_MUST_CHECK;

/* The events that are shown and durable, newest first, or from an id on, oldest first. Errors:
 * CC_ERR_DB. */
enum cc_err chronicle_list(struct service *service, int64_t since_ms, int64_t max,
                           events_visit *visit, void *user) CC_MUST_CHECK;
enum cc_err chronicle_list_after(struct service *service, int64_t id, int64_t max,
                                 events_visit *visit, void *user) CC_MUST_CHECK;

/* chronicle_words.c: appends the event's sentence. Pure. */
void chronicle_say(const struct event *event, enum text_lang lang, struct buf *out);
/* "bien", "aviso", "mal", "recuperacion" */
const char *chronicle_level_token(enum event_level level);
/* The catalogue's phrase of a token, braces and all; NULL = it has none. */
const char *chronicle_phrase(const char *token, enum text_lang lang);

#endif
