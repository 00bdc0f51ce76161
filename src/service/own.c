/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/own.h"

#include "service/contrast.h"
#include "service/life.h"
#include "service/visitor.h"

static struct life_order order_of(enum life_act act, const struct nif *nif, const char *reason,
                                  const struct caller *caller)
{
    return (struct life_order){.act = act,
                               .nif = *nif,
                               .channel = CITIZEN_CHANNEL_ONLINE,
                               .reason = reason,
                               .caller = caller};
}

enum cc_err own_renounce(struct service *service, const struct verify_input *input, int64_t now_ms,
                         bool *ret_done, int64_t *ret_wait_s)
{
    CC_WIPED(verify_output) verdict = {0};
    const struct life_order order =
        order_of(LIFE_RENOUNCE, &input->nif, "Lo pide con su PIN", input->caller);
    enum cc_err err = verify_pin(service, input, now_ms, &verdict, ret_wait_s);
    *ret_done = err == CC_OK && verdict.correct;
    return *ret_done ? life_perform(service, &order, now_ms) : err;
}

enum cc_err own_suspend(struct service *service, const struct own_loss *loss, int64_t now_ms,
                        int64_t *ret_wait_s)
{
    CC_WIPED(citizen) citizen = {0};
    struct limits_citizen counted = {0};
    const struct contrast_call call = {&loss->contrast, loss->from->narrow, loss->caller};
    const struct life_order order =
        order_of(LIFE_SUSPEND, &loss->nif, "Lo pide con su dato de contraste", loss->caller);
    enum cc_err err = service_check_clock(service);
    if (err == CC_OK)
        err = visitor_take_request(service, loss->from, now_ms, ret_wait_s);
    if (err == CC_OK)
        err = err_allow_altered(contrast_find_citizen(service, &loss->nif, &call, &citizen));
    if (err == CC_OK)
        err = contrast_count(service, &citizen, &call, now_ms, &counted);
    if (err == CC_OK)
        err = contrast_charge(service, &citizen, &counted, &call, now_ms);
    return err == CC_OK && counted.contrast == LIMITS_CONTRAST_RIGHT
               ? life_perform(service, &order, now_ms)
               : err;
}
