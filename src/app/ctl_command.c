/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_command.h"

#include "app/ctl_ask.h"
#include "app/ctl_export.h"
#include "app/ctl_orders.h"
#include "app/ctl_print.h"
#include "base/secret.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 512 };

#define BIT(id_) (UINT64_C(1) << CTL_FIELD_##id_)
#define NIF BIT(NIF)
#define NAME BIT(NAME)
#define PHONE BIT(PHONE)
#define SCOPES BIT(SCOPES)
#define EXPIRES BIT(EXPIRES)
#define NUMBER BIT(NUMBER)
#define NEEDS_IP BIT(NEEDS_IP)
#define CONTRAST BIT(CONTRAST)
#define REASON BIT(REASON)
#define REFERENCE BIT(REFERENCE)
#define SURNAMES (BIT(FIRST_SURNAME) | BIT(SECOND_SURNAME))
#define LANGUAGE BIT(LANGUAGE)
#define DOCUMENT BIT(DOCUMENT)
#define CHANNEL BIT(CHANNEL)
#define SHARES BIT(SHARES)
#define NEW_NIF BIT(NEW_NIF)
#define FILE_ BIT(FILE)
#define ROLE BIT(ROLE)
#define PASSWORD BIT(PASSWORD)
#define TRAIL (NIF | BIT(ACTOR) | BIT(EVENT) | BIT(SINCE) | BIT(UNTIL))
#define CODE BIT(CODE)
#define PRIVATE BIT(PRIVATE)
#define PUBLIC BIT(PUBLIC)
#define SETUP                                                                                      \
    (NAME | NUMBER | BIT(ENTITY) | BIT(SMS_NAME) | BIT(ZONE) | BIT(DOMAIN) | BIT(DEVICE) |         \
     BIT(PIN) | BIT(REPLACES))
#define WITH_KEY BIT(WITH_KEY)
#define PHRASE BIT(PHRASE)
#define DRILL BIT(DRILL)
#define APPLY BIT(APPLY)
#define BOUNDS (BIT(NETWORKS) | BIT(CERTIFICATES))
#define EMAIL BIT(EMAIL)
#define NOW BIT(NOW)

enum { MEMBER_SIZE = 32 };

#define FIELD_NAME(id_, option_) option_,
const char *const ctl_field_names[CTL_FIELD_COUNT] = {CTL_FIELDS(FIELD_NAME)};

#define SAY(text_)                                                                                 \
    .view = &(const struct ctl_view)                                                               \
    {                                                                                              \
        .text = (text_)                                                                            \
    }
#define VIEW(name_) .view = &ctl_view_##name_
#define ASK(path_, needs_, takes_, ...)                                                            \
    .method = "GET", .path = (path_), .required = (needs_), .optional = (takes_), __VA_ARGS__
#define DO(path_, needs_, takes_, ...)                                                             \
    .method = "POST", .path = (path_), .required = (needs_), .optional = (takes_), __VA_ARGS__
#define CHANGE(needs_)                                                                             \
    .method = "PATCH", .path = "/v1/operadores/{nombre}", .required = NAME | (needs_),             \
    SAY("Hecho: operador «{nombre}».\n")

#define ACT(act_, needs_, takes_)                                                                  \
    DO("/v1/registro/ciudadanos/" act_, NIF | REASON | (needs_),                                   \
       REFERENCE | DOCUMENT | CHANNEL | (takes_), VIEW(citizen))

#define MODEM "/v1/modems/{nombre}"

static const struct ctl_command commands[] = {
    {{"cliente", "crear"},
     DO("/v1/clientes", NAME | SCOPES, EXPIRES | NEEDS_IP | BOUNDS, VIEW(token))},
    {{"cliente", "lista"}, ASK("/v1/clientes", 0, 0, VIEW(clients))},
    {{"cliente", "cambia"},
     .method = "PATCH",
     .path = "/v1/clientes/{nombre}",
     .required = NAME,
     .optional = EXPIRES | BOUNDS,
     VIEW(client)},
    {{"cliente", "rota"}, DO("/v1/clientes/{nombre}/token", NAME, NOW, .print = ctl_print_rotated)},
    {{"cliente", "revocar"},
     DO("/v1/clientes/{nombre}/revocacion", NAME, 0,
        SAY("Cliente «{nombre}» revocado: su token ya no sirve.\n"))},
    {{"operador", "crear"},
     DO("/v1/operadores", NAME | ROLE | PASSWORD, 0, SAY("Hecho: operador «{nombre}».\n"))},
    {{"operador", "lista"}, ASK("/v1/operadores", 0, 0, VIEW(operators))},
    {{"operador", "rol"}, CHANGE(ROLE)},
    {{"operador", "clave"}, CHANGE(PASSWORD)},
    {{"operador", "desactiva"}, CHANGE(0), .flag = "activo", .flag_value = false},
    {{"operador", "activa"}, CHANGE(0), .flag = "activo", .flag_value = true},
    {{"operador", "alta-inicial"}, DO("/v1/operadores/enlace", 0, 0, VIEW(link))},
    {{"ciudadano", "alta"},
     DO("/v1/registro/ciudadanos", NIF | NAME | PHONE,
        SURNAMES | LANGUAGE | CONTRAST | REFERENCE | DOCUMENT | SHARES | CODE | EMAIL,
        VIEW(citizen))},
    {{"ciudadano", "codigo"},
     DO("/v1/registro/ciudadanos/codigo", NIF, PHONE | LANGUAGE,
        SAY("Mensaje {mensaje} en la cola; mírelo con «contraclavectl cola».\n"))},
    {{"ciudadano", "comprueba"},
     DO("/v1/registro/ciudadanos/comprobacion", NIF | CODE, CHANNEL, VIEW(citizen))},
    {{"ciudadano", "prueba"},
     DO("/v1/registro/ciudadanos/prueba", NIF, 0,
        SAY("Mensaje {mensaje} en la cola; mírelo con «contraclavectl cola».\n"))},
    {{"ciudadano", "contraste"},
     DO("/v1/registro/ciudadanos/contraste", NIF | CONTRAST, 0, VIEW(citizen))},
    {{"ciudadano", "ver"}, DO("/v1/registro/ciudadanos/busqueda", NIF, 0, VIEW(citizen))},
    {{"ciudadano", "desbloquear"}, DO("/v1/registro/ciudadanos/desbloqueo", NIF, 0, VIEW(citizen))},
    {{"ciudadano", "historia"},
     DO("/v1/registro/ciudadanos/busqueda/historia", NIF, 0, VIEW(life))},
    {{"ciudadano", "expediente"},
     DO("/v1/registro/ciudadanos/busqueda/expediente", NIF, 0, .print = ctl_dossier_print),
     .gather = ctl_dossier_gather},
    {{"ciudadano", "exporta"}, .run = ctl_export_run},
    {{"ciudadano", "importa"},
     .run = ctl_import_run,
     .required = FILE_,
     .optional = DRILL | APPLY,
     .operand = FILE_},
    {{"ciudadano", "bloqueada"},
     DO("/v1/auditoria/ciudadanos/busqueda", NIF | REASON, 0, .print = ctl_print_blocked)},
    {{"ciudadano", "suspende"}, ACT("suspension", 0, 0)},
    {{"ciudadano", "reactiva"}, ACT("reactivacion", 0, 0)},
    {{"ciudadano", "movil"}, ACT("movil", PHONE, SHARES | CODE)},
    {{"ciudadano", "renuncia"}, ACT("renuncia", 0, 0)},
    {{"ciudadano", "defuncion"}, ACT("defuncion", 0, 0)},
    {{"ciudadano", "anula"}, ACT("anulacion", 0, 0)},
    {{"ciudadano", "rectifica"}, ACT("rectificacion", 0, NAME | SURNAMES | LANGUAGE)},
    {{"ciudadano", "cambia-nif"}, ACT("cambio_nif", NEW_NIF, CONTRAST)},
    {{"alta", "lista"}, ASK("/v1/registro/altas?estado=pendiente", 0, 0, VIEW(applications))},
    {{"alta", "valida"},
     DO("/v1/registro/altas/{nombre}/validar", NAME, REASON, VIEW(application)),
     .operand = NAME},
    {{"alta", "rechaza"},
     DO("/v1/registro/altas/{nombre}/rechazar", NAME | REASON, 0, VIEW(application)),
     .operand = NAME},
    {{"limites", NULL},
     DO("/v1/limites/busqueda", NIF, 0, .print = ctl_print_limits),
     .only_with = NIF},
    {{"limites", NULL}, ASK("/v1/limites", 0, 0, .print = ctl_print_limits)},
    {{"modem", "lista"}, ASK("/v1/estado", 0, 0, VIEW(modems))},
    {{"modem", "ver"}, ASK(MODEM, 0, NAME, VIEW(modem)), .operand = NAME},
    {{"modem", "prueba"},
     DO(MODEM "/prueba", NUMBER, NAME, SAY("Mensaje de prueba {id} en la cola. Esperando…\n")),
     .operand = NUMBER,
     .follow = ctl_follow_trial},
    {{"modem", "saldo"},
     DO(MODEM "/saldo", 0, NAME,
        SAY("Preguntando el saldo de «{nombre}» a su operador; puede tardar un minuto…\n")),
     .operand = NAME,
     .follow = ctl_follow_balance},
    {{"modem", "centro"},
     DO(MODEM "/centro", NUMBER, NAME,
        SAY("Escribiendo el centro de mensajes en la SIM de «{nombre}»…\n")),
     .operand = NUMBER,
     .follow = ctl_follow_centre},
    {{"modem", "historia"}, ASK(MODEM "/historia", 0, NAME, VIEW(history)), .operand = NAME},
    {{"modem", "reinicia"},
     DO(MODEM "/reinicio", 0, NAME,
        SAY("El módem «{nombre}» se reinicia; mírelo con «contraclavectl modem ver».\n")),
     .operand = NAME},
    {{"modem", "regla"}, .run = doctor_print_rules},
    {{"modem", "traza"}, ASK(MODEM "/traza", 0, NAME, .print = ctl_print_trace), .operand = NAME},
    {{"buzon", NULL}, ASK("/v1/buzon", 0, 0, VIEW(inbox))},
    {{"buzon", "leido"},
     DO("/v1/buzon/lectura", 0, 0, SAY("Quedan {sin_leer} mensajes sin leer.\n"))},
    {{"avisos", "prueba"},
     DO("/v1/avisos/prueba", 0, 0, SAY("Enviando un aviso de prueba. Esperando…\n")),
     .follow = ctl_follow_alert_trial},
    {{"envios", "pausar"}, DO("/v1/envios/pausa", 0, REASON, .print = ctl_print_sending)},
    {{"envios", "reanudar"},
     .method = "DELETE",
     .path = "/v1/envios/pausa",
     .print = ctl_print_sending},
    {{"reloj", "aceptar"}, DO("/v1/reloj/aceptacion", 0, 0, VIEW(clock))},
    {{"auditoria", "aceptar"},
     DO("/v1/auditoria/aceptacion", 0, 0,
        SAY("Aceptada: esta es desde ahora la base de datos buena, y se atiende a la sede.\n"))},
    {{"retencion", NULL}, .run = ctl_retention_drill, .required = DRILL, .only_with = DRILL},
    {{"retencion", NULL},
     DO("/v1/retencion", 0, 0, SAY("Destruyendo lo que ha cumplido su plazo:\n")),
     .follow = ctl_retention_follow},
    {{"cifras", NULL}, ASK("/v1/cifras", 0, 0, VIEW(figures))},
    {{"auditoria", "busca"},
     DO("/v1/auditoria/busqueda", 0, TRAIL, .print = ctl_trail_print),
     .gather = ctl_trail_gather},
    {{"auditoria", "exporta"},
     DO("/v1/auditoria/exportacion", 0, TRAIL, .stream = ctl_trail_export)},
    {{"auditoria", "comprobar"}, .run = ctl_audit_check, .optional = NUMBER},
    {{"auditoria", "comprueba"}, .run = ctl_audit_check, .optional = NUMBER},
    {{"copia", "sello"}, .run = copies_make_seal, .optional = PHRASE | PRIVATE},
    {{"evidencia", "ver"}, .run = ctl_evidence_show, .required = NAME, .operand = NAME},
    {{"evidencia", "clave"}, ASK("/v1/evidencias/clave", 0, 0, SAY("{clave_publica}"))},
    {{"evidencia", "sella"}, .run = ctl_evidence_seal, .required = FILE_, .operand = FILE_},
    {{"evidencia", "verifica"},
     .run = ctl_evidence_verify,
     .required = FILE_ | PUBLIC,
     .operand = FILE_,
     .only_with = PUBLIC,
     .needs_no_config = true},
    {{"evidencia", "verifica"}, .run = ctl_evidence_verify, .required = FILE_, .operand = FILE_},
    {{"copia", NULL}, .run = copies_make, .optional = FILE_ | WITH_KEY, .operand = FILE_},
    {{"base", "comprueba"}, .run = ctl_base_check, .optional = FILE_, .operand = FILE_},
    {{"base", "traslada"}, .run = ctl_base_transfer, .required = FILE_, .operand = FILE_},
    {{"clave", "rota"},
     DO("/v1/clave/cambio", 0, 0, SAY("Cambio de la clave maestra: {porcentaje} %\n")),
     .follow = ctl_key_follow_change},
    {{"clave", "exporta"}, .run = ctl_key_export},
    {{"clave", "recupera"}, .run = ctl_key_recover, .optional = DRILL},
    {{"restaura", NULL},
     .run = copies_restore,
     .required = FILE_,
     .optional = PHRASE | PRIVATE | DRILL,
     .operand = FILE_},
    {{"instala", NULL}, .set_up = setup_run, .optional = SETUP},
    {{"diagnostico", NULL}, .run = doctor_run},
    {{"estado", NULL}, ASK("/v1/estado", 0, 0, .print = ctl_print_status)},
    {{"informe", NULL}, ASK("/v1/informe?formato=json", 0, 0, SAY("{informe}"))},
    {{"cola", NULL}, ASK("/v1/cola", 0, 0, VIEW(queue))},
};

static int word_count(const struct ctl_command *command)
{
    return command->words[1] != NULL ? 2 : 1;
}

/* Whether the field of this bit was given, by its option. */
static bool is_given(uint64_t bit, const char *const values[CTL_FIELD_COUNT])
{
    for (int field = 0; field < CTL_FIELD_COUNT; field++)
        if (bit == UINT64_C(1) << field)
            return values[field] != NULL;
    return false;
}

static bool matches_words(const struct ctl_command *command, char *const *words, int count,
                          const char *const values[CTL_FIELD_COUNT])
{
    if (command->only_with != 0 && !is_given(command->only_with, values))
        return false;
    int wanted = word_count(command);
    if (count != wanted && (count != wanted + 1 || command->operand == 0))
        return false;
    for (int i = 0; i < wanted; i++)
        if (strcmp(command->words[i], words[i]) != 0)
            return false;
    return true;
}

static void take_operand(const struct ctl_command *command, const char *word,
                         const char *values[CTL_FIELD_COUNT])
{
    for (int field = 0; field < CTL_FIELD_COUNT; field++)
        if (command->operand == UINT64_C(1) << field)
            values[field] = word;
}

const struct ctl_command *ctl_command_find(char *const *words, int count,
                                           const char *values[CTL_FIELD_COUNT])
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (!matches_words(&commands[i], words, count, values))
            continue;
        if (count > word_count(&commands[i]))
            take_operand(&commands[i], words[count - 1], values);
        return &commands[i];
    }
    return NULL;
}

static void list_command(const struct ctl_command *command)
{
    printf("%s", command->words[0]);
    if (command->words[1] != NULL)
        printf(" %s", command->words[1]);
    for (int field = 0; field < CTL_FIELD_COUNT; field++) {
        uint64_t bit = UINT64_C(1) << field;
        if (bit == command->operand)
            printf(" <%s>", ctl_field_names[field]);
        if ((bit & (command->required | command->optional)) != 0)
            printf(" --%s%s", ctl_field_names[field], field < CTL_FIELD_WITH_KEY ? "=" : "");
    }
    putchar('\n');
}

void ctl_command_list(void)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        list_command(&commands[i]);
}

/* A line of stdin keeps a NIF out of the list of processes. NULL, said, where none comes: an empty
 * value would take away what is there. */
static const char *value_or_line(enum ctl_field field, const char *value, char line[LINE_SIZE])
{
    bool is_secret = field == CTL_FIELD_PASSWORD || field == CTL_FIELD_PIN;
    if (strcmp(value, "-") != 0)
        return value;
    if ((is_secret ? ctl_ask_secret : ctl_ask_line)(ctl_field_names[field], line, LINE_SIZE))
        return line;
    fprintf(stderr, "contraclavectl: falta la línea de --%s, o es demasiado larga\n",
            ctl_field_names[field]);
    return NULL;
}

/* Puts a value, or "-" for none, in the place of {nombre}. */
static bool put_path(const struct ctl_command *command, const char *value, struct ctl_request *ret)
{
    const char *place = strstr(command->path, "{nombre}");
    char *escaped = curl_easy_escape(NULL, value != NULL ? value : "-", 0);
    if (escaped == NULL)
        abort();
    int len = snprintf(ret->path, sizeof(ret->path), "%.*s%s%s", (int)(place - command->path),
                       command->path, escaped, place + strlen("{nombre}"));
    curl_free(escaped);
    if (len < (int)sizeof(ret->path))
        return true;
    fputs("contraclavectl: --nombre es demasiado largo\n", stderr);
    return false;
}

/* The member of the body that an option fills: "--nif-nuevo" is nif_nuevo. */
static void name_member(enum ctl_field field, char ret[MEMBER_SIZE])
{
    (void)snprintf(ret, MEMBER_SIZE, "%s", ctl_field_names[field]);
    for (char *dash = strchr(ret, '-'); dash != NULL; dash = strchr(dash, '-'))
        *dash = '_';
}

static bool put_field(json_t *body, enum ctl_field field, const char *value)
{
    char name[MEMBER_SIZE];
    json_t *member = field >= CTL_FIELD_WITH_KEY ? json_true() : json_string(value);
    if (member == NULL) {
        fprintf(stderr, "contraclavectl: --%s no está en UTF-8\n", ctl_field_names[field]);
        return false;
    }
    name_member(field, name);
    return json_object_set_new(body, name, member) == 0;
}

static bool take_field(const struct ctl_command *command, enum ctl_field field, const char *value,
                       struct ctl_request *ret)
{
    char line[LINE_SIZE];
    uint64_t bit = UINT64_C(1) << field;
    bool is_taken = (bit & (command->required | command->optional)) != 0;
    if (value != NULL ? !is_taken : (bit & command->required) != 0) {
        fprintf(stderr, "contraclavectl: %s --%s\n",
                value != NULL ? "con esta orden no se usa" : "falta", ctl_field_names[field]);
        return false;
    }
    const char *text = value != NULL ? value_or_line(field, value, line) : NULL;
    if (value != NULL && text == NULL)
        return false;
    if (bit == NAME && command->path != NULL && strstr(command->path, "{nombre}") != NULL)
        return put_path(command, text, ret);
    bool is_put = text == NULL || put_field(ret->body, field, text);
    secret_wipe(line, sizeof(line));
    return is_put;
}

bool ctl_command_request(const struct ctl_command *command,
                         const char *const values[CTL_FIELD_COUNT], struct ctl_request *ret)
{
    bool is_read =
        command->set_up == NULL && (command->method == NULL || strcmp(command->method, "GET") == 0);
    *ret = (struct ctl_request){.body = json_object()};
    if (ret->body == NULL)
        abort();
    snprintf(ret->path, sizeof(ret->path), "%s", command->path != NULL ? command->path : "");
    for (int field = 0; field < CTL_FIELD_COUNT; field++) {
        if (!take_field(command, (enum ctl_field)field, values[field], ret)) {
            ctl_request_done(ret);
            return false;
        }
    }
    if (command->flag != NULL)
        json_object_set_new(ret->body, command->flag, json_boolean(command->flag_value));
    if (is_read)
        ctl_request_done(ret);
    return true;
}

void ctl_request_done(struct ctl_request *request)
{
    json_decref(request->body);
    request->body = NULL;
}
