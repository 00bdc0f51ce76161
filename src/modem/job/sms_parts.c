/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/job/sms_parts.h"

#include "base/buf.h"
#include "base/hex.h"
#include "base/secret.h"

#include <stdio.h>
#include <string.h>

static bool encode_part(struct sms_parts *parts, const struct modem_sms *sms,
                        const struct gsm_part *part, bool last)
{
    uint8_t bytes[GSM_PDU_MAX];
    struct buf pdu;
    struct gsm_submit submit = {
        .want_report = last, /* the report of the last part speaks for the message */
        .replace = sms->replace,
        .validity_s = sms->validity_s,
        .alphabet = part->alphabet,
        .concat = part->concat,
        .data_len = part->data_len,
    };
    (void)snprintf(submit.to.text, sizeof(submit.to.text), "%s", sms->number);
    memcpy(submit.data, part->data, sizeof(submit.data));
    buf_init(&pdu, bytes, sizeof(bytes));
    bool ok = gsm_submit_encode(&submit, &pdu, &parts->tpdu_len[parts->count]) && buf_ok(&pdu);
    if (ok)
        hex_encode(bytes, pdu.len, parts->pdu[parts->count++]);
    secret_wipe(bytes, sizeof(bytes));
    secret_wipe(&submit, sizeof(submit));
    return ok;
}

bool sms_parts_encode(struct sms_parts *parts, const struct modem_sms *sms)
{
    struct gsm_part found[GSM_PARTS_MAX];
    size_t count = 0;
    parts->count = 0;
    bool ok = gsm_segment(sms->text, strlen(sms->text), sms->concat_reference, found, &count);
    for (size_t i = 0; ok && i < count; i++)
        ok = encode_part(parts, sms, &found[i], i + 1 == count);
    secret_wipe(found, sizeof(found));
    return ok;
}
