/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Entries of the system's journal with fields of their own, for a program that collects them
 * (systemd.journal-fields(7)), beside the lines of base/log.h. Nothing is masked here.
 */
#ifndef CC_BASE_JOURNAL_H
#define CC_BASE_JOURNAL_H

#include <stddef.h>

/* Sends an entry of fields "NAME=value", JOURNAL_FIELDS_MAX at most. Where there is no journal,
 * nothing happens. */
enum { JOURNAL_FIELDS_MAX = 10 };
void journal_send(const char *const *fields, size_t count);

#endif
