/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/recover/ladder.h"

#include <string.h>

#define SECONDS(n) ((int64_t)(n)*1000)
#define MINUTES(n) SECONDS((n)*60)

enum {
    PROMPTS_LOST = 2,
    OUTCOMES_LOST = 3,
    SPENT_MS = 30 * 60 * 1000, /* then what did not help it send is tried again, as at the alarm */
    LATES_MAX = 20, /* more than all that it can do without: it never gets ready like this */
};

/* Restart: 60 s to come back, the 30 s included that usb_modeswitch needs when a stick comes back
 * as a disk (MODEMS 1 #14, 3). The reset of a dead port may block for 15 s before that. */
const struct ladder_step ladder_steps[LADDER_RUNG_COUNT] = {
    [LADDER_ESCAPE] = {"escape", "Se interrumpe lo que estuviera haciendo.", SECONDS(3), 0},
    [LADDER_INIT] = {"inicializacion", "Se repite su puesta en marcha (ATZ).", SECONDS(5), 0},
    [LADDER_RESTART] = {"reinicio", "Se reinicia el módem.", SECONDS(66), MINUTES(5)},
    [LADDER_REOPEN] = {"reapertura", "Se cierra y se abre su puerto.", SECONDS(8), 0},
    [LADDER_USB_RESET] = {"puerto_usb", "Se reinicia su puerto USB.", SECONDS(60), MINUTES(10)},
    [LADDER_POWER] = {"alimentacion", "Se le corta la alimentación y se le devuelve.", SECONDS(90),
                      MINUTES(30)},
    [LADDER_ALARM] = {"alarma",
                      "No se ha podido recuperar. Quítele la corriente diez segundos y vuelva a "
                      "conectarlo; se sigue intentando.",
                      MINUTES(30), 0},
};

enum memory { OF_LINE, OF_SENDING, OF_NOTHING };

#define AND_NOW                                                                                    \
    " y reiniciarlo no ha servido: desenchúfelo y vuelva a enchufarlo; si sigue igual, cámbielo."

/* The alarm is for a modem that says nothing; one that talks but does not work stays in service. */
static const struct {
    const char *text;
    enum ladder_rung first, last;
    enum memory memory;
    const char *spent; /* when there is nothing left to take */
} rows[LADDER_EVIDENCE_COUNT] = {
    [LADDER_MUTE] = {"El módem no responde a una orden.", LADDER_ESCAPE, LADDER_ALARM, OF_LINE,
                     NULL},
    [LADDER_LATE] = {"El módem ha dejado una orden sin respuesta.", LADDER_ESCAPE, LADDER_ESCAPE,
                     OF_NOTHING, NULL},
    [LADDER_MUTE_PORT] = {"El puerto está abierto y el módem no responde.", LADDER_INIT,
                          LADDER_ALARM, OF_LINE, NULL},
    [LADDER_ERRORS] = {"El módem rechaza órdenes que antes aceptaba.", LADDER_INIT, LADDER_POWER,
                       OF_SENDING, "El módem rechaza órdenes que antes aceptaba" AND_NOW},
    [LADDER_PROMPTS] = {"El módem no admite mensajes: dos veces seguidas no los ha pedido.",
                        LADDER_INIT, LADDER_POWER, OF_SENDING,
                        "El módem no admite mensajes" AND_NOW},
    [LADDER_UNKNOWNS] = {"El módem no dice qué ha sido de los tres últimos mensajes.", LADDER_INIT,
                         LADDER_POWER, OF_SENDING,
                         "El módem no dice qué es de los mensajes" AND_NOW},
    [LADDER_NETWORK] = {"El módem ha perdido la red y no la encuentra.", LADDER_RESTART,
                        LADDER_RESTART, OF_NOTHING, NULL},
    [LADDER_PERSON] = {"Lo ha pedido una persona.", LADDER_RESTART, LADDER_RESTART, OF_NOTHING,
                       NULL},
    [LADDER_CARD] = {"El módem dice que no hay SIM o que falla, y antes funcionaba.",
                     LADDER_RESTART, LADDER_RESTART, OF_NOTHING, NULL},
    [LADDER_DENIED] = {"La red rechaza la SIM, y antes la admitía.", LADDER_RESTART, LADDER_RESTART,
                       OF_NOTHING, NULL},
    [LADDER_MEMORY] = {"La memoria de SMS no se borra aunque el módem diga que sí.", LADDER_RESTART,
                       LADDER_RESTART, OF_NOTHING, NULL},
    [LADDER_FAULT] = {"El módem dice que no puede enviar, y antes enviaba.", LADDER_RESTART,
                      LADDER_RESTART, OF_NOTHING, NULL},
    [LADDER_REFUSALS] = {"Se rechazan como definitivos mensajes a números que eran buenos, o a "
                         "tres seguidos: puede ser el módem.",
                         LADDER_RESTART, LADDER_RESTART, OF_NOTHING, NULL},
};

void ladder_init(struct ladder *ladder)
{
    memset(ladder, 0, sizeof(*ladder));
    ladder->rung = LADDER_NONE;
}

const char *ladder_evidence_text(enum ladder_evidence evidence)
{
    return rows[evidence].text;
}

static bool can_take(const struct ladder *ladder, enum ladder_evidence evidence, int rung,
                     unsigned available, int64_t now_ms)
{
    if (rung == LADDER_ALARM)
        return true;
    if ((available & 1U << rung) == 0)
        return false;
    /* a person need not wait: who asks has looked at it */
    return !ladder->was_taken[rung] || evidence == LADDER_PERSON ||
           now_ms - ladder->taken_ms[rung] >= ladder_steps[rung].cooldown_ms;
}

static enum ladder_rung take_rung(struct ladder *ladder, int from, int last, unsigned available,
                                  int64_t now_ms)
{
    ladder->rung = LADDER_NONE;
    for (int rung = from; rung <= last && ladder->rung == LADDER_NONE; rung++)
        if (can_take(ladder, ladder->evidence, rung, available, now_ms))
            ladder->rung = (enum ladder_rung)rung;
    if (ladder->rung == LADDER_NONE)
        return LADDER_NONE;
    ladder->was_taken[ladder->rung] = true;
    ladder->taken_ms[ladder->rung] = now_ms;
    return ladder->rung;
}

bool ladder_has_rung(const struct ladder *ladder, enum ladder_evidence evidence, unsigned available,
                     int64_t now_ms)
{
    for (int rung = (int)rows[evidence].first; rung <= (int)rows[evidence].last; rung++)
        if (can_take(ladder, evidence, rung, available, now_ms))
            return true;
    return false;
}

static void remember_rung(struct ladder *ladder)
{
    enum memory memory = rows[ladder->evidence].memory;
    if (memory != OF_NOTHING && ladder->from[memory] <= (int)ladder->rung)
        ladder->from[memory] = (int)ladder->rung + 1;
}

static bool is_of_sending(enum ladder_evidence evidence)
{
    return rows[evidence].memory == OF_SENDING;
}

static void note_complaint(struct ladder *ladder, enum ladder_evidence evidence, int64_t now_ms)
{
    ladder->complaint = evidence;
    if (!ladder->is_spent || now_ms - ladder->spent_ms < SPENT_MS)
        return;
    ladder->is_spent = false;
    ladder->from[OF_SENDING] = LADDER_RESTART;
}

static void spend_rungs(struct ladder *ladder, int64_t now_ms)
{
    if (!ladder->is_spent)
        ladder->spent_ms = now_ms;
    ladder->is_spent = true;
}

enum ladder_rung ladder_trouble(struct ladder *ladder, enum ladder_evidence evidence,
                                unsigned available, int64_t now_ms)
{
    if (evidence == LADDER_LATE && ++ladder->lates > LATES_MAX)
        evidence = LADDER_MUTE;
    if (is_of_sending(evidence))
        note_complaint(ladder, evidence, now_ms);
    int from = (int)rows[evidence].first;
    int last = (int)rows[evidence].last;
    if (rows[evidence].memory != OF_NOTHING && ladder->from[rows[evidence].memory] > from)
        from = ladder->from[rows[evidence].memory];
    if (from > LADDER_ALARM && last == LADDER_ALARM)
        from = LADDER_ALARM;
    ladder->evidence = evidence;
    if (take_rung(ladder, from, last, available, now_ms) == LADDER_NONE && is_of_sending(evidence))
        spend_rungs(ladder, now_ms);
    return ladder->rung;
}

enum ladder_rung ladder_failed(struct ladder *ladder, unsigned available, int64_t now_ms)
{
    bool is_alarm = ladder->rung == LADDER_ALARM;
    ladder->evidence = LADDER_MUTE; /* the modem is mute now, whatever was wrong before */
    return take_rung(ladder, is_alarm ? LADDER_RESTART : (int)ladder->rung + 1, LADDER_ALARM,
                     available, now_ms);
}

void ladder_answered(struct ladder *ladder)
{
    if (ladder->rung == LADDER_NONE)
        return;
    remember_rung(ladder);
    ladder->rung = LADDER_NONE;
}

void ladder_ready(struct ladder *ladder)
{
    ladder->from[OF_LINE] = 0;
    ladder->lates = 0;
    if (ladder->complaint == LADDER_ERRORS)
        ladder->is_spent = false; /* commands are taken again */
}

void ladder_sent(struct ladder *ladder)
{
    memset(ladder->from, 0, sizeof(ladder->from));
    ladder->prompts_lost = ladder->outcomes_lost = ladder->unknowns = ladder->lates = 0;
    ladder->is_spent = false;
}

const char *ladder_complaint(const struct ladder *ladder)
{
    if (ladder->is_spent)
        return rows[ladder->complaint].spent;
    /* refused commands are over as soon as the modem is in service */
    bool is_open = ladder->from[OF_SENDING] > 0 && ladder->complaint != LADDER_ERRORS;
    return is_open ? rows[ladder->complaint].text : "";
}

bool ladder_is_hopeless(const struct ladder *ladder)
{
    return ladder->is_spent &&
           ladder->complaint != LADDER_UNKNOWNS; /* messages without an outcome may have gone */
}

enum ladder_evidence ladder_send_lost(struct ladder *ladder, bool has_left)
{
    if (has_left) {
        ladder->prompts_lost = 0;
        ladder->outcomes_lost++;
        ladder->unknowns++;
    } else {
        ladder->prompts_lost++;
    }
    if (ladder->prompts_lost < PROMPTS_LOST && ladder->outcomes_lost < OUTCOMES_LOST)
        return LADDER_LATE;
    bool is_prompt = ladder->prompts_lost >= PROMPTS_LOST;
    ladder->prompts_lost = ladder->outcomes_lost = 0;
    return is_prompt ? LADDER_PROMPTS : LADDER_UNKNOWNS;
}

void ladder_lost(struct ladder *ladder)
{
    ladder->rung = LADDER_NONE;
    ladder_sent(ladder);
}

bool ladder_rung_drops(enum ladder_rung rung)
{
    return rung >= LADDER_RESTART && rung <= LADDER_ALARM;
}
