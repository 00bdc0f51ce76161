/* SPDX-License-Identifier: EUPL-1.2 */
/* The fields that several routes share: parsed by the domain's rules, blamed by their own name. */
#ifndef CC_API_INPUT_H
#define CC_API_INPUT_H

#include "domain/address.h"
#include "domain/contraste.h"
#include "domain/email.h"
#include "domain/method.h"
#include "domain/name.h"
#include "domain/nif.h"
#include "domain/phone.h"
#include "domain/text.h"
#include "http/exchange.h"
#include "service/enrol.h"
#include "service/modem_acts.h"

/* Each adds `campo` to its error. */
enum cc_err input_nif(struct exchange *x, const struct json_value *text,
                      struct nif *ret) CC_MUST_CHECK;
enum cc_err input_clave(struct exchange *x, const struct json_value *text,
                        char *ret) CC_MUST_CHECK; /* CLAVE_SIZE */
/* The contrast datum that a NIF of this kind has; "" when the field is absent or empty. */
enum cc_err input_contrast(struct exchange *x, const struct json_value *text, enum nif_kind kind,
                           struct contraste *ret) CC_MUST_CHECK;
/*
 * The end user's address: held to its pace, and then the keys it is counted under; empty when the
 * field is absent or the address is one of redes_exentas. Errors: also CC_ERR_FIELD_MISSING (this
 * client must give it), CC_ERR_RATE_LIMITED (x->wait_s is set).
 */
enum cc_err input_address(struct exchange *x, const struct json_value *text,
                          struct address_keys *ret) CC_MUST_CHECK;
/* The same without its pace, for a call that is held to it elsewhere. */
enum cc_err input_address_keys(struct exchange *x, const struct json_value *text,
                               struct address_keys *ret) CC_MUST_CHECK;
/* The language that was asked for; `absent` where the field is. */
enum cc_err input_language(struct exchange *x, const struct json_value *asked,
                           enum text_lang absent, enum text_lang *ret) CC_MUST_CHECK;
enum cc_err input_name(struct exchange *x, const struct json_value *text, char *ret,
                       size_t cap) CC_MUST_CHECK;
/* A person's name; the surnames are "" when their fields are absent or empty. */
enum cc_err input_person(struct exchange *x, const struct json_value *given,
                         const struct json_value *first, const struct json_value *second,
                         struct person_name *ret) CC_MUST_CHECK;

enum cc_err input_phone(struct exchange *x, const struct json_value *text,
                        struct phone *ret) CC_MUST_CHECK;
/* "" when the field is absent or empty. */
enum cc_err input_email(struct exchange *x, const struct json_value *text,
                        struct email *ret) CC_MUST_CHECK;
/* "presencial" or "telefono"; when the field is absent or empty, in person. */
enum cc_err input_channel(struct exchange *x, const struct json_value *text,
                          enum citizen_channel *ret) CC_MUST_CHECK;
/* A line that a person wrote, normalised as a name; "" when the field is absent or empty. */
enum cc_err input_words(struct exchange *x, const struct json_value *text, const char *field,
                        char *ret, size_t cap) CC_MUST_CHECK;

/* "2027-01-01T00:00:00Z", from min_ms to max_ms. Units: UTC ms. */
enum cc_err input_instant(struct exchange *x, const struct json_value *text, const char *field,
                          int64_t min_ms, int64_t max_ms, int64_t *ret_ms) CC_MUST_CHECK;
/* The modem that the path names: see service_find_modem(). */
enum cc_err input_modem(struct exchange *x, struct modem **ret) CC_MUST_CHECK;
/* metodos.c: whether the town admits this method now. Errors: CC_ERR_METHOD_CLOSED, naming those it
 * admits. */
enum cc_err metodos_admit(struct exchange *x, enum method method) CC_MUST_CHECK;
/* Whether the town has this way in open today. Errors: CC_ERR_WAY_CLOSED, naming the open ones. */
enum cc_err input_way(struct exchange *x, enum way way) CC_MUST_CHECK;
/* Writes the detail for a person who is registered, with the town's telephone (seed 003); returns
 * CC_ERR_ALREADY_REGISTERED. */
enum cc_err input_explain_registered(struct exchange *x);
/* The body of an act that needs no fields: "{}". */
extern const struct json_shape input_no_fields;

#endif
