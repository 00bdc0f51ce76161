/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/life.h"

#include "service/contrast.h"
#include "service/import.h"
#include "service/mail.h"
#include "service/monthly.h"
#include "service/sms.h"
#include "store/audit.h"
#include "store/credentials.h"
#include "store/outbox.h"
#include "store/requests.h"
#include "store/retention.h"

#include <stdio.h>
#include <string.h>

static void copy_words(char *ret, size_t cap, const char *words)
{
    (void)snprintf(ret, cap, "%s", words != NULL ? words : "");
}

enum cc_err life_keep(struct service *service, const struct citizen *citizen,
                      const struct life_order *order, int64_t message_id, int64_t now_ms)
{
    struct life_edge edge = {.act = order->act,
                             .channel = order->channel,
                             .at_ms = now_ms,
                             .message_id = message_id,
                             .phone_proven = order->phone_proven};
    (void)snprintf(edge.actor, sizeof(edge.actor), "%s", order->caller->name);
    copy_words(edge.reason, sizeof(edge.reason), order->reason);
    copy_words(edge.reference, sizeof(edge.reference), order->reference);
    copy_words(edge.document, sizeof(edge.document), order->document);
    (void)snprintf(edge.clause, sizeof(edge.clause), "%s", service->settings->clause);
    copy_words(edge.linked, sizeof(edge.linked),
               order->linked != NULL ? order->linked->text : NULL);
    enum cc_err err = life_append(service->store, citizen, &edge);
    secret_wipe(&edge, sizeof(edge));
    return err;
}

/* The code that goes with a secret, and the message with it. */
static enum cc_err end_secret_code(struct service *service, const struct citizen *citizen,
                                   enum credential_kind kind, int64_t now_ms)
{
    CC_WIPED(credential) credential = {.id = 0};
    enum cc_err err = credentials_find(service->store, citizen->id, kind, &credential);
    if (err == CC_OK)
        err = outbox_withdraw(service->store, -credential.id, citizen->phone.e164, now_ms);
    credential.code = (struct credential_code){.purpose = CREDENTIAL_NO_CODE};
    if (err == CC_OK)
        err = credentials_update(service->store, &credential);
    return err_allow_altered(err);
}

/* A phone that is lost, and a person who has left, get no code that is on its way; and one that has
 * arrived is dead. */
static enum cc_err end_codes(struct service *service, const struct citizen *citizen, int64_t now_ms)
{
    enum cc_err err = requests_end(service->store, citizen->id, now_ms);
    if (err == CC_OK)
        err = outbox_withdraw_replaced(service->store, citizen->id, citizen->phone.e164, now_ms);
    for (enum credential_kind kind = CREDENTIAL_NONE + 1; kind < CREDENTIAL_KINDS && err == CC_OK;
         kind++)
        err = end_secret_code(service, citizen, kind, now_ms);
    return err;
}

static enum cc_err change_phone(const struct service *service, const struct life_order *order,
                                struct citizen *citizen)
{
    if (strcmp(citizen->phone.e164, order->phone.e164) == 0)
        return CC_ERR_PHONE_SAME;
    citizen->phone = order->phone;
    citizen->shares_phone = order->shares_phone;
    return order->shares_phone ? CC_OK : import_check_phone(service, &order->phone);
}

static void correct_person(const struct life_order *order, struct citizen *citizen)
{
    if (order->name.given[0] != '\0')
        citizen->name = order->name;
    if (order->lang != TEXT_LANG_COUNT)
        citizen->lang = order->lang;
}

/* Writes the person as the act leaves them, and ends what ends with a registration. */
static enum cc_err keep_citizen(struct service *service, const struct life_order *order,
                                const struct citizen *before, const struct citizen *after,
                                int64_t now_ms)
{
    bool is_gone = after->state == LIFE_GONE;
    enum cc_err err = citizens_update(service->store, after);
    if (err == CC_OK)
        err = monthly_count_state(service, before->state, after->state, now_ms);
    if (err == CC_OK && (life_has_term(before->state) || life_has_term(after->state)))
        err = retention_set_since(service->store, after->id,
                                  life_has_term(after->state) ? now_ms : 0);
    if (err == CC_OK && is_gone)
        err = mail_forget(service, &order->nif, now_ms);
    return err == CC_OK && is_gone ? credentials_delete(service->store, after->id) : err;
}

static enum cc_err change_citizen(struct service *service, const struct life_order *order,
                                  const struct citizen *before, int64_t now_ms)
{
    CC_WIPED(citizen) after = *before;
    enum cc_err err = life_next(order->act, before->state, &after.state);
    if (err == CC_OK && order->channel == CITIZEN_CHANNEL_PHONE &&
        !life_is_for_telephone(order->act))
        err = CC_ERR_IN_PERSON;
    if (err == CC_OK && life_changes_phone(order->act))
        err = change_phone(service, order, &after);
    if (order->act == LIFE_CORRECT)
        correct_person(order, &after);
    if (err == CC_OK && life_ends_codes(order->act))
        err = end_codes(service, before, now_ms);
    return err == CC_OK ? keep_citizen(service, order, before, &after, now_ms) : err;
}

enum cc_err life_perform(struct service *service, const struct life_order *order, int64_t now_ms)
{
    CC_WIPED(citizen) citizen;
    enum text_id text;
    int64_t message_id = 0;
    enum cc_err err = citizens_find(service->store, &order->nif, &citizen);
    if (err == CC_OK)
        err = change_citizen(service, order, &citizen, now_ms);
    if (err == CC_OK && life_tells_phone(order->act, citizen.state, &text))
        err = notice_send(service, &citizen, text, now_ms, &message_id);
    if (err == CC_OK)
        err = life_keep(service, &citizen, order, message_id, now_ms);
    return err == CC_OK
               ? service_audit(
                     service, order->caller,
                     AUDIT_ACT(.event = life_act_token(order->act), .subject = &order->nif), now_ms)
               : err;
}

enum cc_err life_state_of(struct service *service, const struct nif *nif, enum life_state *ret)
{
    CC_WIPED(citizen) citizen;
    enum cc_err err = citizens_find_without_contrast(service->store, nif, &citizen);
    if (err == CC_OK)
        *ret = citizen.state;
    return err;
}

enum cc_err life_tell_of(struct service *service, const struct citizen *citizen,
                         life_visit_fn visit, void *user)
{
    return life_each(service->store, citizen, LIFE_SHOWN_MAX, visit, user);
}

enum cc_err life_tell(struct service *service, const struct nif *nif, life_visit_fn visit,
                      void *user)
{
    CC_WIPED(citizen) citizen;
    enum cc_err err = citizens_find_without_contrast(service->store, nif, &citizen);
    return err == CC_OK ? life_tell_of(service, &citizen, visit, user) : err;
}

/* ---- what a person does by himself, through the sede ----------------------------------------- */

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
        err = contrast_find_citizen(service, &loss->nif, &call, &citizen);
    if (err == CC_OK)
        err = contrast_count(service, &citizen, &call, now_ms, &counted);
    if (err == CC_OK)
        err = contrast_charge(service, &citizen, &counted, &call, now_ms);
    return err == CC_OK && counted.contrast == LIMITS_CONTRAST_RIGHT
               ? life_perform(service, &order, now_ms)
               : err;
}
