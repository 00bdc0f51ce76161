/* SPDX-License-Identifier: EUPL-1.2 */
/* Words of alerts, which kinds the verdict tells of, and that the database keeps them. */
#include "service/alert_look.h"
#include "service/alert_text.h"
#include "store/alerts.h"
#include "test_store_fixture.h"

#include <time.h>

static const struct alert_told opened = {
    .event = ALERT_OPENED,
    .kind = ALERT_SENDING,
    .entity = "Ayuntamiento de Íñigo, José María y la Sierra de Guadarrama",
    .box = "sede-1",
    .sentence = "No puede enviar: señal = 0.",
    .action = "Vaya al equipo.\n.\nBcc: otro@example.org",
    .cause = "sin_red",
    .now_ms = T0,
    .since_ms = T0 - HOUR,
    .ended_ms = T0,
};

static void test_lengths(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{0, "0 segundos"},
                {1999, "1 segundo"},
                {59999, "59 segundos"},
                {MINUTE, "1 minuto"},
                {HOUR - 1, "59 minutos"},
                {HOUR + 59999, "1 hora"},
                {2 * HOUR + MINUTE, "2 horas y 1 minuto"},
                {3 * DAY + 5 * HOUR + 7 * MINUTE, "3 días y 5 horas"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char storage[64];
        struct buf out;
        buf_init(&out, storage, sizeof(storage));
        alert_write_length(rows[i].ms, &out);
        assert_string_equal(buf_cstr(&out), rows[i].text);
    }
}

/* No line is long, bare, or one that the text made a header or an end. */
static void test_a_mail_is_made_of_safe_lines(void **state)
{
    static char storage[ALERT_TEXT_SIZE];
    struct buf out;
    (void)state;
    buf_init(&out, storage, sizeof(storage));
    alert_write_mail(&opened, "b@example.org", "a@example.org", "id", &out);
    const char *mail = buf_cstr(&out);
    assert_non_null(mail);
    assert_non_null(strstr(mail, "\r\nSubject: =?UTF-8?Q?=41"));
    assert_non_null(strstr(mail, "se=C3=B1al =3D 0=2E\r\n"));
    assert_null(strstr(mail, "\r\n.\r\n"));
    assert_true(strstr(mail, "\r\nBcc:") > strstr(mail, "\r\n\r\n"));
    for (const char *line = mail; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t len = strcspn(line, "\n");
        assert_true(len > 0 && len <= 78 && line[len - 1] == '\r');
        for (size_t i = 0; i + 1 < len; i++)
            assert_true(line[i] >= ' ' && line[i] < 0x7F);
        if (line[len] == '\0')
            break;
    }
}

static void test_the_hour_of_a_mail(void **state)
{
    static const struct {
        int64_t utc_min; /* of T0's day */
        const char *told;
    } rows[] = {{38, "Desde el 18/11/2026 a la 01:38"},
                {-22, "Desde el 18/11/2026 a las 00:38"},
                {60, "Desde el 18/11/2026 a las 02:00"},
                {758, "Desde el 18/11/2026 a las 13:38"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static char storage[ALERT_TEXT_SIZE];
        struct alert_told told = opened;
        struct buf out;
        told.since_ms = T0 - T0 % DAY + rows[i].utc_min * MINUTE;
        buf_init(&out, storage, sizeof(storage));
        alert_write_mail(&told, "b@example.org", "a@example.org", "id", &out);
        assert_non_null(strstr(buf_cstr(&out), rows[i].told));
    }
}

static void test_a_mail_of_the_longest_texts_fits(void **state)
{
    static char sentence[ALERT_SENTENCE_SIZE], action[ALERT_SENTENCE_SIZE],
        storage[ALERT_TEXT_SIZE];
    struct alert_told told = opened;
    struct buf out;
    (void)state;
    memset(sentence, '=', sizeof(sentence) - 1);
    memset(action, '=', sizeof(action) - 1);
    told.sentence = sentence;
    told.action = action;
    told.relapses = INT64_MAX;
    buf_init(&out, storage, sizeof(storage));
    alert_write_mail(&told, "b@example.org", "a@example.org", "id", &out);
    assert_non_null(buf_cstr(&out));
    buf_init(&out, storage, ALERT_JSON_SIZE);
    assert_true(alert_write_json(&told, &out));
    assert_non_null(buf_cstr(&out));
}

static void test_json(void **state)
{
    struct alert_told told = opened;
    char storage[ALERT_JSON_SIZE];
    struct buf out;
    (void)state;
    told.event = ALERT_RESOLVED;
    told.action = "Diga \"hola\"";
    buf_init(&out, storage, sizeof(storage));
    assert_true(alert_write_json(&told, &out));
    assert_string_equal(
        buf_cstr(&out),
        "{\"suceso\":\"resuelto\",\"aviso\":\"envio\",\"entidad\":\"Ayuntamiento de Íñigo, José "
        "María y la Sierra de Guadarrama\",\"equipo\":\"sede-1\",\"causa\":\"sin_red\","
        "\"frase\":\"No puede enviar: señal = 0.\",\"que_hacer\":\"Diga \\\"hola\\\"\","
        "\"hora\":\"2026-11-18T11:06:40Z\",\"desde\":\"2026-11-18T10:06:40Z\","
        "\"hasta\":\"2026-11-18T11:06:40Z\",\"segundos\":3600}");
}

static void look(const struct verdict_facts *facts, enum alert_kind kind, struct alert_look *ret)
{
    struct verdict verdict;
    verdict_judge(facts, &verdict);
    alert_look(facts, &verdict, kind, 15 * MINUTE, ret);
}

static void test_each_kind(void **state)
{
    const struct verdict_modem good = {.name = "uno",
                                       .trouble = VERDICT_FINE,
                                       .card = "",
                                       .text = "",
                                       .pin_left = VERDICT_UNKNOWN,
                                       .signal_dbm = -70,
                                       .temperature_c = 30,
                                       .supply_mv = 3800,
                                       .storage_used = 0,
                                       .storage_total = 10,
                                       .network_clock_s = 0};
    struct verdict_modem modems[2] = {good, good};
    struct verdict_facts facts = {.now_ms = T0,
                                  .data = VERDICT_FINE,
                                  .is_clock_good = true,
                                  .paused_by = "",
                                  .town_text = "",
                                  .modems = modems,
                                  .modem_count = 2};
    struct alert_look found;
    (void)state;
    for (int kind = 0; kind < ALERT_KIND_COUNT; kind++) {
        look(&facts, (enum alert_kind)kind, &found);
        assert_int_equal(found.presence, ALERT_ABSENT);
    }
    modems[0].trouble = VERDICT_UNPLUGGED;
    modems[0].since_ms = T0 - HOUR;
    modems[1].balance_since_ms = T0 - DAY;
    modems[1].storage_used = 8;
    modems[1].drops_hour = 9;
    facts.queue.waiting = 3;
    facts.queue.oldest_ms = T0 - 15 * MINUTE;
    facts.is_town_alarmed = true;
    facts.certificate_ends_ms = T0 + 13 * DAY;
    facts.backup_ms = T0 - 8 * DAY;
    facts.clients[VERDICT_TOKENS_END] = (struct verdict_clients){"sede", T0 + DAY};
    facts.disk_free = 1000000;
    facts.disk_total = INT64_C(8000000000);
    facts.data = VERDICT_DATA_ALTERED;
    for (int kind = ALERT_ONE_OUT; kind < ALERT_KIND_COUNT; kind++) {
        look(&facts, (enum alert_kind)kind, &found);
        if (found.presence != ALERT_PRESENT)
            fail_msg("%s", alert_kind_token((enum alert_kind)kind));
    }
    look(&facts, ALERT_SENDING, &found);
    assert_int_equal(found.presence, ALERT_ABSENT);
    look(&facts, ALERT_ONE_OUT, &found);
    assert_int_equal(found.since_ms, T0 - HOUR);
    facts.backup_ms = 0; /* there never was one */
    facts.begun_ms = T0 - 8 * DAY;
    look(&facts, ALERT_BACKUP, &found);
    assert_int_equal(found.reason, VERDICT_BACKUP_NEVER);
    facts.certificate_ends_ms = T0 - DAY;
    look(&facts, ALERT_CERTIFICATE, &found);
    assert_int_equal(found.reason, VERDICT_CERTIFICATE_ENDED);
    facts.certificate_begins_ms = T0 + DAY;
    facts.certificate_ends_ms = T0 + 90 * DAY;
    look(&facts, ALERT_CERTIFICATE, &found);
    assert_int_equal(found.reason, VERDICT_CERTIFICATE_EARLY);
    modems[1].trouble = VERDICT_PUK;
    look(&facts, ALERT_SENDING, &found);
    assert_int_equal(found.presence, ALERT_PRESENT);
    assert_int_equal(found.reason, VERDICT_PUK);
    look(&facts, ALERT_ONE_OUT, &found);
    assert_int_equal(found.presence, ALERT_UNTOLD);
    look(&facts, ALERT_QUEUE, &found);
    assert_int_equal(found.presence, ALERT_UNTOLD);
    modems[1].trouble = VERDICT_FINE;
    facts.is_clock_good = false;
    look(&facts, ALERT_SENDING, &found);
    assert_int_equal(found.reason, VERDICT_CLOCK);
    facts.is_clock_good = true;
    facts.data = VERDICT_DATA_FULL;
    look(&facts, ALERT_SENDING, &found);
    assert_int_equal(found.reason, VERDICT_DATA_FULL);
}

static void test_the_database_keeps_them(void **state)
{
    struct fixture *f = *state;
    static struct alert_record records[ALERT_KIND_COUNT];
    struct alert_record kept = {.state = {ALERT_OPEN, T0, T0 + 1, T0 + 2, T0 + 3, 4},
                                .waiting = {{ALERT_OPENED, 5}, {ALERT_RESOLVED, 6}},
                                .sentence = "una frase",
                                .action = "qué hacer",
                                .cause = "alarma"};
    struct alert_result results[ALERT_CHANNEL_COUNT],
        last = {.at_ms = T0, .is_sent = false, .detail = "por qué"};
    assert_ok(alerts_load(&f->store, records, results));
    assert_int_equal(records[ALERT_TOWN].state.phase, ALERT_FINE);
    for (int times = 0; times < 2; times++) {
        kept.state.relapses++;
        assert_ok(alerts_save(&f->store, ALERT_TOWN, &kept));
        assert_ok(alerts_save_result(&f->store, ALERT_WEBHOOK, &last));
    }
    fixture_reopen(f);
    assert_ok(alerts_load(&f->store, records, results));
    assert_memory_equal(&records[ALERT_TOWN].state, &kept.state, sizeof(kept.state));
    assert_memory_equal(records[ALERT_TOWN].waiting, kept.waiting, sizeof(kept.waiting));
    assert_string_equal(records[ALERT_TOWN].sentence, "una frase");
    assert_string_equal(records[ALERT_TOWN].action, "qué hacer");
    assert_string_equal(records[ALERT_TOWN].cause, "alarma");
    assert_string_equal(results[ALERT_WEBHOOK].detail, "por qué");
    assert_int_equal(results[ALERT_MAIL].at_ms, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_a_mail_is_made_of_safe_lines),
        cmocka_unit_test(test_a_mail_of_the_longest_texts_fits),
        cmocka_unit_test(test_the_hour_of_a_mail),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_each_kind),
        cmocka_unit_test_setup_teardown(test_the_database_keeps_them, fixture_open, fixture_close),
    };
    setenv("TZ", "Europe/Madrid", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
