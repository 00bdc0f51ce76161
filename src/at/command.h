/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Final result codes, verbose and numeric: they end a command. Pure. The results of calls
 * (NO CARRIER, BUSY…) are not among them: this house never dials, and a caller who hangs up makes
 * the modem say NO CARRIER in the middle of anything.
 * Source: ITU-T V.250 5.7.1; 3GPP TS 27.007 9, 27.005 3.2.5; vendors' forms from MODEMS 2.
 */
#ifndef CC_AT_COMMAND_H
#define CC_AT_COMMAND_H

#include "gsm/cause.h"

#include <stdbool.h>
#include <stddef.h>

enum at_result {
    AT_RESULT_NONE, /* not a final result */
    AT_RESULT_OK,
    AT_RESULT_ERROR,   /* with its cause: ERROR, +CME ERROR, +CMS ERROR, COMMAND NOT SUPPORT… */
    AT_RESULT_TIMEOUT, /* never from a line: the chat's own */
    AT_RESULT_LOST,
};

/*
 * Reads a line as a final result; *ret_cause is set for AT_RESULT_ERROR (a code or text that is not
 * known counts as a bare ERROR).
 */
enum at_result at_final(const char *line, struct gsm_cause *ret_cause);
/* The V.250 numeric form ("0", "4"), which a modem left in ATV0 gives; asked only while probing. */
enum at_result at_final_numeric(const char *line, struct gsm_cause *ret_cause);
/* The modem's echo of the command, also without its beginning, or of the payload behind the prompt
 * (NULL = none was sent), up to its Ctrl-Z. */
bool at_line_is_echo(const char *line, const char *command, const char *payload);
/* How long a line is that ends with the OK behind it, without that; 0 = the line does not. */
size_t at_line_before_ok(const char *line);
/* Lines that bring a PDU on the next line: +CDS, +CMT, +CBM. */
bool at_line_has_pdu(const char *line);
/* The same lines as the text mode writes them, with a date in them: no PDU follows. */
bool at_line_is_text_mode(const char *line);

#endif
