/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The words of the SMS, in the five languages, es first. Pure. Every template fits one GSM-7 part
 * of 160 septets with an entity name of up to 30; that alphabet has no á í ó ú (23.038 6.2.1), so
 * the templates do without them.
 */
#ifndef CC_DOMAIN_TEXT_H
#define CC_DOMAIN_TEXT_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum text_lang {
    TEXT_LANG_ES,
    TEXT_LANG_CA,
    TEXT_LANG_EU,
    TEXT_LANG_GL,
    TEXT_LANG_EN,
    TEXT_LANG_COUNT
};

enum text_id {
    TEXT_CONTRACLAVE,     /* entity, code, expiry */
    TEXT_LOCKED,          /* entity: the notice of DOMAIN 5 at a lock */
    TEXT_TEST,            /* entity: a technician tries the modem */
    TEXT_WITHHELD,        /* entity: a contraclave was asked for and not sent */
    TEXT_CONTRAST_LOCKED, /* entity: too many wrong contrasts */
    TEXT_SUSPENDED,       /* entity: this and the next ones, of domain/life.h */
    TEXT_REACTIVATED,
    TEXT_PHONE_CHANGED, /* to the phone of before */
    TEXT_RENOUNCED,
    TEXT_ACTIVATED,          /* entity: the registration begins without the person at the desk */
    TEXT_VALIDATION,         /* entity, code: proves the mobile of an online alta */
    TEXT_REJECTED_ILLEGIBLE, /* entity: this and the next ones, of domain/application.h */
    TEXT_REJECTED_EXPIRED,
    TEXT_REJECTED_INCOMPLETE,
    TEXT_REJECTED_MISMATCH,
    TEXT_REJECTED_OTHER,
    TEXT_DESK_CODE,     /* entity, code: proves the mobile to the clerk who serves the person */
    TEXT_PENDING_CODE,  /* entity, code: proves it afterwards, by telephone */
    TEXT_ENTRY_CODE,    /* entity, code: the second factor of an entry by password */
    TEXT_RECOVERY_CODE, /* entity, code: another password */
    TEXT_AUTHORISED,    /* entity: staff have seen the document, and the password is good */
    TEXT_COUNT
};

struct text_values {
    const char *entity; /* nombre_sms */
    const char *code;   /* contraclave, or code of a mobile; NULL where the text has none */
    int64_t expires_ms; /* shown as "mar 24/11" in the process's zone */
    const char
        *origin; /* "sede.alpedrete.es": adds the origin-bound last line; NULL or "" = none */
};

const char *text_lang_token(enum text_lang lang); /* "es", "ca", "eu", "gl", "en" */
/* Errors: CC_ERR_LANG_UNKNOWN. */
enum cc_err text_lang_parse(const char *text, size_t len, enum text_lang *ret) CC_MUST_CHECK;
/* Appends the message. Errors: CC_ERR_TEXT_NOT_GSM7, CC_ERR_TEXT_TOO_LONG (over one part). */
enum cc_err text_render(enum text_lang lang, enum text_id id, const struct text_values *values,
                        struct buf *out) CC_MUST_CHECK;
/*
 * Whether a text fits one GSM-7 part. *ret_septets (may be NULL) is its length; on
 * CC_ERR_TEXT_NOT_GSM7, *ret_offset (may be NULL) is the byte of the first character that does not
 * fit.
 */
enum cc_err text_fits_gsm7(const char *utf8, size_t len, size_t *ret_septets,
                           size_t *ret_offset) CC_MUST_CHECK;

#endif
