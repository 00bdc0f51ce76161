/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/config_keys.h"
#include "app/config.h"
#include "app/config_values.h"
#include "domain/limits_table.h"
#include "store/requests.h"

#include <string.h>

#define KEY(section_, name_, field_, read_, wanted_)                                               \
    .section = (section_), .name = (name_), .read = (read_),                                       \
    .offset = offsetof(struct config, field_), .wanted = (wanted_)
#define TEXT(section_, name_, field_, check_, wanted_)                                             \
    KEY(section_, name_, field_, config_read_text, wanted_), .is_valid = (check_)
#define FLAG(section_, name_, field_) KEY(section_, name_, field_, config_read_flag, WANTED_FLAG)
#define MODEM(name_, field_, read_, wanted_)                                                       \
    .section = "modem", .name = (name_), .read = (read_),                                          \
    .offset = offsetof(struct config_modem, field_), .wanted = (wanted_)
#define MODEM_TEXT(name_, field_, check_, wanted_)                                                 \
    MODEM(name_, field_, config_read_text, wanted_), .is_valid = (check_)
#define DAYS(name_, kind_, min_, max_)                                                             \
    KEY("root", name_, settings.terms.days[kind_], config_read_int,                                \
        "escriba un número entero de días entre " #min_ " y " #max_),                              \
        .min = (min_), .max = (max_)
#define HTTP(name_, field_, read_, wanted_)                                                        \
    KEY("http", name_, http.field_, read_, wanted_), .at_start = true
#define ALERT(name_, field_, check_, wanted_)                                                      \
    TEXT("avisos", name_, settings.alerts.field_, check_, wanted_)
#define MINUTES(name_, field_, min_)                                                               \
    KEY("avisos", name_, settings.alerts.field_, config_read_minutes,                              \
        "escriba minutos entre " #min_ " y 1440"),                                                 \
        .min = (min_), .max = 1440
#define RANGE_TO(name_, field_, min_, max_, wanted_)                                               \
    {KEY("limites", name_, settings.limits.field_, config_read_int, wanted_), .min = (min_),       \
     .max = (max_)},
#define RANGE(name_, field_, min_, max_, what_)                                                    \
    RANGE_TO(name_, field_, min_, max_, "escriba un número entero entre " #min_ " y " #max_)
#define LIMIT(name_, field_, max_, what_)                                                          \
    RANGE_TO(name_, field_, 0, max_,                                                               \
             "escriba un número entero entre 0 y " #max_ "; 0 quiere decir sin límite")
#define PERIOD(section_, name_, field_)                                                            \
    KEY(section_, name_, settings.field_, config_read_period,                                      \
        "escriba si, no o las fechas: \"desde 2026-01-01\", \"hasta 2026-06-30\" o las dos, "      \
        "\"desde 2026-01-01 hasta 2026-06-30\"")

#define WANTED_FLAG "escriba si o no"
#define WANTED_PATH "escriba la ruta de un fichero entre comillas"
#define WANTED_WAIT "escriba segundos entre 0.1 y 60, por ejemplo 10"
#define WANTED_PROMPT "escriba segundos entre 0.1 y 600, por ejemplo 10"
#define WANTED_FINAL "escriba segundos entre 0.1 y 3600, por ejemplo 150"

static const struct config_word levels[] = {{"error", LOG_LEVEL_ERROR},
                                            {"aviso", LOG_LEVEL_WARNING},
                                            {"info", LOG_LEVEL_INFO},
                                            {"depuracion", LOG_LEVEL_DEBUG},
                                            {0}};
static const struct config_word securities[] = {
    {"starttls", ALERT_STARTTLS}, {"tls", ALERT_TLS}, {"ninguna", ALERT_PLAIN}, {0}};
_Static_assert(sizeof(enum log_level) == sizeof(int) && sizeof(enum alert_security) == sizeof(int),
               "config_read_word() writes an int");

const struct config_key config_keys[] = {
    {TEXT("root", "entidad", entity, config_is_title,
          "escriba el nombre del ayuntamiento, de 1 a 120 caracteres"),
     .required = true, .at_start = true, .is_shown = true},
    {TEXT("root", "nombre_sms", settings.entity_sms, config_is_sms_name,
          "escriba un nombre de 1 a 30 caracteres que quepan en un SMS sencillo: sin á, í, ó, ú, ç "
          "ni dibujos "
          "(por ejemplo \"Ayto. de Alpedrete\")"),
     .required = true, .is_shown = true},
    {TEXT("root", "zona_horaria", zone, config_is_zone,
          "no existe en este equipo; escriba una como \"Europe/Madrid\" o \"Atlantic/Canary\""),
     .at_start = true, .is_shown = true},
    {TEXT("root", "perfil", profile, config_is_profile, "escriba \"pin24h\" o \"reforzado\""),
     .is_shown = true},
    {TEXT("root", "nombre_equipo", box, config_is_box_name,
          "escriba de 1 a 63 letras sin tilde, cifras, puntos, guiones o _, como \"sede-1\"; o "
          "\"\""),
     .at_start = true, .is_shown = true},
    {TEXT("root", "base_datos", database, config_is_database,
          "escriba la ruta de un fichero entre comillas, o la dirección de un servidor, "
          "\"postgresql://…\""),
     .at_start = true, .is_shown = true},
    {TEXT("root", "clave_maestra", key, config_is_path, WANTED_PATH), .at_start = true},
    {TEXT("root", "dominio_sede", settings.origin, config_is_domain,
          "escriba solo el dominio, en minúsculas, como \"sede.alpedrete.es\"; o \"\""),
     .is_shown = true},
    {TEXT("root", "telefono_ayuntamiento", settings.town_phone, config_is_town_phone,
          "escriba un teléfono de 3 a 30 cifras y espacios, como \"918 57 15 40\", o \"\""),
     .is_shown = true},
    {TEXT("root", "numero_sms", settings.desk.sms_numbers, config_are_sms_numbers,
          "escriba el número de la SIM como lo leen los ciudadanos, o los de todas separados por "
          "comas, hasta 60 cifras, espacios y comas, como \"600 00 00 01\"; o \"\""),
     .is_shown = true},
    {TEXT("root", "preguntas_control", settings.desk.questions, config_are_questions,
          "escriba las preguntas separadas por comas, hasta 180 letras entre todas, como "
          "\"Fecha de nacimiento, Su último trámite\"; o \"\""),
     .is_list = true, .is_shown = true},
    {TEXT("root", "clausula_version", settings.clause, config_is_box_name,
          "escriba de 1 a 63 letras sin tilde, cifras, puntos, guiones o _, como \"2026-01\"; o "
          "\"\"")},
    {TEXT("root", "plantillas", settings.desk.template_folder, config_is_path,
          "escriba la ruta de una carpeta entre comillas"),
     .is_shown = true},
    {TEXT("root", "certificados_confianza", settings.trust_folder, config_is_path,
          "escriba la ruta de una carpeta entre comillas"),
     .is_shown = true},
    {TEXT("root", "certificados_crl", settings.list_folder, config_is_any,
          "escriba la ruta de una carpeta entre comillas, o \"\""),
     .is_shown = true},
    {TEXT("root", "identidades_admitidas", settings.identities, config_are_identities,
          "escriba hasta 16 nombres en minúsculas separados por comas, como \"clave, giltza\", o "
          "\"\""),
     .is_list = true, .is_shown = true},
    {DAYS("pendiente_movil_dias", PURGE_PENDING, 7, 3650)},
    {DAYS("baja_dias", PURGE_BLOCKED, 1, 3650)},
    {DAYS("bloqueo_dias", PURGE_PEOPLE, 1, 36500)},
    {TEXT("root", "sello_certificado", seal_certificate, config_is_any, WANTED_PATH),
     .is_shown = true},
    {TEXT("root", "sello_clave", seal_key, config_is_any, WANTED_PATH)},
    {DAYS("evidencias_dias", PURGE_EVIDENCE, 30, 36500)},
    {DAYS("solicitudes_dias", PURGE_REQUESTS, 2, 3650)},
    {DAYS("mensajes_dias", PURGE_MESSAGES, 2, 3650)},
    {DAYS("buzon_dias", PURGE_INBOX, 1, 3650)},
    {DAYS("ip_dias", PURGE_ADDRESSES, 31, 3650)},
    {DAYS("auditoria_dias", PURGE_AUDIT, 365, 36500)},
    {KEY("root", "contrasena_ms", settings.secret_ms, config_read_int,
         "escriba un número entero de milisegundos entre 20 y 500"),
     .min = 20, .max = 500},
    {KEY("root", "reto_dificultad", settings.challenge_bits, config_read_int,
         "escriba un número entero de bits entre 0 y 24"),
     .max = 24},
    {FLAG("root", "auditoria_diario", settings.forwards_audit)},
    {FLAG("root", "revelar_alta", settings.reveal_registration)},
    {FLAG("root", "nivel_sustancial", settings.grants_substantial)},
    {FLAG("root", "admitir_nif_de_prueba", settings.allow_test_nifs)},
    {KEY("root", "espera_informe_s", settings.report_window_ms, config_read_seconds,
         "escriba segundos entre 0.1 y 86400, por ejemplo 60"),
     .min = 0.1, .max = 86400},
    {KEY("root", "nivel_registro", log_level, config_read_word,
         "escriba \"error\", \"aviso\", \"info\" o \"depuracion\""),
     .words = levels},

    {PERIOD("altas", "presencial", ways[WAY_IN_PERSON])},
    {PERIOD("altas", "formulario", ways[WAY_FORM])},
    {PERIOD("altas", "certificado", ways[WAY_CERTIFICATE])},
    {PERIOD("altas", "identidad", ways[WAY_IDENTITY])},
    {PERIOD("altas", "telefono", ways[WAY_PHONE])},
    {FLAG("altas", "menores", settings.desk.takes_minors)},
    {FLAG("altas", "registrado_neutro", settings.neutral_if_registered)},
    {PERIOD("metodos", "pin24h", methods[METHOD_PIN24H])},
    {PERIOD("metodos", "contrasena_sms", methods[METHOD_PASSWORD_SMS])},
    {PERIOD("metodos", "contrasena", methods[METHOD_PASSWORD])},
    {PERIOD("metodos", "clave_ayto", methods[METHOD_TOWN_KEY])},
    {PERIOD("metodos", "certificado", methods[METHOD_CERTIFICATE])},
    {PERIOD("metodos", "afirmado", methods[METHOD_ASSERTED])},

    {TEXT("http", "escucha", http.listen, config_is_listen,
          "escriba hasta 8 direcciones IP de este equipo con su puerto, separadas por comas: "
          "\"127.0.0.1:8024\" o \"[::1]:8024\" sin cifrar, \"https://0.0.0.0:8443\" con TLS, "
          "\"mtls://0.0.0.0:8444\" con TLS y certificados de los programas"),
     .is_list = true, .at_start = true, .explain = config_explain_listen, .is_shown = true},
    {TEXT("http", "certificado", http.tls.certificate, config_is_any, WANTED_PATH),
     .is_shown = true},
    {TEXT("http", "clave_tls", http.tls.key, config_is_any, WANTED_PATH)},
    {TEXT("http", "autoridad_clientes", http.tls.authorities, config_is_any, WANTED_PATH),
     .is_shown = true},
    {TEXT("http", "control", http.control_path, config_is_socket,
          "escriba la ruta de un zócalo, de 1 a 107 caracteres"),
     .at_start = true, .is_shown = true},
    {TEXT("http", "proxies", http.proxies, config_is_proxies,
          "escriba hasta 16 direcciones IP separadas por comas, como \"127.0.0.1, ::1\", o \"\""),
     .is_list = true, .at_start = true, .is_shown = true},
    {TEXT("http", "proxy_de_confianza", http.trusted, config_is_proxies,
          "escriba hasta 16 direcciones IP separadas por comas, como \"127.0.0.1\", o \"\""),
     .is_list = true, .at_start = true, .is_shown = true},
    {HTTP("conexiones_por_direccion", per_address, config_read_int,
          "escriba un número entero entre 0 y 512; 0 quiere decir sin límite"),
     .max = 512},
    {HTTP("plazo_cabecera_s", header_ms, config_read_seconds, WANTED_WAIT), .min = 0.1, .max = 60},
    {HTTP("plazo_cuerpo_s", body_ms, config_read_seconds, WANTED_WAIT), .min = 0.1, .max = 60},
    {HTTP("plazo_inactiva_s", idle_ms, config_read_seconds,
          "escriba segundos entre 0.1 y 600, por ejemplo 30"),
     .min = 0.1, .max = 600},

    {MODEM_TEXT(
         "dispositivo", config.device, config_is_device,
         "escriba \"auto\", \"usb:2c7c:0125\", \"imei:\" y sus 15 cifras, \"/dev/…\" de un puerto "
         "serie, \"tcp:EQUIPO:PUERTO\", \"pty:RUTA\" o \"unix:RUTA\""),
     .explain = config_explain_device, .is_shown = true},
    {MODEM_TEXT("pin_sim", config.pin, config_is_pin,
                "escriba de 4 a 8 cifras, o \"\" si la SIM no pide PIN")},
    {MODEM("pin_sim_forzar", config.force_pin, config_read_flag, WANTED_FLAG)},
    {MODEM_TEXT(
        "iccid_sim", config.iccid, config_is_iccid,
        "escriba el número de la tarjeta (ICCID), de 18 a 22 cifras entre comillas, o \"\"")},
    {MODEM_TEXT("centro_mensajes", config.smsc, config_is_smsc,
                "escriba el número con prefijo internacional, como \"+34600000000\", o \"\""),
     .is_shown = true},
    {MODEM_TEXT("ussd_saldo", config.ussd, config_is_ussd,
                "escriba un código como \"*134#\", o \"\""),
     .is_shown = true},
    {MODEM_TEXT(
         "aviso_saldo", config.balance_pattern, config_is_pattern,
         "no es una expresión regular, o tiene referencias (\\1), que no valen; escriba palabras "
         "separadas por |, como "
         "\"saldo|recarga\", o \"\""),
     .is_shown = true},
    {MODEM_TEXT("remitente_saldo", config.balance_sender, config_is_balance_sender,
                "escriba el nombre o el número desde el que su operador avisa, o \"\"")},
    {MODEM_TEXT("gpio_encendido", config.power_key, config_is_gpio,
                "escriba chip y línea, como \"gpiochip0:17\", o \"\""),
     .is_shown = true},
    {MODEM("corte_usb", config.may_cut_power, config_read_flag, WANTED_FLAG)},
    {MODEM("ritmo_por_minuto", per_minute, config_read_int,
           "escriba un número entero entre 0 y 600; 0 quiere decir sin límite"),
     .max = 600},
    {MODEM("ritmo_por_dia", per_day, config_read_int,
           "escriba un número entero entre 0 y 100000; 0 quiere decir sin límite"),
     .max = 1e5},
    {MODEM_TEXT("cinta", config.tape_path, config_is_any, WANTED_PATH), .is_shown = true},
    {MODEM("plazo_aviso_s", config.prompt_ms, config_read_seconds, WANTED_PROMPT), .min = 0.1,
     .max = 600},
    {MODEM("plazo_envio_s", config.final_ms, config_read_seconds, WANTED_FINAL), .min = 0.1,
     .max = 3600},

    {ALERT("correo", recipients, config_is_recipients,
           "escriba hasta 10 direcciones separadas por comas, como \"tecnico@alpedrete.es\", o "
           "\"\""),
     .is_list = true},
    {ALERT("remitente", sender, config_is_mail_address,
           "escriba una dirección, como \"contraclaves@alpedrete.es\"")},
    {ALERT("smtp_servidor", server, config_is_mail_server,
           "escriba nombre y puerto, como \"smtp.alpedrete.es:587\", o \"\""),
     .is_shown = true},
    {KEY("avisos", "smtp_seguridad", settings.alerts.security, config_read_word,
         "escriba \"starttls\", \"tls\" o \"ninguna\""),
     .words = securities},
    {ALERT("smtp_usuario", user, config_is_any, "")},
    {ALERT("smtp_clave", password, config_is_any, "")},
    {ALERT("autoridad", authority, config_is_any, WANTED_PATH)},
    {ALERT("webhook", webhook, config_is_webhook,
           "escriba una dirección que empiece por https:// o http://, sin usuario ni clave; o "
           "\"\"")},
    {ALERT("webhook_secreto", secret, config_is_webhook_secret,
           "escriba un texto al azar de 16 a 128 caracteres")},
    {MINUTES("tras_minutos", after_ms, 0)},
    {MINUTES("cola_minutos", queue_ms, 1)},

    {TEXT("correo", "ayuntamiento", settings.mail.town, config_is_mail_address,
          "escriba una dirección, como \"registro@alpedrete.es\", o \"\"")},
    {TEXT("correo", "enlace", settings.mail.link, config_is_mail_link,
          "escriba la página de la sede que recibe la prueba, como "
          "\"https://sede.alpedrete.es/correo?prueba=\", o \"\"")},
    {TEXT("correo", "rebotes", settings.mail.bounces, config_is_maildir,
          "escriba la ruta entera de una carpeta Maildir, como \"/var/mail/rebotes\", o \"\""),
     .is_shown = true},

    {TEXT("copias", "sello", copies.seal, config_is_seal,
          "escriba el texto que hace «contraclavectl copia sello», o \"\"")},
    {TEXT("copias", "destino", copies.target, config_is_copies_target,
          "escriba una carpeta, como \"/media/copias\", o una dirección https:// o sftp:// sin "
          "usuario ni clave; o \"\"")},
    {KEY("copias", "guardar", copies.keep, config_read_int,
         "escriba un número entero entre 1 y 366"),
     .min = 1, .max = 366},
    {FLAG("copias", "otro_disco", copies.other_disk)},
    {TEXT("copias", "usuario", copies.user, config_is_any, "")},
    {TEXT("copias", "contrasena", copies.password, config_is_any, "")},
    {TEXT("copias", "sftp_clave", copies.ssh_key, config_is_any, WANTED_PATH)},
    {TEXT("copias", "sftp_conocidos", copies.known_hosts, config_is_path, WANTED_PATH)},
    {TEXT("copias", "autoridad", copies.authority, config_is_any, WANTED_PATH)},

    {TEXT("limites", "redes_exentas", settings.exempt_networks, config_is_networks,
          "escriba hasta 16 redes separadas por comas, como \"10.0.0.0/8, 2001:db8::/32\", o \"\""),
     .is_list = true, .is_shown = true},
    LIMITS_TABLE(LIMIT, RANGE){0},
};

const struct config_key *config_key_find(const char *section, const char *name)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++)
        if (strcmp(key->section, section) == 0 && strcmp(key->name, name) == 0)
            return key;
    return NULL;
}
