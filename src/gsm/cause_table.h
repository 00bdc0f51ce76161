/* SPDX-License-Identifier: EUPL-1.2 */
/* The rows behind gsm/cause.h, one table per kind of code, ordered by code. */
#ifndef CC_GSM_CAUSE_TABLE_H
#define CC_GSM_CAUSE_TABLE_H

#include "gsm/cause.h"

struct gsm_cause_row {
    int code;
    enum gsm_class class; /* GSM_CLASS_UNKNOWN holds once the PDU is gone; before: temporary */
    const char *name; /* as CMEE=2 prints it, without "(U)"; NULL if none, or another row has it */
    const char *text; /* Spanish */
};

#define ROW(code, class, name, text)                                                               \
    {                                                                                              \
        code, GSM_CLASS_##class, name, text                                                        \
    }

extern const struct gsm_cause_row gsm_cause_cms[];
extern const size_t gsm_cause_cms_count;
extern const struct gsm_cause_row gsm_cause_cme[];
extern const size_t gsm_cause_cme_count;
extern const struct gsm_cause_row gsm_cause_status[];
extern const size_t gsm_cause_status_count;

#endif
