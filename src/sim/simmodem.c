/* SPDX-License-Identifier: EUPL-1.2 */
/* simmodem: the simulated modem as a program of its own. */
#include "base/log.h"
#include "sim/ask.h"
#include "sim/console.h"
#include "sim/port.h"
#include "sim/sim.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { FAULTS_MAX = 32, LOG_BUFFER = 64 * 1024 };

struct options {
    int port_kind; /* of enum sim_port_kind; -1 = none given */
    const char *address;
    const char *control;
    const char *log;
    const char *faults[FAULTS_MAX];
    int fault_count;
    struct sim_config config;
};

static const char help[] =
    "Usage: simmodem (--link PATH | --tcp PORT | --unix PATH) [OPTION]...\n"
    "       simmodem --ask PATH COMMAND\n"
    "A GSM modem in software, with a network and telephones that receive.\n"
    "\n"
    "  --link PATH           a pty; PATH becomes a symbolic link to it\n"
    "  --tcp PORT            a TCP port of 127.0.0.1; 0 takes a free one\n"
    "  --unix PATH           a Unix socket\n"
    "  --cmgs-latency S      network time of one message, in seconds (default 0)\n"
    "  --report-latency S    from a message to its status report (default 0)\n"
    "  --register-delay S    from power-on to registered (default 0)\n"
    "  --pin PIN             the card asks for this PIN (default: none)\n"
    "  --number N            the card's own number (default +34600000001)\n"
    "  --imei N              the modem's serial number (default 490154203237518)\n"
    "  --personality NAME    a maker's dialect: generic, quectel, simcom, huawei, huawei-lte,\n"
    "                        zte, wavecom (default generic)\n"
    "  --fault NAME[:ARG][*COUNT]   something that goes wrong; may be repeated\n"
    "  --control PATH        a Unix socket for control: one JSON object a line\n"
    "  --log PATH|-          what happens, as JSON lines\n"
    "  --ask PATH COMMAND    sends one command to the control socket of a running simulator\n"
    "  --help, --version\n"
    "\n"
    "When ready it prints one line: listening tcp:127.0.0.1:PORT, pty:PATH or unix:PATH.\n"
    "Commands of the control socket and faults: see hw/simmodem.md.\n"
    "It is a test instrument: its log and its control socket show numbers and texts in clear.\n";

enum {
    OPT_LINK = 256,
    OPT_TCP,
    OPT_UNIX,
    OPT_CMGS_LATENCY,
    OPT_REPORT_LATENCY,
    OPT_REGISTER_DELAY,
    OPT_PIN,
    OPT_NUMBER,
    OPT_IMEI,
    OPT_PERSONALITY,
    OPT_FAULT,
    OPT_CONTROL,
    OPT_LOG,
    OPT_HELP,
    OPT_VERSION,
};

static const struct option long_options[] = {
    {"link", required_argument, NULL, OPT_LINK},
    {"tcp", required_argument, NULL, OPT_TCP},
    {"unix", required_argument, NULL, OPT_UNIX},
    {"cmgs-latency", required_argument, NULL, OPT_CMGS_LATENCY},
    {"report-latency", required_argument, NULL, OPT_REPORT_LATENCY},
    {"register-delay", required_argument, NULL, OPT_REGISTER_DELAY},
    {"pin", required_argument, NULL, OPT_PIN},
    {"number", required_argument, NULL, OPT_NUMBER},
    {"imei", required_argument, NULL, OPT_IMEI},
    {"personality", required_argument, NULL, OPT_PERSONALITY},
    {"fault", required_argument, NULL, OPT_FAULT},
    {"control", required_argument, NULL, OPT_CONTROL},
    {"log", required_argument, NULL, OPT_LOG},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static void __attribute__((noreturn)) refuse(const char *what, const char *value)
{
    fprintf(stderr, "simmodem: %s: %s\n", what, value);
    exit(EX_USAGE);
}

static int64_t seconds_to_us(const char *text)
{
    char *end = NULL;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= 0) || seconds > 86400)
        refuse("not a number of seconds", text);
    return (int64_t)(seconds * 1e6);
}

static void take_port(struct options *options, enum sim_port_kind kind, const char *address)
{
    if (options->port_kind >= 0)
        refuse("only one of --link, --tcp, --unix", address);
    if (kind == SIM_PORT_TCP && (strspn(address, "0123456789") != strlen(address) ||
                                 address[0] == '\0' || strtol(address, NULL, 10) > 65535))
        refuse("not a TCP port", address);
    options->port_kind = (int)kind;
    options->address = address;
}

static void take_pin(struct options *options, const char *pin)
{
    size_t len = strlen(pin);
    if (len < 4 || len > 8 || strspn(pin, "0123456789") != len)
        refuse("a PIN has 4 to 8 digits", "--pin");
    options->config.pin = pin;
}

static void take_imei(struct options *options, const char *imei)
{
    if (strlen(imei) != 15 || strspn(imei, "0123456789") != 15)
        refuse("an IMEI has 15 digits", imei);
    options->config.imei = imei;
}

static void take_personality(struct options *options, const char *name)
{
    if (!sim_has_personality(name))
        refuse("unknown personality", name);
    options->config.personality = name;
}

static void take_fault(struct options *options, const char *fault)
{
    if (options->fault_count == FAULTS_MAX)
        refuse("too many faults", fault);
    options->faults[options->fault_count++] = fault;
}

static void __attribute__((noreturn)) say(const char *text)
{
    fputs(text, stdout);
    exit(EX_OK);
}

static void take_text_option(struct options *options, int option, const char *value)
{
    if (option == OPT_PIN)
        take_pin(options, value);
    else if (option == OPT_NUMBER)
        options->config.number = value;
    else if (option == OPT_IMEI)
        take_imei(options, value);
    else if (option == OPT_PERSONALITY)
        take_personality(options, value);
    else if (option == OPT_FAULT)
        take_fault(options, value);
    else if (option == OPT_CONTROL)
        options->control = value;
    else if (option == OPT_LOG)
        options->log = value;
    else if (option == OPT_HELP)
        say(help);
    else if (option == OPT_VERSION)
        say("simmodem " CC_VERSION "\n");
    else
        exit(EX_USAGE); /* getopt has said why */
}

static void parse_options(int argc, char **argv, struct options *options)
{
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (option >= OPT_LINK && option <= OPT_UNIX)
            take_port(options, (enum sim_port_kind)(option - OPT_LINK), optarg);
        else if (option == OPT_CMGS_LATENCY)
            options->config.cmgs_latency_us = seconds_to_us(optarg);
        else if (option == OPT_REPORT_LATENCY)
            options->config.report_latency_us = seconds_to_us(optarg);
        else if (option == OPT_REGISTER_DELAY)
            options->config.register_us = seconds_to_us(optarg);
        else
            take_text_option(options, option, optarg);
    }
    if (optind < argc)
        refuse("unexpected argument", argv[optind]);
    if (options->port_kind < 0)
        refuse("needs one of --link, --tcp, --unix", "see --help");
}

static FILE *open_log(const char *path)
{
    if (path == NULL)
        return NULL;
    FILE *log = strcmp(path, "-") == 0 ? stdout : fopen(path, "ae");
    if (log == NULL)
        refuse(path, strerror(errno));
    setvbuf(log, NULL, _IOFBF, LOG_BUFFER);
    return log;
}

static void on_stop(void *user)
{
    loop_exit(user, EXIT_SUCCESS);
}

/* Behind the opening of the port, which a fault may take away again. */
static bool arm_faults(struct sim *sim, const struct options *options)
{
    for (int i = 0; i < options->fault_count; i++) {
        if (!sim_fault(sim, options->faults[i])) {
            log_error("simmodem: unknown fault: %s", options->faults[i]);
            return false;
        }
    }
    return true;
}

static int run(struct loop *loop, struct sim *sim, const struct options *options,
               const struct sim_port *port)
{
    char spec[512];
    if (!arm_faults(sim, options))
        return EX_USAGE;
    sim_port_spec(port, spec, sizeof spec);
    printf("listening %s\n", spec);
    fflush(stdout);
    return loop_run(loop);
}

static int serve(struct loop *loop, struct sim *sim, const struct options *options)
{
    struct sim_port *port = NULL;
    struct sim_console *console = NULL;
    int code = EX_OSERR;
    if (options->control != NULL &&
        sim_console_open(loop, sim, options->control, &console) != CC_OK)
        log_error("simmodem: %s: %s", options->control, strerror(errno));
    else if (sim_port_open(loop, sim, (enum sim_port_kind)options->port_kind, options->address,
                           &port) == CC_OK)
        code = run(loop, sim, options, port);
    sim_port_free(port);
    sim_console_free(console);
    return code;
}

int main(int argc, char **argv)
{
    struct options options = {.port_kind = -1};
    if (argc == 4 && strcmp(argv[1], "--ask") == 0)
        return sim_ask(argv[2], argv[3]);
    log_init(LOG_LEVEL_INFO);
    sim_config_default(&options.config);
    parse_options(argc, argv, &options);
    FILE *log = open_log(options.log);
    options.config.log = log;
    signal(SIGPIPE, SIG_IGN);
    struct loop *loop = loop_new();
    struct loop_source *stops[] = {loop_add_signal(loop, SIGTERM, on_stop, loop),
                                   loop_add_signal(loop, SIGINT, on_stop, loop)};
    struct sim *sim = sim_new(loop, &options.config);
    int code = serve(loop, sim, &options);
    sim_free(sim);
    loop_source_free(stops[0]);
    loop_source_free(stops[1]);
    loop_free(loop);
    if (log != NULL && log != stdout)
        fclose(log);
    return code;
}
