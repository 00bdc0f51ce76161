/* SPDX-License-Identifier: EUPL-1.2 */
/* A message as the PDUs of its parts. */
#ifndef CC_MODEM_JOB_SMS_PARTS_H
#define CC_MODEM_JOB_SMS_PARTS_H

#include "gsm/segment.h"
#include "gsm/submit.h"
#include "modem/modem.h"

struct sms_parts {
    size_t count;
    size_t tpdu_len[GSM_PARTS_MAX];
    char pdu[GSM_PARTS_MAX][2 * GSM_PDU_MAX + 1];
};

/* False: it has no parts, or too many, or its number is none. To be wiped. */
bool sms_parts_encode(struct sms_parts *parts, const struct modem_sms *sms);

#endif
