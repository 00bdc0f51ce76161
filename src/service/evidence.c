/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/evidence.h"

#include "base/hex.h"
#include "base/secret_old.h"
#include "store/audit.h"

#include <string.h>

/* Into zeros. */
static void put_text(char *to, size_t cap, const char *text)
{
    if (text != NULL)
        (void)memccpy(to, text, '\0', cap - 1);
}

enum cc_err evidence_keep(struct service *service, const struct verify_input *input,
                          const struct evidence_entry *entry, int64_t now_ms,
                          struct verify_output *out)
{
    const struct citizen *citizen = &out->citizen;
    const struct request *request = entry->request;
    struct evidence evidence = {.nif = citizen->nif,
                                .name = citizen->name,
                                .phone = citizen->phone,
                                .alta = {.grade = citizen->grade,
                                         .channel = citizen->channel,
                                         .at_ms = citizen->created_ms},
                                .request = {.id = request->id,
                                            .created_ms = request->created_ms,
                                            .expires_ms = request->expires_ms,
                                            .tries = request->tries,
                                            .uses = request->uses + 1,
                                            .with_contrast = request->with_contrast},
                                .at_ms = now_ms,
                                .with_contrast = entry->with_contrast,
                                .is_substantial = out->is_substantial,
                                .network = service->clock.network,
                                .is_synchronised = service->clock.is_synchronised};
    put_text(evidence.client, sizeof(evidence.client), input->caller->name);
    put_text(evidence.client_address, sizeof(evidence.client_address), input->client_address);
    put_text(evidence.address, sizeof(evidence.address), input->address);
    put_text(evidence.method, sizeof(evidence.method), method_rows[entry->method].token);
    put_text(evidence.config, sizeof(evidence.config), service->installation.config_version);
    enum cc_err err = evidence_add(service->store, entry->audit_id, &evidence);
    secret_wipe(&evidence, sizeof(evidence));
    evidence_id(service->store, entry->audit_id, out->evidence);
    return err;
}

enum cc_err evidence_tell(struct service *service, const char *id, const struct caller *caller,
                          int64_t now_ms, struct evidence *ret)
{
    struct audit_entry act = {.event = "evidencia"};
    enum cc_err err = evidence_parse_id(service->store, id, &act.reference);
    if (err == CC_OK)
        err = evidence_find(service->store, act.reference, ret);
    if (err != CC_OK)
        return err;
    act.subject = &ret->nif;
    return service_audit(service, caller, &act, now_ms);
}

void evidence_sign(const struct service *service, const void *bytes, size_t len,
                   char ret[EVIDENCE_SIGNATURE_SIZE])
{
    uint8_t signature[SECRET_SIGNATURE_BYTES];
    secret_sign(service->store->keys, bytes, len, signature);
    hex_encode_lower(signature, sizeof(signature), ret);
}

void evidence_public_key(const struct service *service, uint8_t ret[SECRET_PUBLIC_BYTES])
{
    secret_public_key(service->store->keys, ret);
}

size_t evidence_old_keys(const struct service *service)
{
    return secret_keys_generation(service->store->keys);
}

void evidence_old_public_key(const struct service *service, size_t number,
                             uint8_t ret[SECRET_PUBLIC_BYTES])
{
    secret_old_public_key(service->store->keys, number, ret);
}
