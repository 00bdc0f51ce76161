/* SPDX-License-Identifier: EUPL-1.2 */
/* POST /v1/auditoria/ciudadanos/busqueda: a person who is blocked (LOPDGDD art. 32), for an auditor
 * who says why. The look is kept in the person's history. */
#include "api/ciudadanos.h"
#include "api/input.h"
#include "api/resources.h"
#include "http/json_write.h"
#include "service/retention.h"

enum { NIF, REASON };

const struct json_shape bloqueadas_shape = {
    .fields = {[NIF] = {"nif", .max_bytes = 64}, [REASON] = {"motivo", .max_bytes = 480}},
};

enum cc_err bloqueadas_find(struct exchange *x, struct buf *out)
{
    struct nif nif;
    CC_WIPED(citizen) citizen;
    char reason[LIFE_REASON_SIZE];
    enum cc_err err = input_nif(x, &x->in[NIF], &nif);
    if (err == CC_OK)
        err = input_words(x, &x->in[REASON], "motivo", reason, sizeof(reason));
    if (err == CC_OK && reason[0] == '\0')
        err = exchange_blame(x, "motivo", CC_ERR_FIELD_MISSING);
    if (err == CC_OK)
        err = retention_look(x->service, &nif, reason, &x->caller, x->now_ms, &citizen);
    if (err != CC_OK)
        return err;
    json_put_text(out, "nif", citizen.nif.text);
    ciudadanos_put_registration(out, &citizen);
    return vida_put_history(x, &citizen, out);
}
