/* SPDX-License-Identifier: EUPL-1.2 */
/* The texts of an alert: a mail (RFC 5322, UTF-8 as quoted-printable) and the body of a webhook.
 * Pure but for the zone of the process, in which instants are told. */
#ifndef CC_SERVICE_ALERT_TEXT_H
#define CC_SERVICE_ALERT_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "domain/alerts.h"
#include "service/verdict.h"

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

enum alert_presence { ALERT_ABSENT, ALERT_PRESENT, ALERT_UNTOLD }; /* untold: stays as it was */

struct alert_look {
    enum alert_presence presence;
    int64_t since_ms;           /* 0 = not known */
    enum verdict_reason reason; /* VERDICT_FINE: the queue, which has none */
};

/* queue_ms: how long a message may wait. */
void alert_look(const struct verdict_facts *facts, const struct verdict *verdict,
                enum alert_kind kind, int64_t queue_ms, struct alert_look *ret);
/* The sentence and the action of a kind that is present, in Spanish. */
void alert_say(const struct verdict_facts *facts, const struct verdict *verdict,
               const struct alert_look *look, struct buf *sentence, struct buf *action);

#endif
