/* SPDX-License-Identifier: EUPL-1.2 */
/* Changes of the verdict that become events, their sentences, and how many a modem may write. */
#include "tests/unit/test_store_fixture.h"

#include "base/loop.h"
#include "drivers/registry.h"
#include "modem/core.h"
#include "service/chronicle.h"

#define S INT64_C(1000)

struct told {
    struct fixture *files;
    struct loop *loop;
    struct service service;
    struct verdict_modem modems[2];
    struct verdict_facts facts;
    char last[128 * 1024]; /* sentences of the last list, a line each */
    size_t count;
};

static struct verdict_modem make_able(const char *name)
{
    return (struct verdict_modem){.name = name,
                                  .trouble = VERDICT_FINE,
                                  .card = "0001",
                                  .text = "",
                                  .pin_left = VERDICT_UNKNOWN,
                                  .signal_dbm = -71,
                                  .temperature_c = 41,
                                  .supply_mv = VERDICT_UNKNOWN,
                                  .storage_used = 1,
                                  .storage_total = 30,
                                  .network_clock_s = 0};
}

static int set_up(void **state)
{
    struct told *t = calloc(1, sizeof(*t));
    void *fixture = NULL;
    assert_non_null(t);
    (void)fixture_open(&fixture);
    t->files = fixture;
    t->loop = loop_new();
    loop_drive(t->loop, T0);
    t->service = (struct service){
        .loop = t->loop, .store = &t->files->store, .turn = turn_new(t->loop, &t->files->store)};
    t->modems[0] = make_able("principal");
    t->modems[1] = make_able("reserva");
    t->facts = (struct verdict_facts){.data = VERDICT_FINE, .is_clock_good = true};
    t->facts.modems = t->modems;
    t->facts.modem_count = 1;
    assert_ok(chronicle_new(&t->service, &t->service.chronicle));
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct told *t = *state;
    void *fixture = t->files;
    turn_flush(t->service.turn);
    chronicle_free(t->service.chronicle);
    turn_free(t->service.turn);
    loop_free(t->loop);
    (void)fixture_close(&fixture);
    free(t);
    return 0;
}

/* So much later the verdict is looked at, and what it says is durable. */
static void look_after(struct told *t, int64_t ms)
{
    struct verdict verdict;
    for (int64_t end_us = loop_now_us(t->loop) + ms * 1000; loop_now_us(t->loop) < end_us;)
        (void)loop_step(t->loop, (uint64_t)(end_us - loop_now_us(t->loop)));
    t->facts.now_ms = loop_wall_ms(t->loop);
    verdict_judge(&t->facts, &verdict);
    chronicle_look(t->service.chronicle, &verdict);
    turn_flush(t->service.turn);
}

static void set_trouble(struct told *t, size_t modem, enum verdict_reason reason)
{
    t->modems[modem].trouble = reason;
    t->modems[modem].since_ms = loop_wall_ms(t->loop);
}

static bool take_sentence(const struct event *event, void *user)
{
    struct told *t = user;
    struct buf out;
    buf_init(&out, t->last + strlen(t->last), sizeof(t->last) - strlen(t->last));
    buf_str(&out, chronicle_level_token(event->level));
    buf_str(&out, ": ");
    chronicle_say(event, TEXT_LANG_ES, &out);
    buf_str(&out, "\n");
    assert_non_null(buf_cstr(&out));
    t->count++;
    return true;
}

/* All events so far, oldest first. */
static const char *list_all(struct told *t)
{
    t->last[0] = '\0';
    t->count = 0;
    assert_ok(chronicle_list_after(&t->service, 0, 500, take_sentence, t));
    return t->last;
}

static void test_a_modem_goes_and_comes_back(void **state)
{
    struct told *t = *state;
    look_after(t, S);
    assert_string_equal(list_all(t), "");
    set_trouble(t, 0, VERDICT_UNPLUGGED);
    look_after(t, S);
    look_after(t, S);
    assert_string_equal(list_all(t), "mal: «principal» se ha desenchufado.\n");
    assert_int_equal(chronicle_unable_since(t->service.chronicle), t->modems[0].since_ms);
    t->modems[0].trouble = VERDICT_STARTS; /* plugged in again: not over yet */
    look_after(t, 58 * S);
    assert_int_equal((list_all(t), t->count), 1);
    t->modems[0].trouble = VERDICT_FINE;
    look_after(t, 60 * S);
    assert_string_equal(list_all(t), "mal: «principal» se ha desenchufado.\n"
                                     "bien: «principal» vuelve a poder enviar, tras 2 minutos.\n");
    int64_t unable_ms = 0;
    assert_int_equal(chronicle_unable_since(t->service.chronicle), 0);
    assert_ok(chronicle_sum_unable(&t->service, T0, t->facts.now_ms, &unable_ms));
    assert_int_equal(unable_ms, 120 * S);
}

static void test_another_reason_takes_the_place(void **state)
{
    struct told *t = *state;
    look_after(t, S);
    set_trouble(t, 0, VERDICT_RECOVERS);
    look_after(t, S);
    t->modems[0].trouble = VERDICT_ALARM;
    look_after(t, 100 * S);
    t->modems[0].trouble = VERDICT_FINE;
    look_after(t, 100 * S);
    assert_string_equal(list_all(t),
                        "aviso: «principal» falla; empieza la recuperación.\n"
                        "mal: «principal» no contesta y no se ha podido recuperar: hace falta una "
                        "persona.\n"
                        "bien: «principal» vuelve a poder enviar, tras 3 minutos.\n");
}

static void test_the_other_modem_goes_on_sending(void **state)
{
    struct told *t = *state;
    t->facts.modem_count = 2;
    set_trouble(t, 0, VERDICT_SEARCHES);
    look_after(t, S);
    assert_string_equal(list_all(t), "aviso: «principal» ha perdido la red.\n");
    assert_int_equal(chronicle_unable_since(t->service.chronicle), 0);
}

/* While a modem is out nothing is known of its signal: neither an end nor a new beginning. */
static void test_a_weak_signal_stays_while_the_modem_is_out(void **state)
{
    struct told *t = *state;
    t->modems[0].signal_dbm = -110;
    look_after(t, S);
    set_trouble(t, 0, VERDICT_UNPLUGGED);
    look_after(t, S);
    t->modems[0].trouble = VERDICT_FINE;
    look_after(t, S);
    t->modems[0].signal_dbm = -70;
    look_after(t, 60 * S);
    assert_string_equal(list_all(t),
                        "aviso: La señal de «principal» es débil.\n"
                        "mal: «principal» se ha desenchufado.\n"
                        "bien: «principal» vuelve a poder enviar, tras 2 segundos.\n"
                        "bien: Resuelto, tras 1 minuto: la señal de «principal» es débil.\n");
}

static void test_a_pause_names_who(void **state)
{
    struct told *t = *state;
    look_after(t, S);
    t->facts.paused_ms = loop_wall_ms(t->loop);
    t->facts.paused_by = "Tecla Técnica";
    look_after(t, S);
    chronicle_add(t->service.chronicle, CHRONICLE_RESTART_ASKED, "principal", "Tecla Técnica");
    chronicle_add_rung(t->service.chronicle, "reinicio", "principal");
    chronicle_add_rung(t->service.chronicle, "alarma", "principal");
    look_after(t, S);
    assert_string_equal(list_all(t), "mal: Los envíos están en pausa; los paró Tecla Técnica.\n"
                                     "recuperacion: Tecla Técnica reinicia «principal».\n"
                                     "recuperacion: Se reinicia «principal».\n");
}

static void test_an_event_is_shown_when_it_is_durable(void **state)
{
    struct told *t = *state;
    struct verdict verdict;
    look_after(t, S);
    chronicle_add(t->service.chronicle, CHRONICLE_RESTART_ASKED, "principal", "Tecla");
    verdict_judge(&t->facts, &verdict);
    chronicle_look(t->service.chronicle, &verdict);
    assert_string_equal(list_all(t), "");
    assert_int_equal(chronicle_newest(t->service.chronicle), 0);
    turn_flush(t->service.turn);
    assert_string_equal(list_all(t), "recuperacion: Tecla reinicia «principal».\n");
    assert_int_equal(chronicle_newest(t->service.chronicle), 1);
}

static void test_what_was_open_is_known_after_a_restart(void **state)
{
    struct told *t = *state;
    set_trouble(t, 0, VERDICT_UNPLUGGED);
    look_after(t, S);
    chronicle_free(t->service.chronicle);
    assert_ok(chronicle_new(&t->service, &t->service.chronicle));
    look_after(t, S);
    assert_int_equal((list_all(t), t->count), 1);
    assert_int_equal(chronicle_unable_since(t->service.chronicle), t->modems[0].since_ms);
    t->modems[0].trouble = VERDICT_FINE;
    look_after(t, 60 * S);
    assert_non_null(strstr(list_all(t), "vuelve a poder enviar, tras 1 minuto"));
}

/* A day of a modem that comes and goes every two seconds; the other is heard all the same. */
static void test_a_modem_that_comes_and_goes_writes_a_bounded_number(void **state)
{
    struct told *t = *state;
    t->facts.modem_count = 2;
    for (int64_t s = 0; s < 24 * 3600; s += 2) {
        t->modems[0].trouble = s % 4 == 0 ? VERDICT_UNPLUGGED : VERDICT_FINE;
        look_after(t, 2 * S);
    }
    list_all(t);
    assert_in_range(t->count, 400, 500);
    set_trouble(t, 1, VERDICT_SEARCHES);
    look_after(t, S);
    assert_non_null(strstr(list_all(t), "«reserva» ha perdido la red"));
    t->modems[0].trouble = VERDICT_FINE;
    look_after(t, HOUR);
    look_after(t, HOUR);
    assert_int_equal(ask_int(&t->files->store, "SELECT count(*) FROM (SELECT kind FROM events WHERE"
                                               " modem = 'principal' ORDER BY id DESC LIMIT 1) AS t"
                                               " WHERE kind = 2"),
                     1); /* what is told last is how it is */
}

static void test_a_commit_that_fails_is_made_up_for(void **state)
{
    struct told *t = *state;
    look_after(t, S);
    set_trouble(t, 0, VERDICT_UNPLUGGED);
    assert_ok(db_exec(t->files->store.db, "ALTER TABLE events RENAME TO elsewhere"));
    look_after(t, S);
    assert_int_equal(chronicle_newest(t->service.chronicle), 0);
    assert_ok(db_exec(t->files->store.db, "ALTER TABLE elsewhere RENAME TO events"));
    look_after(t, S);
    assert_string_equal(list_all(t), "mal: «principal» se ha desenchufado.\n");
    assert_int_equal(chronicle_newest(t->service.chronicle), 2); /* and that nothing can be sent */
}

static void check_phrase(const char *token)
{
    static const char *const values[] = {"{modem}", "{quien}"};
    const char *spanish = chronicle_phrase(token, TEXT_LANG_ES);
    for (int lang = 0; lang < TEXT_LANG_COUNT; lang++) {
        const char *phrase = chronicle_phrase(token, (enum text_lang)lang);
        if (phrase == NULL || phrase[0] == '\0')
            fail_msg("language %d: %s", lang, token);
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
            if ((strstr(spanish, values[i]) == NULL) != (strstr(phrase, values[i]) == NULL))
                fail_msg("language %d: %s: %s", lang, token, values[i]);
    }
}

/* Until the next look, in ms. */
static int64_t step_ms(struct told *t)
{
    int64_t from_us = loop_now_us(t->loop);
    while (loop_now_us(t->loop) == from_us)
        (void)loop_step(t->loop, 60 * S * S);
    int64_t took_us = loop_now_us(t->loop) - from_us;
    while (loop_step(t->loop, 0))
        ;
    return took_us / 1000;
}

static void do_nothing(void *user)
{
    (void)user;
}

/* Nothing is looked at each second while nothing happens; what does happen is seen within one. */
static void test_a_quiet_box_sleeps(void **state)
{
    struct told *t = *state;
    struct loop_source *stir = loop_add_deferred(t->loop, LOOP_PRIORITY_NORMAL, do_nothing, NULL);
    t->service.pool = pool_new();
    chronicle_start(t->service.chronicle, NULL, NULL);
    look_after(t, 10 * S);
    (void)step_ms(t);
    assert_int_equal(step_ms(t), 15 * S);
    assert_int_equal(step_ms(t), 15 * S);
    loop_deferred_arm(stir);
    assert_true(step_ms(t) < S);
    assert_int_equal(step_ms(t), 15 * S);
    assert_ok(turn_enter(t->service.turn)); /* a commit is no reason to sleep */
    turn_leave(t->service.turn, true);
    assert_true(step_ms(t) < S);
    t->service.pause.since_ms = loop_wall_ms(t->loop); /* the box cannot send */
    (void)step_ms(t);
    assert_int_equal(step_ms(t), S);
    assert_int_equal(step_ms(t), S);
    loop_source_free(stir);
    pool_free(t->service.pool);
}

static void on_changed(struct modem *modem, void *user)
{
    (void)modem;
    (void)user;
}

/* A modem that has just gone out; each second time there is an event to write. */
static void note_lost(void *user)
{
    static const struct modem_events events = {.changed = on_changed};
    static unsigned times;
    const struct modem_config config = {
        .name = "otro", .device = "/no/existe", .pin = "", .drivers = &driver_registry};
    const struct service *service = user;
    struct modem *lost = modem_new(service->loop, &config, &events, NULL);
    lost->shown.was_ready = true;
    if (times++ % 2 == 0)
        chronicle_add(service->chronicle, CHRONICLE_RESTART_ASKED, "otro", "Tecla");
    chronicle_note_modem(service->chronicle, lost);
    modem_free(lost);
}

/* Also by a box that slept until then: what stirs it does not put the look off. The clock is the
 * machine's: a driven one tells a timer that is due before a real one does. */
static void test_a_modem_that_goes_out_is_looked_at_at_once(void **state)
{
    static struct service service;
    struct told *t = *state;
    struct loop *loop = loop_new();
    struct loop_source *change = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, note_lost, &service);
    service = (struct service){.loop = loop,
                               .store = &t->files->store,
                               .turn = turn_new(loop, &t->files->store),
                               .pool = pool_new()};
    assert_ok(chronicle_new(&service, &service.chronicle));
    for (int64_t written = 0; written < 4; written++) {
        loop_deferred_arm(change);
        for (int pass = 0; pass < 100 && chronicle_newest(service.chronicle) == written; pass++)
            (void)loop_step(loop, 1000);
        assert_int_equal(chronicle_newest(service.chronicle), written + 1);
        loop_deferred_arm(change); /* nothing is left to write: it sleeps */
        for (int pass = 0; pass < 20; pass++)
            (void)loop_step(loop, 1000);
    }
    loop_source_free(change);
    chronicle_free(service.chronicle);
    turn_free(service.turn);
    pool_free(service.pool);
    loop_free(loop);
}

static void test_every_language_has_every_phrase(void **state)
{
    (void)state;
    static const char *const notes[] = {
#define NOTE_TOKEN(name, token, level) token,
        CHRONICLE_NOTES(NOTE_TOKEN)
#undef NOTE_TOKEN
    };
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
        check_phrase(notes[i]);
    for (int reason = 0; reason < VERDICT_REASON_COUNT; reason++)
        check_phrase(verdict_reason_token((enum verdict_reason)reason));
    assert_null(chronicle_phrase("nada", TEXT_LANG_ES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_a_modem_goes_and_comes_back),
        TEST(test_another_reason_takes_the_place),
        TEST(test_the_other_modem_goes_on_sending),
        TEST(test_a_weak_signal_stays_while_the_modem_is_out),
        TEST(test_a_pause_names_who),
        TEST(test_an_event_is_shown_when_it_is_durable),
        TEST(test_what_was_open_is_known_after_a_restart),
        TEST(test_a_modem_that_comes_and_goes_writes_a_bounded_number),
        TEST(test_a_commit_that_fails_is_made_up_for),
        TEST(test_a_quiet_box_sleeps),
        TEST(test_a_modem_that_goes_out_is_looked_at_at_once),
        TEST(test_every_language_has_every_phrase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
