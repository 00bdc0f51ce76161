/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/result.h"

#include "sim/noise.h"
#include "sim/state.h"

#include <stdio.h>

struct code_text {
    int code;
    const char *text;
};

/* Source: 3GPP TS 27.007 9.2.1. What +CMEE=2 shows; a code that is not here goes out as a number.
 */
static const struct code_text cme_texts[] = {
    {3, "operation not allowed"},
    {4, "operation not supported"},
    {10, "SIM not inserted"},
    {11, "SIM PIN required"},
    {12, "SIM PUK required"},
    {13, "SIM failure"},
    {14, "SIM busy"},
    {15, "SIM wrong"},
    {16, "incorrect password"},
    {20, "memory full"},
    {21, "invalid index"},
    {30, "no network service"},
    {31, "network timeout"},
    {50, "incorrect parameters"},
    {100, "unknown"},
    {0, NULL},
};

/* Source: 3GPP TS 27.005 3.2.5. */
static const struct code_text cms_texts[] = {
    {300, "ME failure"},
    {301, "SMS service of ME reserved"},
    {302, "operation not allowed"},
    {303, "operation not supported"},
    {304, "invalid PDU mode parameter"},
    {305, "invalid text mode parameter"},
    {310, "SIM not inserted"},
    {311, "SIM PIN required"},
    {313, "SIM failure"},
    {314, "SIM busy"},
    {316, "SIM PUK required"},
    {320, "memory failure"},
    {321, "invalid memory index"},
    {322, "memory full"},
    {330, "SMSC address unknown"},
    {331, "no network service"},
    {332, "network timeout"},
    {340, "no +CNMA acknowledgement expected"},
    {500, "unknown error"},
    {0, NULL},
};

struct sim_result sim_ok(void)
{
    return (struct sim_result){.kind = SIM_FINAL_OK};
}

struct sim_result sim_error(void)
{
    return (struct sim_result){.kind = SIM_FINAL_ERROR};
}

struct sim_result sim_cme(int code)
{
    return (struct sim_result){.kind = SIM_FINAL_CME, .code = code};
}

struct sim_result sim_cms(int code)
{
    return (struct sim_result){.kind = SIM_FINAL_CMS, .code = code};
}

struct sim_result sim_finish_later(void)
{
    return (struct sim_result){.kind = SIM_FINAL_LATER};
}

struct sim_result sim_mute(void)
{
    return (struct sim_result){.kind = SIM_FINAL_MUTE};
}

struct sim_result sim_unknown(void)
{
    return (struct sim_result){.kind = SIM_FINAL_UNKNOWN};
}

static void format_coded(const char *prefix, const struct code_text *texts, int code, int cmee,
                         char *out, size_t cap)
{
    while (texts->text != NULL && texts->code != code)
        texts++;
    if (cmee == 2 && texts->text != NULL)
        snprintf(out, cap, "%s: %s", prefix, texts->text);
    else
        snprintf(out, cap, "%s: %d", prefix, code);
}

/* The message errors of 27.005 come as numbers also with CMEE=0: most modems do so. */
static void format_result(const struct sim *sim, struct sim_result result, char *out, size_t cap)
{
    int cmee = sim->profile.cmee;
    if (result.kind == SIM_FINAL_CMS)
        format_coded("+CMS ERROR", cms_texts, result.code, cmee, out, cap);
    else if (result.kind == SIM_FINAL_CME && cmee != 0)
        format_coded("+CME ERROR", cme_texts, result.code, cmee, out, cap);
    else if (result.kind == SIM_FINAL_UNKNOWN)
        snprintf(out, cap, "COMMAND NOT SUPPORT");
    else
        snprintf(out, cap, "%s",
                 result.kind == SIM_FINAL_CME || result.kind == SIM_FINAL_ERROR ? "ERROR" : "OK");
}

static void send_result(struct sim *sim, const char *text)
{
    if (sim->profile.quiet)
        return;
    if (sim->profile.verbose || text[0] == '+')
        sim_line_text(sim, "%s", text);
    else
        sim_line_raw(sim, text[0] == 'O' ? "0\r" : "4\r", 2);
}

void sim_final(struct sim *sim, struct sim_result result)
{
    char text[80];
    sim_noise(sim);
    format_result(sim, result, text, sizeof(text));
    if (result.kind != SIM_FINAL_MUTE && !sim_is_dead(sim)) {
        send_result(sim, text);
        sim_log(sim, "reply", "{s:s}", "result", text);
    }
    if (result.kind == SIM_FINAL_RESTART)
        sim_restart(sim);
    sim_line_idle(sim);
}
