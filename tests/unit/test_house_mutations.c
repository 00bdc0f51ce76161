/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * One session, a message out and its report, one that comes in, the balance and seven minutes at
 * rest, with every line that the modem says spoilt in one way: a generated matrix of each command's
 * answer by each way. Nobody must notice it.
 */
#include "tests/unit/test_session_fixture.h"

#include <ctype.h>

enum { LINE = 512, OUT = 4096 };

static const struct {
    const char *command, *answer;
} answers[] = {
    {"AT+CFUN?", "+CFUN: 1\nOK"},
    {"AT+CGMI", "Quectel\nOK"},
    {"AT+CGMM", "EC25\nOK"},
    {"AT+CGMR", "EC25EFAR06A03M4G\nOK"},
    {"AT+CGSN", "490154203237518\nOK"},
    {"AT+CMGF?", "+CMGF: 0\nOK"},
    {"AT+CSCS?", "+CSCS: \"GSM\"\nOK"},
    {"AT+CNMI?", "+CNMI: 2,1,0,1,0\nOK"},
    {"AT+CPMS=", "+CPMS: 1,50,1,50,1,50\nOK"},
    {"AT+CPMS?", "+CPMS: \"SM\",1,50,\"SM\",1,50,\"SM\",1,50\nOK"},
    {"AT+CREG?", "+CREG: 2,1,\"1A2B\",\"0012AB01\",7\nOK"},
    {"AT+CGREG?", "+CGREG: 2,1,\"1A2B\",\"0012AB01\",7\nOK"},
    {"AT+CEREG?", "+CEREG: 2,1,\"1A2B\",\"0012AB01\",7\nOK"},
    {"AT+C5GREG", "ERROR"},
    {"AT+CSCA?", "+CSCA: \"+34609090909\",145\nOK"},
    {"AT+CESQ", "+CESQ: 99,99,255,255,20,60\nOK"},
    {"AT+COPS?", "+COPS: 0,0,\"Movistar\",7\nOK"},
    {"AT+CCLK?", "+CCLK: \"26/11/18,12:06:40+04\"\nOK"},
    {"AT+CGSMS?", "+CGSMS: 1\nOK"},
    {"AT+CTZU?", "+CTZU: 1\nOK"},
    {"AT+QINISTAT", "+QINISTAT: 7\nOK"},
    {"AT+CBC", "+CBC: 0,0,3800\nOK"},
};

/* ---- ways to spoil a line: in place, at the colon behind its name -------------------------------
 */

static void insert(char *at, const char *text)
{
    size_t len = strlen(text);
    memmove(at + len, at, strlen(at) + 1);
    memcpy(at, text, len);
}

static void drop(char *at, size_t len)
{
    memmove(at, at + len, strlen(at + len) + 1);
}

static void lose_blank(char *line, char *colon)
{
    (void)line;
    if (colon[1] == ' ')
        drop(colon + 1, 1);
}

static void add_blank(char *line, char *colon)
{
    (void)line;
    insert(colon + 1, " ");
}

static void add_tab(char *line, char *colon)
{
    (void)line;
    colon[1] = '\t';
}

static void part_colon(char *line, char *colon)
{
    (void)line;
    insert(colon, " ");
}

static void lower_name(char *line, char *colon)
{
    for (; line < colon; line++)
        *line = (char)tolower((unsigned char)*line);
}

static void lose_plus(char *line, char *colon)
{
    (void)colon;
    drop(line, 1);
}

static void lose_quotes(char *line, char *colon)
{
    (void)line;
    for (char *at = colon; *at != '\0'; at += *at != '"')
        if (*at == '"')
            drop(at, 1);
}

static void add_field(char *line, char *colon)
{
    (void)colon;
    insert(line + strlen(line), ",0");
}

static void add_text(char *line, char *colon)
{
    (void)colon;
    insert(line + strlen(line), ",\"\"");
}

static void add_comma(char *line, char *colon)
{
    (void)colon;
    insert(line + strlen(line), ",");
}

/* Each bare number gets these around it. */
static void change_numbers(char *colon, const char *before, const char *behind)
{
    bool is_quoted = false;
    for (char *at = colon + 1; *at != '\0'; at++) {
        is_quoted ^= *at == '"';
        if (is_quoted || !isdigit((unsigned char)*at) || strchr(" ,:", at[-1]) == NULL)
            continue;
        insert(at, before);
        at += strlen(before);
        at += strspn(at, "0123456789");
        insert(at, behind);
        at += strlen(behind);
        at -= *at == '\0';
    }
}

static void quote_numbers(char *line, char *colon)
{
    (void)line;
    change_numbers(colon, "\"", "\"");
}

static void fill_numbers(char *line, char *colon)
{
    (void)line;
    change_numbers(colon, "00", "");
}

static void sign_numbers(char *line, char *colon)
{
    (void)line;
    change_numbers(colon, "+", "");
}

static void spread_fields(char *line, char *colon)
{
    bool is_quoted = false;
    (void)line;
    for (char *at = colon; *at != '\0'; at++) {
        is_quoted ^= *at == '"';
        if (*at != ',' || is_quoted)
            continue;
        insert(at + 1, " ");
        insert(at, " ");
        at += 2;
    }
}

/* ---- ways to say an answer --------------------------------------------------------------------
 */

static const struct spoiling {
    const char *name;
    void (*change)(char *line, char *colon); /* of a line with a name; NULL = nothing */
    const char *before, *behind; /* bytes around each line, '\1' for NUL; NULL = CR LF */
    const char *first, *within;  /* lines before each answer, and before its result */
    const char *end;             /* and behind it */
    const char *glue;            /* instead of the line end before the result; NULL = none */
    bool has_echo, is_echo_late; /* of the command, before the answer or its result */
    bool is_result_first;        /* before the lines of its answer */
    size_t chunk;                /* bytes in a write; 0 = all */
} ways[] = {
    {.name = "as the standard says"},
    {"no blank behind the colon", .change = lose_blank},
    {"two blanks behind the colon", .change = add_blank},
    {"a tab behind the colon", .change = add_tab},
    {"a blank before the colon", .change = part_colon},
    {"small letters", .change = lower_name},
    {"the first character lost", .change = lose_plus},
    {"no quotes", .change = lose_quotes},
    {"a number more", .change = add_field},
    {"a text more", .change = add_text},
    {"a comma at the end", .change = add_comma},
    {"numbers in quotes", .change = quote_numbers},
    {"numbers with zeros", .change = fill_numbers},
    {"numbers with a plus", .change = sign_numbers},
    {"blanks around commas", .change = spread_fields},
    {"blanks before a line", .before = "\r\n  "},
    {"blanks behind a line", .behind = "  \r\n"},
    {"CR alone", .before = "\r", .behind = "\r"},
    {"LF alone", .before = "\n", .behind = "\n"},
    {"LF CR", .before = "\n\r", .behind = "\n\r"},
    {"CR CR LF", .behind = "\r\r\n"},
    {"blank lines", .behind = "\r\n\r\n\r\n"},
    {"NUL before the line end", .before = "\1\r\n"},
    {"NUL before a line", .before = "\r\n\1"},
    {"NUL behind a line", .behind = "\1\r\n"},
    {"FF before a line", .before = "\r\n\xFF\xFE"},
    {"FF behind a line", .behind = "\xFF\r\n"},
    {"FF on a line", .before = "\xFF\r\n"},
    {"flow control", .before = "\r\n\x13\x11"},
    {"an echo", .has_echo = true},
    {"an echo before the result", .is_echo_late = true},
    {"the result first", .is_result_first = true},
    {"an event first", .first = "\r\n+CREG: 1\r\n"},
    {"an event within", .within = "\r\n^RSSI: 9\r\n"},
    {"a call within", .within = "\r\nRING\r\n"},
    {"an event behind", .end = "\r\n+CREG: 1\r\n"},
    {"the result twice", .end = "\r\nOK\r\n"},
    {"the result glued", .glue = ""},
    {"the result behind a blank", .glue = " "},
    {"each byte by itself", .chunk = 1},
    {"seven bytes at once", .chunk = 7},
};

static const struct spoiling *way;

struct out {
    char bytes[OUT];
    size_t len;
};

static void put(struct out *out, const char *bytes)
{
    for (; *bytes != '\0'; bytes++) {
        assert_true(out->len < OUT);
        out->bytes[out->len++] = *bytes == '\1' ? '\0' : *bytes;
    }
}

static const char *or_line_end(const char *bytes)
{
    return bytes != NULL ? bytes : "\r\n";
}

static void put_line(struct out *out, const char *text)
{
    char line[LINE];
    (void)snprintf(line, sizeof(line), "%s", text);
    char *colon = strchr(line, ':');
    if (way->change != NULL && colon != NULL && line[0] == '+')
        way->change(line, colon);
    put(out, or_line_end(way->before));
    put(out, line);
    put(out, or_line_end(way->behind));
}

static void put_result(struct out *out, const char *text, const char *command)
{
    put(out, way->within != NULL ? way->within : "");
    if (way->is_echo_late) {
        put(out, command);
        put(out, "\r");
    }
    if (way->glue != NULL && out->len > 2 && strcmp(text, "OK") == 0) {
        out->len -= 2;
        put(out, way->glue);
        put(out, "OK\r\n");
    } else {
        put_line(out, text);
    }
}

static void write_out(const struct script *s, const struct out *out)
{
    size_t step = way->chunk > 0 ? way->chunk : out->len;
    for (size_t at = 0; s->fd >= 0 && at < out->len; at += step)
        (void)!write(s->fd, out->bytes + at, out->len - at < step ? out->len - at : step);
}

/* command NULL = said by itself. */
static void say(struct script *s, const char *command, const char *lines)
{
    struct out out = {.len = 0};
    char copy[LINE], *rest = copy;
    (void)snprintf(copy, sizeof(copy), "%s", lines);
    size_t before = strlen(copy) - strlen("\nOK");
    if (way->is_result_first && command != NULL && strlen(copy) > 3 &&
        strcmp(copy + before, "\nOK") == 0)
        (void)snprintf(copy, sizeof(copy), "OK\n%.*s", (int)before, lines);
    if (command != NULL && way->has_echo) {
        put(&out, command);
        put(&out, "\r");
    }
    put(&out, command != NULL && way->first != NULL ? way->first : "");
    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        if (rest == NULL && command != NULL)
            put_result(&out, line, command);
        else
            put_line(&out, line);
    put(&out, command != NULL && way->end != NULL ? way->end : "");
    write_out(s, &out);
}

static const char *answer_spoilt(struct script *s, const char *command)
{
    const char *answer = session_answer(s, command);
    for (size_t i = 0; answer == NULL && i < sizeof(answers) / sizeof(answers[0]); i++)
        if (begins(command, answers[i].command))
            answer = answers[i].answer;
    if (answer == NULL)
        answer = script_good_answer(s, command);
    if (strcmp(answer, SCRIPT_PROMPT) == 0)
        return answer;
    say(s, command, answer);
    return "";
}

static bool is_known(const struct script *s)
{
    const struct modem_status status = house_status(s->line);
    return strcmp(status.make.model, "EC25") == 0 &&
           strcmp(status.make.imei, "490154203237518") == 0 &&
           strcmp(status.sample.operator, "Movistar") == 0 &&
           status.sample.signal_dbm != MODEM_SAMPLE_UNKNOWN &&
           strcmp(status.sample.smsc, "+34609090909") == 0 && status.sample.storage_total == 50;
}

static bool is_calm(const struct script *s)
{
    return house_status(s->line).detail[0] == '\0' && house_rungs(s->house)[0] == '\0' &&
           house_count_log(s->house, "perdido sus ajustes") == 0 &&
           house_count_log(s->house, "sentido") == 0;
}

static void live_spoilt(void)
{
    static const struct said nothing[SAYS];
    static const struct session_ways standard;
    struct script *s = session_script(nothing, &standard);
    s->hook = answer_spoilt;
    script_start(s);
    house_live(s->house, 40 * SECOND);
    script_ask(s);
    house_live(s->house, 8 * SECOND);
    bool is_sent = house_is(s->house, "t");
    say(s, NULL, "+CDS: 25\n" REPORT);
    house_live(s->house, 8 * SECOND);
    session_now.has_message = true;
    say(s, NULL, "+CMTI: \"SM\",3");
    house_live(s->house, 10 * SECOND);
    int64_t came = house_query(s->house, "SELECT count(*) FROM inbox");
    bool is_told = modem_is_ready(s->line->modem) && session_tells_balance(s);
    house_live(s->house, 7 * MINUTE);
    if (!is_sent || !house_is(s->house, "d") || s->pdu_count != 1 || came != 1 || !is_told ||
        !is_known(s) || !is_calm(s))
        fail_msg("%s: sent %d, %s, %zu PDUs, %d came, balance %d, known %d, %s, %s", way->name,
                 is_sent, house_states(s->house), s->pdu_count, (int)came, is_told, is_known(s),
                 house_status(s->line).detail, house_rungs(s->house));
    script_free(s);
}

static void test_every_line_spoilt_in_one_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        way = &ways[i];
        live_spoilt();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {script_test(test_every_line_spoilt_in_one_way)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
