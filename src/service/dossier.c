/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/dossier.h"

#include "base/span.h"
#include "store/audit.h"
#include "store/audit_search.h"
#include "store/seal.h"

static const char event[] = "expediente";

enum cc_err dossier_begin(struct service *service, const struct nif *nif,
                          const struct caller *caller, int64_t now_ms, struct citizen *ret)
{
    enum cc_err err = citizens_find(service->store, nif, ret);
    if (err != CC_OK)
        return err;
    return service_audit(service, caller, AUDIT_ACT(.event = event, .subject = nif), now_ms);
}

static void note_row(const struct audit_found *row, void *user)
{
    bool *is_found = user;
    (void)row;
    *is_found = true;
}

/* Looks among the newest rows of the trail: behind many others the act is entered once more. */
static enum cc_err audit_once(struct service *service, const struct audit_entry *act,
                              const struct caller *caller, int64_t now_ms)
{
    uint8_t subject[SECRET_TAG_BYTES];
    const struct audit_filter filter = {.event = act->event,
                                        .actor = caller->name,
                                        .subject = act->subject != NULL ? subject : NULL,
                                        .from_ms = now_ms - HOUR_MS,
                                        .until_ms = INT64_MAX};
    bool is_found = false;
    int64_t next = 0;
    if (act->subject != NULL)
        seal_nif_index(service->store, act->subject, subject);
    enum cc_err err =
        audit_search(service->store, &filter, INT64_MAX, 1, note_row, &is_found, &next);
    return err != CC_OK || is_found ? err : service_audit(service, caller, act, now_ms);
}

enum cc_err dossier_note_look(struct service *service, enum dossier_look look,
                              const struct nif *nif, const struct caller *caller, int64_t now_ms)
{
    static const char *const events[] = {[DOSSIER_LOOK_PERSON] = "consulta",
                                         [DOSSIER_LOOK_LIST] = "consulta_lista",
                                         [DOSSIER_LOOK_INBOX] = "consulta_buzon"};
    return audit_once(service, AUDIT_ACT(.event = events[look], .subject = nif), caller, now_ms);
}

enum cc_err dossier_tell(struct service *service, const struct dossier_page *page, int64_t now_ms,
                         dossier_visit_fn visit, void *user, int64_t *ret_next)
{
    CC_WIPED(citizen) citizen;
    enum cc_err err = citizens_find_without_contrast(service->store, page->nif, &citizen);
    if (err == CC_OK)
        err = audit_once(service, AUDIT_ACT(.event = event, .subject = page->nif), page->caller,
                         now_ms);
    if (err == CC_OK)
        err = dossier_list(service->store, &citizen, page->part, page->before_id, visit, user,
                           ret_next);
    return err;
}

/* ---- the registry as a whole ----------------------------------------------------------------- */

enum cc_err roll_tell(struct service *service, const struct caller *caller, const char *cursor,
                      int64_t now_ms, citizens_visit_fn visit, void *user,
                      char ret_next[CURSOR_SIZE])
{
    static const struct audit_entry act = {.event = "exportacion"};
    uint8_t storage[CALLER_NAME_SIZE + sizeof("exportacion")];
    struct buf question;
    int64_t after = 0, last = 0;
    buf_init(&question, storage, sizeof(storage));
    buf_str(&question, act.event);
    buf_str(&question, caller->name);
    enum cc_err err = cursor != NULL ? cursor_read(service, &question, cursor, &after)
                                     : service_audit(service, caller, &act, now_ms);
    if (err == CC_OK)
        err = roll_list(service, after, visit, user, &last);
    ret_next[0] = '\0';
    if (err == CC_OK && last > 0)
        cursor_write(service, &question, last, ret_next);
    return err;
}

enum cc_err roll_list(struct service *service, int64_t after, citizens_visit_fn visit, void *user,
                      int64_t *ret_last)
{
    return citizens_each(service->store, after, ROLL_PAGE, visit, user, ret_last);
}
