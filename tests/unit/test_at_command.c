/* SPDX-License-Identifier: EUPL-1.2 */
/* Lines that end a command, and the causes that they give. */
#include "at/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
    const char *line;
    enum at_result result;
    enum gsm_cause_kind kind;
    int code;
};

static const struct row verbose_rows[] = {
    {"OK", AT_RESULT_OK, GSM_CAUSE_NONE, 0},
    {"OK  ", AT_RESULT_OK, GSM_CAUSE_NONE, 0},
    {"ERROR", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"ERROR ", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"COMMAND NOT SUPPORT", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"COMMAND NO RESPONSE!", AT_RESULT_ERROR, GSM_CAUSE_CMS, 500},
    {"TOO MANY PARAMETERS", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"+CME ERROR: 14", AT_RESULT_ERROR, GSM_CAUSE_CME, 14},
    {"+CMGS ERROR: 38", AT_RESULT_ERROR, GSM_CAUSE_CMS, 38}, /* Fibocom G510 */
    {"+CMS ERROR:38", AT_RESULT_ERROR, GSM_CAUSE_CMS, 38},
    {"+CMS ERROR 38", AT_RESULT_ERROR, GSM_CAUSE_CMS, 38},
    {"+cms  error : 38", AT_RESULT_ERROR, GSM_CAUSE_CMS, 38},
    {"+CMSERROR:38", AT_RESULT_ERROR, GSM_CAUSE_CMS, 38},
    {"+CME ERROR", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"CME Error: unknown", AT_RESULT_ERROR, GSM_CAUSE_CME, 100}, /* warthog618/modem#17 */
    {"CMS ERROR: 38", AT_RESULT_ERROR, GSM_CAUSE_CMS, 38},
    {"+CMS ERROR: 38, Network out of order", AT_RESULT_ERROR, GSM_CAUSE_CMS, 38},
    {"+CMS ERROR: 038", AT_RESULT_ERROR, GSM_CAUSE_CMS, 38},
    {"+CME ERROR:53", AT_RESULT_ERROR, GSM_CAUSE_CME, 53}, /* Ai-Thinker A7 */
    {"ERROR: NOT SUPPORTED", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"ERROR:4", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"CME ERRORS", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"CMX ERROR: 3", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"+CMS ERROR: SIM not inserted", AT_RESULT_ERROR, GSM_CAUSE_CMS, 310},
    {"+CMS ERROR: SIM busy", AT_RESULT_ERROR, GSM_CAUSE_CMS, 314},
    {"+CMS ERROR: (U)SIM busy", AT_RESULT_ERROR, GSM_CAUSE_CMS, 314},
    {"+CMS ERROR: Memory full", AT_RESULT_ERROR, GSM_CAUSE_CMS, 322},
    {"+CMEERROR: 14", AT_RESULT_ERROR, GSM_CAUSE_CME, 14},
    {"+CMS: ERRORS", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"+CUSD: 0,\"ERROR\"", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"ok", AT_RESULT_OK, GSM_CAUSE_NONE, 0},
    {"+CME ERROR:515", AT_RESULT_ERROR, GSM_CAUSE_CME, 515},
    {"+CME ERROR: 0", AT_RESULT_ERROR, GSM_CAUSE_CME, 0},
    {"+CMS ERROR: 38", AT_RESULT_ERROR, GSM_CAUSE_CMS, 38},
    {"+CMS ERROR: 500 ", AT_RESULT_ERROR, GSM_CAUSE_CMS, 500},
    /* verbose texts, as AT+CMEE=2 gives them */
    {"+CME ERROR: SIM PIN required", AT_RESULT_ERROR, GSM_CAUSE_CME, 11},
    {"+CME ERROR: sim busy", AT_RESULT_ERROR, GSM_CAUSE_CME, 14},
    {"+CMS ERROR: Network timeout", AT_RESULT_ERROR, GSM_CAUSE_CMS, 332},
    /* causes that nobody knows are still errors */
    {"+CME ERROR: the cat sat on it", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"+CMS ERROR:", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"+CMS ERROR: -5", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"+CMS ERROR: 99999999999999999999", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    /* lines that end nothing */
    {"", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"OKAY", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"OK 1", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"O", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"ERRORS", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"+CMGS: 12", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"AT+CMGS=23", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"0", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    /* a caller hung up: none of our command's business */
    {"NO CARRIER", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"BUSY", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
};

static const struct row numeric_rows[] = {
    {"0", AT_RESULT_OK, GSM_CAUSE_NONE, 0},    {"4", AT_RESULT_ERROR, GSM_CAUSE_ERROR, 0},
    {"", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},   {"2", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"3", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},  {"00", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
    {"40", AT_RESULT_NONE, GSM_CAUSE_NONE, 0}, {"OK", AT_RESULT_NONE, GSM_CAUSE_NONE, 0},
};

typedef enum at_result (*final_fn)(const char *line, struct gsm_cause *ret_cause);

static void check_rows(const struct row *rows, size_t count, final_fn final)
{
    for (size_t i = 0; i < count; i++) {
        struct gsm_cause cause = {.kind = GSM_CAUSE_NONE, .code = 0};
        enum at_result result = final(rows[i].line, &cause);

        if (result != rows[i].result || cause.kind != rows[i].kind || cause.code != rows[i].code)
            fail_msg("'%s': result %d, cause %d/%d", rows[i].line, (int)result, (int)cause.kind,
                     cause.code);
    }
}

static void test_verbose_results(void **state)
{
    (void)state;
    check_rows(verbose_rows, sizeof(verbose_rows) / sizeof(verbose_rows[0]), at_final);
}

static void test_numeric_results(void **state)
{
    (void)state;
    check_rows(numeric_rows, sizeof(numeric_rows) / sizeof(numeric_rows[0]), at_final_numeric);
}

static void test_lines_with_a_pdu(void **state)
{
    static const struct {
        const char *line;
        bool has_pdu;
    } lines[] = {
        {"+CDS: 25", true},
        {"+CDS: ,25", true},
        {"+CMT: ,31", true},
        {"+cmt : ,31", true},
        {"+CMT: \"\",31", true},
        {"+CBM: 88", true},
        {"+CDSI: \"SR\",1", false},
        {"+CMTI: \"SM\",3", false},
        {"+CMGS: 1", false},
        {"+CDS", false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (at_line_has_pdu(lines[i].line) != lines[i].has_pdu)
            fail_msg("%s", lines[i].line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verbose_results),
        cmocka_unit_test(test_numeric_results),
        cmocka_unit_test(test_lines_with_a_pdu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
