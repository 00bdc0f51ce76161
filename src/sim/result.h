/* SPDX-License-Identifier: EUPL-1.2 */
/* How a command ends. Source: ITU-T V.250 5.7.1; 3GPP TS 27.007 9.2; 27.005 3.2.5. */
#ifndef CC_SIM_RESULT_H
#define CC_SIM_RESULT_H

struct sim;

enum sim_final {
    SIM_FINAL_OK,
    SIM_FINAL_ERROR,
    SIM_FINAL_CME,
    SIM_FINAL_CMS,
    SIM_FINAL_LATER,   /* the command goes on: prompt or network */
    SIM_FINAL_MUTE,    /* the command has ended without a final result */
    SIM_FINAL_UNKNOWN, /* there is no such command, in the modem's own words */
    SIM_FINAL_RESTART, /* OK, then the modem starts anew (+CFUN=1,1) */
};

struct sim_result {
    enum sim_final kind;
    int code;
};

enum {
    SIM_CME_NOT_ALLOWED = 3,
    SIM_CME_NO_SIM = 10,
    SIM_CME_PIN_REQUIRED = 11,
    SIM_CME_PUK_REQUIRED = 12,
    SIM_CME_BUSY = 14,
    SIM_CME_WRONG_PASSWORD = 16,
    SIM_CME_NO_NETWORK = 30,
    SIM_CME_INCORRECT = 50,
    SIM_CMS_NOT_ALLOWED = 302,
    SIM_CMS_NOT_SUPPORTED = 303,
    SIM_CMS_INVALID_PDU = 304,
    SIM_CMS_INVALID_TEXT = 305,
    SIM_CMS_NO_SIM = 310,
    SIM_CMS_PIN_REQUIRED = 311,
    SIM_CMS_PUK_REQUIRED = 316,
    SIM_CMS_INVALID_INDEX = 321,
    SIM_CMS_NO_CENTRE = 330,
    SIM_CMS_NO_SERVICE = 331,
    SIM_CMS_NO_CNMA = 340,
};

struct sim_result sim_ok(void);
struct sim_result sim_error(void);
struct sim_result sim_cme(int code);
struct sim_result sim_cms(int code);
struct sim_result sim_finish_later(void);
struct sim_result sim_mute(void);
struct sim_result sim_unknown(void);
/* Sends the final result as CMEE, ATV and ATQ want it, and ends the command. */
void sim_final(struct sim *sim, struct sim_result result);

#endif
