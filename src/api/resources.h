/* SPDX-License-Identifier: EUPL-1.2 */
/* The handlers of the route table and the shapes of their bodies, one .c file per resource. */
#ifndef CC_API_RESOURCES_H
#define CC_API_RESOURCES_H

#include "http/route.h"

/* probes.c */
enum cc_err probes_health(struct exchange *x, const struct json_text *in, struct buf *out);
enum cc_err probes_ready(struct exchange *x, const struct json_text *in, struct buf *out);
/* estado.c */
enum cc_err estado_show(struct exchange *x, const struct json_text *in, struct buf *out);
/* historia.c */
extern const struct json_shape historia_shape;
enum cc_err historia_show(struct exchange *x, const struct json_text *in, struct buf *out);
/* solicitudes.c */
extern const struct json_shape solicitudes_shape;
enum cc_err solicitudes_create(struct exchange *x, const struct json_text *in, struct buf *out);
/* verificaciones.c */
extern const struct json_shape verificaciones_shape;
enum cc_err verificaciones_create(struct exchange *x, const struct json_text *in, struct buf *out);
enum cc_err verificaciones_replay(struct exchange *x, const struct json_text *in, struct buf *out);
/* registro.c */
extern const struct json_shape registro_shape;
enum cc_err registro_create(struct exchange *x, const struct json_text *in, struct buf *out);
/* control_ciudadanos.c */
extern const struct json_shape control_nif_shape;
enum cc_err control_citizen_show(struct exchange *x, const struct json_text *in, struct buf *out);
extern const struct json_shape control_contrast_shape;
enum cc_err control_citizen_contrast(struct exchange *x, const struct json_text *in,
                                     struct buf *out);
enum cc_err control_citizen_unlock(struct exchange *x, const struct json_text *in, struct buf *out);
/* control_limites.c */
extern const struct json_shape control_limits_shape;
enum cc_err control_limits_show(struct exchange *x, const struct json_text *in, struct buf *out);
/* control_reloj.c */
extern const struct json_shape control_clock_shape;
enum cc_err control_clock_accept(struct exchange *x, const struct json_text *in, struct buf *out);
/* control_clientes.c */
extern const struct json_shape control_client_shape;
extern const struct json_shape control_revoke_shape;
enum cc_err control_client_create(struct exchange *x, const struct json_text *in, struct buf *out);
enum cc_err control_client_list(struct exchange *x, const struct json_text *in, struct buf *out);
enum cc_err control_client_revoke(struct exchange *x, const struct json_text *in, struct buf *out);
/* control_modems.c */
extern const struct json_shape control_modem_shape;
extern const struct json_shape control_modem_test_shape;
enum cc_err control_modem_show(struct exchange *x, const struct json_text *in, struct buf *out);
enum cc_err control_modem_test(struct exchange *x, const struct json_text *in, struct buf *out);
enum cc_err control_modem_restart(struct exchange *x, const struct json_text *in, struct buf *out);
enum cc_err control_modem_trace(struct exchange *x, const struct json_text *in, struct buf *out);
/* control_auditoria.c */
extern const struct json_shape control_audit_shape;
enum cc_err control_audit_accept(struct exchange *x, const struct json_text *in, struct buf *out);
/* control_cola.c */
enum cc_err control_queue_list(struct exchange *x, const struct json_text *in, struct buf *out);
/* control_inbox.c */
extern const struct json_shape control_inbox_read_shape;
enum cc_err control_inbox_list(struct exchange *x, const struct json_text *in, struct buf *out);
enum cc_err control_inbox_mark_read(struct exchange *x, const struct json_text *in,
                                    struct buf *out);
/* The member `buzon` of the status: unread messages, and modems whose balance is low. */
enum cc_err control_inbox_status(struct exchange *x, struct buf *out);
/* control_balance.c */
extern const struct json_shape control_balance_shape;
enum cc_err control_balance_ask(struct exchange *x, const struct json_text *in, struct buf *out);
enum cc_err control_balance_show(struct exchange *x, const struct json_text *in, struct buf *out);

#endif
