/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_ask.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* To the end of the line in any case, so that the next answer is not what is left of this one. */
static bool read_line(char *out, size_t cap)
{
    size_t len = 0;
    int c;
    while ((c = getchar()) != EOF && c != '\n')
        if (len++ < cap - 1)
            out[len - 1] = (char)c;
    out[len < cap ? len : cap - 1] = '\0';
    bool is_whole = (len > 0 || c != EOF) && strlen(out) == len;
    out[strcspn(out, "\r")] = '\0';
    return is_whole;
}

bool ctl_ask_line(const char *question, char *out, size_t cap)
{
    if (isatty(STDIN_FILENO))
        fprintf(stderr, "%s: ", question);
    return read_line(out, cap);
}

bool ctl_ask_secret(const char *question, char *out, size_t cap)
{
    struct termios shown, hidden;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return ctl_ask_line(question, out, cap);
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    bool is_read = ctl_ask_line(question, out, cap);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    return is_read;
}
