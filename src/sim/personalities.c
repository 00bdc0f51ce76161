/* SPDX-License-Identifier: EUPL-1.2 */
/* The dialects. What is not here is answered as by the generic modem. */
#include "sim/personality.h"
#include "sim/state.h"

#define VENDOR(member) offsetof(struct sim, vendor.member)
#define END                                                                                        \
    {                                                                                              \
        .say = NULL                                                                                \
    }

/*
 * Quectel EC25: EC25&EC21 AT Commands Manual (QCFG, QCSQ, QTEMP, QPINC, QINISTAT, QNWINFO, CBC).
 * The indication of the signal was left on in this one.
 */
static const char *const quectel_power_on[] = {
    "RDY", "+CFUN: 1", "+CPIN: $P", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE", NULL};
static const char *const quectel_noise[] = {"+QIND: \"csq\",$q,99", NULL};
static const char *const quectel_missing[] = {"+CPINR", "+CCID", "+ICCID", "^ICCID", NULL};
static const struct sim_vendor_row quectel_rows[] = {
    {"+QTEMP", .answer = "+QTEMP: $t,$t,$t"},
    {"+QCSQ", .answer = "+QCSQ: \"LTE\",$d,$p,146,-11"},
    {"+QNWINFO", .answer = "+QNWINFO: \"FDD LTE\",\"$n\",\"LTE BAND 20\",6300"},
    {"+QPINC?", .answer = "+QPINC: \"SC\",$1,$2\n+QPINC: \"P2\",3,10"},
    {"+QCCID", .answer = "+QCCID: $i"},
    {"+QINISTAT", .answer = "+QINISTAT: 7"},
    {"+CBC", .answer = "+CBC: 0,0,$v"},
    {"+QCFG=\"ims\"", .answer = "+QCFG: \"ims\",$I,$U"},
    {"+QCFG=\"ims\",", .value = VENDOR(ims), .max = 2},
    {"+QURCCFG=\"urcport\"", .answer = "+QURCCFG: \"urcport\",\"usbat\""},
    {"+QURCCFG=\"urcport\",\"none\"", .effect = SIM_EFFECT_SILENCE},
    {"+QURCCFG=\"urcport\",", .effect = SIM_EFFECT_ANY},
    {"+QINDCFG=\"csq\",0", .effect = SIM_EFFECT_SILENCE},
    {"+QINDCFG=\"all\",0", .effect = SIM_EFFECT_SILENCE},
    {"+QINDCFG=", .effect = SIM_EFFECT_ANY},
    {.say = "+CTZU=3"},
    {"+CNMI=?", .answer = "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"},
    END,
};

/* SIMCom SIM7600: SIM7500_SIM7600 Series AT Command Manual (CPMUTEMP, CBC, SPIC, CNSMOD, CPSI). */
static const char *const simcom_power_on[] = {"*ATREADY: 1", "+CPIN: $P", "SMS DONE", "PB DONE",
                                              NULL};
static const char *const simcom_noise[] = {"+CNSMOD: 8", NULL};
static const char *const simcom_missing[] = {"+CPINR", "+CCID", "^ICCID", NULL};
static const struct sim_vendor_row simcom_rows[] = {
    {"+CPMUTEMP", .answer = "+CPMUTEMP: $t"},
    {"+CBC", .answer = "+CBC: $VV"},
    {"+CGMR", .answer = "+CGMR: LE20B04SIM7600M22"},
    {"+CPSI?",
     .answer = "+CPSI: LTE,Online,214-01,0x$l,15989937,257,EUTRAN-BAND20,6300,3,3,-110,$p0,-730,9"},
    {"+CICCID", .answer = "+ICCID: $i"},
    {"+SPIC", .answer = "+SPIC: $1,$2,3,10"},
    {"+CNMP?", .answer = "+CNMP: $R"},
    {"+CNMP=", .value = VENDOR(radio_mode), .max = 100},
    {"+CNSMOD=0", .effect = SIM_EFFECT_SILENCE},
    {"+CNSMOD?", .answer = "+CNSMOD: 1,8"},
    {.say = "+CNSMOD=1"},
    {"+CRESET", .effect = SIM_EFFECT_RESTART},
    {"+CNMI=?", .answer = "+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)"},
    END,
};

/*
 * Huawei E173 (MSM): it says that +CNMI takes mode 2, and refuses it. MU509 and EM770W AT Command
 * Interface Specifications (^CPIN, ^CURC, ^SYSINFO), MODEMS 2 (error text, line ends, noise).
 */
static const char *const huawei_power_on[] = {"^BOOT:26510952,0,0,0,6", "^SRVST:2", "^SIMST:1",
                                              "^MODE:5,4", NULL};
static const char *const huawei_noise[] = {
    "^RSSI:$q", "^DSFLOWRPT:0000000C,00000000,00000000,00000000,00000000,0003E800,0003E800",
    "^CSNR:-76,-8", NULL};
static const char *const huawei_missing[] = {"+CEREG", "+CESQ", "+CPINR", "+CGSMS", "+CTZU",
                                             "+CTZR",  "+CCID", "+ICCID", "+CBC",   NULL};
static const int mode_1_only[] = {1, 2, 3, 2, 1};
static const struct sim_vendor_row huawei_rows[] = {
    {"^CURC=0", .effect = SIM_EFFECT_SILENCE},
    {.say = "^CURC=1"},
    {"^CURC?", .answer = "^CURC: 1"},
    {"^PORTSEL=", .effect = SIM_EFFECT_ANY},
    {"^CPIN?", .answer = "^CPIN: $P,$s,$2,$1,10,3"},
    {"^SYSINFO", .answer = "^SYSINFO:2,3,0,5,1,,4"},
    {"^CARDMODE", .answer = "^CARDMODE: 2"},
    {"^ICCID?", .answer = "^ICCID: $i"},
    {"^RESET", .effect = SIM_EFFECT_RESTART},
    {"+CNMI=?", .answer = "+CNMI: (0,1,2),(0,1,2,3),(0,2,3),(0,1,2),(0,1)"},
    END,
};

/* Huawei E3372 as a stick: the same tongue, on LTE. ME909s AT specification (^HCSQ, ^CHIPTEMP). */
static const char *const huawei_lte_noise[] = {"^HCSQ:\"LTE\",$h,47,142,22", "^RSSI:$q",
                                               "^LTERSRP:$p,-11", NULL};
static const char *const huawei_lte_missing[] = {"+CPINR", "+CGSMS", "+CCID",
                                                 "+ICCID", "+CBC",   NULL};
static const struct sim_vendor_row huawei_lte_rows[] = {
    {"^CURC=0", .effect = SIM_EFFECT_SILENCE},
    {.say = "^CURC=1"},
    {"^USSDMODE=", .effect = SIM_EFFECT_ANY},
    {"^HCSQ?", .answer = "^HCSQ: \"LTE\",$h,47,142,22"},
    {"^CHIPTEMP?", .answer = "^CHIPTEMP: $T,65535,65535,65535,65535"},
    {"^CPIN?", .answer = "^CPIN: $P,$s,$2,$1,10,3"},
    {"^SYSINFOEX", .answer = "^SYSINFOEX:2,3,0,1,,6,\"LTE\",101,\"LTE\""},
    {"^ICCID?", .answer = "^ICCID: $i"},
    {"^SETPORT?", .answer = "^SETPORT:A1,A2;12,16,A1,A2"},
    {"^RESET", .effect = SIM_EFFECT_RESTART},
    {"+CNMI=?", .answer = "+CNMI: (0,1,2),(0,1,2,3),(0,2,3),(0,1,2),(0,1)"},
    END,
};

/* ZTE MF190: it repeats +ZUSIMR:2 until its memories are asked for (MODEMS 2). */
static const char *const zte_power_on[] = {"+ZDONR: \"$o\",214,1,\"CS_PS\",\"ROAM_OFF\"",
                                           "+ZPASR: \"UMTS\"", NULL};
static const char *const zte_noise[] = {"+ZUSIMR:2", NULL};
static const char *const zte_missing[] = {"+CEREG", "+CESQ", "+CPINR", "+CGSMS", "+CTZU",
                                          "+CTZR",  "+CCID", "^ICCID", "+CBC",   NULL};
static const struct sim_vendor_row zte_rows[] = {
    {"+CPMS?", .effect = SIM_EFFECT_PASS},
    {"+ZPINPUK=?", .answer = "+ZPINPUK: $1,$2"},
    {"+ZPAS?", .answer = "+ZPAS: \"UMTS\",\"CS_PS\""},
    {"+ZOPRT=", .effect = SIM_EFFECT_ANY},
    {"+ZSNT?", .answer = "+ZSNT: 0,0,0"},
    {"+ZSNT=", .effect = SIM_EFFECT_ANY},
    {"+ZGETICCID", .answer = "+ZGETICCID: $i"},
    {"+CNMI=?", .answer = "+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)"},
    END,
};

/* Wavecom Fastrack: WM AT command guides (WIND, CPINC); MODEMS 2 (CPIN, CPMS, CME 515). */
static const char *const wavecom_power_on[] = {"+WIND: 3", "+WIND: 1", "+WIND: 7", "+WIND: 4",
                                               NULL};
static const char *const wavecom_noise[] = {"+WIND: 7", NULL};
static const char *const wavecom_missing[] = {"+CEREG", "+CGREG", "+CESQ",  "+CPINR", "+CGSMS",
                                              "+CTZU",  "+CTZR",  "+ICCID", "^ICCID", NULL};
static const struct sim_vendor_row wavecom_rows[] = {
    {"+WIND=0", .effect = SIM_EFFECT_SILENCE},
    {"+WIND=", .effect = SIM_EFFECT_ANY},
    {"+WIND?", .answer = "+WIND: 255"},
    {"+CPINC", .answer = "+CPINC: $1,3,$2,10"},
    {"+CBC", .answer = "+CBC: 0,100"},
    {"+CPMS=?", .answer = "+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))"},
    {"+CNMI=?", .answer = "+CNMI: (0-2),(0-3),(0-3),(0-2),(0,1)"},
    END,
};

const struct sim_personality sim_personalities[] = {
    {
        .name = "generic",
        .manufacturer = "Contraclave",
        .model = "SIMMODEM",
        .revision = CC_VERSION,
        .act = 7,
    },
    {
        .name = "quectel",
        .manufacturer = "Quectel",
        .model = "EC25",
        .revision = "EC25EFAR06A03M4G",
        .act = 7,
        .power_on = quectel_power_on,
        .noise = quectel_noise,
        .noise_every_us = 5000000,
        .rows = quectel_rows,
        .missing = quectel_missing,
        .full = "+QIND: \"smsfull\",\"$M\"",
    },
    {
        .name = "simcom",
        .manufacturer = "SIMCOM INCORPORATED",
        .model = "SIMCOM_SIM7600E-H",
        .revision = "LE20B04SIM7600M22",
        .act = 7,
        .power_on = simcom_power_on,
        .noise = simcom_noise,
        .noise_every_us = 5000000,
        .rows = simcom_rows,
        .missing = simcom_missing,
        .full = "+SMS FULL: \"$M\"",
    },
    {
        .name = "huawei",
        .manufacturer = "huawei",
        .model = "E173",
        .revision = "11.126.85.00.209",
        .act = 2,
        .quirks = SIM_QUIRK_NOT_SUPPORTED | SIM_QUIRK_CRLF_DOUBLE,
        .power_on = huawei_power_on,
        .noise = huawei_noise,
        .noise_every_us = 1000000,
        .rows = huawei_rows,
        .missing = huawei_missing,
        .cnmi_highest = mode_1_only,
    },
    {
        .name = "huawei-lte",
        .manufacturer = "huawei",
        .model = "E3372",
        .revision = "21.180.01.00.00",
        .act = 7,
        .quirks = SIM_QUIRK_NOT_SUPPORTED,
        .power_on = huawei_power_on,
        .noise = huawei_lte_noise,
        .noise_every_us = 1000000,
        .rows = huawei_lte_rows,
        .missing = huawei_lte_missing,
        .cnmi_highest = mode_1_only,
    },
    {
        .name = "zte",
        .manufacturer = "ZTE INCORPORATED",
        .model = "MF190",
        .revision = "BD_MF190V1.0.0B03",
        .act = 2,
        .quirks = SIM_QUIRK_CDS_COMMA,
        .power_on = zte_power_on,
        .noise = zte_noise,
        .noise_every_us = 500000,
        .rows = zte_rows,
        .missing = zte_missing,
    },
    {
        .name = "wavecom",
        .manufacturer = " WAVECOM MODEM",
        .model = " MULTIBAND  900E  1800",
        .revision = "641b09gg.Q2403A 1320676 061804 14:38",
        .act = SIM_ACT_NONE,
        .quirks = SIM_QUIRK_CPIN_NO_OK | SIM_QUIRK_CPMS_TWO,
        .power_on = wavecom_power_on,
        .noise = wavecom_noise,
        .noise_every_us = 5000000,
        .rows = wavecom_rows,
        .missing = wavecom_missing,
        .busy_after_cfun_ms = 3000,
        .busy_code = 515,
    },
    {.name = NULL},
};
