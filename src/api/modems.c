/* SPDX-License-Identifier: EUPL-1.2 */
/* /control/modems/…: what a technician does with one modem. */
#include "api/estado_modem.h"
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/trial.h"

#include <stdlib.h>
#include <string.h>

enum { NAME, NUMBER, TRACE_SIZE = 32 * 1024 };

const struct json_shape control_modem_shape = {
    .count = 1,
    .fields = {[NAME] = {"nombre", .optional = true, .max_bytes = 64}},
};

const struct json_shape control_modem_test_shape = {
    .count = 2,
    .fields = {[NAME] = {"nombre", .optional = true, .max_bytes = 64},
               [NUMBER] = {"numero", .max_bytes = 32}},
};

static void put_name(struct buf *out, const struct modem *modem)
{
    json_open(out, NULL, '{');
    json_put_text(out, "nombre", modem_name(modem));
}

enum cc_err control_modem_test(struct exchange *x, const struct json_text *in, struct buf *out)
{
    struct modem *modem = NULL;
    struct phone phone;
    int64_t id = 0;
    enum cc_err err = in[NAME].text != NULL ? input_modem(x, &in[NAME], &modem) : CC_OK;
    if (err != CC_OK)
        return err;
    err = phone_parse(in[NUMBER].text, in[NUMBER].len, &phone);
    if (err != CC_OK)
        return exchange_blame(x, "numero", err);
    err = trial_send(x->service, &phone, modem != NULL ? modem_name(modem) : "", x->caller.name,
                     x->now_ms, &id);
    if (err != CC_OK)
        return err;
    json_open(out, NULL, '{');
    json_put_int(out, "id", id);
    json_close(out, '}');
    return CC_OK;
}

enum cc_err control_modem_show(struct exchange *x, const struct json_text *in, struct buf *out)
{
    struct modem *modem;
    enum cc_err err = input_modem(x, &in[NAME], &modem);
    if (err == CC_OK)
        estado_put_modem(out, modem, &x->caller);
    return err;
}

enum cc_err control_modem_restart(struct exchange *x, const struct json_text *in, struct buf *out)
{
    struct modem *modem;
    enum cc_err err = input_modem(x, &in[NAME], &modem);
    if (err != CC_OK)
        return err;
    err = modem_restart(modem);
    if (err != CC_OK)
        return err;
    put_name(out, modem);
    json_close(out, '}');
    return CC_OK;
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

enum cc_err control_modem_trace(struct exchange *x, const struct json_text *in, struct buf *out)
{
    struct modem *modem;
    enum cc_err err = input_modem(x, &in[NAME], &modem);
    if (err != CC_OK)
        return err;
    char *lines = malloc(TRACE_SIZE);
    if (lines == NULL)
        return CC_ERR_MEMORY;
    (void)modem_trace(modem, lines, TRACE_SIZE);
    put_name(out, modem);
    put_lines(out, lines);
    json_close(out, '}');
    free(lines);
    return CC_OK;
}
