/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * POST /v1/modems/{nombre}/saldo asks a SIM's network for its balance, which may take a minute; GET
 * tells how far that is, and the last balance that was told.
 */
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/receive.h"

#include <string.h>

enum { LOST_MS = 120 * 1000 }; /* the question was lost, by a restart of the daemon */

static const char *state_of(const struct balance *balance, int64_t now_ms)
{
    if (balance->asked_ms == 0)
        return "sin_preguntar";
    if (balance->ended_ms == 0)
        return now_ms - balance->asked_ms > LOST_MS ? "fallido" : "preguntando";
    return balance->error[0] != '\0' ? "fallido" : "respondido";
}

static void put_balance(struct buf *out, const char *name, const struct balance *balance,
                        int64_t now_ms)
{
    const char *state = state_of(balance, now_ms);
    const char *error = balance->error;
    if (strcmp(state, "fallido") == 0 && error[0] == '\0')
        error = err_token(CC_ERR_NO_ANSWER);
    json_put_text(out, "nombre", name);
    json_put_text(out, "estado", state);
    json_put_utc_or_null(out, "preguntado", balance->asked_ms);
    json_put_text(out, "error", error);
    json_put_text(out, "error_texto", error[0] != '\0' ? err_text(err_from_token(error)) : "");
    json_put_text(out, "saldo", balance->text);
    json_put_utc_or_null(out, "saldo_de", balance->told_ms);
}

static enum cc_err show_balance(struct exchange *x, const struct modem *modem, struct buf *out)
{
    struct balance balance;
    enum cc_err err = service_get_balance(x->service, modem, &balance);
    if (err == CC_OK)
        put_balance(out, modem_name(modem), &balance, x->now_ms);
    return err;
}

enum cc_err saldo_ask(struct exchange *x, struct buf *out)
{
    struct modem *modem;
    enum cc_err err = input_modem(x, &modem);
    if (err == CC_OK)
        err = receive_ask_balance(x->service, modem, x->now_ms);
    return err == CC_OK ? show_balance(x, modem, out) : err;
}

enum cc_err saldo_show(struct exchange *x, struct buf *out)
{
    struct modem *modem;
    enum cc_err err = input_modem(x, &modem);
    return err == CC_OK ? show_balance(x, modem, out) : err;
}
