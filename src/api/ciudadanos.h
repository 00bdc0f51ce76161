/* SPDX-License-Identifier: EUPL-1.2 */
/* The answer of the resources that are about one registered person. */
#ifndef CC_API_CIUDADANOS_H
#define CC_API_CIUDADANOS_H

#include "domain/name.h"
#include "http/exchange.h"
#include "service/enrol.h"

/* Appends the person's file as it is now: NIF and phone masked; its ETag is set. Errors:
 * CC_ERR_NOT_FOUND, CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err ciudadanos_put(struct exchange *x, const struct nif *nif,
                           struct buf *out) CC_MUST_CHECK;
/*
 * Whether the phone is shared with another NIF: then the field says why, and the caller must be a
 * supervisor. reason (of LIFE_REASON_SIZE) stays as it is when the field is absent or empty.
 * Errors: CC_ERR_FORBIDDEN, CC_ERR_WORDS_FORMAT.
 */
enum cc_err ciudadanos_read_sharing(struct exchange *x, const struct json_value *why, char *reason,
                                    bool *ret) CC_MUST_CHECK;
/*
 * Whether the person is still as the caller saw him: `If-Match` names the ETag of the file. A call
 * without the header is not held to it. Before the change, in its turn. Errors: CC_ERR_VERSION,
 * CC_ERR_NOT_FOUND, CC_ERR_ALTERED, CC_ERR_DB.
 */
enum cc_err ciudadanos_check_version(struct exchange *x, const struct nif *nif) CC_MUST_CHECK;
/* Appends the answer to an alta: NIF whole, as the caller gave it; phone masked. */
void ciudadanos_put_new(struct buf *out, const struct citizen *citizen);
/* Appends the members nombre, apellido1 and apellido2, "" where there is none. */
void ciudadanos_put_name(struct buf *out, const struct person_name *name);
/* Appends the personal data with nothing masked, and the state: for the person's own file and the
 * export. */
void ciudadanos_put_whole(struct buf *out, const struct citizen *citizen);
/* Appends correo, whole or masked, and correo_estado: "" for none. Errors: CC_ERR_ALTERED,
 * CC_ERR_DB. */
enum cc_err ciudadanos_put_email(struct service *service, const struct nif *nif, bool is_whole,
                                 struct buf *out) CC_MUST_CHECK;
/* Appends what every answer about a person has: all but the NIF. */
void ciudadanos_put_registration(struct buf *out, const struct citizen *citizen);
/* Appends `historia`, the newest edges of a person's life. Errors: CC_ERR_ALTERED, CC_ERR_DB. */
enum cc_err vida_put_history(struct exchange *x, const struct citizen *citizen,
                             struct buf *out) CC_MUST_CHECK;
/* Appends the member credenciales: state and dates of a person's secrets. Errors: CC_ERR_ALTERED,
 * CC_ERR_DB. */
enum cc_err credenciales_put_of(struct exchange *x, const struct citizen *citizen,
                                struct buf *out) CC_MUST_CHECK;
/* The 6 figures of a mobile's code; ret has CODE_SIZE. Errors: CC_ERR_CODE_FORMAT, with its field.
 */
enum cc_err movil_parse_code(struct exchange *x, const struct json_value *text,
                             char *ret) CC_MUST_CHECK;
/* Returns err; one about the code names its field. */
enum cc_err movil_blame(struct exchange *x, enum cc_err err);
/* Returns err; of a conflict, the field that it is about is named. */
enum cc_err ciudadanos_blame(struct exchange *x, enum cc_err err);
/* accesos.c: hashes a new secret outside the loop, into x->prepared.entry.hash; x then goes on.
 * from: of whom has proven nothing yet; NULL = of staff. Errors: with `campo`, those of
 * entry_begin_hash(). */
enum cc_err accesos_begin_hash(struct exchange *x, const struct json_value *secret,
                               const struct address_keys *from, const char *field) CC_MUST_CHECK;
/* credenciales.c: whether the town admits passwords, with a code by SMS or alone. Errors:
 * CC_ERR_METHOD_CLOSED. */
enum cc_err contrasenas_admit(struct exchange *x) CC_MUST_CHECK;

#endif
