/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The verdict on the box: can it send, and does it need a person? Pure: facts and the time in; the
 * answer, its sentence, what to do, and the lesser findings out. The status, the pages, the doctor,
 * the alerts and the metrics repeat it, so that every threshold of the house is in verdict.c.
 */
#ifndef CC_SERVICE_VERDICT_H
#define CC_SERVICE_VERDICT_H

#include "base/buf.h"
#include "domain/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict_can { VERDICT_YES, VERDICT_YES_BUT, VERDICT_NOT_NOW, VERDICT_NO, VERDICT_CAN_COUNT };
enum verdict_need {
    VERDICT_NOTHING,
    VERDICT_WAIT,
    VERDICT_HERE, /* at the desk or by a command */
    VERDICT_GO,   /* to the box */
    VERDICT_CALL, /* the operator */
    VERDICT_NEED_COUNT
};

/* Rows of verdict_reasons.inc, the gravest first. */
enum verdict_reason {
#define REASON(name, token, can, need) VERDICT_##name,
#include "service/verdict_reasons.inc"
#undef REASON
    VERDICT_REASON_COUNT,
    VERDICT_FINE = VERDICT_REASON_COUNT
};

/* The thresholds, for the doctor too. */
enum {
    VERDICT_WEAK_DBM = -105, /* below, messages fail */
    VERDICT_POOR_DBM = -95,  /* below, they are slow */
    VERDICT_HOT_C = 75,      /* modules give up between 75 and 85 */
    VERDICT_LOW_MV = 3500,   /* a transmitting module drops out at 3.3 to 3.4 V */
    VERDICT_FULL_PERCENT = 80,
    VERDICT_DRIFT_S = 300,
    VERDICT_QUEUE_S = 120,
    VERDICT_ENDS_DAYS = 14, /* a certificate or a token ends sooner */
};

#define VERDICT_UNKNOWN INT64_MIN /* a number that is not known */
enum { VERDICT_MODEMS_MAX = 16, VERDICT_ITEMS_MAX = 48, VERDICT_TEXT_SIZE = 640 };

/* Of one modem. Texts live as long as the verdict; instants are UTC ms, 0 = not known. */
struct verdict_modem {
    const char *name;
    enum verdict_reason trouble; /* why it cannot send; VERDICT_FINE = it can */
    int64_t since_ms, until_ms;  /* of the trouble; until_ms where it ends by itself */
    int64_t step, steps;         /* of the recovery */
    const char *card;            /* last digits of its card; "" = not known */
    const char *text;            /* the modem's own sentence about its trouble or advice; "" */
    int64_t pin_left, signal_dbm, temperature_c, supply_mv; /* VERDICT_UNKNOWN */
    int64_t storage_used, storage_total, network_clock_s;   /* VERDICT_UNKNOWN */
    int64_t drops_hour;                                     /* losses of its line within the hour */
    int64_t unknowns_row;     /* messages in a row without a known outcome */
    int64_t unreported_ms;    /* since when its messages go without reports; 0 = they come */
    int64_t balance_since_ms; /* unread notice of low balance; 0 = none */
    int64_t pace_until_ms;    /* its pace of the day is used up until then; 0 = it is not */
    bool lacks_centre;        /* the card tells no service centre */
};

/* Clients of the API by what of theirs ends within VERDICT_ENDS_DAYS, or ended within them. */
enum verdict_client {
    VERDICT_TOKENS_ENDED,
    VERDICT_CERTIFICATES_ENDED,
    VERDICT_TOKENS_END,
    VERDICT_CERTIFICATES_END,
    VERDICT_CLIENT_COUNT
};
struct verdict_clients {
    const char *names;
    int64_t ends_ms; /* of the first of them; 0 = there are none */
};

struct verdict_facts {
    enum verdict_reason data; /* a DATA_ reason, or VERDICT_FINE */
    int64_t now_ms, data_since_ms;
    const char *data_text; /* of DATA_AWAY, DATA_REFUSED and DATA_THERE: its server */
    bool is_clock_good;
    int64_t clock_wait_ms; /* a step back that passes by itself; 0 = a person is needed */
    int64_t paused_ms;     /* 0 = sending is not paused */
    const char *paused_by;
    struct {                                     /* contraclaves and others that wait; 0 = none */
        int64_t waiting, oldest_ms, next_try_ms; /* before the next try none is due */
    } queue;
    bool is_town_alarmed;
    const char *town_text;                              /* name of the alarm, and what to do */
    int64_t certificate_begins_ms, certificate_ends_ms; /* ends_ms 0 = there is none to watch */
    struct verdict_clients clients[VERDICT_CLIENT_COUNT];
    int64_t backup_ms, begun_ms;   /* the last copy, and the first record of the box; 0 = none */
    int64_t disk_free, disk_total; /* bytes; total 0 = not known */
    const struct verdict_modem *modems;
    size_t modem_count;
    const struct verdict_box *boxes; /* the others */
    size_t box_count;
    bool is_shared; /* the database: a box may do without a modem */
};

/* A cause with what its words name. */
struct verdict_item {
    enum verdict_reason reason;
    enum verdict_reason inner;         /* of ONE_OUT: why that one is out */
    const struct verdict_modem *modem; /* NULL = the box */
    int64_t since_ms, until_ms, n, m;
    const char *text;
};

struct verdict {
    enum verdict_can can;
    enum verdict_need need;
    int64_t now_ms;
    struct verdict_item first; /* reason VERDICT_FINE: all is well */
    struct verdict_item others[VERDICT_ITEMS_MAX];
    size_t other_count;
    char able[VERDICT_MODEMS_MAX * 36]; /* names of what can send, for ONE_OUT */
};

void verdict_judge(const struct verdict_facts *facts, struct verdict *ret);
/* The whole sentence of the first item, with its headline: "No puede enviar: el módem «principal»
 * …"; of one of the others, a sentence without it. */
void verdict_say(const struct verdict *verdict, const struct verdict_item *item,
                 enum text_lang lang, struct buf *out);
/* Writes the action and its place: "Vaya al equipo: quítele …"; for need VERDICT_NOTHING that
 * nothing is to be done. */
void verdict_say_action(const struct verdict *verdict, const struct verdict_item *item,
                        enum text_lang lang, struct buf *out);
/* A length of time in the largest unit that has two or more of it: "20 segundos". */
void verdict_say_span(int64_t span_ms, enum text_lang lang, struct buf *out);
/* Makes the letter at `from` upper case: where a sentence begins. */
void verdict_capitalize(struct buf *out, size_t from);
/* Tokens: "si", "si_pero", "por_ahora_no", "no"; "nada", "espere", "desde_aqui", "vaya", "llame";
 * tokens of verdict_reasons.inc, "" for VERDICT_FINE. */
const char *verdict_ability_token(enum verdict_can can);
const char *verdict_need_token(enum verdict_need need);
const char *verdict_reason_token(enum verdict_reason reason);
enum verdict_can verdict_reason_can(enum verdict_reason reason);
/* The need of its cause, where it is ONE_OUT. */
enum verdict_need verdict_item_need(const struct verdict_item *item);

#endif
