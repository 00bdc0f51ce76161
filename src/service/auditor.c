/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/auditor.h"

#include "base/hex.h"
#include "service/inspect.h"
#include "store/audit.h"
#include "store/seal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGE_SIZE = 512 };

static const struct {
    const char *event;
    int64_t most; /* rows of a page */
} acts[] = {
    [AUDITOR_SEARCH] = {"auditoria_busqueda", 50},
    [AUDITOR_EXPORT] = {"auditoria_exportacion", 500},
};

/* Binds a page's start to the whole question and to who asks. */
static enum cc_err tag_cursor(const struct service *service,
                              const struct auditor_question *question, int64_t before_id,
                              char ret[2 * SECRET_TAG_BYTES + 1])
{
    const struct audit_filter *filter = &question->filter;
    const int64_t numbers[] = {before_id, (int64_t)question->act, filter->from_ms, filter->until_ms,
                               filter->subject != NULL};
    const char *const words[] = {question->caller->name, filter->event, filter->actor};
    uint8_t storage[IMAGE_SIZE], tag[SECRET_TAG_BYTES];
    struct buf image;
    buf_init(&image, storage, sizeof(storage));
    buf_put(&image, numbers, sizeof(numbers));
    if (filter->subject != NULL)
        buf_put(&image, filter->subject, SECRET_TAG_BYTES);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        buf_put(&image, words[i], strlen(words[i]) + 1); /* the terminator parts them */
    if (!buf_ok(&image))
        return CC_ERR_NO_SPACE;
    secret_short_tag(service->store->keys, SECRET_USE_CURSOR, image.data, image.len, tag);
    hex_encode_lower(tag, sizeof(tag), ret);
    return CC_OK;
}

static enum cc_err read_cursor(const struct service *service,
                               const struct auditor_question *question, int64_t *ret_before_id)
{
    char wanted[2 * SECRET_TAG_BYTES + 1];
    char *end;
    errno = 0;
    int64_t before_id = strtoll(question->cursor, &end, 10);
    if (errno != 0 || before_id <= 0 || *end != '.')
        return CC_ERR_RANGE;
    enum cc_err err = tag_cursor(service, question, before_id, wanted);
    if (err == CC_OK && strcmp(end + 1, wanted) != 0)
        err = CC_ERR_RANGE;
    if (err == CC_OK)
        *ret_before_id = before_id;
    return err;
}

/* The entry of the act itself is none of its answers. */
static enum cc_err begin_act(struct service *service, const struct auditor_question *question,
                             int64_t now_ms, int64_t *ret_before_id)
{
    const struct audit_entry entry = {.event = acts[question->act].event,
                                      .actor = question->caller->name,
                                      .subject_index = question->filter.subject,
                                      .result = "correcto"};
    return audit_append(service->store, &entry, now_ms, ret_before_id);
}

static enum cc_err write_next(const struct service *service,
                              const struct auditor_question *question, int64_t next,
                              struct auditor_page *ret)
{
    char tag[2 * SECRET_TAG_BYTES + 1];
    *ret = (struct auditor_page){.left = next > 0 ? next - 1 : 0};
    if (next == 0)
        return CC_OK;
    enum cc_err err = tag_cursor(service, question, next, tag);
    if (err == CC_OK)
        (void)snprintf(ret->next, sizeof(ret->next), "%" PRId64 ".%s", next, tag);
    return err;
}

enum cc_err auditor_search(struct service *service, const struct auditor_question *given,
                           int64_t now_ms, audit_search_fn visit, void *user,
                           struct auditor_page *ret)
{
    struct auditor_question question = *given;
    uint8_t subject[SECRET_TAG_BYTES];
    int64_t before_id = 0, next = 0;
    if (question.nif != NULL) {
        seal_nif_index(service->store, question.nif, subject);
        question.filter.subject = subject;
    }
    enum cc_err err = question.cursor != NULL ? read_cursor(service, &question, &before_id)
                                              : begin_act(service, &question, now_ms, &before_id);
    if (err == CC_OK)
        err = audit_search(service->store, &question.filter, before_id, acts[question.act].most,
                           visit, user, &next);
    return err == CC_OK ? write_next(service, &question, next, ret) : err;
}

enum cc_err auditor_check(struct service *service, const struct caller *caller, int64_t now_ms)
{
    const struct audit_entry entry = {
        .event = "auditoria_comprobacion", .actor = caller->name, .result = "correcto"};
    enum cc_err err = audit_append(service->store, &entry, now_ms, NULL);
    if (err == CC_OK)
        inspect_ask(service->inspect);
    return err;
}
