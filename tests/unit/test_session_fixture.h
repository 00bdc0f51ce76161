/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Whole sessions with a modem that is good but for what a table says of it: a message out and its
 * report, one that comes in, the balance, and a quarter of an hour at rest.
 */
#ifndef CC_TEST_SESSION_FIXTURE_H
#define CC_TEST_SESSION_FIXTURE_H

#include "tests/unit/test_report_fixture.h"

#include "service/receive.h"
#include "store/balance.h"

#define MESSAGE "00040581227700006210100000000005F4329EFE06"
#define REPORT                                                                                     \
    "0006010B914306103221F3621122210000006211222100000000" /* of reference 1, to PHONE             \
                                                            */

struct session_ways {
    const char *report, *inbound; /* NULL = +CDS, +CMTI */
    const char *balance;          /* the answer to the code; NULL = the standard's */
};

#define MADE_BY(maker, model)                                                                      \
    {"AT+CGMI", maker "\nOK", NULL, 0},                                                            \
    {                                                                                              \
        "AT+CGMM", model "\nOK", NULL, 0                                                           \
    }

/* A modem as a report or a log shows it. */
struct session {
    const char *source;
    struct said says[SAYS];
    const char *starts; /* said by itself at the start, NULL as the others = nothing… */
    const char *says_later;
    struct session_ways ways;
    const char *ends, *prompt; /* of lines, and for the PDU; NULL = the standard's */
};

static struct {
    struct session_ways ways;
    bool has_message;
} session_now;

static inline const char *session_answer(struct script *s, const char *command)
{
    const char *answer = answer_as_reported(s, command);
    if (answer != NULL)
        return answer;
    if (begins(command, "AT+CMGR="))
        return session_now.has_message ? "+CMGR: 0,,20\n" MESSAGE "\nOK" : "OK";
    if (begins(command, "AT+CMGD="))
        session_now.has_message = false;
    if (begins(command, "AT+CUSD=1"))
        return session_now.ways.balance != NULL ? session_now.ways.balance
                                                : "OK\n+CUSD: 0,\"Saldo 5\",15";
    return NULL;
}

static inline struct script *session_script(const struct said *says,
                                            const struct session_ways *ways)
{
    session_now.ways = *ways;
    session_now.has_message = false;
    struct script *s = script_saying(says);
    s->hook = session_answer;
    s->line->config.ussd = "*134#";
    return s;
}

static inline void session_say_each(struct script *s, const char *blocks)
{
    char copy[256], *rest = copy;
    (void)snprintf(copy, sizeof(copy), "%s", blocks != NULL ? blocks : "");
    for (char *block; (block = strsep(&rest, "|")) != NULL;) {
        script_say(s, block);
        house_live(s->house, SECOND);
    }
}

/* Begun, and at rest behind what the modem says by itself. */
static inline struct script *session_start(const struct session *session)
{
    struct script *s = session_script(session->says, &session->ways);
    s->ends = session->ends;
    s->prompt = session->prompt;
    script_start(s);
    house_live(s->house, SECOND / 2);
    session_say_each(s, session->starts);
    house_live(s->house, 20 * SECOND);
    session_say_each(s, session->says_later);
    return s;
}

static inline bool session_tells_balance(struct script *s)
{
    struct balance told;
    assert_ok(turn_enter(s->house->service.turn));
    assert_ok(receive_ask_balance(&s->house->service, s->line->modem, house_now_ms(s->house)));
    turn_leave(s->house->service.turn, true);
    house_live(s->house, MINUTE);
    assert_ok(balance_get(s->house->service.store, s->line->config.name, &told));
    return strcmp(told.text, "Saldo 5") == 0;
}

/* Of a script that has started; is_calm: what must not have been told by the end. */
static inline void session_live(struct script *s, const char *name,
                                bool (*is_calm)(const struct script *s))
{
    const struct session_ways *ways = &session_now.ways;
    script_ask(s);
    house_live(s->house, 8 * SECOND);
    bool is_sent = house_is(s->house, "t");
    script_say(s, ways->report != NULL ? ways->report : "+CDS: 25\n" REPORT);
    house_live(s->house, 8 * SECOND);
    session_now.has_message = true;
    script_say(s, ways->inbound != NULL ? ways->inbound : "+CMTI: \"SM\",3");
    house_live(s->house, 10 * SECOND);
    int64_t came = house_query(s->house, "SELECT count(*) FROM inbox");
    bool is_told = modem_is_ready(s->line->modem) && session_tells_balance(s);
    house_live(s->house, 15 * MINUTE);
    bool is_quiet =
        house_status(s->line).detail[0] == '\0' && house_rungs(s->house)[0] == '\0' && is_calm(s);
    if (!is_sent || !house_is(s->house, "d") || s->pdu_count != 1 || came != 1 || !is_told ||
        !is_quiet)
        fail_msg("%s: sent %d, %s, %zu PDUs, %d came, balance %d, %s, %s", name, is_sent,
                 house_states(s->house), s->pdu_count, (int)came, is_told,
                 house_status(s->line).detail, house_rungs(s->house));
}

#endif
