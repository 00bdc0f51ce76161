/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/auditor.h"

#include "service/inspect.h"
#include "store/audit.h"
#include "store/seal.h"

#include <string.h>

enum { QUESTION_SIZE = 512 };

static const struct {
    const char *event;
    int64_t most; /* rows of a page */
} acts[] = {
    [AUDITOR_SEARCH] = {"auditoria_busqueda", 50},
    [AUDITOR_EXPORT] = {"auditoria_exportacion", 500},
};

static const char *const events[] = {
#include "service/auditor_events.inc"
};

static bool is_event(const char *name)
{
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (strcmp(events[i], name) == 0)
            return true;
    return false;
}

/* A page is bound to the whole question and to who asks. */
static void put_question(const struct auditor_question *question, struct buf *out)
{
    const struct audit_filter *filter = &question->filter;
    const int64_t numbers[] = {(int64_t)question->act, filter->from_ms, filter->until_ms,
                               filter->subject != NULL};
    const char *const words[] = {question->caller->name, filter->event, filter->actor};
    buf_put(out, numbers, sizeof(numbers));
    if (filter->subject != NULL)
        buf_put(out, filter->subject, SECRET_TAG_BYTES);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        buf_put(out, words[i], strlen(words[i]) + 1); /* the terminator parts them */
}

/* The entry of the act itself is none of its answers. */
static enum cc_err begin_act(struct service *service, const struct auditor_question *question,
                             int64_t now_ms, int64_t *ret_before_id)
{
    const struct audit_entry entry = {.event = acts[question->act].event,
                                      .actor = question->caller->name,
                                      .address = caller_address(question->caller),
                                      .subject_index = question->filter.subject,
                                      .result = "correcto"};
    return audit_append(service->store, &entry, now_ms, ret_before_id);
}

enum cc_err auditor_search(struct service *service, const struct auditor_question *given,
                           int64_t now_ms, audit_search_fn visit, void *user,
                           struct auditor_page *ret)
{
    struct auditor_question question = *given;
    uint8_t subject[SECRET_TAG_BYTES], storage[QUESTION_SIZE];
    struct buf image;
    int64_t before_id = 0, next = 0;
    *ret = (struct auditor_page){.left = 0};
    if (question.filter.event[0] != '\0' && !is_event(question.filter.event))
        return CC_ERR_EVENT_UNKNOWN;
    if (question.nif != NULL) {
        seal_nif_index(service->store, question.nif, subject);
        question.filter.subject = subject;
    }
    buf_init(&image, storage, sizeof(storage));
    put_question(&question, &image);
    enum cc_err err = question.cursor != NULL
                          ? cursor_read(service, &image, question.cursor, &before_id)
                          : begin_act(service, &question, now_ms, &before_id);
    if (err == CC_OK)
        err = audit_search(service->store, &question.filter, before_id, acts[question.act].most,
                           visit, user, &next);
    *ret = (struct auditor_page){.left = next > 0 ? next - 1 : 0};
    if (err == CC_OK && next > 0)
        cursor_write(service, &image, next, ret->next);
    return err;
}

enum cc_err auditor_check(struct service *service, const struct caller *caller, int64_t now_ms)
{
    enum cc_err err =
        service_audit(service, caller, AUDIT_ACT(.event = "auditoria_comprobacion"), now_ms);
    if (err == CC_OK && inspect_ask(service->upkeep.inspect))
        turn_after(service->turn, inspect_begin, service->upkeep.inspect);
    return err;
}
