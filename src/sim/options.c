/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/options.h"

#include <getopt.h>
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

static int64_t seconds_to_us(const char *text)
{
    char *end = NULL;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= 0) || seconds > 86400)
        refuse("not a number of seconds", text);
    return (int64_t)(seconds * 1e6);
}

static void take_port(struct sim_options *options, enum sim_port_kind kind, const char *address)
{
    if (options->port_kind >= 0)
        refuse("only one of --link, --tcp, --unix", address);
    if (kind == SIM_PORT_TCP && (strspn(address, "0123456789") != strlen(address) ||
                                 address[0] == '\0' || strtol(address, NULL, 10) > 65535))
        refuse("not a TCP port", address);
    options->port_kind = (int)kind;
    options->address = address;
}

static void take_pin(struct sim_options *options, const char *pin)
{
    size_t len = strlen(pin);
    if (len < 4 || len > 8 || strspn(pin, "0123456789") != len)
        refuse("a PIN has 4 to 8 digits", "--pin");
    options->config.pin = pin;
}

static void take_imei(struct sim_options *options, const char *imei)
{
    if (strlen(imei) != 15 || strspn(imei, "0123456789") != 15)
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
    char *end = NULL;
    options->scenario_speed = strtod(text, &end);
    if (end == text || *end != '\0' || !(options->scenario_speed > 0))
        refuse("not a speed", text);
}

static void take_fault(struct sim_options *options, const char *fault)
{
    if (options->fault_count == SIM_OPTION_FAULTS)
        refuse("too many faults", fault);
    options->faults[options->fault_count++] = fault;
}

static void __attribute__((noreturn)) say(const char *text)
{
    fputs(text, stdout);
    exit(EX_OK);
}

/* ---- one function an option ---- */

static void take_link(struct sim_options *options, const char *value)
{
    take_port(options, SIM_PORT_PTY, value);
}

static void take_tcp(struct sim_options *options, const char *value)
{
    take_port(options, SIM_PORT_TCP, value);
}

static void take_unix(struct sim_options *options, const char *value)
{
    take_port(options, SIM_PORT_UNIX, value);
}

static void take_cmgs_latency(struct sim_options *options, const char *value)
{
    options->config.cmgs_latency_us = seconds_to_us(value);
}

static void take_report_latency(struct sim_options *options, const char *value)
{
    options->config.report_latency_us = seconds_to_us(value);
}

static void take_register_delay(struct sim_options *options, const char *value)
{
    options->config.register_us = seconds_to_us(value);
}

static void take_number(struct sim_options *options, const char *value)
{
    options->config.number = value;
}

static void take_scenario(struct sim_options *options, const char *value)
{
    options->scenario = value;
}

static void take_control(struct sim_options *options, const char *value)
{
    options->control = value;
}

static void take_log(struct sim_options *options, const char *value)
{
    options->log = value;
}

static void take_help(struct sim_options *options, const char *value)
{
    (void)options;
    (void)value;
    say(help);
}

static void take_version(struct sim_options *options, const char *value)
{
    (void)options;
    (void)value;
    say("simmodem " CC_VERSION "\n");
}

static const struct {
    const char *name;
    int has_value;
    void (*take)(struct sim_options *options, const char *value);
} table[] = {
    {"link", required_argument, take_link},
    {"tcp", required_argument, take_tcp},
    {"unix", required_argument, take_unix},
    {"cmgs-latency", required_argument, take_cmgs_latency},
    {"report-latency", required_argument, take_report_latency},
    {"register-delay", required_argument, take_register_delay},
    {"pin", required_argument, take_pin},
    {"number", required_argument, take_number},
    {"imei", required_argument, take_imei},
    {"personality", required_argument, take_personality},
    {"fault", required_argument, take_fault},
    {"scenario", required_argument, take_scenario},
    {"scenario-speed", required_argument, take_speed},
    {"control", required_argument, take_control},
    {"log", required_argument, take_log},
    {"help", no_argument, take_help},
    {"version", no_argument, take_version},
};

enum { COUNT = sizeof table / sizeof table[0] };

void sim_options_read(int argc, char **argv, struct sim_options *ret)
{
    struct option names[COUNT + 1] = {0};
    int which = 0;
    int found;
    for (size_t i = 0; i < COUNT; i++)
        names[i] = (struct option){.name = table[i].name, .has_arg = table[i].has_value};
    *ret = (struct sim_options){.port_kind = -1, .scenario_speed = 1};
    sim_config_default(&ret->config);
    while ((found = getopt_long(argc, argv, "", names, &which)) != -1) {
        if (found != 0)
            exit(EX_USAGE); /* getopt has said why */
        table[which].take(ret, optarg);
    }
    if (optind < argc)
        refuse("unexpected argument", argv[optind]);
    if (ret->port_kind < 0)
        refuse("needs one of --link, --tcp, --unix", "see --help");
}
