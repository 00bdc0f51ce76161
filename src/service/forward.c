/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/forward.h"

#include "base/alloc.h"
#include "base/journal.h"
#include "store/audit_search.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_A_COMMIT = 100, FIELD_SIZE = 160, FIELDS = 7 };

struct forward {
    struct service *service;
    int64_t sent_id; /* the last row that the journal has, or was not to have */
};

size_t forward_actor_len(const char *actor)
{
    static const char operator[] = "operador:";
    return strncmp(actor, operator, sizeof(operator) - 1) == 0 ? sizeof(operator) - 2
                                                               : strlen(actor);
}

static void send_row(const struct audit_found *row, void *user)
{
    char storage[FIELDS][FIELD_SIZE];
    const char *fields[FIELDS];
    (void)user;
    for (size_t i = 0; i < FIELDS; i++)
        fields[i] = storage[i];
    (void)snprintf(storage[0], FIELD_SIZE, "MESSAGE=auditoría: %s, %s", row->event, row->result);
    (void)snprintf(storage[1], FIELD_SIZE, "PRIORITY=5");
    (void)snprintf(storage[2], FIELD_SIZE, "CONTRACLAVED_FILA=%" PRId64, row->id);
    (void)snprintf(storage[3], FIELD_SIZE, "CONTRACLAVED_HORA=%" PRId64, row->at_ms);
    (void)snprintf(storage[4], FIELD_SIZE, "CONTRACLAVED_SUCESO=%s", row->event);
    (void)snprintf(storage[5], FIELD_SIZE, "CONTRACLAVED_RESULTADO=%s", row->result);
    (void)snprintf(storage[6], FIELD_SIZE, "CONTRACLAVED_QUIEN=%.*s",
                   (int)forward_actor_len(row->actor), row->actor);
    journal_send(fields, FIELDS);
}

/* Acts that do not fit into one commit go with the next. */
static void on_commit(void *user)
{
    struct forward *forward = user;
    struct service *service = forward->service;
    int64_t last = service->store->audit_committed.id;
    if (!service->settings->forwards_audit || last < forward->sent_id) {
        forward->sent_id = last;
        return;
    }
    if (last > forward->sent_id && audit_each(service->store, forward->sent_id, last, ROWS_A_COMMIT,
                                              send_row, NULL, &last) == CC_OK)
        forward->sent_id = last;
}

struct forward *forward_new(struct service *service)
{
    struct forward *forward = alloc_or_abort(sizeof(*forward));
    forward->service = service;
    forward->sent_id = service->store->audit_committed.id;
    turn_set_after(service->turn, TURN_HOOK_FORWARD, on_commit, forward);
    return forward;
}

void forward_free(struct forward *forward)
{
    if (forward == NULL)
        return;
    turn_set_after(forward->service->turn, TURN_HOOK_FORWARD, NULL, NULL);
    free(forward);
}
