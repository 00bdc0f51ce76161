/* SPDX-License-Identifier: EUPL-1.2 */
/* Takes long numbers and names of mailboxes out of a text that leaves the box. Pure. */
#ifndef CC_DOMAIN_REDACT_H
#define CC_DOMAIN_REDACT_H

/*
 * Blanks each number of seven digits or more, also when single spaces divide it ("600 123 123"),
 * with a star for each digit: telephones, identity documents, cards and modems have as many. Dates
 * and times have other signs between their digits and stay. Of a mail address the part before its @
 * is blanked.
 */
void redact_text(char *text);

#endif
