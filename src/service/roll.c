/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/roll.h"

#include "store/audit.h"

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
