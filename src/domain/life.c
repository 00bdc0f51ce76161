/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/life.h"

#include <string.h>

#define NO LIFE_STATES
#define SILENT TEXT_COUNT

static const struct {
    const char *token;
    enum life_state to[LIFE_STATES]; /* by the state before; NO = no such edge */
    enum text_id text;               /* SILENT = the phone is not told */
    bool ends_codes;
    bool for_telephone;
} acts[LIFE_ACTS] = {
    /* from        active, suspended, gone, blocked, pending */
    [LIFE_ENROL] = {"alta", {NO, NO, LIFE_ACTIVE, LIFE_ACTIVE, NO}, SILENT, false, true},
    [LIFE_SUSPEND] = {"suspension", {LIFE_SUSPENDED, NO, NO, NO, NO}, TEXT_SUSPENDED, true, true},
    [LIFE_REACTIVATE] =
        {"reactivacion", {NO, LIFE_ACTIVE, NO, NO, NO}, TEXT_REACTIVATED, false, false},
    [LIFE_CHANGE_PHONE] = {"movil",
                           {LIFE_ACTIVE, LIFE_SUSPENDED, NO, NO, LIFE_PENDING},
                           TEXT_PHONE_CHANGED,
                           true,
                           false},
    [LIFE_RENOUNCE] =
        {"renuncia", {LIFE_GONE, LIFE_GONE, NO, NO, LIFE_GONE}, TEXT_RENOUNCED, true, false},
    /* nobody reads the first; the phone of a mistake may be anybody's */
    [LIFE_DIE] = {"defuncion", {LIFE_GONE, LIFE_GONE, NO, NO, LIFE_GONE}, SILENT, true, false},
    [LIFE_ANNUL] = {"anulacion", {LIFE_GONE, LIFE_GONE, NO, NO, LIFE_GONE}, SILENT, true, false},
    [LIFE_CORRECT] = {"rectificacion",
                      {LIFE_ACTIVE, LIFE_SUSPENDED, NO, NO, LIFE_PENDING},
                      SILENT,
                      false,
                      false},
    [LIFE_BLOCK] = {"bloqueo", {NO, NO, LIFE_BLOCKED, NO, NO}, SILENT, false, false},
    [LIFE_LOOK] = {"consulta", {NO, NO, NO, LIFE_BLOCKED, NO}, SILENT, false, false},
    [LIFE_CHANGE_NIF] = {"cambio_nif", {LIFE_GONE, LIFE_GONE, NO, NO, NO}, SILENT, true, false},
    [LIFE_ENROL_PENDING] =
        {"alta_pendiente", {NO, NO, LIFE_PENDING, LIFE_PENDING, NO}, SILENT, false, false},
    [LIFE_PROVE_PHONE] =
        {"comprobacion", {NO, NO, NO, NO, LIFE_ACTIVE}, TEXT_ACTIVATED, false, true},
    [LIFE_CHANGE_PHONE_PENDING] = {"movil_pendiente",
                                   {LIFE_PENDING, LIFE_PENDING, NO, NO, LIFE_PENDING},
                                   TEXT_PHONE_CHANGED,
                                   true,
                                   false},
    [LIFE_SEND_KEY] = {"clave", {LIFE_ACTIVE, NO, NO, NO, NO}, SILENT, false, true},
};

enum cc_err life_next(enum life_act act, enum life_state from, enum life_state *ret)
{
    if (act >= LIFE_ACTS || from >= LIFE_STATES || acts[act].to[from] == NO)
        return CC_ERR_LIFE_STATE;
    *ret = acts[act].to[from];
    return CC_OK;
}

bool life_has_term(enum life_state state)
{
    return state == LIFE_GONE || state == LIFE_PENDING;
}

bool life_changes_phone(enum life_act act)
{
    return act == LIFE_CHANGE_PHONE || act == LIFE_CHANGE_PHONE_PENDING;
}

bool life_is_for_telephone(enum life_act act)
{
    return acts[act].for_telephone;
}

bool life_ends_codes(enum life_act act)
{
    return acts[act].ends_codes;
}

bool life_tells_phone(enum life_act act, enum life_state from, enum text_id *ret)
{
    *ret = acts[act].text;
    return acts[act].text != SILENT && (from != LIFE_PENDING || act == LIFE_PROVE_PHONE);
}

const char *life_state_token(enum life_state state)
{
    static const char *const tokens[LIFE_STATES] = {"activa", "suspendida", "baja", "bloqueada",
                                                    "pendiente_movil"};
    return state < LIFE_STATES ? tokens[state] : "desconocido";
}

const char *life_act_token(enum life_act act)
{
    return act < LIFE_ACTS ? acts[act].token : "desconocido";
}

enum cc_err life_act_parse(const char *token, enum life_act *ret)
{
    for (unsigned act = 0; act < LIFE_ACTS; act++) {
        if (strcmp(acts[act].token, token) == 0) {
            *ret = (enum life_act)act;
            return CC_OK;
        }
    }
    return CC_ERR_NOT_FOUND;
}
