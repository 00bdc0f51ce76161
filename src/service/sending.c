/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sending.h"

#include "base/log.h"
#include "store/audit.h"

#include <stdio.h>

enum cc_err sending_load(struct service *service)
{
    enum cc_err err = pause_load(service->store, &service->pause);
    if (err == CC_OK && sending_is_paused(service))
        log_warning("los envíos están en pausa: los paró %s. Reanúdelos con contraclavectl envios "
                    "reanudar",
                    service->pause.actor);
    return err;
}

enum cc_err sending_follow(struct service *service)
{
    bool was_paused = sending_is_paused(service);
    enum cc_err err = pause_load(service->store, &service->pause);
    if (err != CC_OK || was_paused == sending_is_paused(service))
        return err;
    if (was_paused)
        log_notice("los envíos se han reanudado desde otro equipo");
    else
        log_warning("envíos en pausa: los ha parado, en otro equipo, %s", service->pause.actor);
    turn_request(service->turn);
    return CC_OK;
}

bool sending_is_paused(const struct service *service)
{
    return service->pause.since_ms != 0;
}

/* Reads back what the database holds: a pause that was not committed is not in force. */
static void on_commit(bool committed, void *user)
{
    struct service *service = user;
    (void)committed;
    if (pause_load(service->store, &service->pause) != CC_OK)
        log_error("no se puede leer si los envíos están en pausa");
    turn_request(service->turn); /* messages that waited for the end of the pause may go */
}

static enum cc_err note(struct service *service, const struct caller *caller, const char *event,
                        int64_t now_ms)
{
    enum cc_err err = service_audit(service, caller, AUDIT_ACT(.event = event), now_ms);
    if (err == CC_OK)
        turn_after(service->turn, on_commit, service);
    return err;
}

enum cc_err sending_pause(struct service *service, const struct caller *caller, const char *reason,
                          int64_t now_ms)
{
    struct pause pause = {.since_ms = now_ms};
    enum cc_err err = sending_follow(service);
    if (err != CC_OK || sending_is_paused(service))
        return err;
    (void)snprintf(pause.actor, sizeof(pause.actor), "%s", caller->name);
    (void)snprintf(pause.reason, sizeof(pause.reason), "%s", reason);
    err = pause_save(service->store, &pause);
    if (err != CC_OK)
        return err;
    log_warning("envíos en pausa: los para %s", caller->name);
    return note(service, caller, "envios_pausa", now_ms);
}

enum cc_err sending_resume(struct service *service, const struct caller *caller, int64_t now_ms)
{
    enum cc_err err = sending_follow(service);
    if (err != CC_OK || !sending_is_paused(service))
        return err;
    err = pause_delete(service->store);
    if (err != CC_OK)
        return err;
    log_notice("envíos reanudados por %s", caller->name);
    return note(service, caller, "envios_reanuda", now_ms);
}
