/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The lines by which a modem tells of itself and its network, read into a sample. Pure. A number
 * that makes no sense is no reading: the function is then false and has touched nothing. What the
 * modem says it does not know (99, 255, FFFF) is no nonsense: true, and the field is unknown.
 */
#ifndef CC_MODEM_TELL_READING_H
#define CC_MODEM_TELL_READING_H

#include "modem/driver.h"
#include "modem/tell/sample.h"

#include <stdbool.h>
#include <stdint.h>

enum { READING_TEXT_SIZE = 136 }; /* 32 letters in UCS-2 */

/* Turns letters that are given as UCS-2 in hexadecimal, because another program has chosen that
 * (+CSCS) or the modem knows nothing else, into UTF-8; leaves other text as it is. */
void reading_letters(char text[READING_TEXT_SIZE]);

/* A line of +CREG, +CGREG, +CEREG or +C5GREG. */
struct reading_registration {
    bool is_answer; /* to a question; else an event */
    int stat;
    int area, cell, rat; /* MODEM_SAMPLE_UNKNOWN where not told */
};

/*
 * prefix: "+CREG:". Answer and event are told apart by their second field: <n>,<stat> against
 * <stat>,<lac>. Source: 3GPP TS 27.007 7.2, 10.1.20, 10.1.22; MODEMS 1 #21.
 */
bool reading_registration(const char *line, const char *prefix, struct reading_registration *ret);
/* Home, roaming, and the "SMS only" and CSFB forms of both. Source: MODEMS 1 #22. */
bool reading_can_send(int stat);

/* Reads one answer's line into the sample. now_ms: UTC, for those that compare clocks. */
typedef bool (*reading_fn)(struct modem_sample *sample, const char *line, int64_t now_ms);

/* +CSQ: signal_dbm. Source: 27.007 8.5; SIMCom SIM7500/7600 AT manual, 100-199 for TD-SCDMA. */
bool reading_signal(struct modem_sample *sample, const char *line, int64_t now_ms);
/* +CESQ: rsrp_dbm, rsrq_cb, and signal_dbm if it is not known yet. Source: 27.007 8.69. */
bool reading_extended_signal(struct modem_sample *sample, const char *line, int64_t now_ms);
/* +COPS: operator and rat. Source: 27.007 7.3. */
bool reading_operator(struct modem_sample *sample, const char *line, int64_t now_ms);
/* +CSCA: smsc, in E.164 where the modem says so. Source: 27.005 3.3.1. */
bool reading_smsc(struct modem_sample *sample, const char *line, int64_t now_ms);
/* The same number, with or without its +: some tell +34… as 34… of an unknown kind. */
bool reading_is_same_centre(const char *one, const char *other);
/* +CGSMS: sms_service. Source: 27.007 10.1.21. */
bool reading_sms_service(struct modem_sample *sample, const char *line, int64_t now_ms);
/* +CPMS?: storage_used and storage_total of the memory that receives. Source: 27.005 3.2.2. */
bool reading_storage(struct modem_sample *sample, const char *line, int64_t now_ms);
/*
 * +CCLK: clock_offset_s. Local time with its zone in quarter hours; without a zone, or before 2024
 * (the network has not told it yet), it is unknown. Source: 27.007 8.15.
 */
bool reading_clock(struct modem_sample *sample, const char *line, int64_t now_ms);
/*
 * A vendor's number by its driver's row; one outside the row's bounds, or of a model that leaves
 * its field out, is unknown. False also when the line is another's. Of several temperatures the
 * highest counts, of several supplies the lowest, of anything else the first.
 */
bool reading_driver(struct modem_sample *sample, const struct driver_reading *row,
                    const char *line);

#endif
