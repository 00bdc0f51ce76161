/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * What is done to the text before libConfuse reads it. libConfuse 3.3 counts three lines for each
 * one-line comment, which would spoil every `FILE:LINE:`, and takes a missing brace or an endless
 * comment at the end of the file in silence. Pure.
 */
#ifndef CC_APP_CONFIG_SCAN_H
#define CC_APP_CONFIG_SCAN_H

#include <stddef.h>

/*
 * Blanks the comments of text in place, line ends kept. Returns NULL, or what is wrong (Spanish),
 * with its line in *ret_line.
 */
const char *config_scan(char *text, size_t len, int *ret_line);

#endif
