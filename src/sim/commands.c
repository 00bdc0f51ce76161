/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/commands.h"

#include "base/loop.h"
#include "sim/noise.h"
#include "sim/state.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum sim_need {
    NEED_NOTHING,
    NEED_SIM, /* an unlocked card, else +CME ERROR */
    NEED_SMS, /* the same, else +CMS ERROR */
};

enum {
    SECRET = 1,     /* its arguments stay out of the log */
    NEVER_BUSY = 2, /* a busy modem answers it all the same */
    ABSURD = 4,     /* absurd makes nonsense of its answer */
};

struct command {
    const char *name;
    enum sim_need need;
    int flags;
    size_t value; /* offset of an int in struct sim; 0 = none */
    int max;
    const char *test; /* the answer to =? ; "" = OK alone; NULL = not known */
    /* The answers to the bare command and to ?, in the form of sim_vendor_expand(). */
    const char *info, *told;
    sim_set_fn *set;
    sim_get_fn *read;
    sim_get_fn *exec;
    sim_get_fn *test_fn;
};

#define VALUE(member) offsetof(struct sim, profile.member)
#define IGNORED(command_name, highest)                                                             \
    {                                                                                              \
        command_name, .value = VALUE(ignored), .max = (highest)                                    \
    }

static struct sim_result answer_nothing(struct sim *sim)
{
    (void)sim;
    return sim_ok();
}

static const struct command commands[] = {
    {.name = "AT"}, /* the empty command line; no other has a name of this form */
    /* V.250: one letter, with a number */
    {"E", .value = VALUE(echo), .max = 1},
    {"V", .value = VALUE(verbose), .max = 1},
    {"Q", .value = VALUE(quiet), .max = 1},
    {"Z", .exec = sim_reset_profile},
    {"&F", .exec = sim_reset_profile},
    {"I", .info = "$m\n$g\nRevision: $r"},
    {"H", .exec = answer_nothing},
    IGNORED("X", 4),
    IGNORED("L", 3),
    IGNORED("M", 3),
    IGNORED("S", 255),
    IGNORED("&C", 1),
    IGNORED("&D", 2),
    IGNORED("&K", 6),
    IGNORED("&S", 1),
    /* V.250 and 27.007: the modem */
    {"+GMI", .info = "$m", .test = ""},
    {"+GMM", .info = "$g", .test = ""},
    {"+GMR", .info = "$r", .test = ""},
    {"+CGMI", .info = "$m", .test = ""},
    {"+CGMM", .info = "$g", .test = ""},
    {"+CGMR", .info = "$r", .test = ""},
    {"+CGSN", .info = "$e", .test = ""},
    {"+GCAP", .info = "+GCAP: +CGSM", .test = ""},
    {"+CMEE", .flags = NEVER_BUSY, .value = VALUE(cmee), .max = 2, .test = "(0-2)"},
    {"+CSCS", .test = "(\"GSM\",\"IRA\",\"UCS2\")", .set = sim_cscs_set, .read = sim_cscs_read},
    {"+CFUN", .value = VALUE(cfun), .max = 4, .test = "(0,1,4),(0,1)", .set = sim_cfun_set},
    {"+CPAS", .info = "+CPAS: 0", .test = "(0)"},
    {"+CSQ", .flags = ABSURD, .test = "(0-31,99),(99)", .info = "+CSQ: $q,99"},
    {"+CESQ", .flags = ABSURD,
     .test = "(0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)",
     .exec = sim_cesq_exec},
    {"+CBC", .flags = ABSURD, .test = "(0),(0-100)", .info = "+CBC: 0,100,$v"},
    {"+CCLK", .flags = ABSURD, .test = "", .read = sim_cclk_read},
    {"+CTZU", .value = VALUE(ctzu), .max = 1, .test = "(0,1)"},
    {"+CTZR", .value = VALUE(ctzr), .max = 2, .test = "(0-2)"},
    /* the card */
    {"+CPIN", .flags = SECRET, .test = "", .set = sim_cpin_set, .read = sim_cpin_read},
    {"+CPINR", .flags = ABSURD, .test = "", .exec = sim_cpinr_exec},
    {"+CLCK", NEED_SIM, .flags = SECRET, .test = "(\"SC\")", .set = sim_clck_set},
    {"+CIMI", NEED_SIM, .test = "", .info = "$y"},
    {"+CCID", .test = "", .info = "+CCID: \"$i\"", .told = "+CCID: \"$i\""},
    {"+ICCID", .test = "", .info = "+ICCID: $i", .told = "+ICCID: $i"},
    {"^ICCID", .told = "^ICCID: $i"},
    {"+CRSM", .test = "", .set = sim_crsm_set},
    {"+CNUM", NEED_SIM, .test = "", .exec = sim_cnum_exec},
    /* the network */
    {"+CREG", .flags = ABSURD, .value = VALUE(registration_urc[SIM_DOMAIN_CS]), .max = 2,
     .test = "(0-2)", .read = sim_creg_read},
    {"+CGREG", .flags = ABSURD, .value = VALUE(registration_urc[SIM_DOMAIN_PS]), .max = 2,
     .test = "(0-2)", .read = sim_cgreg_read},
    {"+CEREG", .flags = ABSURD, .value = VALUE(registration_urc[SIM_DOMAIN_EPS]), .max = 2,
     .test = "(0-2)", .read = sim_cereg_read},
    {"+COPS", NEED_SIM, .flags = ABSURD,
     .test = "(1,\"Red Simulada\",\"RedSim\",\"00101\",7),,(0-4),(0-2)", .set = sim_cops_set,
     .read = sim_cops_read},
    {"+CUSD", NEED_SIM, .test = "(0-2)", .set = sim_cusd_set, .read = sim_cusd_read},
    /* 27.005: messages */
    {"+CGSMS", .value = VALUE(cgsms), .max = 3, .test = "(0-3)"},
    {"+CMGF", .value = VALUE(cmgf), .max = 1, .test = "(0,1)"},
    {"+CSDH", .value = VALUE(csdh), .max = 1, .test = "(0,1)"},
    {"+CMMS", .value = VALUE(cmms), .max = 2, .test = "(0-2)"},
    {"+CSMS", .test = "(0,1)", .set = sim_csms_set, .read = sim_csms_read},
    {"+CNMI", .test = "(0-3),(0-2),(0),(0-2),(0,1)", .set = sim_cnmi_set, .read = sim_cnmi_read},
    {"+CNMA", NEED_SMS, .test = "(0)", .exec = sim_cnma_exec},
    {"+CSMP", .test = "(0-255),(0-255),(0-255),(0-255)", .set = sim_csmp_set,
     .read = sim_csmp_read},
    {"+CSCA", NEED_SMS, .test = "", .set = sim_csca_set, .read = sim_csca_read},
    {"+CPMS", NEED_SMS, .flags = ABSURD,
     .test = "(\"SM\",\"ME\",\"SR\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")", .set = sim_cpms_set,
     .read = sim_cpms_read},
    {"+CMGL", NEED_SMS, .test = "(0-4)", .set = sim_cmgl_set, .exec = sim_cmgl_exec},
    {"+CMGR", NEED_SMS, .test = "", .set = sim_cmgr_set},
    {"+CMGD", NEED_SMS, .set = sim_cmgd_set, .test_fn = sim_cmgd_test},
    {"+CMGS", NEED_SMS, .test = "", .set = sim_cmgs_set},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };
_Static_assert(offsetof(struct sim, profile) > 0, "an offset of 0 is no value");
_Static_assert((int)COMMAND_COUNT <= (int)SIM_COMMANDS_MAX, "counters for every command");

static const struct command *find_command(const char *name)
{
    for (size_t i = 1; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static void put_count(json_t *counts, const char *name, unsigned long count)
{
    if (count > 0)
        json_object_set_new(counts, name, json_integer((json_int_t)count));
}

json_t *sim_commands_count(const struct sim *sim)
{
    json_t *counts = json_object();
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char read[16];
        (void)snprintf(read, sizeof(read), "%s?", commands[i].name);
        put_count(counts, commands[i].name, sim->counters.by_command[i]);
        put_count(counts, read, sim->counters.reads[i]);
    }
    if (sim->counters.unknown > 0)
        json_object_set_new(counts, "unknown", json_integer((json_int_t)sim->counters.unknown));
    return counts;
}

/* ---- one command ---- */

static int *value_of(struct sim *sim, const struct command *command)
{
    return (int *)(void *)((char *)sim + command->value);
}

static struct sim_result run_set(struct sim *sim, const struct command *command, const char *text)
{
    struct sim_args args;
    struct sim_result wrong =
        command->need == NEED_SMS ? sim_cms(SIM_CMS_INVALID_PDU) : sim_cme(SIM_CME_INCORRECT);
    if (!sim_args_parse(&args, text))
        return wrong;
    if (command->set != NULL)
        return command->set(sim, &args);
    if (command->value == 0)
        return sim_error();
    if (args.count > 1 || text[0] == '\0' ||
        !sim_args_int(&args, 0, 0, command->max, value_of(sim, command)))
        return wrong;
    return sim_ok();
}

static struct sim_result say_info(struct sim *sim, const char *info)
{
    char text[256];
    sim_vendor_expand(sim, info, "", text, sizeof(text));
    sim_line_text(sim, "%s", text);
    return sim_ok();
}

static struct sim_result run_read(struct sim *sim, const struct command *command)
{
    if (command->read != NULL)
        return command->read(sim);
    if (command->told != NULL)
        return say_info(sim, command->told);
    if (command->value == 0)
        return sim_error();
    sim_line_text(sim, "%s: %d", command->name, *value_of(sim, command));
    return sim_ok();
}

static struct sim_result run_test(struct sim *sim, const struct command *command)
{
    if (command->test_fn != NULL)
        return command->test_fn(sim);
    if (command->test == NULL)
        return sim_error();
    if (command->test[0] != '\0')
        sim_line_text(sim, "%s: %s", command->name, command->test);
    return sim_ok();
}

static struct sim_result run_exec(struct sim *sim, const struct command *command)
{
    if (command->exec != NULL)
        return command->exec(sim);
    return command->info != NULL ? say_info(sim, command->info) : sim_error();
}

/* OK when the card is ready, or the command has no need of it. */
static struct sim_result check_card(struct sim *sim, const struct command *command)
{
    bool blocked = sim->pin.pin_left == 0;
    if (command->need == NEED_NOTHING)
        return sim_ok();
    if (sim_fault_is_on(sim, SIM_FAULT_NO_SIM))
        return command->need == NEED_SIM ? sim_cme(SIM_CME_NO_SIM) : sim_cms(SIM_CMS_NO_SIM);
    if (sim_pin_is_ready(sim))
        return sim_ok();
    if (command->need == NEED_SIM)
        return sim_cme(blocked ? SIM_CME_PUK_REQUIRED : SIM_CME_PIN_REQUIRED);
    return sim_cms(blocked ? SIM_CMS_PUK_REQUIRED : SIM_CMS_PIN_REQUIRED);
}

/* Applies the armed faults to a command before it runs; OK = it runs. */
static struct sim_result intercept_command(struct sim *sim, const struct command *command,
                                           const char *name)
{
    int code = sim->busy.code;
    bool can_be_busy = name[0] == '+' && (command == NULL || !(command->flags & NEVER_BUSY));
    if (sim_fault_take_named(sim, SIM_FAULT_MUTE, name, NULL))
        return sim_mute();
    if (sim_fault_take_named(sim, SIM_FAULT_NOT_SUPPORTED, name, NULL))
        return sim_unknown();
    if (!can_be_busy)
        return sim_ok();
    if (sim_fault_take(sim, SIM_FAULT_CME_BUSY, NULL))
        return sim_cme(SIM_CME_BUSY);
    if (loop_now_us(sim->loop) < sim->busy.until_us || sim_fault_take(sim, SIM_FAULT_CME, &code))
        return sim_cme(code);
    return sim_ok();
}

/* `form` is what stands behind the name: "", "?", "=?" or "=…". */
static struct sim_result run_command(struct sim *sim, const struct command *command,
                                     const char *form)
{
    bool asks = form[0] == '\0' || strcmp(form, "?") == 0;
    if (strcmp(form, "=?") == 0)
        return run_test(sim, command);
    struct sim_result ready = check_card(sim, command);
    if (ready.kind != SIM_FINAL_OK)
        return ready;
    if (form[0] == '=')
        return run_set(sim, command, form + 1);
    if (asks && (command->flags & ABSURD) && sim_absurd(sim, command->name))
        return sim_ok();
    if (form[0] == '?' && asks)
        return run_read(sim, command);
    return asks ? run_exec(sim, command) : sim_error();
}

/* In the words of the maker: some have their own for a command that they do not know. */
static struct sim_result no_such_command(struct sim *sim)
{
    sim->counters.unknown++;
    return sim_has_quirk(sim, SIM_QUIRK_NOT_SUPPORTED) ? sim_unknown() : sim_error();
}

static void note_command(struct sim *sim, const struct command *command, const char *name,
                         const char *args)
{
    sim->counters.commands++;
    if (command != NULL && strcmp(args, "?") == 0)
        sim->counters.reads[command - commands]++;
    else if (command != NULL)
        sim->counters.by_command[command - commands]++;
    if (command != NULL && !(command->flags & SECRET))
        sim_log(sim, "command", "{s:s, s:s}", "name", name, "args", args);
    else
        sim_log(sim, "command", "{s:s}", "name", name);
}

/* ---- the line ---- */

/* Moves a name of at most cap - 1 characters out of *at. */
static void take_name(const char **at, size_t len, char *name, size_t cap)
{
    snprintf(name, cap, "%.*s", (int)len, *at);
    *at += len;
}

static struct sim_result run_extended(struct sim *sim, const char **at)
{
    char name[16];
    char form[SIM_LINE_MAX];
    size_t form_len = 0;
    bool quoted = false;
    take_name(at, 1 + strcspn(*at + 1, "=?;"), name, sizeof(name));
    for (const char *c = *at; *c != '\0' && (*c != ';' || quoted); c++, form_len++)
        quoted ^= *c == '"';
    take_name(at, form_len, form, sizeof(form));
    if (**at == ';')
        ++*at;
    const struct command *command = sim_is_missing(sim, name) ? NULL : find_command(name);
    note_command(sim, command, name, form);
    struct sim_result result = intercept_command(sim, command, name);
    if (result.kind != SIM_FINAL_OK || sim_vendor_run(sim, name, form, &result))
        return result;
    return command != NULL ? run_command(sim, command, form) : no_such_command(sim);
}

/* A letter (or & and a letter) and a number; Sn=v and Sn? are taken too. */
static struct sim_result run_basic(struct sim *sim, const char **at)
{
    char name[3];
    char digits[8];
    take_name(at, **at == '&' && (*at)[1] != '\0' ? 2 : 1, name, sizeof(name));
    take_name(at, strspn(*at, "0123456789"), digits, sizeof(digits));
    if (name[0] == 'S' && **at == '?')
        ++*at;
    if (name[0] == 'S' && **at == '=') {
        ++*at;
        take_name(at, strspn(*at, "0123456789"), digits, sizeof(digits));
    }
    const struct command *command = find_command(name);
    note_command(sim, command, name, digits);
    struct sim_result result = intercept_command(sim, command, name);
    if (result.kind != SIM_FINAL_OK || command == NULL)
        return result.kind != SIM_FINAL_OK ? result : no_such_command(sim);
    if (command->value == 0)
        return run_exec(sim, command);
    return run_set(sim, command, digits[0] != '\0' ? digits : "0");
}

/* V.250 5.4.1: blanks and the case of letters mean nothing outside quotes. */
static void normalise_command(char *line)
{
    bool quoted = false;
    char *out = line;
    for (; *line != '\0'; line++) {
        char c = *line;
        quoted ^= c == '"';
        if (c == ' ' && !quoted)
            continue;
        if ((unsigned char)c > '~')
            c = '?';
        if (!quoted)
            c = (char)toupper(c);
        *out++ = c;
    }
    *out = '\0';
}

void sim_execute(struct sim *sim, char *line)
{
    struct sim_result result = sim_ok();
    const char *at = line + 2;
    normalise_command(line);
    sim_garbage(sim);
    sim_noise(sim);
    if (*at == '\0') {
        note_command(sim, &commands[0], "AT", "");
        result = intercept_command(sim, &commands[0], "AT");
    }
    while (*at != '\0' && result.kind == SIM_FINAL_OK)
        result = strchr("+^$#*%\\", *at) != NULL ? run_extended(sim, &at) : run_basic(sim, &at);
    if (result.kind != SIM_FINAL_LATER)
        sim_final(sim, result);
}
