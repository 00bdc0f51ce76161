/* SPDX-License-Identifier: EUPL-1.2 */
/* The first octet of a TPDU, and the protocol identifiers. Source: 3GPP TS 23.040 9.2.3. */
#ifndef CC_GSM_TPDU_H
#define CC_GSM_TPDU_H

enum {
    TPDU_TYPE = 0x03, /* TP-MTI, and its values: */
    TPDU_DELIVER = 0x00,
    TPDU_SUBMIT = 0x01,
    TPDU_REPORT = 0x02,
    TPDU_RESERVED = 0x03, /* a receiver treats it as a DELIVER (9.2.3.1) */

    TPDU_NO_MORE = 0x04, /* TP-MMS of a DELIVER and of a report */
    TPDU_RD = 0x04,      /* of a SUBMIT */
    TPDU_VPF = 0x18,     /* the format of its validity: */
    TPDU_VPF_ENHANCED = 0x08,
    TPDU_VPF_RELATIVE = 0x10,
    TPDU_VPF_ABSOLUTE = 0x18,
    TPDU_SRR = 0x20,
    TPDU_UDHI = 0x40,

    TPDU_PID_REPLACE = 0x40, /* TP-PID: + type 1-7 (9.2.3.9) */
    TPDU_REPLACE_MAX = 7,
};

#endif
