/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/roll.h"

#include "store/audit.h"

struct page {
    struct nif nifs[ROLL_PAGE];
    size_t count, unreadable;
};

static void take_nif(const struct citizen *citizen, void *user)
{
    struct page *page = user;
    if (citizen != NULL)
        page->nifs[page->count++] = citizen->nif;
    else
        page->unreadable++;
}

/* The page is read first: each contrast datum is opened with a row of its own. */
static enum cc_err tell_page(struct service *service, const struct page *page,
                             citizens_visit_fn visit, void *user)
{
    struct citizen citizen = {0};
    enum cc_err err = CC_OK;
    for (size_t i = 0; i < page->count && err == CC_OK; i++) {
        err = citizens_find(service->store, &page->nifs[i], &citizen);
        if (err == CC_OK)
            visit(&citizen, user);
    }
    for (size_t i = 0; i < page->unreadable && err == CC_OK; i++)
        visit(NULL, user);
    secret_wipe(&citizen, sizeof(citizen));
    return err;
}

enum cc_err roll_tell(struct service *service, const struct caller *caller, int64_t after,
                      int64_t now_ms, citizens_visit_fn visit, void *user, int64_t *ret_last)
{
    const struct audit_entry entry = {
        .event = "exportacion", .actor = caller->name, .result = "correcto"};
    struct page page = {.count = 0};
    enum cc_err err = after == 0 ? audit_append(service->store, &entry, now_ms, NULL) : CC_OK;
    if (err == CC_OK)
        err = citizens_each(service->store, after, ROLL_PAGE, take_nif, &page, ret_last);
    if (err == CC_OK)
        err = tell_page(service, &page, visit, user);
    secret_wipe(&page, sizeof(page));
    return err;
}

enum cc_err roll_list(struct service *service, int64_t after, citizens_visit_fn visit, void *user,
                      int64_t *ret_last)
{
    return citizens_each(service->store, after, ROLL_PAGE, visit, user, ret_last);
}
