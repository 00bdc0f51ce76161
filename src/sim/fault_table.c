/* SPDX-License-Identifier: EUPL-1.2 */
/* The faults by name, and what those do that take effect at once. */
#include "sim/noise.h"
#include "sim/state.h"

#include <string.h>

enum { BYTES_MAX = 1000000 };

/* ---- what happens when one is armed ---- */

static void apply_reference(struct sim *sim, const struct sim_armed *armed)
{
    sim->sms.next_reference = (uint8_t)armed->number[0];
}

static void apply_storage_fill(struct sim *sim, const struct sim_armed *armed)
{
    sim_store_fill(sim, armed->number[0]);
}

static void apply_stray_reply(struct sim *sim, const struct sim_armed *armed)
{
    (void)armed;
    sim_line_text(sim, "+CMGS: 7");
    sim_line_text(sim, "OK");
}

static void apply_vanish(struct sim *sim, const struct sim_armed *armed)
{
    sim_vanish(sim, (int64_t)armed->number[0] * 1000, false);
}

static void apply_vanish_rename(struct sim *sim, const struct sim_armed *armed)
{
    sim_vanish(sim, (int64_t)armed->number[0] * 1000, true);
}

static void release_held(struct sim *sim, void *arg)
{
    (void)arg;
    if (sim->line.state == SIM_LINE_COMMAND)
        sim_line_idle(sim);
}

/* Sends the output held back in the silence at the end of it. */
static void apply_silent(struct sim *sim, const struct sim_armed *armed)
{
    if (armed->number[0] > 0)
        sim_later(sim, (int64_t)armed->number[0] * 1000 + 1, release_held, NULL);
}

static void apply_boot_flood(struct sim *sim, const struct sim_armed *armed)
{
    (void)armed;
    sim_flood(sim);
}

/* ---- what an argument must be ---- */

static bool is_memory(const struct sim_armed *armed)
{
    enum sim_memory memory;
    return sim_memory_find(armed->text, &memory);
}

static bool is_number(const struct sim_armed *armed)
{
    return gsm_addr_is_number(armed->text) && armed->number[0] <= 65535;
}

/* ---- the table ---- */

#define COUNTED .kind = SIM_FAULT_COUNTED
#define STANDING .kind = SIM_FAULT_STANDING
#define MODE .kind = SIM_FAULT_MODE
#define ACTION .kind = SIM_FAULT_ACTION

/* A row per fault. */
/* clang-format off */
const struct sim_fault_row sim_fault_table[SIM_FAULT_COUNT] = {
    [SIM_FAULT_ABSURD] = {"absurd", COUNTED},
    [SIM_FAULT_BOOT_FLOOD] = {"boot-flood", MODE, "N", .apply = apply_boot_flood},
    [SIM_FAULT_CEREG] = {"cereg", ACTION, "n", .max = 10, .sets = "cereg"},
    [SIM_FAULT_CFUN_REENUMERATE] = {"cfun-reenumerate", STANDING, "n"},
    [SIM_FAULT_CGREG] = {"cgreg", ACTION, "n", .max = 10, .sets = "cgreg"},
    [SIM_FAULT_CME] = {"cme", COUNTED, "n", .max = 65535},
    [SIM_FAULT_CME_AFTER_CFUN] = {"cme-after-cfun", STANDING, "nN"},
    [SIM_FAULT_CME_BUSY] = {"cme-busy", COUNTED, "n", .arg_is_count = true},
    [SIM_FAULT_CMS] = {"cms", COUNTED, "n", .max = 65535},
    [SIM_FAULT_CMS_AFTER] = {"cms-after", COUNTED, "n", .max = 65535},
    [SIM_FAULT_CMTI_EARLY] = {"cmti-early", COUNTED, "n"},
    [SIM_FAULT_CMTI_MEMORY] = {"cmti-memory", STANDING, "t", .is_valid = is_memory},
    [SIM_FAULT_CMTI_MINUS_ONE] = {"cmti-minus-one", COUNTED},
    [SIM_FAULT_CNMI_DS] = {"cnmi-ds", MODE, "N"},
    [SIM_FAULT_CPIN_NO_OK] = {"cpin-no-ok", MODE, "N"},
    [SIM_FAULT_CREG] = {"creg", ACTION, "n", .max = 10, .sets = "creg"},
    [SIM_FAULT_CRLF_DOUBLE] = {"crlf-double", MODE, "N"},
    [SIM_FAULT_CSQ] = {"csq", ACTION, "n", .max = 99, .sets = "csq"},
    [SIM_FAULT_DEAD_NUMBER] = {"dead-number", STANDING, "tnN", .is_valid = is_number},
    [SIM_FAULT_ECHO_OFF] = {"echo-off", MODE, "N"},
    [SIM_FAULT_ESC_IGNORED] = {"esc-ignored", MODE, "N"},
    [SIM_FAULT_FINAL_LATE] = {"final-late", COUNTED, "n"},
    [SIM_FAULT_GARBAGE] = {"garbage", COUNTED, "N", .max = BYTES_MAX},
    [SIM_FAULT_GARBAGE_LINE] = {"garbage-line", COUNTED, "N", .max = BYTES_MAX},
    [SIM_FAULT_HALF_PDU] = {"half-pdu", COUNTED},
    [SIM_FAULT_LOST_REPLY] = {"lost-reply", COUNTED},
    [SIM_FAULT_MR_STUCK] = {"mr-stuck", MODE, "N"},
    [SIM_FAULT_MUTE] = {"mute", STANDING, "t"},
    [SIM_FAULT_NO_NITZ] = {"no-nitz", MODE, "N"},
    [SIM_FAULT_NO_REPORT] = {"no-report", COUNTED},
    [SIM_FAULT_NO_SIM] = {"no-sim", MODE, "N"},
    [SIM_FAULT_NOT_SUPPORTED] = {"not-supported", STANDING, "t"},
    [SIM_FAULT_NULS] = {"nuls", COUNTED, "n", .max = BYTES_MAX},
    [SIM_FAULT_PIN_COUNTER] = {"pin-counter", ACTION, "n", .max = 3, .sets = "pin_left"},
    [SIM_FAULT_PROMPT_BARE] = {"prompt-bare", COUNTED},
    [SIM_FAULT_PROMPT_LATE] = {"prompt-late", COUNTED, "n"},
    [SIM_FAULT_PROMPT_LOST] = {"prompt-lost", COUNTED},
    [SIM_FAULT_REFERENCE] = {"reference", ACTION, "n", .max = 255, .apply = apply_reference},
    [SIM_FAULT_RENAME] = {"rename", MODE, "N"},
    [SIM_FAULT_REPORT_EARLY] = {"report-early", COUNTED},
    [SIM_FAULT_REPORT_LATE] = {"report-late", COUNTED, "n"},
    [SIM_FAULT_REPORT_TWICE] = {"report-twice", COUNTED},
    [SIM_FAULT_RING_PDU] = {"ring-pdu", COUNTED},
    [SIM_FAULT_SILENT] = {"silent", MODE, "N", .apply = apply_silent},
    [SIM_FAULT_STORAGE_FILL] = {"storage-fill", ACTION, "N", .max = SIM_SLOTS,
                                .apply = apply_storage_fill},
    [SIM_FAULT_STORAGE_FULL] = {"storage-full", MODE, "N"},
    [SIM_FAULT_STRAY_REPLY] = {"stray-reply", ACTION, .apply = apply_stray_reply},
    [SIM_FAULT_URC_NOISE] = {"urc-noise", COUNTED},
    [SIM_FAULT_USSD] = {"ussd", COUNTED, "n", .max = 5},
    [SIM_FAULT_USSD_LOST] = {"ussd-lost", COUNTED},
    [SIM_FAULT_VANISH] = {"vanish", ACTION, "n", .apply = apply_vanish},
    [SIM_FAULT_VANISH_ENTRY] = {"vanish-entry", COUNTED, "n"},
    [SIM_FAULT_VANISH_PDU] = {"vanish-pdu", COUNTED, "n"},
    [SIM_FAULT_VANISH_RENAME] = {"vanish-rename", ACTION, "n", .apply = apply_vanish_rename},
};
/* clang-format on */
