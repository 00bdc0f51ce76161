/* SPDX-License-Identifier: EUPL-1.2 */
/* The texts of an alert: a mail (RFC 5322, UTF-8 as quoted-printable) and the body of a webhook.
 * Pure but for the zone of the process, in which instants are told. */
#ifndef CC_SERVICE_ALERT_TEXT_H
#define CC_SERVICE_ALERT_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "domain/alerts.h"

enum { ALERT_TEXT_SIZE = 12 * 1024, ALERT_JSON_SIZE = 6 * 1024, ALERT_MAIL_ID_SIZE = 44 };

struct alert_told {
    enum alert_event event;
    enum alert_kind kind; /* no meaning for ALERT_TEST */
    const char *entity, *box;
    const char *sentence, *action, *cause; /* "" = none */
    int64_t now_ms, since_ms, ended_ms;    /* UTC; ended_ms only for ALERT_RESOLVED */
    int64_t relapses;
};

/* to: "a@b, c@d". id: random text, for the Message-ID. Appends nothing to a full buffer. */
void alert_write_mail(const struct alert_told *told, const char *from, const char *to,
                      const char *id, struct buf *out);
/* {"suceso": …, "aviso": …, …}. Returns false without memory. */
bool alert_write_json(const struct alert_told *told, struct buf *out) CC_MUST_CHECK;
/* "2 días y 3 horas", "45 minutos", "20 segundos". */
void alert_write_length(int64_t ms, struct buf *out);

#endif
