/* SPDX-License-Identifier: EUPL-1.2 */
/* The verdict: every situation with its exact sentence. */
#include "service/verdict.h"
#include "service/verdict_box.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define S INT64_C(1000)
#define MIN (60 * S)
#define HOUR (60 * MIN)
/* 2026-11-24 03:10:00 in Madrid */
#define NOW INT64_C(1795486200000)
#define AT_0307 (NOW - 3 * MIN)

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

static struct verdict_facts make_facts(const struct verdict_modem *modems, size_t count)
{
    return (struct verdict_facts){.now_ms = NOW,
                                  .data = VERDICT_FINE,
                                  .is_clock_good = true,
                                  .modems = modems,
                                  .modem_count = count};
}

static const char *say(void (*put)(const struct verdict *, const struct verdict_item *,
                                   enum text_lang, struct buf *),
                       const struct verdict *verdict)
{
    static char storage[2][VERDICT_TEXT_SIZE];
    static int turn;
    struct buf out;
    turn = !turn;
    buf_init(&out, storage[turn], sizeof(storage[turn]));
    put(verdict, &verdict->first, TEXT_LANG_ES, &out);
    return buf_cstr(&out);
}

static void expect(const struct verdict_facts *facts, enum verdict_can can, enum verdict_need need,
                   const char *sentence, const char *action)
{
    struct verdict verdict;
    verdict_judge(facts, &verdict);
    assert_string_equal(say(verdict_say, &verdict), sentence);
    assert_string_equal(say(verdict_say_action, &verdict), action);
    assert_int_equal(verdict.can, can);
    assert_int_equal(verdict.need, need);
}

static void all_is_well(void **state)
{
    (void)state;
    struct verdict_modem modem = make_able("principal");
    struct verdict_facts facts = make_facts(&modem, 1);
    expect(&facts, VERDICT_YES, VERDICT_NOTHING, "Sí, puede enviar.", "No hay que hacer nada.");
}

/* A single modem, out. */
static void trouble_of_the_only_modem(void **state)
{
    (void)state;
    static const struct {
        enum verdict_reason trouble;
        int64_t since_ms, until_ms;
        enum verdict_can can;
        enum verdict_need need;
        const char *sentence, *action;
    } rows[] = {
        {VERDICT_RECOVERS, NOW - 20 * S, NOW + 4 * MIN, VERDICT_NOT_NOW, VERDICT_WAIT,
         "Por ahora no puede enviar: el módem «principal» falla desde hace 20 segundos y se "
         "está recuperando solo (paso 3 de 6).",
         "Espere hasta las 03:14: no toque nada; si a esa hora sigue así, aquí pondrá qué hacer."},
        {VERDICT_ALARM, AT_0307, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: el módem «principal» no contesta desde las 03:07 y no se ha podido "
         "recuperar.",
         "Vaya al equipo: quítele la corriente al módem diez segundos y devuélvasela."},
        {VERDICT_UNPLUGGED, AT_0307, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: el módem «principal» no está enchufado desde las 03:07.",
         "Vaya al equipo: compruebe el cable y la corriente del concentrador; al enchufarlo vuelve "
         "solo en un segundo."},
        {VERDICT_SEARCHES, AT_0307, 0, VERDICT_NOT_NOW, VERDICT_WAIT,
         "Por ahora no puede enviar: el módem «principal» ha perdido la red hace 3 minutos y la "
         "está buscando.",
         "Espere hasta las 03:17: a los diez minutos se reinicia solo."},
        {VERDICT_SEARCHES, NOW - 10 * MIN, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: el módem «principal» no encuentra red desde las 03:00, ni después de "
         "reiniciarlo.",
         "Vaya al equipo: mire si un teléfono del mismo operador tiene cobertura ahí; si la tiene, "
         "revise la antena; si no, llame al operador."},
        {VERDICT_DENIED, NOW - 2 * HOUR, 0, VERDICT_NO, VERDICT_CALL,
         "No puede enviar: la red rechaza la tarjeta SIM de «principal» desde la 01:10.",
         "Llame al operador: la línea no está activa; dígales el número de la tarjeta, que acaba "
         "en 0001."},
        {VERDICT_SIM_BARRED, NOW - 5 * HOUR, 0, VERDICT_NO, VERDICT_CALL,
         "No puede enviar: la red no deja enviar a la SIM de «principal» desde las 22:10 de ayer.",
         "Llame al operador: pregunte por el saldo y por si la línea tiene SMS."},
        {VERDICT_NO_CENTRE, NOW, 0, VERDICT_NO, VERDICT_HERE,
         "No puede enviar: a la SIM de «principal» le falta el número del centro de mensajes.",
         "Desde aquí: pulse «Poner el centro de mensajes» y escriba el de su operador."},
        {VERDICT_SIM_MISSING, NOW, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: «principal» no tiene tarjeta SIM, o no la nota.",
         "Vaya al equipo: sáquela, límpiela y vuelva a ponerla con los contactos como en el "
         "dibujo."},
        {VERDICT_PIN_MISSING, NOW, 0, VERDICT_NO, VERDICT_HERE,
         "No puede enviar: la SIM de «principal» pide un PIN que no está puesto.",
         "Desde aquí: escríbalo en pin_sim y reinicie el servicio."},
        {VERDICT_PIN_REFUSED, NOW, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: la SIM de «principal» no acepta el PIN puesto; le quedan 2 intentos y "
         "no se gastarán.",
         "Vaya al equipo: compruebe el PIN en un teléfono y corrija pin_sim."},
        {VERDICT_PUK, NOW, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: la SIM de «principal» está bloqueada y pide el PUK.",
         "Vaya al equipo: póngala en un teléfono y desbloquéela con el PUK de su operador."},
        {VERDICT_SIM_FAULTY, NOW, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: la SIM de «principal» falla.",
         "Vaya al equipo: límpiela o ponga otra; si era la que acaba en 0001, pida una copia a su "
         "operador."},
        {VERDICT_SIM_OTHER, NOW, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: la SIM de «principal» no es la suya.",
         "Vaya al equipo: ponga la que dice iccid_sim, o corrija iccid_sim; la puesta acaba en "
         "0001."},
        {VERDICT_PORT_HELD, NOW, 0, VERDICT_NO, VERDICT_HERE,
         "No puede enviar: otro programa está usando el puerto de «principal».", "Desde aquí: "},
        {VERDICT_DISC_MODE, NOW, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: «principal» se presenta como un disco y no como un módem.",
         "Vaya al equipo: instale usb-modeswitch y vuelva a enchufarlo."},
        {VERDICT_HILINK, NOW, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: «principal» está en modo HiLink, que no tiene puerto de órdenes.",
         "Vaya al equipo: cámbielo por la versión stick."},
        {VERDICT_STARTS, NOW - 30 * S, 0, VERDICT_NOT_NOW, VERDICT_WAIT,
         "Por ahora no puede enviar: el módem «principal» está arrancando.",
         "Espere hasta las 03:11: si a esa hora sigue así, aquí pondrá qué hacer."},
        {VERDICT_STARTS, AT_0307, 0, VERDICT_NO, VERDICT_GO,
         "No puede enviar: «principal» no contesta a órdenes AT desde las 03:07.",
         "Vaya al equipo: desenchúfelo y vuelva a enchufarlo; si sigue igual, escriba su puerto en "
         "dispositivo."},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict_modem modem = make_able("principal");
        modem.trouble = rows[i].trouble;
        modem.since_ms = rows[i].since_ms;
        modem.until_ms = rows[i].until_ms;
        modem.step = 3;
        modem.steps = 6;
        modem.pin_left = 2;
        struct verdict_facts facts = make_facts(&modem, 1);
        expect(&facts, rows[i].can, rows[i].need, rows[i].sentence, rows[i].action);
    }
}

/* A single modem that sends, with a finding. */
static void findings_of_a_modem_that_sends(void **state)
{
    (void)state;
    const struct {
        size_t offset;
        int64_t below, at; /* the last value without the finding, the first with it */
        const char *sentence;
    } rows[] = {
        {offsetof(struct verdict_modem, drops_hour), 0, 9,
         "Sí, pero mire esto: el módem «principal» se ha desconectado 9 veces en la última hora."},
        {offsetof(struct verdict_modem, signal_dbm), -105, -109,
         "Sí, pero mire esto: la señal de «principal» es débil, -109 dBm, y los SMS pueden "
         "fallar."},
        {offsetof(struct verdict_modem, unknowns_row), 2, 3,
         "Sí, pero mire esto: de los 3 últimos mensajes de «principal» no se sabe si salieron, "
         "porque la red no contesta."},
        {offsetof(struct verdict_modem, unreported_ms), NOW - 24 * HOUR + 1, NOW - 24 * HOUR,
         "Sí, pero mire esto: de «principal» no llegan informes de entrega desde las 03:10 de "
         "ayer: los SMS salen, pero no se sabe si llegan."},
        {offsetof(struct verdict_modem, balance_since_ms), 0, NOW - 24 * HOUR,
         "Sí, pero mire esto: según un SMS que dice venir de su operador, a «principal» le queda "
         "poco saldo desde las 03:10 de ayer."},
        {offsetof(struct verdict_modem, temperature_c), 74, 78,
         "Sí, pero mire esto: «principal» está a 78 °C."},
        {offsetof(struct verdict_modem, supply_mv), 3500, 3400,
         "Sí, pero mire esto: «principal» recibe 3400 mV, poca corriente."},
        {offsetof(struct verdict_modem, storage_used), 23, 24,
         "Sí, pero mire esto: la memoria de mensajes de la SIM de «principal» está casi llena (24 "
         "de 30)."},
        {offsetof(struct verdict_modem, network_clock_s), -300, -301,
         "Sí, pero mire esto: la hora de la red de «principal» difiere en -301 s de la del "
         "equipo."},
        {offsetof(struct verdict_modem, pin_left), 3, 2,
         "Sí, pero mire esto: a la SIM de «principal» le quedan 2 intentos de PIN."},
        {offsetof(struct verdict_modem, pace_until_ms), 0, NOW + 21 * HOUR,
         "Sí, pero mire esto: «principal» ha llegado a su límite de mensajes hasta las 00:10 del "
         "25/11."},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict_modem modem = make_able("principal");
        struct verdict_facts facts = make_facts(&modem, 1);
        struct verdict verdict;
        memcpy((char *)&modem + rows[i].offset, &rows[i].below, sizeof(int64_t));
        verdict_judge(&facts, &verdict);
        assert_int_equal(verdict.can, VERDICT_YES);
        memcpy((char *)&modem + rows[i].offset, &rows[i].at, sizeof(int64_t));
        verdict_judge(&facts, &verdict);
        assert_string_equal(say(verdict_say, &verdict), rows[i].sentence);
        assert_int_equal(verdict.can, VERDICT_YES_BUT);
    }
}

static void trouble_of_the_box(void **state)
{
    (void)state;
    struct verdict_modem modem = make_able("principal");
    struct verdict verdict;
    struct verdict_facts facts = make_facts(&modem, 1);
    facts.is_clock_good = false;
    expect(&facts, VERDICT_NO, VERDICT_HERE,
           "No puede enviar: el equipo no sabe qué hora es y no acepta peticiones.",
           "Desde aquí: póngalo en hora con timedatectl; si ya lo está, contraclavectl reloj "
           "aceptar.");
    facts.clock_wait_ms = 2 * MIN;
    expect(&facts, VERDICT_NOT_NOW, VERDICT_WAIT,
           "Por ahora no puede enviar: la hora del equipo ha ido hacia atrás y las peticiones "
           "esperan a que se alcance.",
           "Espere hasta las 03:12: sigue solo a esa hora.");
    facts = make_facts(&modem, 1);
    facts.data = VERDICT_DATA_FULL;
    facts.data_since_ms = AT_0307;
    expect(&facts, VERDICT_NO, VERDICT_HERE,
           "No puede enviar: el disco está lleno desde las 03:07; lo ya aceptado no se ha perdido.",
           "Desde aquí: libere espacio (df -h, journalctl --vacuum-size=100M); lo demás sigue "
           "solo.");
    facts = make_facts(&modem, 1);
    facts.paused_ms = NOW - 9 * HOUR;
    facts.paused_by = "Tecla Técnica";
    expect(&facts, VERDICT_NO, VERDICT_HERE,
           "No puede enviar: los envíos están en pausa desde las 18:10 de ayer; los paró Tecla "
           "Técnica.",
           "Desde aquí: pulse «Reanudar envíos», o contraclavectl envios reanudar.");
    facts = make_facts(&modem, 1);
    facts.queue.waiting = 4;
    facts.queue.oldest_ms = NOW - 6 * MIN;
    expect(&facts, VERDICT_YES_BUT, VERDICT_WAIT,
           "Sí, pero mire esto: la red móvil va lenta o saturada desde hace 6 minutos y 4 mensajes "
           "esperan.",
           "Espere: se reintenta solo; si pasa cada día, hace falta un segundo módem de otro "
           "operador.");
    facts.queue.next_try_ms = NOW + 4 * MIN;
    verdict_judge(&facts, &verdict);
    assert_non_null(strstr(say(verdict_say_action, &verdict), "Espere hasta las 03:14: se"));
}

/* What does not stop the sending, on either side of its threshold; NULL = all is well. */
static void care_of_the_box(void **state)
{
    (void)state;
    static const int64_t day = 24 * HOUR, mb = 1000000;
    static const char renew[] = "Desde aquí: ponga el nuevo en certificado y clave_tls, y "
                                "systemctl reload contraclaved.",
                      extend[] =
                          "Desde aquí: si hace falta, prolónguelo con contraclavectl cliente "
                          "cambia; si no, revóquelo.",
                      ask[] = "Desde aquí: pida otro a quien lleva ese programa; si se reconoce "
                              "por su huella, póngala con contraclavectl cliente cambia.",
                      back_up[] = "Desde aquí: haga una con contraclavectl copia y guárdela fuera "
                                  "del equipo.";
    const struct {
        struct verdict_facts given;
        const char *sentence, *action;
    } rows[] = {
        {{.certificate_ends_ms = NOW + 14 * day}, NULL, NULL},
        {{.certificate_ends_ms = NOW + 14 * day - S},
         "Sí, pero mire esto: el certificado de la página termina en 13 días.",
         renew},
        {{.certificate_ends_ms = NOW + S},
         "Sí, pero mire esto: el certificado de la página termina en 1 segundo.",
         renew},
        {{.certificate_ends_ms = NOW - 3 * day},
         "Sí, pero mire esto: el certificado de la página terminó hace 3 días, y los navegadores "
         "avisan.",
         renew},
        {{.certificate_begins_ms = NOW + 2 * HOUR, .certificate_ends_ms = NOW + 90 * day},
         "Sí, pero mire esto: el certificado de la página no vale hasta las 05:10.",
         "Desde aquí: mire si el equipo está en hora; si lo está, ponga otro en certificado y "
         "clave_tls, y systemctl reload contraclaved."},
        {{.certificate_begins_ms = NOW, .certificate_ends_ms = NOW + 90 * day}, NULL, NULL},
        {{.clients[VERDICT_TOKENS_END] = {"sede", NOW + 3 * day}},
         "Sí, pero mire esto: el token de «sede», cliente de la API, caduca en 3 días.",
         extend},
        {{.clients[VERDICT_TOKENS_ENDED] = {"sede, portal", NOW - HOUR}},
         "Sí, pero mire esto: el token de «sede, portal», cliente de la API, caducó hace 1 hora y "
         "ya no vale.",
         extend},
        {{.clients[VERDICT_CERTIFICATES_END] = {"sede", NOW + 2 * day}},
         "Sí, pero mire esto: el certificado con que llama «sede», cliente de la API, caduca en 2 "
         "días.",
         ask},
        {{.clients[VERDICT_CERTIFICATES_ENDED] = {"sede", NOW - 2 * day}},
         "Sí, pero mire esto: el certificado con que llama «sede», cliente de la API, caducó hace "
         "2 días y ya no se admite.",
         ask},
        {{.backup_ms = NOW - 7 * day, .begun_ms = NOW - 90 * day}, NULL, NULL},
        {{.backup_ms = NOW - 8 * day},
         "Sí, pero mire esto: la última copia es de hace 8 días.",
         back_up},
        {{.begun_ms = NOW - 7 * day}, NULL, NULL},
        {{.begun_ms = NOW - 8 * day},
         "Sí, pero mire esto: no se ha hecho ninguna copia de seguridad en 8 días.",
         back_up},
        {{.disk_free = 199 * mb, .disk_total = 1990 * mb}, NULL, NULL},
        {{.disk_free = 200 * mb, .disk_total = 32000 * mb}, NULL, NULL},
        {{.disk_free = 199 * mb, .disk_total = 32000 * mb},
         "Sí, pero mire esto: al disco le quedan 199 MB.",
         "Desde aquí: libere espacio antes de que se llene: mire df -h, o journalctl "
         "--vacuum-size=100M."},
        {{.disk_free = 0, .disk_total = 0}, NULL, NULL},
    };
    struct verdict_modem modem = make_able("principal");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool is_well = rows[i].sentence == NULL;
        struct verdict_facts facts = rows[i].given;
        facts.now_ms = NOW;
        facts.data = VERDICT_FINE;
        facts.is_clock_good = true;
        facts.modems = &modem;
        facts.modem_count = 1;
        expect(&facts, is_well ? VERDICT_YES : VERDICT_YES_BUT,
               is_well ? VERDICT_NOTHING : VERDICT_HERE,
               is_well ? "Sí, puede enviar." : rows[i].sentence,
               is_well ? "No hay que hacer nada." : rows[i].action);
    }
}

static void the_gravest_speaks(void **state)
{
    (void)state;
    struct verdict_modem modems[2] = {make_able("principal"), make_able("reserva")};
    struct verdict_facts facts = make_facts(modems, 2);
    struct verdict verdict;
    /* of two modems one out is never a No */
    modems[0].trouble = VERDICT_ALARM;
    modems[0].since_ms = AT_0307;
    expect(&facts, VERDICT_YES_BUT, VERDICT_GO,
           "Sí, pero mire esto: envía solo «reserva»; el módem «principal» no contesta desde las "
           "03:07 y no se ha podido recuperar.",
           "Sin prisa: quítele la corriente al módem diez segundos y devuélvasela.");
    /* both out, and the second comes back by itself */
    modems[1].trouble = VERDICT_RECOVERS;
    modems[1].since_ms = NOW - 20 * S;
    modems[1].until_ms = NOW + MIN;
    verdict_judge(&facts, &verdict);
    assert_int_equal(verdict.can, VERDICT_NOT_NOW);
    assert_int_equal(verdict.first.reason, VERDICT_RECOVERS);
    assert_int_equal(verdict.other_count, 1);
    assert_int_equal(verdict.others[0].reason, VERDICT_ALARM);
    /* and the disk is full: the box speaks before its modems */
    facts.data = VERDICT_DATA_FULL;
    facts.data_since_ms = NOW;
    verdict_judge(&facts, &verdict);
    assert_int_equal(verdict.first.reason, VERDICT_DATA_FULL);
    assert_int_equal(verdict.other_count, 2);
}

/* The boxes that share the database: one that is gone, one that cannot send, and a front. */
static void test_other_boxes(void **state)
{
    const struct verdict_modem able = make_able("principal");
    struct verdict_modem out = make_able("principal");
    out.trouble = VERDICT_UNPLUGGED;
    out.since_ms = AT_0307;
    const struct verdict_box sends = {
        .name = "beta", .seen_ms = NOW, .sends_ms = NOW, .modems = 1, .ready = 1, .can_send = true};
    const struct verdict_box gone = {
        .name = "beta", .seen_ms = AT_0307, .sends_ms = AT_0307, .modems = 1, .is_gone = true};
    const struct verdict_box mute = {
        .name = "beta", .seen_ms = NOW, .sends_ms = AT_0307, .modems = 1};
    const struct verdict_box starts = {.name = "beta", .seen_ms = NOW, .modems = 1};
    const struct verdict_box front = {.name = "beta", .seen_ms = NOW};
    const struct {
        const struct verdict_modem *modem; /* NULL: a front */
        const struct verdict_box *other;
        enum verdict_can can;
        enum verdict_need need;
        const char *sentence, *action;
    } rows[] = {
        {&able, &sends, VERDICT_YES, VERDICT_NOTHING, "Sí, puede enviar.",
         "No hay que hacer nada."},
        {&able, &front, VERDICT_YES, VERDICT_NOTHING, "Sí, puede enviar.",
         "No hay que hacer nada."},
        {&able, &starts, VERDICT_YES, VERDICT_NOTHING, "Sí, puede enviar.",
         "No hay que hacer nada."},
        {NULL, &sends, VERDICT_YES, VERDICT_NOTHING, "Sí, puede enviar.", "No hay que hacer nada."},
        {&able, &gone, VERDICT_YES_BUT, VERDICT_GO,
         "Sí, pero mire esto: el equipo «beta» no da señales desde las 03:07.",
         "Vaya al equipo: mire si tiene corriente y red; lo que tenía en cola sale por otro."},
        {&able, &mute, VERDICT_YES_BUT, VERDICT_HERE,
         "Sí, pero mire esto: el equipo «beta» no puede enviar desde las 03:07.",
         "Desde aquí: mire en su página qué le pasa; lo que tenía en cola sale por otro."},
        {&out, &sends, VERDICT_YES_BUT, VERDICT_GO,
         "Sí, pero mire esto: envía solo «beta»; el módem «principal» no está enchufado desde las "
         "03:07.",
         "Sin prisa: compruebe el cable y la corriente del concentrador; al enchufarlo vuelve solo "
         "en un segundo."},
        {&out, &front, VERDICT_NO, VERDICT_GO,
         "No puede enviar: el módem «principal» no está enchufado desde las 03:07.",
         "Vaya al equipo: compruebe el cable y la corriente del concentrador; al enchufarlo vuelve "
         "solo en un segundo."},
        {NULL, &gone, VERDICT_NO, VERDICT_HERE,
         "No puede enviar: este equipo no tiene módem y ningún otro puede enviar.",
         "Desde aquí: mire los otros equipos: si están en marcha y qué les pasa a sus módems."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict_facts facts = make_facts(rows[i].modem, rows[i].modem != NULL);
        facts.boxes = rows[i].other;
        facts.box_count = 1;
        facts.is_shared = true;
        expect(&facts, rows[i].can, rows[i].need, rows[i].sentence, rows[i].action);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_boxes),
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(trouble_of_the_only_modem),
        cmocka_unit_test(findings_of_a_modem_that_sends),
        cmocka_unit_test(trouble_of_the_box),
        cmocka_unit_test(care_of_the_box),
        cmocka_unit_test(the_gravest_speaks),
    };
    (void)setenv("TZ", "Europe/Madrid", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
