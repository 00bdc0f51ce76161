/* SPDX-License-Identifier: EUPL-1.2 */
/* Questions to the person at the terminal; elsewhere each answer is a line of stdin. */
#ifndef CC_APP_CTL_ASK_H
#define CC_APP_CTL_ASK_H

#include <stdbool.h>
#include <stddef.h>

/* False at the end of the input, or if the line does not fit. */
bool ctl_ask_line(const char *question, char *out, size_t cap);
/* The same without showing what is typed. Owns: the caller wipes out. */
bool ctl_ask_secret(const char *question, char *out, size_t cap);

#endif
