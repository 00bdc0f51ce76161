/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines with something wrong in them, at random, at an idle modem and in all places of a message.
 * SEED repeats a run. */
#include "tests/unit/test_nonsense_fixture.h"

#include "service/health.h"

enum { MUTANT_MAX = 32768 };

#define STAMP "62111811600400"
#define REPORT_OF(number, status) "00060" number STAMP STAMP status
#define ANAS_REPORT REPORT_OF("10B914317212233F3", "00")
#define BEAS_REPORT REPORT_OF("20B914347949900F0", "46")
#define MESSAGE "00040B914317212233F30000" STAMP "04E8373B0C"
#define PART "00440B914317212233F30000" STAMP "10050003050301EAEE30081E96D3CB"

static uint64_t chance; /* xorshift64* */

static unsigned draw(unsigned below)
{
    chance ^= chance >> 12;
    chance ^= chance << 25;
    chance ^= chance >> 27;
    return (unsigned)((chance * UINT64_C(2685821657736338717)) >> 33) % below;
}

static void seed(void)
{
    const char *text = getenv("SEED");
    unsigned long number = text != NULL ? strtoul(text, NULL, 10) : 240;
    print_message("SEED=%lu\n", number);
    chance = number * 2 + 1;
}

/* Whole ones, none of them about the messages that are sent here. */
static const char *const lines[] = {
    "+CDS: 25\r\n" ANAS_REPORT,
    "+CDS: 25\r\n" BEAS_REPORT,
    "+CMT: ,30\r\n" MESSAGE,
    "+CMT: ,60\r\n" PART,
    "+CMTI: \"SM\",3",
    "+CDSI: \"SR\",8",
    "+CREG: 1",
    "+CREG: 1,\"00A1\",\"0000F3B0\",7",
    "+CEREG: 1,\"00A1\",\"0000F3B0\",7",
    "+CUSD: 0,\"hola\",15",
    "^RSSI:25",
    "+CSQ: 20,99",
    "+CPMS: 3,30,3,30,3,30",
    "+CCLK: \"26/08/14,12:34:56+08\"",
    "RING",
    "+CLIP: \"600\",129",
    "NO CARRIER",
    "+CMGR: 0,,24",
    "+CMGL: 1,0,,24",
    "AT+CMGS=25",
    "+CPIN: READY",
    "+COPS: 0,0,\"Red\",7",
    "^SMMEMFULL: \"SM\"",
    "+CMGS",
    "OK?",
    "0",
    "4",
};

/* Nobody could tell these from the real ones; and a restart that it tells is taken for one. */
static bool is_forgery(const char *bytes, size_t len)
{
    static const char *const words[] = {"OK",          "ERROR",       "TOO MANY",
                                        "COMMAND NOT", "+CME ERROR:", "+CMS ERROR:",
                                        "+CMGS:",      "RDY",         "^SYSSTART"};
    for (size_t at = 0; at < len; at++) {
        if (at > 0 && bytes[at - 1] != '\r' && bytes[at - 1] != '\n')
            continue;
        size_t word = at;
        while (word < len && bytes[word] == ' ')
            word++;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (len - word >= strlen(words[i]) &&
                memcmp(bytes + word, words[i], strlen(words[i])) == 0)
                return true;
    }
    return false;
}

struct mutant {
    char bytes[MUTANT_MAX];
    size_t len;
};

/* Puts bytes in the place of `gone` others. */
static void replace(struct mutant *m, size_t at, size_t gone, const char *bytes, size_t len)
{
    gone = gone < m->len - at ? gone : m->len - at;
    assert_true(m->len - gone + len < sizeof(m->bytes));
    memmove(m->bytes + at + len, m->bytes + at + gone, m->len - at - gone);
    memcpy(m->bytes + at, bytes, len);
    m->len += len - gone;
}

static const char *draw_line(void)
{
    return lines[draw(sizeof(lines) / sizeof(lines[0]))];
}

static void spoil(struct mutant *m)
{
    static const char *const numbers[] = {"-1", "99999999999", "256", "FFFF", "\"", ",,,"};
    char random[8];
    size_t at = draw((unsigned)m->len + 1), count = 1 + draw(8);
    for (size_t i = 0; i < sizeof(random); i++)
        random[i] = (char)draw(256);
    const char *number = numbers[draw(6)], *line = draw_line();
    switch (draw(6)) {
    case 0:
        m->len = at;
        break;
    case 1:
        replace(m, at, 1 + draw(4), "", 0);
        break;
    case 2:
        replace(m, at, 0, random, count);
        break;
    case 3:
        replace(m, at, 1, random, 1);
        break;
    case 4:
        replace(m, at, 0, number, strlen(number));
        break;
    default:
        for (unsigned i = 1 + draw(39); i > 0; i--)
            replace(m, m->len, 0, line, strlen(line));
    }
}

/* A line with something wrong in it, its line ends around it; others may be part of it. */
static void make_mutant(struct mutant *m)
{
    do {
        m->len = 0;
        const char *line = draw_line();
        replace(m, 0, 0, line, strlen(line));
        for (unsigned i = 1 + draw(3); i > 0; i--)
            spoil(m);
    } while (is_forgery(m->bytes, m->len));
    replace(m, 0, 0, "\r\n", 2);
    replace(m, m->len, 0, "\r\n", 2);
}

static void test_mutants_at_an_idle_modem(void **state)
{
    static struct mutant mutant;
    struct script *s = quick_script(NULL);
    (void)state;
    seed();
    script_start_ready(s);
    await_settled(s);
    for (int i = 0; i < 600; i++) {
        make_mutant(&mutant);
        pour(s, mutant.bytes, mutant.len);
    }
    pour(s, "\r\n\"\r\n+CREG: 1\r\n", 15);
    await_garbage(s, 100);
    const struct told *told = look(s, NULL);
    for (size_t i = 0; i < told->kind_count; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(told->kinds[i], told->kinds[j]);
    assert_int_equal(house_status(s->line).counters.losses, 0);
    assert_int_equal(s->pdu_count, 0);
    assert_string_equal(house_states(s->house), "");
    s->house->service.pool = s->house->pool;
    house_await(s->house, health_check_ready(&s->house->service) == CC_OK, WAIT_MS);
    script_ask(s);
    await_states(s, "t");
    script_report(s, 1);
    await_states(s, "d");
}

static const char *strew(struct script *s, const char *command)
{
    static struct mutant mutant;
    if (strncmp(command, "AT+CMGS=", 8) != 0 && strcmp(command, SCRIPT_PDU) != 0)
        return NULL;
    for (unsigned i = draw(12); i > 0; i--) {
        make_mutant(&mutant);
        assert_int_equal(write(s->fd, mutant.bytes, mutant.len), mutant.len);
    }
    return NULL;
}

/* In all places of each message; it goes once, and what is told of it is what became of it. */
static void test_mutants_at_a_modem_that_sends(void **state)
{
    enum { MESSAGES = 25 };
    char sent[MESSAGES + 1] = "", delivered[MESSAGES + 1] = "";
    struct script *s = quick_script(strew);
    (void)state;
    seed();
    memset(sent, 't', MESSAGES);
    memset(delivered, 'd', MESSAGES);
    script_start_ready(s);
    for (size_t n = 1; n <= MESSAGES; n++) {
        script_ask(s);
        house_await(s->house, s->pdu_count == n, 15 * SECOND);
    }
    await_states(s, sent);
    assert_int_equal(house_query(s->house, "SELECT min(attempts) FROM outbox"), 1);
    assert_int_equal(house_query(s->house, "SELECT max(attempts) FROM outbox"), 1);
    for (unsigned n = 1; n <= MESSAGES; n++)
        script_report(s, n);
    await_states(s, delivered);
    assert_int_equal(s->pdu_count, MESSAGES);
    assert_int_equal(house_status(s->line).counters.losses, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        script_test(test_mutants_at_an_idle_modem),
        script_test(test_mutants_at_a_modem_that_sends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
