/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/options.h"

#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

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
    "  --scenario FILE       things that happen by themselves\n"
    "  --scenario-speed N    its time passes N times as fast (default 1)\n"
    "  --control PATH        a Unix socket for control: one JSON object a line\n"
    "  --log PATH|-          what happens, as JSON lines\n"
    "  --ask PATH COMMAND    sends one command to the control socket of a running simulator\n"
    "  --help, --version\n"
    "\n"
    "When ready it prints one line: listening tcp:127.0.0.1:PORT, pty:PATH or unix:PATH.\n"
    "Commands of the control socket and faults: see hw/simmodem.md.\n"
    "It is a test instrument: its log and its control socket show numbers and texts in clear.\n";

static void __attribute__((noreturn)) refuse(const char *what, const char *value)
{
    fprintf(stderr, "simmodem: %s: %s\n", what, value);
    exit(EX_USAGE);
}

static void __attribute__((noreturn)) say(const char *text)
{
    fputs(text, stdout);
    exit(EX_OK);
}

static double read_number(const char *text, double most, const char *wrong)
{
    char *end = NULL;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || !(number >= 0) || number > most)
        refuse(wrong, text);
    return number;
}

static bool is_digits(const char *text, size_t min, size_t max)
{
    size_t len = strlen(text);
    return len >= min && len <= max && strspn(text, "0123456789") == len;
}

static void take_port(struct sim_options *options, enum sim_port_kind kind, const char *address)
{
    if (options->port_kind >= 0)
        refuse("only one of --link, --tcp, --unix", address);
    if (kind == SIM_PORT_TCP &&
        (!is_digits(address, 1, SIZE_MAX) || strtol(address, NULL, 10) > 65535))
        refuse("not a TCP port", address);
    options->port_kind = (int)kind;
    options->address = address;
}

static void take_pin(struct sim_options *options, const char *pin)
{
    if (!is_digits(pin, 4, 8))
        refuse("a PIN has 4 to 8 digits", "--pin");
    options->config.pin = pin;
}

static void take_imei(struct sim_options *options, const char *imei)
{
    if (!is_digits(imei, 15, 15))
        refuse("an IMEI has 15 digits", imei);
    options->config.imei = imei;
}

static void take_personality(struct sim_options *options, const char *name)
{
    if (!sim_has_personality(name))
        refuse("unknown personality", name);
    options->config.personality = name;
}

static void take_speed(struct sim_options *options, const char *text)
{
    options->scenario_speed = read_number(text, HUGE_VAL, "not a speed");
    if (options->scenario_speed == 0)
        refuse("not a speed", text);
}

static void take_fault(struct sim_options *options, const char *fault)
{
    if (options->fault_count == SIM_OPTION_FAULTS)
        refuse("too many faults", fault);
    options->faults[options->fault_count++] = fault;
}

/* An option has one of the columns behind its name. */
static const struct row {
    const char *name;
    int port;       /* an enum sim_port_kind and 1 */
    size_t text;    /* offset of a text in struct sim_options */
    size_t seconds; /* of an int64_t of microseconds */
    void (*take)(struct sim_options *options, const char *value);
    const char *says; /* no value: shows this, and ends */
} table[] = {
    {"link", .port = 1 + SIM_PORT_PTY},
    {"tcp", .port = 1 + SIM_PORT_TCP},
    {"unix", .port = 1 + SIM_PORT_UNIX},
    {"cmgs-latency", .seconds = offsetof(struct sim_options, config.cmgs_latency_us)},
    {"report-latency", .seconds = offsetof(struct sim_options, config.report_latency_us)},
    {"register-delay", .seconds = offsetof(struct sim_options, config.register_us)},
    {"pin", .take = take_pin},
    {"number", .text = offsetof(struct sim_options, config.number)},
    {"imei", .take = take_imei},
    {"personality", .take = take_personality},
    {"fault", .take = take_fault},
    {"scenario", .text = offsetof(struct sim_options, scenario)},
    {"scenario-speed", .take = take_speed},
    {"control", .text = offsetof(struct sim_options, control)},
    {"log", .text = offsetof(struct sim_options, log)},
    {"help", .says = help},
    {"version", .says = "simmodem " CC_VERSION "\n"},
};
enum { COUNT = sizeof(table) / sizeof(table[0]) };

static void take_option(struct sim_options *options, const struct row *row, const char *value)
{
    void *place = (char *)options + row->text + row->seconds;
    if (row->says != NULL)
        say(row->says);
    if (row->take != NULL)
        row->take(options, value);
    else if (row->port > 0)
        take_port(options, (enum sim_port_kind)(row->port - 1), value);
    else if (row->text > 0)
        *(const char **)place = value;
    else
        *(int64_t *)place = (int64_t)(read_number(value, 86400, "not a number of seconds") * 1e6);
}

void sim_options_read(int argc, char **argv, struct sim_options *ret)
{
    struct option names[COUNT + 1] = {0};
    int which = 0;
    int found;
    for (size_t i = 0; i < COUNT; i++)
        names[i] = (struct option){.name = table[i].name, .has_arg = table[i].says == NULL};
    *ret = (struct sim_options){.port_kind = -1, .scenario_speed = 1};
    sim_config_default(&ret->config);
    while ((found = getopt_long(argc, argv, "", names, &which)) != -1) {
        if (found != 0)
            exit(EX_USAGE); /* getopt has said why */
        take_option(ret, &table[which], optarg);
    }
    if (optind < argc)
        refuse("unexpected argument", argv[optind]);
    if (ret->port_kind < 0)
        refuse("needs one of --link, --tcp, --unix", "see --help");
}
