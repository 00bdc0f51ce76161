/* SPDX-License-Identifier: EUPL-1.2 */
/* The handlers of the route table and the shapes of their bodies. One .c file per resource, whose
 * name theirs begin with; of other names, the file is said. */
#ifndef CC_API_RESOURCES_H
#define CC_API_RESOURCES_H

#include "http/route.h"

route_handler indice_show;
route_handler metodos_show;
route_handler probes_health, probes_ready;
route_handler avisos_try;
extern const struct json_shape envios_pause_shape;
route_handler envios_pause, envios_resume;
extern const struct json_shape estado_shape;
route_handler estado_show;
route_handler metricas_show;
extern const struct json_shape solicitudes_shape, solicitudes_resend_shape;
route_handler solicitudes_create, solicitudes_resend, solicitudes_cancel, solicitudes_show;
extern const struct json_shape accesos_shape, accesos_code_shape, accesos_recovery_shape;
route_before accesos_compare, accesos_hash_new;
route_handler accesos_enter, accesos_replay, accesos_prove, accesos_replay_code, accesos_recover;

/* credenciales.c */
extern const struct json_shape contrasenas_shape, credenciales_authorise_shape,
    credenciales_withdraw_shape;
route_before contrasenas_hash;
route_handler contrasenas_create, credenciales_list, credenciales_find, credenciales_authorise,
    credenciales_withdraw;

/* retos.c */
extern const struct json_shape retos_shape, contrasenas_rules_shape;
route_handler retos_create, contrasenas_tell_rules;

extern const struct json_shape verificaciones_shape;
route_handler verificaciones_create, verificaciones_replay;
extern const struct json_shape ciudadanos_create_shape, ciudadanos_nif_shape,
    ciudadanos_contrast_shape;
route_handler ciudadanos_create, ciudadanos_find, ciudadanos_unlock, ciudadanos_set_contrast;

/* certificado.c */
extern const struct json_shape certificado_enrol_shape, certificado_phone_shape,
    certificado_renounce_shape, identidad_enrol_shape;
route_before certificado_prove;
route_handler certificado_enrol, certificado_change_phone, certificado_renounce, identidad_enrol;

extern const struct json_shape movil_send_shape, movil_prove_shape;
route_handler movil_send, movil_prove, movil_try, movil_show_message;
route_handler evidencias_show, evidencias_show_key;
route_handler plantillas_show;
extern const struct json_shape vida_act_shape, vida_phone_shape, vida_correct_shape, vida_nif_shape;
route_before vida_prepare_key;
route_handler vida_act, vida_change_phone, vida_correct, vida_change_nif, vida_send_key, vida_tell;
extern const struct json_shape lista_shape;
route_handler lista_show;
extern const struct json_shape propias_suspend_shape;
route_handler propias_renounce, propias_suspend;
extern const struct json_shape expediente_shape;
route_handler expediente_tell;
extern const struct json_shape exportacion_shape;
route_handler exportacion_tell;
extern const struct json_shape importacion_order_shape;
extern const struct upload_sink importacion_upload;
route_handler importacion_begin, importacion_show, importacion_order, importacion_cancel;
extern const struct json_shape altas_shape, altas_code_shape;
extern const struct upload_sink altas_upload;
route_before altas_prepare;
route_handler altas_create, altas_prove_phone, altas_resend_code;
extern const struct json_shape correos_prove_shape, correos_change_shape;
route_handler correos_prove, correos_change, correos_list_dead;

/* altas_registro.c */
extern const struct json_shape altas_list_shape, altas_accept_shape, altas_reject_shape;
route_handler altas_list, altas_show, altas_show_document, altas_accept, altas_reject;

extern const struct json_shape bloqueadas_shape;
route_handler bloqueadas_find;
route_handler limites_show, limites_find;
extern const struct json_shape modems_try_shape;
route_handler modems_show, modems_try, modems_restart, modems_trace;
extern const struct json_shape historia_shape;
route_handler historia_show, historia_show_box;
extern const struct json_shape informe_shape;
route_handler informe_show;
extern const struct json_shape centro_set_shape;
route_handler centro_set, centro_show;
route_handler saldo_ask, saldo_show;
route_handler cola_list;
extern const struct json_shape buzon_read_shape;
route_handler buzon_list, buzon_mark_read;
route_handler reloj_accept;
extern const struct json_shape clientes_create_shape, clientes_change_shape, clientes_rotate_shape;
route_handler clientes_create, clientes_list, clientes_change, clientes_rotate, clientes_revoke;
route_handler retencion_begin, retencion_show;
route_handler auditoria_accept;
route_handler clave_begin_change, clave_show_change;
extern const struct json_shape anotaciones_shape;
route_handler anotaciones_find, anotaciones_export;
route_handler cifras_show;
route_handler comprobacion_begin, comprobacion_show;

/* sesion.c */
extern const struct json_shape sesion_open_shape, sesion_change_shape, sesion_code_shape,
    sesion_start_totp_shape;
/* Makes x go on when its job is done. */
void sesion_prepare(struct exchange *x);
route_before sesion_compare, sesion_prove_totp;
route_handler sesion_open, sesion_show, sesion_change, sesion_close, sesiones_list, sesiones_end,
    sesion_start_totp, sesion_confirm_totp;

extern const struct json_shape operadores_create_shape, operadores_change_shape,
    operadores_first_shape;
route_before operadores_hash_new, operadores_hash_change, operadores_hash_first;
route_handler operadores_create, operadores_create_first, operadores_change, operadores_list,
    operadores_make_link;

#endif
