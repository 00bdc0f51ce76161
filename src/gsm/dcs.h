/* SPDX-License-Identifier: EUPL-1.2 */
/* The data coding scheme. Pure. Source: 3GPP TS 23.038 4. */
#ifndef CC_GSM_DCS_H
#define CC_GSM_DCS_H

#include "gsm/submit.h"

struct gsm_dcs {
    enum gsm_alphabet alphabet;
    bool is_flash;    /* message class 0 */
    bool is_readable; /* false for compressed text and reserved codings: alphabet is a guess */
};

uint8_t gsm_dcs_encode(enum gsm_alphabet alphabet, bool flash);
struct gsm_dcs gsm_dcs_decode(uint8_t dcs);

#endif
