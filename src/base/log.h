/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The log: one line to stderr per event, with the journald priority prefix `<N>` when stderr is
 * the journal (JOURNAL_STREAM set), with level names otherwise. Callers mask what they print
 * (nif_mask, phone_mask); as a last line of defence every line also passes log_scrub(), so that a
 * forgotten mask blanks the number instead of leaking it. Never log a clave, contraclave, PIN,
 * token or message text at all.
 */
#ifndef CC_BASE_LOG_H
#define CC_BASE_LOG_H

#include <stddef.h>

/* Values are the syslog priorities (sd-daemon(3)). */
enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7,
};

/* Lines above `max` are dropped. Detects the journal from the environment. */
void log_init(enum log_level max);
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

/*
 * Blanks in place, with '*': every run of 7 or more digits (a phone, a DNI, an IMEI) together with
 * the letters that touch it (a NIF), and every run of 32 or more hexadecimal or base64url
 * characters (a token, a key, a PDU). Control characters become '?'. Pure.
 */
void log_scrub(char *line, size_t len);

#endif
