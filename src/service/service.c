/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/service.h"

#include "store/audit.h"
#include "store/refusals.h"

enum {
    RAISE_EVERY_MS = 60000, /* a write a minute is enough of a witness */
    STEP_BACK_MS = 2000,    /* what a healthy NTP client may take back */
};

static enum cc_err know_highest(struct service *service)
{
    return service->highest_ms == 0 ? store_highest_time(service->store, &service->highest_ms)
                                    : CC_OK;
}

enum cc_err service_clock_is_reliable(struct service *service, int64_t now_ms, bool *ret)
{
    enum cc_err err = know_highest(service);
    if (err == CC_OK)
        *ret = now_ms >= service->highest_ms - STEP_BACK_MS;
    return err;
}

enum cc_err service_check_clock(struct service *service, int64_t now_ms)
{
    bool reliable = false;
    enum cc_err err = service_clock_is_reliable(service, now_ms, &reliable);
    if (err != CC_OK)
        return err;
    if (!reliable)
        return CC_ERR_CLOCK_UNRELIABLE;
    if (now_ms < service->highest_ms + RAISE_EVERY_MS)
        return CC_OK;
    service->highest_ms = now_ms;
    return store_raise_time(service->store, now_ms);
}

enum cc_err service_accept_clock(struct service *service, const char *actor, int64_t now_ms)
{
    const struct audit_entry entry = {
        .event = "reloj_aceptar", .actor = actor, .result = "correcto"};
    enum cc_err err = store_set_time(service->store, now_ms);
    if (err == CC_OK)
        err = audit_append(service->store, &entry, now_ms, NULL);
    service->highest_ms = 0; /* read again: the turn may still be undone */
    return err;
}

void service_finish(struct service *service, int64_t now_ms)
{
    if (turn_enter(service->turn) == CC_OK)
        turn_leave(service->turn, refusals_audit(service->store, now_ms, true) == CC_OK);
}

enum cc_err service_parse_nif(const struct service *service, const char *text, size_t len,
                              struct nif *ret)
{
    struct nif nif;
    enum cc_err err = nif_parse(text, len, &nif);
    if (err != CC_OK)
        return err;
    if (!service->settings->allow_test_nifs && nif_is_test_number(&nif))
        return CC_ERR_NIF_TEST;
    *ret = nif;
    return CC_OK;
}
