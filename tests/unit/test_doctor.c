/* SPDX-License-Identifier: EUPL-1.2 */
/* Findings of the doctor in the daemon's status: a table of statuses and findings. */
#include "app/doctor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A whole status around one modem's fields, or around the box's. */
#define DATA(token) "{'aviso_datos': '" token "', 'reloj_fiable': null, 'cola': null}"
#define BOX(more) "{'version': '1', 'reloj_fiable': true, 'hora_local': 'hoy', 'cola': {}" more "}"
#define MODEM(more) BOX(", 'modems': [{'nombre': 'uno'" more "}]")
#define READY ", 'estado': 'listo', 'listo': true"

static const struct {
    const char *status, *verdict, *subject, *sentence; /* what is found among others… */
    const char *absent;                                /* …and what is not; NULL = any */
} rows[] = {
    {BOX(""), "bien", "servicio", "contraclaved 1 está en marcha.", NULL},
    {BOX(""), "aviso", "servicio", "es la versión 1 y contraclavectl la " CC_VERSION, NULL},
    {"{'version': '" CC_VERSION "'}", "bien", "servicio", CC_VERSION " está", "contraclavectl la"},
    {"{}", "bien", "servicio", "está en marcha", "contraclavectl la"},
    {BOX(""), "bien", "reloj", "es hoy", "módem"},
    {BOX(", 'veredicto': {'puede': 'si', 'frase': 'A.', 'que_hacer': 'B.'}"), "bien", "veredicto",
     "A. B.", NULL},
    {BOX(", 'veredicto': {'puede': 'si_pero', 'frase': 'A.'}"), "aviso", "veredicto", "A.", NULL},
    {BOX(", 'veredicto': {'puede': 'por_ahora_no', 'frase': 'A.'}"), "aviso", "veredicto", "A.",
     NULL},
    {BOX(", 'veredicto': {'puede': 'no', 'frase': 'A.'}"), "mal", "veredicto", "A.", NULL},
    {"{'reloj_fiable': false}", "mal", "reloj", "contraclavectl reloj aceptar", NULL},
    {"{}", "mal", "reloj", "timedatectl", NULL},
    {BOX(", 'cola': {'en_cola': 2, 'espera_s': 60}"), "bien", "cola", "2 mensajes esperan", NULL},
    {"{'cola': {'en_cola': 2, 'espera_s': 121}}", "aviso", "cola", "desde hace 121 s", NULL},
    {"{'cola': {'en_cola': 0, 'espera_s': 999}}", "bien", "cola", "0 mensajes", "desde hace"},
    {"{'cola': {'incierto': 3}}", "aviso", "cola", "De 3 mensajes", NULL},
    {BOX(""), "bien", "datos", "se lee y se escribe", NULL},
    {DATA("ocupada"), "mal", "datos", "cierre lo que la use", "reloj"},
    {DATA("no_guarda"), "mal", "datos", "contraclavectl base comprueba", "libere"},
    {DATA("lleno"), "mal", "datos", "libere espacio", "esperan"},
    {DATA("solo_lectura"), "mal", "datos", "solo lectura", "se escribe"},
    {DATA("disco"), "mal", "datos", "cambie el disco", NULL},
    {DATA("movida"), "mal", "datos", "en su sitio", "se escribe"},
    {DATA("antigua"), "mal", "datos", "auditoria comprobar", NULL},
    {DATA("alterada"), "mal", "datos", "auditoria comprobar", NULL},
    {DATA("danada"), "mal", "datos", "contraclavectl restaura", NULL},
    {DATA("danada_alli"), "mal", "datos", "quien lo administra", "contraclavectl restaura"},
    {MODEM(READY ", 'fabricante': 'F', 'modelo': 'M'"), "bien", "uno", "Puede enviar: F M.", "mal"},
    {MODEM(READY ", 'detalle': 'Ojo.'"), "aviso", "uno", "Puede enviar, pero: Ojo.", NULL},
    {MODEM(", 'estado': 'sim_pin', 'detalle': 'Haga.'"), "mal", "uno", "(sim_pin). Haga.", "SIM f"},
    {MODEM(", 'estado': 'iniciando'"), "mal", "uno", "repita en un minuto", NULL},
    {MODEM(READY ", 'peldano': 'reinicio'"), "aviso", "uno", "recuperando solo (reinicio)", NULL},
    {MODEM(READY), "bien", "uno", "La SIM funciona.", "intentos"},
    {MODEM(READY ", 'intentos_pin': 3"), "bien", "uno", "La SIM funciona.", "intentos"},
    {MODEM(READY ", 'intentos_pin': 2"), "aviso", "uno", "quedan 2 intentos de PIN", NULL},
    {MODEM(READY ", 'intentos_pin': 1"), "mal", "uno", "quedan 1 intentos de PIN", NULL},
    {MODEM(READY ", 'intentos_pin': null"), "bien", "uno", "La SIM funciona.", "intentos"},
    {MODEM(READY), "bien", "uno", "Registrado en la red.", "()"},
    {MODEM(READY ", 'red': '4G'"), "bien", "uno", "Registrado en la red.", "()"},
    {MODEM(READY ", 'operador': 'O'"), "bien", "uno", "En la red O.", "()"},
    {MODEM(READY ", 'operador': 'O', 'red': '4G'"), "bien", "uno", "En la red O (4G).", NULL},
    {MODEM(READY ", 'operador': 'O', 'red': '4G', 'itinerancia': true"), "bien", "uno",
     "En la red O (4G), en itinerancia.", NULL},
    {MODEM(", 'estado': 'buscando_red'"), "mal", "uno", "revise la antena", NULL},
    {MODEM(READY), "bien", "uno", "Puede enviar", "Señal"},
    {MODEM(READY ", 'senal_dbm': -95"), "bien", "uno", "Señal de -95 dBm, buena.", NULL},
    {MODEM(READY ", 'senal_dbm': -96"), "aviso", "uno", "Señal de -96 dBm, justa", NULL},
    {MODEM(READY ", 'senal_dbm': -106"), "mal", "uno", "-106 dBm, demasiado débil", NULL},
    {MODEM(READY ", 'senal_dbm': 'mucha'"), "bien", "uno", "Puede enviar", "Señal"},
    {MODEM(READY ", 'centro_mensajes': '+34*'"), "bien", "uno", "Centro de mensajes +34*.", NULL},
    {MODEM(READY ", 'operador': 'O'"), "aviso", "uno", "no dice su centro de mensajes", NULL},
    {MODEM(READY), "bien", "uno", "Puede enviar", "centro"},
    {MODEM(READY ", 'temperatura_c': 75"), "aviso", "uno", "a 75 °C", NULL},
    {MODEM(READY ", 'temperatura_c': 74"), "bien", "uno", "Puede enviar", "°C"},
    {MODEM(READY ", 'alimentacion_mv': 3499"), "aviso", "uno", "3499 mV, poco", NULL},
    {MODEM(READY ", 'alimentacion_mv': 3500"), "bien", "uno", "Puede enviar", "mV"},
    {MODEM(READY ", 'memoria_usada': 8, 'memoria_total': 10"), "aviso", "uno", "(8 de 10)", NULL},
    {MODEM(READY ", 'memoria_usada': 7, 'memoria_total': 10"), "bien", "uno", "Puede", "(7"},
    {MODEM(READY ", 'memoria_usada': 0, 'memoria_total': 0"), "bien", "uno", "Puede", "(0"},
    {MODEM(READY ", 'reloj_red_s': -301"), "aviso", "uno", "difiere en -301 s", NULL},
    {MODEM(READY ", 'reloj_red_s': 300"), "bien", "uno", "Puede enviar", "difiere"},
    {BOX(", 'avisos': {'correo': null, 'webhook': null}"), "aviso", "avisos", "no se avisa a nadie",
     NULL},
    {BOX(", 'avisos': {'correo': {'a': 'a@b.es'}, 'webhook': null}"), "bien", "servicio", "marcha",
     "avisos"},
    {BOX(", 'avisos': null"), "bien", "servicio", "marcha", "avisos"},
    {BOX(", 'buzon': {'saldo_bajo': ['uno']}"), "aviso", "módem uno", "recargue la SIM", NULL},
};

static json_t *look(const char *quoted)
{
    char text[1024];
    size_t len = strlen(quoted);
    assert_true(len < sizeof(text));
    for (size_t i = 0; i <= len; i++)
        text[i] = quoted[i] == '\'' ? '"' : quoted[i];
    json_t *status = json_loads(text, 0, NULL), *findings = json_array();
    assert_non_null(status);
    doctor_look_status(status, findings);
    json_decref(status);
    return findings;
}

static bool has(const json_t *finding, const char *key, const char *text)
{
    const char *value = json_string_value(json_object_get(finding, key));
    assert_non_null(value);
    return strstr(value, text) != NULL;
}

static void test_what_is_told_and_what_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *findings = look(rows[i].status);
        bool is_found = false, is_absent = true;
        for (size_t f = 0; f < json_array_size(findings); f++) {
            const json_t *one = json_array_get(findings, f);
            is_found = is_found ||
                       (has(one, "resultado", rows[i].verdict) &&
                        has(one, "que", rows[i].subject) && has(one, "frase", rows[i].sentence));
            is_absent = is_absent &&
                        (rows[i].absent == NULL ||
                         (!has(one, "frase", rows[i].absent) && !has(one, "que", rows[i].absent)));
        }
        if (!is_found || !is_absent)
            fail_msg("row %zu: %s: %s", i, rows[i].status, is_found ? "said too much" : "not said");
        json_decref(findings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_is_told_and_what_is_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
