/* SPDX-License-Identifier: EUPL-1.2 */
/* A modem that talks nonsense: counted, told once a kind, and never an outcome that is not true.
 * At random: test_house_mutants.c. */
#include "tests/unit/test_nonsense_fixture.h"

#include "store/inbox.h"

enum { MANY = 300, FEW = 12 }; /* lines of a flood, and of the log that it may cost */

#define STAMP "62111811600400"
#define CUT_REPORT "0006010B914306103221F3" STAMP "6211181160"
/* «Esto llega cortado», without its last octets */
#define CUT_MESSAGE "00040B914317212233F30000" STAMP "12C539FD0D62B3CBE73068FC96"

/* ---- floods on an idle line ------------------------------------------------------------------ */

static char noise[256], nuls[500], endless[65536], filler[16 + 900];

/* What comes again and again, how often it counts each time, and what the log says of it. */
static const struct flood {
    const char *bytes;
    size_t len; /* 0 = a text */
    unsigned count;
    const char *words;
} rubbish = {noise, 252, 1, "no son texto"}, no_text = {nuls, sizeof(nuls), 1, "no son texto"},
  no_end = {endless, sizeof(endless), 1, "no acaban"},
  report_of_one_line = {"+CDS: 25\r\n\r\nRING", 0, 1, "a medias"},
  message_of_one_line = {"+CMT: ,25\r\n\r\nRING", 0, 1, "a medias"},
  no_pdu = {"+CDS: 25\r\nhola, 00", 0, 1, "a medias"},
  half_report = {"+CDS: 25\r\n" CUT_REPORT, 0, 1, "informe de entrega que no se puede leer"},
  odd_report = {"+CDS: 25\r\n" CUT_REPORT "0", 0, 1, "informe de entrega que no se puede leer"},
  no_report = {filler, 0, 1, "informe de entrega que no se puede leer"},
  half_message = {"+CMT: ,25\r\n" CUT_MESSAGE, 0, 1, "SMS que no se puede leer"},
  odd_message = {"+CMT: ,25\r\n" CUT_MESSAGE "0", 0, 1, "SMS que no se puede leer"},
  no_registration = {"+CREG: 99999999999\r\n+CEREG: -1\r\n+CGREG: uno", 0, 3, "estado de la red"},
  no_replies = {"+CMGS: 7\r\nOK\r\n+CMS ERROR: 38\r\n+CME ERROR: 10\r\nERROR", 0, 5,
                "no se le han dado"},
  no_memory = {"+CMTI: \"';\",3", 0, 1, "una memoria que no existe"};

static void fill(void)
{
    size_t len = 0;
    for (int byte = 0; byte < 256; byte++)
        if (byte != '\r' && byte != '\n' && byte != 0x1A && byte != 0x1B)
            noise[len++] = (char)byte;
    assert_int_equal(len, rubbish.len);
    memset(endless, 'x', sizeof(endless));
    (void)snprintf(filler, sizeof(filler), "+CDS: 25\r\n");
    memset(filler + strlen(filler), 'F', 900);
}

/* Once, as far as it can be read. */
static bool visit_cut_message(const struct inbox_message *message, void *user)
{
    size_t *count = user;
    ++*count;
    assert_string_equal(message->text, "Esto llega co");
    return true;
}

static void flood(const struct flood *kind)
{
    size_t len = kind->len > 0 ? kind->len : strlen(kind->bytes), messages = 0;
    unsigned times = len < 10000 ? MANY : 20;
    struct script *s = quick_script(NULL);
    script_start_ready(s);
    await_settled(s);
    unsigned long before = count_garbage(s);
    size_t lines = look(s, kind->words)->lines;
    for (unsigned i = 0; i < times; i++) {
        pour(s, "\r\n", 2);
        pour(s, kind->bytes, len);
        pour(s, "\r\n", 2);
    }
    pour(s, "\r\nRING\r\n", 8);
    await_garbage(s, before + (unsigned long)times * kind->count);
    assert_in_range(look(s, kind->words)->lines - lines, 0, FEW);
    assert_int_equal(look(s, kind->words)->matches, 1);
    assert_true(modem_is_ready(s->line->modem));
    assert_int_equal(s->connections, 1);
    assert_int_equal(s->pdu_count, 0);
    script_ask(s);
    await_states(s, "t");
    script_report(s, 1);
    await_states(s, "d");
    assert_int_equal(s->pdu_count, 1);
    assert_ok(inbox_list(s->house->service.store, 10, visit_cut_message, &messages));
    assert_in_range(messages, 0, 1);
}

static void test_flood(void **state)
{
    flood(*state);
}

static const char *never_end(struct script *s, const char *command)
{
    static const char line[] = "\r\n+CPMS: y más\r\n";
    static char lines[2000 * (sizeof(line) - 1)];
    if (strcmp(command, "AT+CPMS?") != 0)
        return NULL;
    for (size_t i = 0; i < 2000; i++)
        memcpy(lines + i * (sizeof(line) - 1), line, sizeof(line) - 1);
    assert_int_equal(write(s->fd, lines, sizeof(lines)), sizeof(lines));
    return "OK";
}

static void test_an_answer_that_does_not_end(void **state)
{
    struct script *s = quick_script(never_end);
    (void)state;
    script_start_ready(s);
    await_garbage(s, 1900);
    assert_int_equal(house_count_log(s->house, "mucho más"), 1);
    script_ask(s);
    await_states(s, "t");
}

static const char *answer_with_noise(struct script *s, const char *command)
{
    static const char line[] = "\r\n\xC2\x80\xC3\xBF\0~\x7F\xC3\xBE\xC2\x80\xC3\xBF\0~\x7F\xC3\xBE"
                               "\xC2\x80\xC3\xBF\0~\x7F\xC3\xBE\xC2\x80\xC3\xBF\0~\x7F\xC3\xBE\r\n";
    (void)command;
    assert_int_equal(write(s->fd, line, sizeof(line) - 1), sizeof(line) - 1);
    return "";
}

/* As at the wrong speed: no answer can be read, until it can. */
static void test_nothing_but_noise_and_then_a_modem(void **state)
{
    struct script *s = quick_script(answer_with_noise);
    (void)state;
    script_start(s);
    await_garbage(s, 3);
    assert_false(modem_is_ready(s->line->modem));
    script_ask(s);
    s->hook = NULL;
    await_states(s, "t");
    assert_int_equal(s->pdu_count, 1);
    assert_int_equal(look(s, NULL)->matches, 1);
}

/* ---- outcomes that somebody else's word must not decide -------------------------------------- */

static const char *give_reference_first(struct script *s, const char *command)
{
    (void)s;
    if (strncmp(command, "AT+CMGS=", 8) == 0)
        return "+CMGS: 7\n" SCRIPT_PROMPT;
    return strcmp(command, SCRIPT_PDU) == 0 ? "OK" : NULL;
}

static void test_a_reference_before_the_prompt_and_a_bare_ok(void **state)
{
    struct script *s = quick_script(give_reference_first);
    (void)state;
    script_start_ready(s);
    script_ask(s);
    await_states(s, "?");
    script_report(s, 1);
    await_states(s, "d");
    assert_int_equal(s->pdu_count, 1);
}

static const char *pdu_answer;

static const char *answer_pdu(struct script *s, const char *command)
{
    (void)s;
    return strcmp(command, SCRIPT_PDU) == 0 ? pdu_answer : NULL;
}

/* The message is sent by this answer, and delivered by the report of this reference. */
static void assert_delivered(const char *answer, unsigned reference)
{
    struct script *s = quick_script(answer_pdu);
    pdu_answer = answer;
    script_start_ready(s);
    script_ask(s);
    await_states(s, "t");
    script_report(s, reference);
    await_states(s, "d");
}

static void test_two_references(void **state)
{
    (void)state;
    assert_delivered("+CMGS: 7\n+CMGS: 1\nOK", 1);
}

static void test_a_reference_beyond_all_numbers(void **state)
{
    (void)state;
    assert_delivered("+CMGS: 99999999999\nOK", 77);
}

static const char *mute_pdus(struct script *s, const char *command)
{
    (void)s;
    return strcmp(command, SCRIPT_PDU) == 0 ? "" : NULL;
}

static void test_replies_to_nobody_are_not_the_next_ones(void **state)
{
    struct script *s = quick_script(NULL);
    (void)state;
    script_start_ready(s);
    script_report(s, 7);
    script_say(s, "+CMGS: 7\nOK");
    s->hook = mute_pdus;
    script_ask(s);
    house_await(s->house, s->pdu_count > 0, WAIT_MS);
    script_say(s, "+CMTI: \"SM\",3");
    await_states(s, "?");
    script_report_as(s, 1, 0, "34711222333", 0x91); /* another one's */
    house_live(s->house, SECOND);
    assert_string_equal(house_states(s->house), "?");
    script_report(s, 1);
    await_states(s, "d");
}

/* An answer to a balance that nobody asked for, with a quote that never closes. */
static void test_what_the_network_says_by_itself_swallows_nothing(void **state)
{
    struct script *s = quick_script(NULL);
    (void)state;
    script_start_ready(s);
    await_settled(s);
    script_say(s, "+CUSD: 0,\"Su saldo");
    script_say(s, "+CREG: 2");
    house_await(s->house, !modem_is_ready(s->line->modem), WAIT_MS);
    script_say(s, "+CREG: 1");
    house_await(s->house, modem_is_ready(s->line->modem), WAIT_MS);
}

/* ---- the simulated modem's nonsense ---------------------------------------------------------- */

static struct house *quick_house(void)
{
    struct house *h = house_new();
    h->settings.limits = house_no_limits();
    struct house_line *line = house_add_modem(h, NULL);
    line->config.prompt_ms = line->config.final_ms = SECOND;
    house_start(h);
    assert_ok(house_enrol(h, NIF, PHONE));
    house_await(h, modem_is_ready(line->modem), 10 * SECOND);
    return h;
}

static void test_a_message_through_each_kind_of_nonsense(void **state)
{
    static const char *const faults[] = {"garbage*5",      "garbage:5000", "nuls:4096*3",
                                         "garbage-line*3", "stray-reply",  "absurd*20"};
    enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };
    struct house *h = quick_house();
    struct house_line *line = &h->lines[0];
    char wanted[FAULTS + 1] = "", code[CODE_SIZE];
    (void)state;
    for (size_t i = 0; i < FAULTS; i++) {
        house_fault(line, faults[i]);
        assert_ok(house_ask(h, NIF, CLAVE));
        wanted[i] = 'd';
        house_await(h, house_is(h, wanted), WAIT_MS);
        house_tell(line, "{\"cmd\":\"clear-faults\"}");
    }
    assert_int_equal(house_count_received(line, NULL), FAULTS);
    assert_int_equal(house_query(h, "SELECT min(attempts) FROM outbox"), 1);
    assert_int_equal(house_query(h, "SELECT max(attempts) FROM outbox"), 1);
    assert_in_range(house_status(line).counters.garbage, 3, SIZE_MAX);
    assert_int_equal(house_status(line).counters.losses, 0);
    house_last_code(line, PHONE, code);
    assert_true(house_verify(h, NIF, CLAVE, code));
}

static void test_half_a_report_says_nothing(void **state)
{
    struct house *h = quick_house();
    struct house_line *line = &h->lines[0];
    (void)state;
    house_fault(line, "half-pdu");
    assert_ok(house_ask(h, NIF, CLAVE));
    house_await(h, house_status(line).counters.garbage == 1, WAIT_MS);
    house_await(h, house_is(h, "t"), 10 * SECOND);
    assert_ok(house_ask(h, NIF, CLAVE));
    house_await(h, house_is(h, "td"), 10 * SECOND);
    assert_int_equal(house_count_received(line, NULL), 2);
}

#define flood_test(kind)                                                                           \
    {                                                                                              \
        .name = "test_flood " #kind, .test_func = test_flood, .teardown_func = script_tear_down,   \
        .initial_state = (void *)(uintptr_t) & (kind)                                              \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        flood_test(rubbish),
        flood_test(no_text),
        flood_test(no_end),
        flood_test(report_of_one_line),
        flood_test(message_of_one_line),
        flood_test(no_pdu),
        flood_test(half_report),
        flood_test(odd_report),
        flood_test(no_report),
        flood_test(half_message),
        flood_test(odd_message),
        flood_test(no_registration),
        flood_test(no_replies),
        flood_test(no_memory),
        script_test(test_an_answer_that_does_not_end),
        script_test(test_nothing_but_noise_and_then_a_modem),
        script_test(test_a_reference_before_the_prompt_and_a_bare_ok),
        script_test(test_two_references),
        script_test(test_a_reference_beyond_all_numbers),
        script_test(test_replies_to_nobody_are_not_the_next_ones),
        script_test(test_what_the_network_says_by_itself_swallows_nothing),
        house_test(test_a_message_through_each_kind_of_nonsense),
        house_test(test_half_a_report_says_nothing),
    };
    fill();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
