/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Rounds of questions to a modem that has nothing to send, one question a time: a message always
 * goes first. At most a dozen of them a minute, so that an idle box stays idle. One that is refused
 * time and again, or stays mute, is left out until the modem starts anew; for good when it is mute
 * after two starts.
 */
#include "modem/job/private.h"

#include "at/fields.h"
#include "base/loop.h"
#include "base/span.h"
#include "modem/recover/recover.h"
#include "modem/start/start.h"
#include "modem/tell/reading.h"

#include <stdlib.h>
#include <string.h>

enum {
    ASK_MS = 5000, /* MODEMS 3 */
    ROUND_MS = 60000,
    URGENT_MS = 5 * ROUND_MS, /* under a queue without end: then a question after each message */
    ONCE = 0,
    SELDOM = 10,
    SOMETIMES = 5,
    SETTING_WANTED = 3,
    SETTING_SIZE = 32,
    STORAGE_ALARM_PERCENT = 80, /* MODEMS 1 #17 */
};

/* The rounds of questions. */
struct modem_sampler {
    struct loop_source *timer; /* until the next round */
    bool active;               /* a round is under way; it goes on after an interruption */
    int64_t since_us;          /* begin of the round */
    unsigned long sends;       /* count of messages when its last question went */
    unsigned round;
    int at;                         /* its next question */
    struct modem_sample next;       /* values told so far in this round */
    bool has_clock;                 /* it takes the time from the network */
    bool lacks_smsc;                /* the card says that it has none */
    unsigned long sent;             /* messages that had gone when the line was opened */
    char sent_by[MODEM_ICCID_SIZE]; /* card that lacks a centre, and by which messages go */
};

struct question {
    const char *command;
    const char *prefix; /* NULL = a setting: its OK is all */
    reading_fn read;
    unsigned every, phase; /* asked in the first round, and in those that leave phase */
    /* Of a setting: the first field of its answer, one of these; ends with NULL. */
    const char *wanted[SETTING_WANTED];
};

static const struct question questions[QUESTION_COUNT] = {
    [QUESTION_CLOCK_TOLD] = {"AT+CTZU?", "+CTZU:", NULL, ONCE, 0, {NULL}},
    [QUESTION_CLOCK_ON] = {"AT+CTZU=1", NULL, NULL, ONCE, 0, {NULL}},
    [QUESTION_LONG_NAMES] = {"AT+COPS=3,0", NULL, NULL, ONCE, 0, {NULL}},
    [QUESTION_EXTENDED_SIGNAL] = {"AT+CESQ", "+CESQ:", reading_extended_signal, 1, 0, {NULL}},
    [QUESTION_OPERATOR] = {"AT+COPS?", "+COPS:", reading_operator, SOMETIMES, 0, {NULL}},
    [QUESTION_STORAGE] = {"AT+CPMS?", "+CPMS:", reading_storage, 1, 0, {NULL}},
    [QUESTION_CLOCK] = {"AT+CCLK?", "+CCLK:", reading_clock, 1, 0, {NULL}},
    [QUESTION_SMSC] = {"AT+CSCA?", "+CSCA:", reading_smsc, SELDOM, 1, {NULL}},
    [QUESTION_SMS_SERVICE] = {"AT+CGSMS?", "+CGSMS:", reading_sms_service, SELDOM, 2, {NULL}},
    /* a restart without a word, or another program at another port, tells nothing */
    [QUESTION_FUNCTION] = {"AT+CFUN?", "+CFUN:", NULL, SOMETIMES, 1, {"1"}},
    [QUESTION_FORMAT] = {"AT+CMGF?", "+CMGF:", NULL, SOMETIMES, 2, {"0"}},
    [QUESTION_CHARACTERS] = {"AT+CSCS?", "+CSCS:", NULL, SOMETIMES, 3, {"GSM", "IRA"}},
    [QUESTION_NOTIFY] = {"AT+CNMI?", "+CNMI:", NULL, SOMETIMES, 4, {NULL}}, /* as it was set */
    [QUESTION_SIGNAL] = {"AT+CSQ", "+CSQ:", reading_signal, 1, 0, {NULL}},
    [QUESTION_CS] = {"AT+CREG?", "+CREG:", NULL, 1, 0, {NULL}},
    [QUESTION_PS] = {"AT+CGREG?", "+CGREG:", NULL, 1, 0, {NULL}},
    [QUESTION_EPS] = {"AT+CEREG?", "+CEREG:", NULL, 1, 0, {NULL}},
    [QUESTION_5GS] = {"AT+C5GREG?", "+C5GREG:", NULL, 1, 0, {NULL}},
};

/* ---- which question is next ----------------------------------------------------------------- */

/* The driver's start-up says how its family tells the time: ours would undo that. */
static bool driver_sets_clock(const struct driver *driver)
{
    static const char setting[] = "AT+CTZU=";
    for (const struct driver_init *row = driver->init; row != NULL && row->commands[0] != NULL;
         row++)
        if (strncmp(row->commands[0], setting, sizeof(setting) - 1) == 0)
            return true;
    return false;
}

/* Of the lines that answer a command; NULL where its rows read several kinds. Without it, an answer
 * that begins as an event does ("^HCSQ:") would be taken for one. */
static const char *prefix_of(const struct driver_reading *readings, int row)
{
    for (const struct driver_reading *other = readings; other->command != NULL; other++)
        if (strcmp(other->command, readings[row].command) == 0 &&
            strcmp(other->prefix, readings[row].prefix) != 0)
            return NULL;
    return readings[row].prefix;
}

/* A command that several rows read is asked once, in the name of its first row. */
static bool of_driver(const struct driver *driver, int row, struct question *ret)
{
    const struct driver_reading *readings = driver->readings;
    for (int i = 0; i < row; i++)
        if (strcmp(readings[i].command, readings[row].command) == 0)
            return false;
    *ret = (struct question){
        .command = readings[row].command,
        .prefix = prefix_of(readings, row),
        .every = readings[row].what == DRIVER_IMS ? SELDOM : 1,
        .phase = readings[row].what == DRIVER_IMS ? 3 : 0,
    };
    return true;
}

static int question_count(const struct driver *driver)
{
    int count = QUESTION_COUNT;
    const struct driver_reading *row = driver->readings;
    for (; row != NULL && row->command != NULL && count < QUESTION_ALL; row++)
        count++;
    return count;
}

static bool is_setting(int at)
{
    return at >= QUESTION_FUNCTION && at <= QUESTION_NOTIFY;
}

static bool needs_no_clock(const struct modem *modem, int at)
{
    return (at == QUESTION_CLOCK_TOLD && driver_sets_clock(modem->driver)) ||
           (at == QUESTION_CLOCK_ON &&
            (driver_sets_clock(modem->driver) || modem->jobs->sampler->has_clock));
}

static bool is_due(const struct modem *modem, int at, struct question *ret)
{
    unsigned round = modem->jobs->sampler->round;
    if (patience_is_over(&modem->signs.patience, at) || needs_no_clock(modem, at) ||
        (at == QUESTION_5GS && !modem_has_5g(modem)))
        return false;
    if (at < QUESTION_COUNT)
        *ret = questions[at];
    else if (!of_driver(modem->driver, at - QUESTION_COUNT, ret))
        return false;
    bool is_first = round == 0 && !is_setting(at); /* settings were set a moment ago */
    return is_first || (round > 0 && ret->every != ONCE && round % ret->every == ret->phase);
}

/* ---- the answers ---------------------------------------------------------------------------- */

static bool read_driver_line(struct modem *modem, const char *command, const char *line)
{
    bool is_sense = true;
    const struct driver_reading *row = modem->driver->readings;
    for (; row->command != NULL; row++)
        if (strcmp(row->command, command) == 0 &&
            strncmp(line, row->prefix, strlen(row->prefix)) == 0)
            is_sense = reading_driver(&modem->jobs->sampler->next, row, line) && is_sense;
    return is_sense;
}

static bool read_line(struct modem *modem, int at, const struct question *question,
                      const char *line)
{
    if (at >= QUESTION_COUNT)
        return read_driver_line(modem, question->command, line);
    if (at >= QUESTION_CS)
        return modem_take_registration(modem, (enum registration_network)(at - QUESTION_CS), line);
    return question->read == NULL ||
           question->read(&modem->jobs->sampler->next, line, loop_wall_ms(modem->loop));
}

static bool has_clock(const struct at_reply *reply)
{
    struct at_fields fields;
    int value = 0;
    return reply->line_count > 0 && at_fields_init(&fields, reply->lines[0], "+CTZU:") &&
           at_fields_int(&fields, &value) && value > 0;
}

static void read_answer(struct modem *modem, int at, const struct question *question,
                        const struct at_reply *reply)
{
    struct modem_sampler *sampler = modem->jobs->sampler;
    bool is_sense = true;
    for (size_t i = 0; i < reply->line_count; i++)
        is_sense = read_line(modem, at, question, reply->lines[i]) && is_sense;
    if (at == QUESTION_CLOCK_TOLD)
        sampler->has_clock = has_clock(reply);
    if (at == QUESTION_SMSC)
        sampler->lacks_smsc = is_sense && reply->line_count > 0 && sampler->next.smsc[0] == '\0';
    patience_note_answer(&modem->signs.patience, at);
    if (is_sense)
        return;
    modem->counters.garbage++;
    if (patience_note_nonsense(&modem->signs.patience, at))
        log_info("módem %s: respuesta sin sentido a %s", modem->config.name, question->command);
}

/* ---- settings ------------------------------------------------------------------------------- */

/* <mode>,<mt>,<bm>,<ds> of the command and of the answer, as far as both tell them; <bfr> is of no
 * interest, and some tell another one than was set. */
static bool is_same_notify(struct at_fields *told, const char *set)
{
    enum { FIELDS = 4 };
    struct at_fields wanted;
    int value = 0, wish = 0;
    (void)at_fields_init(&wanted, set, "AT+CNMI=");
    for (int i = 0; i < FIELDS && at_fields_int(told, &value) && at_fields_int(&wanted, &wish); i++)
        if (value != wish)
            return false;
    return true;
}

static bool is_as_set(const struct modem *modem, int at, const struct question *question,
                      const char *line)
{
    struct at_fields told;
    char value[SETTING_SIZE];
    const char *set = modem_notify_setting(modem);
    if (!at_fields_init(&told, line, question->prefix))
        return true;
    if (at == QUESTION_NOTIFY)
        return set == NULL || is_same_notify(&told, set);
    if (!at_fields_text(&told, value, sizeof(value)))
        return true;
    for (size_t i = 0; i < SETTING_WANTED && question->wanted[i] != NULL; i++)
        if (at_value_is(value, question->wanted[i]))
            return true;
    return false;
}

/* Checks a setting. A value that is wrong again after it was set is the modem's own way of telling
 * it. */
static void check_setting(struct modem *modem, int at, const struct question *question,
                          const struct at_reply *reply)
{
    if (!is_setting(at) || reply->line_count == 0)
        return;
    bool is_right = is_as_set(modem, at, question, reply->lines[0]);
    if (!patience_note_setting(&modem->signs.patience, at, is_right))
        return;
    log_warning("módem %s: ha perdido sus ajustes (%s); se le vuelven a poner", modem->config.name,
                question->command);
    modem_distrust(modem);
}

static void take_answer(struct modem *modem, int at, const struct question *question,
                        const struct at_reply *reply)
{
    read_answer(modem, at, question, reply);
    check_setting(modem, at, question, reply);
}

static void on_answer(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct modem_sampler *sampler = modem->jobs->sampler;
    struct question question;
    int at = sampler->at;
    if (reply->result == AT_RESULT_LOST)
        return;
    sampler->at++;
    if (reply->result == AT_RESULT_TIMEOUT) {
        patience_note_mute(&modem->signs.patience, at);
        modem_resync(modem);
        return;
    }
    if (reply->result == AT_RESULT_OK && is_due(modem, at, &question))
        take_answer(modem, at, &question, reply);
    else if (!modem_reply_is_busy(reply))
        patience_note_refusal(&modem->signs.patience, at);
    job_end_command(modem);
}

/* ---- rounds --------------------------------------------------------------------------------- */

static void begin_round(struct modem *modem)
{
    struct modem_sampler *sampler = modem->jobs->sampler;
    const struct modem_sample *last = &modem->sample;
    modem_sample_clear(&sampler->next);
    sampler->next.ims = last->ims; /* not asked in each round */
    sampler->next.sms_service = last->sms_service;
    sampler->next.rat = last->rat;
    memcpy(sampler->next.smsc, last->smsc, sizeof(last->smsc));
    memcpy(sampler->next.operator, last->operator, sizeof(last->operator));
    sampler->active = true;
    sampler->since_us = loop_now_us(modem->loop);
    sampler->at = 0;
    job_poke(modem);
}

static void on_timer(void *user)
{
    begin_round(user);
}

static void end_round(struct modem *modem)
{
    struct modem_sampler *sampler = modem->jobs->sampler;
    registration_fill(&modem->registration, &sampler->next);
    modem->sample = sampler->next;
    modem_note_centre(modem);
    sampler->active = false;
    sampler->round++;
    loop_timer_in(sampler->timer, ROUND_MS * US_PER_MS);
    if (job_is_inbound_lying(modem)) {
        if (modem_heal(modem, LADDER_MEMORY))
            return;
    } else if (modem->sample.storage_total > 0) {
        modem_note_works(modem, LADDER_MEMORY);
    }
    modem_say_health(modem);
    if (modem->events->sampled != NULL)
        modem->events->sampled(modem, &modem->sample, modem->user);
}

static unsigned long count_sends(const struct modem *modem)
{
    return modem->counters.sent + modem->counters.refused + modem->counters.unknown;
}

static bool is_urgent(const struct modem *modem)
{
    const struct modem_sampler *sampler = modem->jobs->sampler;
    return sampler->active && sampler->sends != count_sends(modem) &&
           loop_now_us(modem->loop) - sampler->since_us > URGENT_MS * US_PER_MS;
}

static bool run_sampler(struct modem *modem)
{
    struct modem_sampler *sampler = modem->jobs->sampler;
    struct question question;
    int count = question_count(modem->driver);
    if (!sampler->active)
        return false;
    while (sampler->at < count && !is_due(modem, sampler->at, &question))
        sampler->at++;
    if (sampler->at >= count) {
        end_round(modem);
        return false;
    }
    sampler->sends = count_sends(modem);
    modem_command(
        modem, &(struct at_request){
                   .command = question.command,
                   .prefix = question.prefix,
                   .wants_lines = true,
                   .min_fields = sampler->at >= QUESTION_CS && sampler->at <= QUESTION_5GS ? 2 : 0,
                   .final_ms = ASK_MS,
                   .fn = on_answer,
                   .user = modem});
    return true;
}

void modem_sampler_resume(struct modem *modem)
{
    if (!modem->jobs->sampler->active && modem->jobs->sampler->round == 0)
        begin_round(modem);
    else
        job_poke(modem); /* other work may have waited as well */
}

/* Messages go by the IMS of some networks without a centre. */
static bool needs_no_centre(const struct modem *modem)
{
    const struct modem_sampler *sampler = modem->jobs->sampler;
    return sampler->lacks_smsc && (modem->counters.sent != sampler->sent ||
                                   strcmp(sampler->sent_by, modem->identity.iccid) == 0);
}

static bool lacks_centre(const struct modem *modem)
{
    return modem->jobs->sampler->lacks_smsc && !needs_no_centre(modem);
}

const char *job_sample_advice(const struct modem *modem)
{
    const struct modem_sample *sample = &modem->sample;
    const char *wanted = modem->config.smsc != NULL ? modem->config.smsc : "";
    if (lacks_centre(modem))
        return "Falta el centro de mensajes en la SIM: escriba el de su operador en "
               "centro_mensajes.";
    if (wanted[0] != '\0' && sample->smsc[0] != '\0' &&
        !reading_is_same_centre(wanted, sample->smsc))
        return "La SIM no ha tomado el centro de mensajes configurado: compruebe centro_mensajes "
               "con su operador.";
    if (job_is_inbound_lying(modem))
        return "La memoria de SMS no se borra aunque el módem diga que sí, y se llenará: cambie la "
               "SIM.";
    if (sample->storage_total > 0 &&
        sample->storage_used * 100LL >= sample->storage_total * (long long)STORAGE_ALARM_PERCENT)
        return "La memoria de mensajes del módem está casi llena: si sigue así, no podrá recibir "
               "informes ni avisos.";
    return "";
}

void job_note_centre(struct modem *modem)
{
    struct modem_sampler *sampler = modem->jobs->sampler;
    sampler->lacks_smsc = false;
    memcpy(sampler->next.smsc, modem->sample.smsc, sizeof(sampler->next.smsc));
}

/* ---- the job --------------------------------------------------------------------------------- */

static void init_sampler(struct modem *modem)
{
    modem->jobs->sampler = alloc_or_abort(sizeof(*modem->jobs->sampler));
    modem->jobs->sampler->timer =
        loop_add_timer(modem->loop, LOOP_PRIORITY_NORMAL, on_timer, modem);
    loop_timer_loosen(modem->jobs->sampler->timer);
}

static void free_sampler(struct modem *modem)
{
    loop_source_free(modem->jobs->sampler->timer);
    free(modem->jobs->sampler);
}

/* The modem starts anew, or another one comes: what was told and refused counts no longer. */
static void forget_sampler(struct modem *modem, enum modem_forget what)
{
    struct modem_sampler *sampler = modem->jobs->sampler;
    if (needs_no_centre(modem))
        memcpy(sampler->sent_by, modem->identity.iccid, sizeof(sampler->sent_by));
    if (what == MODEM_FORGET_LINE)
        sampler->sent = modem->counters.sent;
    modem_sample_clear(&modem->sample);
    loop_timer_clear(sampler->timer);
    patience_restart(&modem->signs.patience);
    sampler->active = false;
    sampler->lacks_smsc = sampler->has_clock = false;
    sampler->round = 0;
}

static void tell_lack(const struct modem *modem, struct modem_status *ret)
{
    ret->card.lacks_smsc = lacks_centre(modem);
    ret->card.needs_no_smsc = needs_no_centre(modem);
}

const struct modem_job modem_sampler_job = {
    .init = init_sampler,
    .done = free_sampler,
    .forget = forget_sampler,
    .run = run_sampler,
    .tell = tell_lack,
    .is_urgent = is_urgent,
};
