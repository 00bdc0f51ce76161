/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_ask.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool read_line(char *out, size_t cap)
{
    if (fgets(out, (int)cap, stdin) == NULL)
        return false;
    size_t len = strcspn(out, "\r\n");
    bool is_whole = out[len] != '\0' || feof(stdin);
    out[len] = '\0';
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
