/* SPDX-License-Identifier: EUPL-1.2 */
/* Output on stderr: a single line, its level, and no number or token that a caller forgot to
 * mask. */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CAPTURE_MAX = 4096 };

#define SEVEN "*******"
#define TEN "**********"
#define FORTY TEN TEN TEN TEN

static void scrubs(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *out; /* NULL = unharmed */
    } rows[] = {
        /* numbers of persons */
        {"nif 12345678Z no existe", "nif *********"
                                    " no existe"},
        {"nie X1234567L", "nie *********"},
        {"cif B58378431.", "cif *********."},
        {"nif=12345678z, fin", "nif=*********, fin"},
        {"1234567", SEVEN},
        {"123456", NULL},
        {"movil +34600123123 ok", "movil +***********"
                                  " ok"},
        {"movil 600123123", "movil *********"},
        {"imei 490154203237518", "imei ***************"},
        {"(12345678Z)(87654321X)", "(*********)(*********)"},
        /* tokens, keys, PDUs */
        {"t 0123456789abcdef0123456789ABCDEF", "t " TEN TEN TEN "**"},
        {"t 0a1b2c3d4e5f6a718b93a4b5c6d7e8f", NULL},
        {"Bearer abcdefghijklmnopqrstuvwxyz-_ABCDEFGHIJKL", "Bearer " FORTY},
        {"AT+CMGS 0001000B914306103221F300000BC8329BFD06DDDF723619", "AT+CMGS " FORTY "********"},
        {"abc-1234567-defghijklmnopqrstuvwxyzABCDE", FORTY},
        /* words that a technician needs stay readable */
        {"módem principal: listo en 0,42 s (CREG 1, CSQ 20)", NULL},
        {"***4567** +34*****123", NULL},
        {"2026-11-24T02:00:00+01:00", NULL},
        {"/dev/serial/by-id/usb-Quectel_EG25-G-if02", NULL},
        {"127.0.0.1:8024 192.168.100.200", NULL},
        {"+CMS ERROR: 331", NULL},
        {"", NULL},
        /* nothing that moves a terminal, and no second line */
        {"a\nb\rc\td\x1b[31m\x7f", "a?b?c?d?[31m?"},
        {"a\xc2\x9b"
         "31m \xc2\xa0",
         "a??31m \xc2\xa0"},
        {"Peñón ñandú", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char line[128];
        size_t len = strlen(rows[i].in);
        memcpy(line, rows[i].in, len + 1);
        log_scrub(line, len);
        const char *expected = rows[i].out != NULL ? rows[i].out : rows[i].in;
        if (strcmp(line, expected) != 0)
            fail_msg("'%s' became '%s'", rows[i].in, line);
    }
}

static void scrubs_any_bytes(void **state)
{
    (void)state;
    char line[513];
    for (size_t i = 0; i < 512; i++)
        line[i] = (char)(i % 256);
    line[512] = '\xC2';
    log_scrub(line, sizeof(line));
    for (size_t i = 0; i < sizeof(line); i++)
        assert_false((unsigned char)line[i] < 0x20);
}

/* Runs log_write() with stderr turned into a pipe; returns what came out. */
static size_t capture(enum log_level level, const char *text, char out[CAPTURE_MAX])
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    int saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    log_write(level, "%s", text);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t n = read(ends[0], out, CAPTURE_MAX - 1);
    close(ends[0]);
    assert_true(n >= 0);
    out[n] = '\0';
    return (size_t)n;
}

static void lines_and_levels(void **state)
{
    (void)state;
    static const struct {
        enum log_level max;
        bool journal;
        enum log_level level;
        const char *in;
        const char *out;
    } rows[] = {
        {LOG_LEVEL_INFO, false, LOG_LEVEL_ERROR, "mal", "error: mal\n"},
        {LOG_LEVEL_INFO, false, LOG_LEVEL_WARNING, "ojo", "aviso: ojo\n"},
        {LOG_LEVEL_INFO, false, LOG_LEVEL_NOTICE, "ya", "nota: ya\n"},
        {LOG_LEVEL_INFO, false, LOG_LEVEL_INFO, "sigue", "info: sigue\n"},
        {LOG_LEVEL_INFO, false, LOG_LEVEL_DEBUG, "nunca", ""},
        {LOG_LEVEL_DEBUG, false, LOG_LEVEL_DEBUG, "byte", "detalle: byte\n"},
        {LOG_LEVEL_ERROR, false, LOG_LEVEL_WARNING, "nunca", ""},
        {LOG_LEVEL_INFO, true, LOG_LEVEL_ERROR, "mal", "<3>mal\n"},
        {LOG_LEVEL_DEBUG, true, LOG_LEVEL_DEBUG, "byte", "<7>byte\n"},
        {LOG_LEVEL_INFO, true, LOG_LEVEL_INFO, "a\nb 12345678Z", "<6>a?b *********\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[CAPTURE_MAX];
        if (rows[i].journal)
            setenv("JOURNAL_STREAM", "8:1", 1);
        else
            unsetenv("JOURNAL_STREAM");
        log_init(rows[i].max);
        capture(rows[i].level, rows[i].in, out);
        if (strcmp(out, rows[i].out) != 0)
            fail_msg("row %zu: '%s'", i, out);
    }
    unsetenv("JOURNAL_STREAM");
    log_init(LOG_LEVEL_INFO);
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    char text[3001];
    char out[CAPTURE_MAX];
    for (size_t i = 0; i < 3000; i += 3)
        memcpy(text + i, " \xC3\xB1", 3);
    text[3000] = '\0';
    size_t len = capture(LOG_LEVEL_ERROR, text, out);
    assert_true(len > 900 && len < 1100);
    assert_int_equal(out[len - 1], '\n');
    assert_int_not_equal((unsigned char)out[len - 2], 0xC3);
    assert_null(memchr(out, '\n', len - 1));
}

/* A NIF across the place where the line is cut shows none of its digits. */
static void cut_hides_the_secret(void **state)
{
    (void)state;
    for (size_t lead = 980; lead < 1010; lead++) {
        char text[1100];
        char out[CAPTURE_MAX];
        memset(text, '.', lead);
        memcpy(text + lead, "12345678Z", 10);
        capture(LOG_LEVEL_ERROR, text, out);
        if (strpbrk(out, "12345678") != NULL)
            fail_msg("digits shown behind %zu characters", lead);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scrubs),
        cmocka_unit_test(scrubs_any_bytes),
        cmocka_unit_test(lines_and_levels),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(cut_hides_the_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
