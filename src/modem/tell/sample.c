/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/tell/sample.h"

void modem_sample_clear(struct modem_sample *sample)
{
    *sample = (struct modem_sample){
        .registration = MODEM_SAMPLE_UNKNOWN,
        .is_roaming = MODEM_SAMPLE_UNKNOWN,
        .rat = MODEM_SAMPLE_UNKNOWN,
        .area = MODEM_SAMPLE_UNKNOWN,
        .cell = MODEM_SAMPLE_UNKNOWN,
        .signal_dbm = MODEM_SAMPLE_UNKNOWN,
        .rsrp_dbm = MODEM_SAMPLE_UNKNOWN,
        .rsrq_cb = MODEM_SAMPLE_UNKNOWN,
        .sms_service = MODEM_SAMPLE_UNKNOWN,
        .ims = MODEM_SAMPLE_UNKNOWN,
        .temperature_c = MODEM_SAMPLE_UNKNOWN,
        .supply_mv = MODEM_SAMPLE_UNKNOWN,
        .storage_used = MODEM_SAMPLE_UNKNOWN,
        .storage_total = MODEM_SAMPLE_UNKNOWN,
        .clock_offset_s = MODEM_SAMPLE_UNKNOWN,
    };
}
