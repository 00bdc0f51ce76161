/* SPDX-License-Identifier: EUPL-1.2 */
/* /v1/modems/{nombre}/…: what a technician sees of one modem and does with it. */
#include "api/estado.h"
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/sms.h"

#include <stdlib.h>
#include <string.h>

enum { TRACE_SIZE = 32 * 1024 };

const struct json_shape modems_try_shape = {.fields = {{"numero", .max_bytes = 32}}};

/* "-" as the name: whichever modem is free sends it. */
enum cc_err modems_try(struct exchange *x, struct buf *out)
{
    struct modem *modem = NULL;
    struct phone phone;
    int64_t id = 0;
    bool is_any = strcmp(x->params[0].text, "-") == 0;
    enum cc_err err = is_any ? CC_OK : input_modem(x, &modem);
    if (err != CC_OK)
        return err;
    err = phone_parse(x->in[0].text, x->in[0].len, &phone);
    if (err != CC_OK)
        return exchange_blame(x, "numero", err);
    err = trial_send(x->service, &phone, modem != NULL ? modem_name(modem) : "", &x->caller,
                     x->now_ms, &id);
    json_put_int(out, "id", id);
    return err;
}

enum cc_err modems_show(struct exchange *x, struct buf *out)
{
    struct modem *modem;
    enum cc_err err = input_modem(x, &modem);
    const struct estado_view view = {
        .service = x->service, .caller = &x->caller, .now_ms = x->now_ms};
    if (err == CC_OK)
        estado_put_modem(out, &view, modem);
    return err;
}

enum cc_err modems_restart(struct exchange *x, struct buf *out)
{
    struct modem *modem;
    enum cc_err err = input_modem(x, &modem);
    if (err != CC_OK)
        return err;
    json_put_text(out, "nombre", modem_name(modem));
    return service_restart_modem(x->service, modem, &x->caller, x->now_ms);
}

static void put_lines(struct buf *out, char *lines)
{
    char *rest = lines;
    json_open(out, "lineas", '[');
    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        if (line[0] != '\0')
            json_put_text(out, NULL, line);
    json_close(out, ']');
}

enum cc_err modems_trace(struct exchange *x, struct buf *out)
{
    struct modem *modem;
    enum cc_err err = input_modem(x, &modem);
    if (err != CC_OK)
        return err;
    char *lines = malloc(TRACE_SIZE);
    if (lines == NULL)
        return CC_ERR_MEMORY;
    (void)modem_trace(modem, lines, TRACE_SIZE);
    json_put_text(out, "nombre", modem_name(modem));
    put_lines(out, lines);
    free(lines);
    return CC_OK;
}
