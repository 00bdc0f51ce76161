/* SPDX-License-Identifier: EUPL-1.2 */
/* contraclavectl: administers a running contraclaved over its control socket. */
#include "app/config.h"
#include "app/ctl_command.h"
#include "app/ctl_http.h"
#include "app/ctl_table.h"

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { GENERAL_COUNT = 6, OPTION_FIELD = 256 };

struct arguments {
    const char *config_path;
    bool json;
    bool wants_help;
    const char *values[CTL_FIELD_COUNT];
};

#define ENTRY_INDENT "  "

static const char help[] =
    "Uso: contraclavectl [-c FICHERO] [--json] ORDEN\n"
    "Administra un contraclaved en marcha. Solo root o el usuario del servicio.\n"
    "\n"
    "  cliente crear --nombre N --ambitos A,B [--caduca FECHA] [--redes R] [--certificados C]\n"
    "                [--ip-obligatoria]\n"
    "                                  crea un cliente de la API y muestra su token; con\n"
    "                                  --ip-obligatoria debe decir la IP de cada ciudadano\n"
    "  cliente lista                   los clientes de la API y su último uso\n"
    "  cliente cambia --nombre N [--caduca FECHA] [--redes R] [--certificados C]\n"
    "                                  hasta cuándo, desde qué redes y con qué certificado vale;\n"
    "                                  «» quita el límite\n"
    "  cliente rota --nombre N [--ya]  le da otro token; el de antes vale un día más, o con --ya\n"
    "                                  deja de servir\n"
    "  cliente revocar --nombre N      su token deja de servir\n"
    "  operador crear --nombre N --rol R --contrasena -\n"
    "                                  una persona que podrá entrar en las páginas\n"
    "  operador lista                  quién puede entrar\n"
    "  operador rol --nombre N --rol R le cambia el rol\n"
    "  operador clave --nombre N --contrasena -\n"
    "                                  le pone otra contraseña y quita su código de un solo uso\n"
    "  operador desactiva --nombre N   ya no puede entrar; activa lo deshace\n"
    "  operador alta-inicial           un enlace para crear un administrador, de una hora\n"
    "  ciudadano alta --nif NIF --nombre N [--apellido1 A] [--apellido2 A] --movil M\n"
    "                 [--idioma es|ca|eu|gl|en] [--contraste D] [--comparte-movil MOTIVO]\n"
    "                 [--codigo C] [--correo E]\n"
    "                                  alta en persona, también de quien se dio de baja; con\n"
    "                                  --codigo '' queda pendiente de comprobar el móvil\n"
    "  ciudadano codigo --nif NIF [--movil M] [--idioma L]\n"
    "                                  envía el código que lo comprueba, antes del alta o, sin\n"
    "                                  --movil, a quien está pendiente\n"
    "  ciudadano comprueba --nif NIF --codigo C [--via presencial|telefono]\n"
    "                                  quien estaba pendiente ha leído su código: queda activa\n"
    "  ciudadano prueba --nif NIF      le envía un SMS de prueba\n"
    "  ciudadano contraste --nif NIF --contraste D\n"
    "                                  apunta el dato de contraste de una persona\n"
    "  ciudadano ver --nif NIF         la ficha de una persona\n"
    "  ciudadano desbloquear --nif NIF quita el bloqueo por fallos\n"
    "  ciudadano suspende --nif NIF --motivo TEXTO [--via presencial|telefono]\n"
    "                                  deja de servir en el acto, por pérdida; reactiva lo "
    "deshace\n"
    "  ciudadano movil --nif NIF --movil M --motivo TEXTO [--codigo C]\n"
    "                  [--comparte-movil MOTIVO]\n"
    "                                  otro móvil; se avisa al de antes\n"
    "  ciudadano renuncia --nif NIF --motivo TEXTO\n"
    "                                  la da de baja; también defuncion, y anula si el alta fue "
    "un error\n"
    "  ciudadano rectifica --nif NIF --motivo TEXTO [--nombre N --apellido1 A --apellido2 A]\n"
    "                                  corrige el nombre, o el idioma con --idioma\n"
    "  ciudadano cambia-nif --nif NIF --nif-nuevo NIF --motivo TEXTO [--contraste D]\n"
    "                                  de NIE a DNI: acaba un alta y empieza la otra\n"
    "                                  el alta y estos actos admiten además --instancia I (la\n"
    "                                  solicitud firmada) y --documento D (con qué se identificó)\n"
    "  ciudadano bloqueada --nif NIF --motivo TEXTO\n"
    "                                  quien se dio de baja y está bloqueado\n"
    "  ciudadano historia --nif NIF    cada acto sobre su alta\n"
    "  ciudadano expediente --nif NIF  todo lo que hay de una persona, para quien pide sus datos;\n"
    "                                  queda en la auditoría\n";
static const char more_help[] =
    "  ciudadano exporta >FICHERO.csv  todas las personas, con sus datos enteros; queda en la\n"
    "                                  auditoría\n"
    "  ciudadano importa FICHERO [--ensayo | --aplica]\n"
    "                                  revisa un CSV de personas y dice qué está mal, línea a "
    "línea;\n"
    "                                  con --aplica, si no hay errores, las da a todas de alta.\n"
    "                                  Su primera línea nombra las columnas: nif, nombre, movil "
    "y,\n"
    "                                  si se quiere, apellido1, apellido2, contraste, idioma,\n"
    "                                  instancia, documento, comparte_movil (por qué), correo y\n"
    "                                  estado; vale el de ciudadano exporta\n"
    "  limites [--nif NIF]             cada límite y lo contado hoy, del municipio o de una "
    "persona\n"
    "  reloj aceptar                   la hora del equipo es correcta, aunque fue posterior\n"
    "  modem lista                     los módems y cómo están\n"
    "  modem ver [NOMBRE]              todo lo que se sabe de un módem\n"
    "  modem prueba NUMERO [--nombre N]\n"
    "                                  envía un SMS de prueba y espera su entrega\n"
    "  modem saldo [NOMBRE]            pregunta el saldo de la SIM a su operador\n"
    "  modem centro NUMERO [--nombre N]\n"
    "                                  escribe en la SIM el centro de mensajes de su operador\n"
    "  modem historia [NOMBRE]         sus recuperaciones del último día\n"
    "  modem reinicia [NOMBRE]         reinicia el módem\n"
    "  modem regla                     la regla de udev de los módems USB en uso\n"
    "  modem traza [NOMBRE]            lo último que se han dicho el programa y el módem\n"
    "  buzon                           los SMS recibidos\n"
    "  buzon leido                     los da todos por leídos y apaga el aviso de saldo bajo\n"
    "  avisos prueba                   envía un aviso de prueba y dice cómo ha ido\n"
    "  envios pausar [--motivo TEXTO]  no se envía nada hasta que se reanuda; lo pedido espera\n"
    "  envios reanudar                 los envíos siguen\n"
    "  alta lista                      las altas en línea que esperan, con su ID\n"
    "  alta valida ID [--motivo M]     el documento es correcto: queda activa y se avisa por SMS;\n"
    "                                  M dice cómo se ha verificado quién es\n"
    "  alta rechaza ID --motivo M      M es documento_ilegible, documento_caducado,\n"
    "                                  documento_incompleto, datos_distintos u otro\n"
    "  cifras                          lo que ha hecho el servicio cada mes\n"
    "  auditoria aceptar               esta base de datos es la buena, aunque no sea la última\n"
    "  auditoria busca [--nif NIF] [--quien Q] [--suceso S] [--desde DIA] [--hasta DIA]\n"
    "                                  las anotaciones del registro de auditoría, las últimas\n"
    "                                  primero; la búsqueda queda anotada\n"
    "  auditoria exporta … >FICHERO.csv\n"
    "                                  todas las que cumplen lo mismo; con --json, una por línea\n"
    "  auditoria comprueba [--numero N]\n"
    "                                  mira si alguien ha cambiado el registro de auditoría\n"
    "                                  (también auditoria comprobar), y dice el sello de esa\n"
    "                                  anotación, que está en el diario de cada noche\n"
    "  retencion                       destruye ya lo que ha cumplido su plazo, como cada noche,\n"
    "                                  y dice cuánto era\n"
    "  retencion --ensayo              solo lo cuenta\n"
    "  evidencia ver ID                lo que el equipo sabía de una entrada, firmado; ID es la\n"
    "                                  evidencia que se dio a la sede; queda en la auditoría\n"
    "  evidencia clave                 la clave pública de esas firmas\n"
    "  evidencia verifica FICHERO [--publica FICHERO]\n"
    "                                  comprueba evidencias, una por línea, sin el servicio: con\n"
    "                                  esa clave pública o con la de este equipo\n"
    "  evidencia sella FICHERO         la sella además con el sello electrónico del ayuntamiento:\n"
    "                                  FICHERO.p7s, que evidencia verifica también comprueba\n";
static const char last_help[] =
    "  copia [DESTINO] [--clave]       copia la base de datos, con el servicio en marcha, y la\n"
    "                                  comprueba; con --clave, también la clave maestra. DESTINO\n"
    "                                  es un fichero, una carpeta o una dirección; si falta, el "
    "de\n"
    "                                  la configuración\n"
    "  copia sello --frase | --privada FICHERO\n"
    "                                  con qué se sellan las copias: una frase que se pide, o una\n"
    "                                  clave privada que se escribe en ese fichero\n"
    "  restaura FICHERO [--frase | --privada FICHERO]\n"
    "                                  pone esa copia en lugar de la base de datos (con el "
    "servicio\n"
    "                                  parado)\n"
    "  restaura FICHERO --ensayo [--frase | --privada FICHERO]\n"
    "                                  comprueba que esa copia sirve, sin tocar nada\n"
    "  base comprueba [DIRECCION]      mira el servidor PostgreSQL de base_datos, o el de esa\n"
    "                                  dirección, y dice qué falta\n"
    "  base traslada DESTINO           pasa la base de datos de un fichero a un servidor\n"
    "                                  (DESTINO: postgresql://…) o al revés, con el servicio\n"
    "                                  parado, y lo comprueba fila a fila\n"
    "  clave rota                      cambia la clave maestra por otra, con el servicio en "
    "marcha;\n"
    "                                  la anterior se destruye\n"
    "  clave exporta                   la clave maestra en palabras, para un papel en un sobre "
    "cerrado\n"
    "  clave recupera [--ensayo]       la escribe en un equipo que no la tiene, de ese papel; con\n"
    "                                  --ensayo solo dice si el papel es bueno\n"
    "  instala [--entidad E] [--nombre-sms N] [--zona Z] [--dominio D] [--dispositivo M]\n"
    "          [--pin-sim P] [--numero MOVIL] [--nombre CLIENTE] [--cambia]\n"
    "                                  puesta en marcha: escribe la configuración, arranca el\n"
    "                                  servicio, espera al módem, envía un SMS de prueba y da el\n"
    "                                  token de la sede y el enlace del primer administrador. Lo\n"
    "                                  que no se da se pregunta; --cambia sustituye lo que ya hay\n"
    "  diagnostico                     comprueba todo y dice qué hacer\n"
    "  informe                         todo para soporte en un texto, sin datos personales\n"
    "  estado                          el equipo, la cola y los módems\n"
    "  cola                            los últimos 50 mensajes\n"
    "\n"
    "  -c, --config FICHERO  configuración (/etc/contraclaved/contraclaved.conf)\n"
    "      --json            respuesta en JSON, para programas\n"
    "      --ordenes         las órdenes y sus opciones, para programas\n"
    "      --help            muestra esta ayuda, o detrás de una orden la suya\n"
    "      --version         muestra la versión\n";
/* Words of the help explained: each behind the orders that have it, and behind all of them. */
static const struct note {
    const char *word, *text;
} notes[] = {
    {"--",
     "Un valor «-» se lee de la entrada estándar, una línea por valor en el orden nif,\n"
     "nombre, movil, ambitos, caduca, numero, contraste, pin-sim: así no queda a la vista en la "
     "lista de procesos.\n"},
    {"--ambitos", "Ámbitos: solicitar, verificar, alta, registro, tecnico, buzon, auditoria,\n"
                  "metricas, estado, operadores, supervision, certificado, identidad, evidencia,\n"
                  "admin (todos).\n"},
    {"--rol ", "R es lector, registro, supervisor, tecnico, auditor o administrador.\n"},
    {"--redes", "--redes son redes como 192.0.2.0/24,2001:db8::/32; --certificados, huellas\n"
                "SHA-256 o la palabra autoridad.\n"},
    {"--contraste", "D es la fecha de validez del DNI (31/12/2030; si es permanente, la de\n"
                    "expedición) o el número de soporte del NIE (E12345678); «» lo borra.\n"},
    {" FECHA", "FECHA es como 2027-01-01T00:00:00Z.\n"},
    {" DIA", "DIA es como 2027-01-31 o 2027-01-01T00:00:00Z.\n"},
    {"",
     "Termina con 0 si ha ido bien; diagnostico, auditoria y evidencia verifica terminan con 1\n"
     "si algo está mal.\n"},
};

enum { NOTES = sizeof(notes) / sizeof(notes[0]) };

static void make_options(struct option options[CTL_FIELD_COUNT + GENERAL_COUNT])
{
    static const struct option general[] = {
        {"config", required_argument, NULL, 'c'}, {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},         {"version", no_argument, NULL, 'v'},
        {"ordenes", no_argument, NULL, 'o'},      {NULL, 0, NULL, 0},
    };
    for (int i = 0; i < CTL_FIELD_COUNT; i++)
        options[i] = (struct option){ctl_field_names[i],
                                     i >= CTL_FIELD_WITH_KEY ? no_argument : required_argument,
                                     NULL, OPTION_FIELD + i};
    for (int i = 0; i < GENERAL_COUNT; i++)
        options[CTL_FIELD_COUNT + i] = general[i];
}

/* -1 = go on, with the words from optind; else the exit code. */
static int read_arguments(int argc, char **argv, struct arguments *ret)
{
    struct option options[CTL_FIELD_COUNT + GENERAL_COUNT];
    int option;
    make_options(options);
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":c:", options, NULL)) != -1) {
        if (option >= OPTION_FIELD) {
            ret->values[option - OPTION_FIELD] = optarg != NULL ? optarg : "si";
        } else if (option == 'c') {
            ret->config_path = optarg;
        } else if (option == 'j') {
            ret->json = true;
        } else if (option == 'h') {
            ret->wants_help = true;
        } else if (option == 'v') {
            puts("contraclavectl " CC_VERSION);
            return EXIT_SUCCESS;
        } else if (option == 'o') {
            ctl_command_list();
            return EXIT_SUCCESS;
        } else {
            fprintf(stderr, "contraclavectl: %s «%s»; pruebe contraclavectl --help\n",
                    option == ':' ? "falta el valor de" : "no se entiende", argv[optind - 1]);
            return EX_USAGE;
        }
    }
    return -1;
}

/* Whether an entry of the help is that of these words. */
static bool names_words(const char *entry, char *const *words, int count)
{
    for (int i = 0; i < count; i++) {
        size_t len = strlen(words[i]);
        if (strncmp(entry, words[i], len) != 0 || strchr(" \n", entry[len]) == NULL)
            return false;
        entry += len + (entry[len] == ' ' ? 1 : 0);
    }
    return true;
}

/* The notes that a line needs, as bits. */
static unsigned notes_of(const char *line, size_t len)
{
    unsigned needed = 0;
    for (size_t i = 0; i < NOTES; i++)
        if (memmem(line, len, notes[i].word, strlen(notes[i].word)) != NULL)
            needed |= 1U << i;
    return needed;
}

/* The entries of these words; a line that is indented further belongs to the entry before. Out NULL
 * = none is written. Returns the notes that they need; 0 = there is no such entry. */
static unsigned put_entries(const char *text, char *const *words, int count, FILE *out)
{
    bool is_wanted = false;
    unsigned needed = 0;
    for (const char *line = text, *next; *line != '\0'; line = next) {
        const char *end = strchr(line, '\n');
        next = end != NULL ? end + 1 : line + strlen(line);
        if (strncmp(line, ENTRY_INDENT " ", strlen(ENTRY_INDENT) + 1) != 0)
            is_wanted = strncmp(line, ENTRY_INDENT, strlen(ENTRY_INDENT)) == 0 &&
                        names_words(line + strlen(ENTRY_INDENT), words, count);
        if (is_wanted && out != NULL)
            fwrite(line, 1, (size_t)(next - line), out);
        if (is_wanted)
            needed |= notes_of(line, (size_t)(next - line));
    }
    return needed;
}

static const char *const helps[] = {help, more_help, last_help};

static unsigned put_help(char *const *words, int count, FILE *out)
{
    unsigned needed = 0;
    for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]); i++)
        needed |= put_entries(helps[i], words, count, out);
    return needed;
}

/* The help of the order that stands before --help; where the help has it beside another (reactiva),
 * that of its group; without an order, all. */
static int show_help(char *const *words, int count)
{
    unsigned needed = 0;
    for (int named = count < 2 ? count : 2; named > 0 && needed == 0; named--)
        needed = put_help(words, named, stdout);
    for (size_t i = 0; i < sizeof(helps) / sizeof(helps[0]) && needed == 0; i++)
        fputs(helps[i], stdout);
    putchar('\n');
    for (size_t i = 0; i < NOTES; i++)
        if (needed == 0 || (needed & 1U << i) != 0)
            fputs(notes[i].text, stdout);
    return EXIT_SUCCESS;
}

/* Where the first word is that of some orders, to their help. */
static void tell_unknown(char *const *words, int count)
{
    bool has_group = count > 0 && put_help(words, 1, NULL) != 0;
    fprintf(stderr, "contraclavectl: no se conoce esa orden; pruebe contraclavectl %s%s--help\n",
            has_group ? words[0] : "", has_group ? " " : "");
}

static int show_answer(const struct ctl_command *command, bool json, long status,
                       const json_t *answer)
{
    bool is_good = ctl_http_is_good(status);
    if (json)
        ctl_print_json(answer);
    else if (is_good && command->view != NULL)
        ctl_view_show(command->view, answer);
    else if (is_good)
        command->print(answer);
    (void)fflush(stdout); /* what is waited for may take a minute */
    return is_good ? EXIT_SUCCESS : ctl_http_tell_problem(answer);
}

/* The order as one request to the daemon, and what goes with it. */
static int run_request(const char *control, const struct ctl_command *command,
                       const struct ctl_request *request, bool json)
{
    json_t *answer = NULL;
    int code = EXIT_SUCCESS;
    long status =
        ctl_http_call(control, command->method, request->path, request->body, &answer, &code);
    if (ctl_http_is_good(status) && command->gather != NULL)
        code = command->gather(control, request->path, request->body, answer);
    if (status != 0 && code == EXIT_SUCCESS)
        code = show_answer(command, json, status, answer);
    if (code == EXIT_SUCCESS && command->follow != NULL && !json)
        code = command->follow(control, answer);
    json_decref(answer);
    return code;
}

static int run_configured(const struct config *config, const struct arguments *arguments,
                          const struct ctl_command *command, const struct ctl_request *request)
{
    if (command->run != NULL)
        return command->run(config, arguments->values, arguments->json);
    if (command->stream != NULL)
        return command->stream(config->http.control_path, request->path, request->body,
                               arguments->json);
    return run_request(config->http.control_path, command, request, arguments->json);
}

static int run_command(const struct arguments *arguments, const struct ctl_command *command,
                       const struct ctl_request *request)
{
    struct config *config = NULL;
    enum cc_err err = CC_OK;
    if (command->set_up != NULL)
        return command->set_up(arguments->config_path, request->body, arguments->json);
    if (!command->needs_no_config)
        err = config_load(arguments->config_path, CONFIG_TO_STDERR, &config);
    if (err != CC_OK)
        return err_exit_code(err);
    int code = run_configured(config, arguments, command, request);
    config_free(config);
    return code;
}

/* An answer that could not be written whole, such as a token, has not been given. */
static int end_output(int code)
{
    bool is_written = fflush(stdout) == 0 && ferror(stdout) == 0;
    if (!is_written)
        fputs("contraclavectl: no se ha podido escribir todo; mire si queda sitio\n", stderr);
    return is_written || code != EXIT_SUCCESS ? code : EX_IOERR;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.config_path = "/etc/contraclaved/contraclaved.conf"};
    struct ctl_request request = {.body = NULL};
    /* wcwidth(3) counts the columns of UTF-8 only in a locale that has it */
    setlocale(LC_CTYPE, "C.UTF-8");
    int code = read_arguments(argc, argv, &arguments);
    if (code == -1 && arguments.wants_help)
        code = show_help(argv + optind, argc - optind);
    if (code != -1)
        return end_output(code);
    const struct ctl_command *command =
        ctl_command_find(argv + optind, argc - optind, arguments.values);
    if (command == NULL)
        tell_unknown(argv + optind, argc - optind);
    if (command == NULL || !ctl_command_request(command, arguments.values, &request))
        return EX_USAGE;
    code = run_command(&arguments, command, &request);
    ctl_request_done(&request);
    return end_output(code);
}
