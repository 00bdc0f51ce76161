/* SPDX-License-Identifier: EUPL-1.2 */
/* The configuration: every key, its range, and the sentence with its line that a mistake gets. */
#include "tests/unit/test_config_fixture.h"

struct bad_row {
    const char *text;
    int line;
    const char *says;
};

/* Each row is refused with "FILE:LINE: …says…" and nothing else said. */
static void check_bad(struct fixture *f, const struct bad_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct config *config = NULL;
        char where[200];
        enum cc_err err = load_text(f, rows[i].text, &config);
        snprintf(where, sizeof(where), "%s:%d: ", f->file, rows[i].line);
        bool good = err == CC_ERR_CONFIG && config == NULL &&
                    strncmp(f->said, where, strlen(where)) == 0 &&
                    strstr(f->said, rows[i].says) != NULL &&
                    strchr(f->said, '\n') == f->said + strlen(f->said) - 1;
        if (!good)
            fail_msg("row %zu:\n%s\nwanted line %d, \"%s\"; err %d, said: %s", i, rows[i].text,
                     rows[i].line, rows[i].says, (int)err, f->said);
    }
}

#define CHECK_BAD(rows) check_bad(*state, rows, sizeof(rows) / sizeof((rows)[0]))

static void test_structure(void **state)
{
    static const struct bad_row rows[] = {
        {GOOD "nombre = \"x\"\n", 6, "no se conoce la clave 'nombre'"},
        {GOOD "# uno\n// dos\n\n/* tres\n cuatro */ nada = 1\n", 10,
         "no se conoce la clave 'nada'"},
        {GOOD "entidad = \"otra\"\n", 6, "entidad: la clave está repetida"},
        {"entidad = \"a\" entidad = \"b\"\n", 1, "entidad: la clave está repetida"},
        {GOOD "http {\n}\nhttp {\n}\n", 9, "http: la sección está repetida"},
        {GOOD "http {\n control = \"a\"\n control = \"b\"\n}\n", 8,
         "control: la clave está repetida"},
        {GOOD "limites { }\nlimites { }\n", 7, "limites: la sección está repetida"},
        {GOOD "http { puerto = 3 }\n", 6, "no se conoce la clave 'puerto'"},
        {GOOD "http = 3\n", 6, "falta { detrás de la sección 'http'"},
        {GOOD "http {\n# x\n", 6, "falta cerrar con } la sección"},
        {GOOD "http {\n\nlimites {\n}\n", 6, "falta cerrar con } la sección"},
        {GOOD "}\n", 6, "sobra una }"},
        {GOOD "/* sin fin\n\n\n", 6, "falta cerrar con */"},
        {GOOD "base_datos = \"sin fin\n", 6, "falta cerrar las comillas"},
        {GOOD "base_datos = 'sin fin\n", 6, "falta cerrar las comillas"},
        {GOOD "base_datos = \"sin fin", 6, "falta cerrar las comillas"},
        {GOOD "base_datos\nperfil = \"pin24h\"\n", 7, "falta el signo = detrás de 'base_datos'"},
        {GOOD "base_datos =\n", 7, "termina a medias"},
        {GOOD "base_datos = {\"a\", \"b\"}\n", 6, "sobra '{'"},
        {GOOD "base_datos += \"a\"\n", 6, "use = en vez de +="},
        {GOOD "modem principal { dispositivo = \"unix:m.sock\" }\n", 6,
         "'principal' está repetida"},
        {GOOD "modem { dispositivo = \"unix:m.sock\" }\n", 6, "le falta un nombre"},
        {GOOD "modem \"a b\" { dispositivo = \"unix:m.sock\" }\n", 6, "el nombre del módem"},
        {GOOD "modem \"\" { dispositivo = \"unix:m.sock\" }\n", 6, "el nombre del módem"},
        {TOWN, 3, "falta la sección de al menos un módem"},
        {TOWN "modem uno {\n iccid = \"\"\n}\n", 4, "no se conoce la clave 'iccid'"},
        {"entidad = \"a\"\n" MODEM, 5, "nombre_sms: falta esta clave"},
        {"nombre_sms = \"a\"\n" MODEM, 5, "entidad: falta esta clave"},
        {"", 1, "falta esta clave"},
        {GOOD "base_datos = \"a\\nb\"\n", 6, "base_datos: "},
        {GOOD "entidad\x01 = \"a\"\n", 6, "caracteres de control"},
        {GOOD "# v\xED\n", 6, "no está en UTF-8"},
        {GOOD "; nada\n", 6, "no se conoce la clave ';'"},
    };
    CHECK_BAD(rows);
}

static void test_values(void **state)
{
    static const struct bad_row rows[] = {
        {"entidad = \"\"\n", 1, "entidad: escriba el nombre"},
        {"nombre_sms = \"\"\n", 1, "nombre_sms: escriba un nombre de 1 a 30"},
        {"nombre_sms = \"Ayto. de Alcalá\"\n", 1, "sin á, í, ó, ú, ç ni"},
        {"nombre_sms = \"Ayuntamiento de San Lorenzo de \"\n", 1, "nombre_sms: "},
        {"nombre_sms = \"12345678901234567890123456789€\"\n", 1, "nombre_sms: "},
        {"\nzona_horaria = \"Europe/Alpedrete\"\n", 2, "zona_horaria: no existe en este equipo"},
        {"zona_horaria = \"../../etc/passwd\"\n", 1, "zona_horaria: "},
        {"perfil = \"otro\"\n", 1, "escriba \"pin24h\" o \"reforzado\""},
        {"base_datos = \"\"\n", 1, "base_datos: escriba la ruta"},
        {"nombre_equipo = \"el de abajo\"\n", 1, "nombre_equipo: escriba de 1 a 63 letras"},
        {"nombre_equipo = \"sede\xC3\xB1\"\n", 1, "nombre_equipo: "},
        {"nombre_equipo = \"1234567890123456789012345678901234567890123456789012345678901234\"\n",
         1, "nombre_equipo: "},
        {"clave_maestra = \"\"\n", 1, "clave_maestra: escriba la ruta"},
        {"dominio_sede = \"https://sede.alpedrete.es\"\n", 1,
         "dominio_sede: escriba solo el dominio"},
        {"dominio_sede = \"alpedrete\"\n", 1, "dominio_sede: "},
        {"dominio_sede = \"a..es\"\n", 1, "dominio_sede: "},
        {"telefono_ayuntamiento = \"918-571540\"\n", 1,
         "telefono_ayuntamiento: escriba un teléfono"},
        {"telefono_ayuntamiento = \"91\"\n", 1, "telefono_ayuntamiento: "},
        {"telefono_ayuntamiento = \"9185715409185715409185715401234\"\n", 1,
         "telefono_ayuntamiento: "},
        {"certificados_confianza = \"\"\n", 1, "certificados_confianza: escriba la ruta"},
        {"identidades_admitidas = \"Clave\"\n", 1,
         "identidades_admitidas: escriba hasta 16 nombres en minúsculas"},
        {"identidades_admitidas = \"clave giltza\"\n", 1, "identidades_admitidas: "},
        {"identidades_admitidas = \"clave,\"\n", 1, "identidades_admitidas: "},
        {"identidades_admitidas = \"clave,,giltza\"\n", 1, "identidades_admitidas: "},
        {"identidades_admitidas = \"a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a\"\n", 1,
         "identidades_admitidas: "},
        {"identidades_admitidas = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n", 1,
         "identidades_admitidas: "},
        {"altas {\n formulario = \"desde 2026-02-30\"\n}\n", 2,
         "formulario: escriba si, no o las fechas"},
        {"altas { presencial = 1 }\n", 1, "presencial: "},
        {"altas { por_correo = si }\n", 1, "no se conoce la clave 'por_correo'"},
        {"revelar_alta = 1\n", 1, "revelar_alta: escriba si o no"},
        {"baja_dias = 0\n", 1, "baja_dias: escriba un número entero de días"},
        {"bloqueo_dias = 1.5\n", 1, "bloqueo_dias: escriba un número"},
        {"clausula_version = \"v 1\"\n", 1, "clausula_version: escriba de 1 a 63"},
        {"nivel_sustancial = low\n", 1, "nivel_sustancial: escriba si o no"},
        {"admitir_nif_de_prueba = \"SI\"\n", 1, "escriba si o no"},
        {"espera_informe_s = 0\n", 1, "espera_informe_s: escriba segundos entre 0.1 y 86400"},
        {"espera_informe_s = 1e3\n", 1, "espera_informe_s: "},
        {"espera_informe_s = \"1.2.3\"\n", 1, "espera_informe_s: "},
        {"espera_informe_s = nan\n", 1, "espera_informe_s: "},
        {"espera_informe_s = .\n", 1, "espera_informe_s: "},
        {"nivel_registro = \"debug\"\n", 1, "nivel_registro: escriba \"error\""},
        {"http {\n escucha = \"0.0.0.0:8024\"\n}\n", 2,
         "escucha: sin cifrar solo se puede atender a este mismo equipo"},
        {"http { escucha = \"192.168.1.2:8024\" }\n", 1, "escucha: "},
        {"http { escucha = { \"127.0.0.1:1\", \"0.0.0.0:8024\" } }\n", 1, "https://"},
        {"http { escucha = \"127.0.0.1\" }\n", 1, "escucha: escriba hasta 8 direcciones IP"},
        {"http { escucha = \"\" }\n", 1, "escucha: escriba hasta 8 direcciones IP"},
        {"http { escucha = {} }\n", 1, ""},
        {"http { escucha = \"https://sede.example:8443\" }\n", 1, "escucha: escriba hasta 8"},
        {"http { proxy_de_confianza = \"127.0.0.0/8\" }\n", 1,
         "proxy_de_confianza: escriba hasta 16 direcciones IP"},
        {"http { proxy_de_confianza = \"proxy\" }\n", 1, "proxy_de_confianza: "},
        {"http { escucha = \"127.0.0.1:\" }\n", 1, "escucha: "},
        {"http { escucha = \"127.0.0.1:65536\" }\n", 1, "escucha: "},
        {"http { escucha = \"127.0.0.1:8024x\" }\n", 1, "escucha: "},
        {"http { escucha = \"localhost:8024\" }\n", 1, "escucha: "},
        {"http { escucha = \"::1:8024\" }\n", 1, "escucha: "},
        {"http { escucha = \"[::]:8024\" }\n", 1, "escucha: "},
        {"http { control = \"\" }\n", 1, "control: escriba la ruta de un zócalo"},
        {"http { proxies = \"127.0.0.1,\" }\n", 1, "proxies: escriba hasta 16 direcciones IP"},
        {"http { proxies = \"localhost\" }\n", 1, "proxies: "},
        {"http { conexiones_por_direccion = 513 }\n", 1,
         "conexiones_por_direccion: escriba un número entero entre 0 y 512"},
        {"http { plazo_cabecera_s = 0 }\n", 1, "plazo_cabecera_s: escriba segundos entre 0.1 y 60"},
        {"http { plazo_cuerpo_s = 60.1 }\n", 1, "plazo_cuerpo_s: "},
        {"http { plazo_inactiva_s = 601 }\n", 1,
         "plazo_inactiva_s: escriba segundos entre 0.1 y 600"},
        {"limites {\n# a\n cliente_por_segundo = -1\n}\n", 3,
         "cliente_por_segundo: escriba un número"},
        {"limites { cliente_rafaga = 1000001 }\n", 1, "cliente_rafaga: "},
        {"limites { ip_por_segundo = 1000001 }\n", 1, "ip_por_segundo: "},
        {"limites { ip_rafaga = -1 }\n", 1, "ip_rafaga: "},
        {"limites { ip_red48_veces = 1000001 }\n", 1, "ip_red48_veces: "},
        {"limites { redes_exentas = \"10.0.0.0/33\" }\n", 1,
         "redes_exentas: escriba hasta 16 redes"},
        {"limites { redes_exentas = \"10.0.0.0/8;\" }\n", 1, "redes_exentas: "},
        {"limites { cliente_rafaga = cinco }\n", 1, "cliente_rafaga: "},
        {"limites { cliente_rafaga = 2.5 }\n", 1, "cliente_rafaga: "},
        {"limites { cliente_rafaga = \"\" }\n", 1, "cliente_rafaga: "},
        {"limites { cliente_rafaga = 99999999999999999999 }\n", 1, "cliente_rafaga: "},
        {"limites { vivas_por_nif = 9 }\n", 1,
         "vivas_por_nif: escriba un número entero entre 0 y 8"},
        {"modem a {\n dispositivo = \"COM1\"\n}\n", 2, "dispositivo: escriba \"auto\""},
        {"modem a { dispositivo = \"\" }\n", 1, "dispositivo: "},
        {"modem a { dispositivo = \"tcp:equipo\" }\n", 1, "dispositivo: "},
        {"modem a { dispositivo = \"pty:\" }\n", 1, "dispositivo: "},
        {"modem a { dispositivo = \"sim:\" }\n", 1, "arranque simmodem --unix RUTA y escriba"},
        {"modem a { dispositivo = \"sim:/run/m\" }\n", 1, "dispositivo: el módem simulado"},
        {"modem a { pin_sim = \"123\" }\n", 1, "pin_sim: escriba de 4 a 8 cifras"},
        {"modem a { pin_sim = \"123456789\" }\n", 1, "pin_sim: "},
        {"modem a { pin_sim = \"12a4\" }\n", 1, "pin_sim: "},
        {"modem a { dispositivo = \"automatico\" }\n", 1, "dispositivo: "},
        {"modem a { dispositivo = \"usb:2c7c\" }\n", 1, "dispositivo: "},
        {"modem a { dispositivo = \"usb:2c7c:0125#\" }\n", 1, "dispositivo: "},
        {"modem a { dispositivo = \"imei:49015420323751\" }\n", 1, "dispositivo: "},
        {"modem a { pin_sim_forzar = quiza }\n", 1, "pin_sim_forzar: escriba si o no"},
        {"modem a { iccid_sim = \"89340012345678901\" }\n", 1, "iccid_sim: escriba el número"},
        {"modem a { iccid_sim = \"89340012345678901234567\" }\n", 1, "iccid_sim: "},
        {"modem a { iccid_sim = \"8934001234567890F12\" }\n", 1, "iccid_sim: "},
        {"modem a { centro_mensajes = \"600123123\" }\n", 1, "centro_mensajes: escriba el número"},
        {"modem a { centro_mensajes = \"+0600123123\" }\n", 1, "centro_mensajes: "},
        {"modem a { centro_mensajes = \"+346001231231234567\" }\n", 1, "centro_mensajes: "},
        {"modem a { ussd_saldo = \"134\" }\n", 1, "ussd_saldo: escriba un código"},
        {"modem a { ussd_saldo = \"*134\\\",15#\" }\n", 1, "ussd_saldo: "},
        {"modem a { remitente_saldo = \"123456789012345678901234567890123456789012345678\" }\n", 1,
         "remitente_saldo: escriba el nombre"},
        {"modem a { aviso_saldo = \"(saldo\" }\n", 1, "aviso_saldo: no es una expresión regular"},
        {"modem a { aviso_saldo = '(.*)\\1' }\n", 1, "referencias (\\1), que no valen"},
        {"modem a { gpio_encendido = \"17\" }\n", 1, "gpio_encendido: escriba chip y línea"},
        {"modem a { gpio_encendido = \"gpiochip0:\" }\n", 1, "gpio_encendido: "},
        {"modem a { gpio_encendido = \"gpiochip:3\" }\n", 1, "gpio_encendido: "},
        {"modem a { corte_usb = 1 }\n", 1, "corte_usb: escriba si o no"},
        {"modem a { ritmo_por_minuto = 601 }\n", 1, "ritmo_por_minuto: escriba un número entero"},
        {"modem a { ritmo_por_dia = 100001 }\n", 1, "ritmo_por_dia: escriba un número entero"},
        {"modem a { plazo_aviso_s = 601 }\n", 1, "plazo_aviso_s: escriba segundos entre 0.1 y 600"},
        {"modem a { plazo_envio_s = 0.05 }\n", 1,
         "plazo_envio_s: escriba segundos entre 0.1 y 3600"},
        {"entidad = \"a\"\nnombre_sms = \"123456789012345678901234567890\"\n"
         "dominio_sede = "
         "\"sede-electronica.ayuntamiento-de-san-lorenzo-de-el-escorial.es\"\n" MODEM,
         7, "no cabe en un solo SMS"},
    };
    CHECK_BAD(rows);
}

static void test_no_secret_in_messages(void **state)
{
    struct config *config = NULL;
    assert_int_equal(load_text(*state, "modem a { pin_sim = \"98765432x\" }\n", &config),
                     CC_ERR_CONFIG);
    assert_null(strstr(((struct fixture *)*state)->said, "98765432"));
}

static void test_no_file(void **state)
{
    struct fixture *f = *state;
    struct config *config = NULL;
    assert_int_equal(load_path(f, f->file, CONFIG_TO_STDERR, &config), CC_ERR_CONFIG);
    assert_non_null(strstr(f->said, "c.conf: el fichero de configuración no existe"));
    assert_int_equal(load_path(f, f->folder, CONFIG_TO_STDERR, &config), CC_ERR_CONFIG);
    assert_non_null(strstr(f->said, ": es una carpeta"));
    assert_null(config);
}

static void test_binary(void **state)
{
    struct fixture *f = *state;
    struct config *config = NULL;
    write_file(f->file, "entidad = \"a\"\n\0\0", 16);
    assert_int_equal(load_path(f, f->file, CONFIG_TO_STDERR, &config), CC_ERR_CONFIG);
    assert_non_null(strstr(f->said, "c.conf:2: el fichero tiene caracteres de control"));
    assert_null(config);
}

static void test_defaults(void **state)
{
    static const struct period ways[WAYS] = {
        [WAY_IN_PERSON] = {0, INT32_MAX}, [WAY_PHONE] = {0, INT32_MAX}};
    struct config *c = NULL;
    assert_int_equal(load_text(*state, GOOD, &c), CC_OK);
    assert_string_equal(((struct fixture *)*state)->said, "");
    assert_string_equal(c->entity, "Ayuntamiento de Alpedrete");
    assert_string_equal(c->settings.entity_sms, "Ayto. de Alpedrete");
    assert_string_equal(c->zone, "Europe/Madrid");
    assert_string_equal(c->profile, "pin24h");
    assert_string_equal(c->database, "/var/lib/contraclaved/contraclaved.db");
    assert_string_equal(c->key, "/var/lib/contraclaved-clave/clave-maestra");
    assert_string_equal(c->http.listen, "127.0.0.1:8024");
    assert_string_equal(c->http.tls.certificate, "");
    assert_string_equal(c->http.tls.key, "");
    assert_string_equal(c->http.trusted, "");
    assert_string_equal(c->http.control_path, "/run/contraclaved/control.sock");
    assert_string_equal(c->settings.origin, "");
    assert_string_equal(c->settings.town_phone, "");
    assert_string_equal(c->settings.trust_folder, "/etc/contraclaved/confianza");
    assert_string_equal(c->settings.list_folder, "");
    assert_string_equal(c->settings.identities, "");
    assert_false(c->settings.neutral_if_registered);
    assert_memory_equal(c->settings.ways, ways, sizeof(ways));
    assert_int_equal(c->log_level, LOG_LEVEL_INFO);
    assert_false(c->settings.reveal_registration || c->settings.allow_test_nifs);
    assert_int_equal(c->settings.report_window_ms, 60000);
    assert_int_equal(c->settings.limits.citizen.gap_s, 60); /* also before a resend: DOMAIN 3 */
    assert_memory_equal(&c->settings.limits, &limits_pin24h, sizeof(limits_pin24h));
    assert_int_equal(c->modem_count, 1);
    const struct modem_config *modem = &c->modems[0].config;
    assert_string_equal(modem->name, "principal");
    assert_string_equal(modem->device, "unix:m.sock");
    assert_string_equal(modem->pin, "");
    assert_string_equal(modem->tape_path, "");
    assert_int_equal(modem->prompt_ms, 10000);
    assert_int_equal(modem->final_ms, 150000);
    assert_string_equal(modem->iccid, "");
    assert_string_equal(modem->smsc, "");
    assert_string_equal(modem->ussd, "");
    assert_string_equal(modem->power_key, "");
    assert_string_equal(modem->balance_pattern, "saldo|recarg|cr(e|é|è)dit|balance|top.?up");
    assert_string_equal(modem->balance_sender, "");
    assert_false(modem->force_pin || modem->may_cut_power);
    assert_int_equal(c->modems[0].per_minute, 30);
    assert_int_equal(c->modems[0].per_day, 0);
    config_free(c);
    assert_int_equal(load_text(*state, TOWN "modem uno {\n}\n", &c), CC_OK);
    assert_string_equal(c->modems[0].config.device, "auto");
    config_free(c);
}

static const char everything[] =
    "\xEF\xBB\xBF# todo\r\nentidad = 'Concello de A Coruña'\r\nnombre_sms = \"A Coruña\"\n"
    "zona_horaria = Atlantic/Canary perfil = pin24h base_datos = \"b#1//2.db\" # fin\n"
    "nombre_equipo = sede-1.local_2 clave_maestra = \"una \\\"clave\\\"\" dominio_sede = "
    "\"sede.coruna.gal\"\n"
    "revelar_alta = sí nivel_sustancial = sí admitir_nif_de_prueba = true espera_informe_s = 0.5\n"
    "nivel_registro = depuracion telefono_ayuntamiento = \"+34 918 57 15 40\"\n"
    "plantillas = \"/srv/plantillas\" certificados_confianza = \"/srv/confianza\" certificados_crl "
    "= \"/srv/crl\"\n"
    "identidades_admitidas = { clave, giltza }\n"
    "altas { presencial = no formulario = 'desde 2026-01-01 hasta 2026-06-30' certificado = sí\n"
    " identidad = 'hasta 2026-12-31' telefono = 'desde 2027-01-01' registrado_neutro = si menores "
    "= no }\nhttp { escucha = { \"[::1]:0\", \"https://0.0.0.0:8443\" } certificado = \"c.pem\"\n"
    " clave_tls = \"k.pem\" proxy_de_confianza = { 127.0.0.2, ::1 }\n"
    " control = \"c.sock\" proxies = \"::1\"\n"
    " conexiones_por_direccion = 512 plazo_cabecera_s = 0.1 plazo_cuerpo_s = 60\n"
    " plazo_inactiva_s = 600 }\nlimites {\n cifras_contraclave = 5 minutos_de_vida = 20 "
    "usos_por_peticion = 1\n"
    " intentos_por_peticion = 2 vivas_por_nif = 3 segundos_entre_peticiones = 4\n"
    " peticiones_nif_hora = 5 peticiones_nif_dia = 6 peticiones_contraste_hora = 7\n"
    " peticiones_contraste_dia = 8 contraste_siempre = 1 contrastes_nif_dia = 9\n"
    " contrastes_direccion_dia = 27 contrasena_fallos_dia = 28 contrasena_contraste_dia = 29"
    " contrastes_nif_30d = 10 fallos_seguidos_contraste = 11 fallos_seguidos_bloqueo = 12\n"
    " rechazos_nif_hora = 13 sms_movil_dia = 14 fallos_ip_hora = 15 peticiones_ip_hora = 16\n"
    " ip_por_segundo = 23 ip_rafaga = 24 ip_red48_veces = 25 redes_exentas = \"10.0.0.0/8, ::1\"\n"
    " cliente_por_segundo = 17 cliente_rafaga = 18 nifs_entidad_alarma = 19"
    " envios_entidad_veces = 0\n nifs_entidad_contraste = 20 fallos_entidad_total = 21"
    " fallos_entidad_30d = 22\n envios_entidad_minimo = 1000000\n}\n"
    "modem uno { dispositivo = \"tcp:127.0.0.1:4000\" pin_sim = \"0012\" cinta = \"c.tape\"\n"
    " plazo_aviso_s = 0.5 plazo_envio_s = 1.25 pin_sim_forzar = si\n"
    " iccid_sim = \"8934001234567890127\" centro_mensajes = \"+34600000000\" corte_usb = si\n"
    " ussd_saldo = \"*134*1#\" aviso_saldo = 'sald[oó]s?' remitente_saldo = 'Movistar' "
    "gpio_encendido = \"gpiochip10:217\"\n ritmo_por_minuto = 600 ritmo_por_dia = 100000 }\n"
    "modem dos-2 { dispositivo = \"/dev/ttyUSB2\" ussd_saldo = \"\" aviso_saldo = \"\" }\n"
    "modem tres { dispositivo = \"usb:2C7C:0125#A-1\" }\nmodem cuatro { dispositivo = "
    "\"imei:490154203237518\" }\n";

static void test_everything(void **state)
{
    static const struct limits wanted = {
        .code = {.digits = 5, .life_minutes = 20, .uses = 1, .tries = 2},
        .citizen = {.live = 3,
                    .gap_s = 4,
                    .sends_hour = 5,
                    .sends_day = 6,
                    .contrast_sends_hour = 7,
                    .contrast_sends_day = 8,
                    .contrast_always = 1,
                    .wrong_contrasts_here = 27,
                    .wrong_contrasts_day = 9,
                    .wrong_contrasts_month = 10,
                    .contrast_after = 11,
                    .lock_after = 12,
                    .refusals_hour = 13,
                    .sms_per_phone_day = 14,
                    .secret_failures_day = 28,
                    .secret_contrast_failures_day = 29},
        .address = {.failures_hour = 15,
                    .requests_hour = 16,
                    .per_second = 23,
                    .burst = 24,
                    .wide_times = 25},
        .client = {.per_second = 17, .burst = 18},
        .town = {.nifs_alarm = 19,
                 .nifs_contrast = 20,
                 .failures = 21,
                 .failures_month = 22,
                 .sends_times = 0,
                 .sends_least = 1000000},
    };
    static const struct period ways[WAYS] = {
        {0, 0}, {20260101, 20260630}, {0, INT32_MAX}, {0, 20261231}, {20270101, INT32_MAX}};
    struct config *c = NULL;
    assert_int_equal(load_text(*state, everything, &c), CC_OK);
    assert_string_equal(c->entity, "Concello de A Coruña");
    assert_string_equal(c->zone, "Atlantic/Canary");
    assert_string_equal(c->settings.town_phone, "+34 918 57 15 40");
    assert_string_equal(c->settings.desk.template_folder, "/srv/plantillas");
    assert_string_equal(c->settings.trust_folder, "/srv/confianza");
    assert_string_equal(c->settings.list_folder, "/srv/crl");
    assert_string_equal(c->settings.identities, "clave, giltza");
    assert_memory_equal(c->settings.ways, ways, sizeof(ways));
    assert_true(c->settings.neutral_if_registered && !c->settings.desk.takes_minors);
    assert_string_equal(c->database, "b#1//2.db");
    assert_string_equal(c->box, "sede-1.local_2");
    assert_string_equal(c->key, "una \"clave\"");
    assert_string_equal(c->settings.origin, "sede.coruna.gal");
    assert_string_equal(c->http.listen, "[::1]:0, https://0.0.0.0:8443");
    assert_string_equal(c->http.tls.certificate, "c.pem");
    assert_string_equal(c->http.tls.key, "k.pem");
    assert_string_equal(c->http.trusted, "127.0.0.2, ::1");
    assert_string_equal(c->http.control_path, "c.sock");
    assert_string_equal(c->http.proxies, "::1");
    assert_int_equal(c->http.per_address, 512);
    assert_int_equal(c->http.header_ms, 100);
    assert_int_equal(c->http.body_ms, 60000);
    assert_int_equal(c->http.idle_ms, 600000);
    assert_true(c->settings.reveal_registration && c->settings.allow_test_nifs);
    assert_int_equal(c->settings.report_window_ms, 500);
    assert_int_equal(c->log_level, LOG_LEVEL_DEBUG);
    assert_memory_equal(&c->settings.limits, &wanted, sizeof(wanted));
    assert_string_equal(c->settings.exempt_networks, "10.0.0.0/8, ::1");
    assert_int_equal(c->modem_count, 4);
    assert_string_equal(c->modems[0].config.pin, "0012");
    assert_string_equal(c->modems[0].config.tape_path, "c.tape");
    assert_int_equal(c->modems[0].config.prompt_ms, 500);
    assert_int_equal(c->modems[0].config.final_ms, 1250);
    assert_true(c->modems[0].config.force_pin && c->modems[0].config.may_cut_power);
    assert_string_equal(c->modems[0].config.iccid, "8934001234567890127");
    assert_string_equal(c->modems[0].config.smsc, "+34600000000");
    assert_string_equal(c->modems[0].config.ussd, "*134*1#");
    assert_string_equal(c->modems[0].config.balance_pattern, "sald[oó]s?");
    assert_string_equal(c->modems[0].config.balance_sender, "Movistar");
    assert_string_equal(c->modems[0].config.power_key, "gpiochip10:217");
    assert_int_equal(c->modems[0].per_minute, 600);
    assert_int_equal(c->modems[0].per_day, 100000);
    assert_string_equal(c->modems[1].config.name, "dos-2");
    assert_string_equal(c->modems[1].config.device, "/dev/ttyUSB2");
    config_free(c);
}

static void test_environment(void **state)
{
    struct config *c = NULL;
    assert_int_equal(setenv("CONFIG_TEST_FOLDER", "/srv/cc", 1), 0);
    assert_int_equal(load_text(*state, GOOD "base_datos = \"${CONFIG_TEST_FOLDER}/x.db\"\n", &c),
                     CC_OK);
    assert_string_equal(c->database, "/srv/cc/x.db");
    config_free(c);
}

static void test_too_many_modems(void **state)
{
    char text[4000] = TOWN;
    size_t len = strlen(text);
    for (int i = 0; i <= POOL_MAX; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "modem m%d { dispositivo = \"unix:m.sock\" }\n", i);
    static struct bad_row rows[] = {{NULL, 2 + POOL_MAX + 1, "más de 16 módems"}};
    rows[0].text = text;
    CHECK_BAD(rows);
}

static void test_needs_restart(void **state)
{
    static const struct {
        const char *text, *names;
    } rows[] = {
        {GOOD, ""},
        {GOOD "revelar_alta = si limites { cliente_rafaga = 1 } nivel_registro = error\n", ""},
        {GOOD "base_datos = \"otra.db\" clave_maestra = \"otra\"\n", "base_datos, clave_maestra"},
        {GOOD
         "zona_horaria = \"Atlantic/Canary\" http { escucha = \"127.0.0.1:1\" control = \"c\" }\n",
         "zona_horaria, escucha, control"},
        {GOOD "http { proxies = \"127.0.0.1, ::1\" plazo_cuerpo_s = 10 }\n", ""},
        {GOOD "http { proxies = \"\" conexiones_por_direccion = 3 plazo_inactiva_s = 5 }\n",
         "proxies, conexiones_por_direccion, plazo_inactiva_s"},
        {TOWN "modem principal { dispositivo = \"unix:m.sock\" pin_sim = \"1234\" }\n", "modem"},
        {TOWN "modem otro { dispositivo = \"unix:m.sock\" }\n", "modem"},
        {TOWN "modem principal { dispositivo = \"unix:m.sock\" corte_usb = si }\n", "modem"},
        {TOWN "modem principal { dispositivo = \"unix:m.sock\" ritmo_por_dia = 9 }\n", "modem"},
        {TOWN "modem principal { dispositivo = \"unix:m.sock\" ritmo_por_minuto = 30 }\n", ""},
        {GOOD "modem otro { dispositivo = \"unix:m.sock\" }\n", "modem"},
        {"entidad = \"x\" nombre_sms = \"y\"\n" MODEM, "entidad"},
    };
    struct config *started = NULL;
    assert_int_equal(load_text(*state, GOOD, &started), CC_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct config *reread = NULL;
        char storage[200];
        struct buf out;
        buf_init(&out, storage, sizeof(storage));
        assert_int_equal(load_text(*state, rows[i].text, &reread), CC_OK);
        config_needs_restart(started, reread, &out);
        const char *names = buf_cstr(&out);
        if (names == NULL || strcmp(names, rows[i].names) != 0)
            fail_msg("row %zu: wanted \"%s\", got \"%s\"", i, rows[i].names, names);
        config_free(reread);
    }
    config_free(started);
}

static void test_to_log(void **state)
{
    struct fixture *f = *state;
    struct config *config = NULL;
    write_file(f->file, "perfil = x\n", 11);
    assert_int_equal(load_path(f, f->file, CONFIG_TO_LOG, &config), CC_ERR_CONFIG);
    assert_non_null(strstr(f->said, "error: "));
    assert_non_null(strstr(f->said, "c.conf:1: perfil: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_structure, setup, teardown),
        cmocka_unit_test_setup_teardown(test_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_secret_in_messages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_binary, setup, teardown),
        cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(test_environment, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_modems, setup, teardown),
        cmocka_unit_test_setup_teardown(test_needs_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(test_to_log, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
