/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/routes.h"

#include "api/exposition.h"
#include "api/input.h"
#include "api/live.h"
#include "api/resources.h"

/*
 * A client's answers may not tell whether a message was sent (caller_sees_exactly()): what shows
 * single messages, or what a SIM has left, is for staff. So is what changes who may call.
 */
enum {
    CLIENT = CALLER_CLIENT,
    STAFF = CALLER_STAFF,
    ALL = CALLER_CLIENT | CALLER_STAFF,
    SESSION = CALLER_SESSION,
    PEER = CALLER_PEER,
    ANYONE = CALLER_ANYONE
};

#define WRITES(code, take) .writes = true, .status = (code), .shape = &(take)
#define READS .status = 200

const struct route routes[] = {
    /* the busiest first */
    {"POST", "/v1/verificaciones", CLIENT, SCOPE_VERIFICAR, .handler = verificaciones_create,
     .replay = verificaciones_replay, .is_even = true, WRITES(200, verificaciones_shape)},
    {"POST", "/v1/solicitudes", CLIENT, SCOPE_SOLICITAR, .handler = solicitudes_create,
     .is_even = true, WRITES(202, solicitudes_shape)},
    {"GET", "/v1", ALL, .handler = indice_show, READS, .in_doubt = true},
    {"POST", "/v1/renuncias", CLIENT, SCOPE_ALTA, .handler = propias_renounce, .is_even = true,
     WRITES(200, verificaciones_shape)},
    {"POST", "/v1/suspensiones", CLIENT, SCOPE_ALTA, .handler = propias_suspend, .is_even = true,
     WRITES(202, propias_suspend_shape)},
    {"POST", "/v1/solicitudes/{id}/reenvio", CLIENT, SCOPE_SOLICITAR, .handler = solicitudes_resend,
     .is_even = true, WRITES(202, solicitudes_resend_shape)},
    {"DELETE", "/v1/solicitudes/{id}", CLIENT, SCOPE_SOLICITAR, .handler = solicitudes_cancel,
     .is_even = true, .writes = true, .status = 204},
    {"GET", "/v1/solicitudes/{id}", CLIENT, SCOPE_SOLICITAR, .handler = solicitudes_show, READS},
    {"GET", "/healthz", ANYONE, .handler = probes_health, READS},
    {"GET", "/readyz", ANYONE, .handler = probes_ready, READS},
    {"GET", "/v1/estado", ALL, SCOPE_TECNICO | SCOPE_ESTADO, .handler = estado_show, READS,
     .packs = true, .in_doubt = true, .shape = &estado_shape},
    {"GET", "/v1/estado/eventos", STAFF, SCOPE_TECNICO | SCOPE_ESTADO, .handler = live_follow,
     READS, .packs = true, .type = "text/event-stream", .in_doubt = true, .shape = &live_shape},

    {"GET", "/metrics", ALL, SCOPE_METRICAS | SCOPE_TECNICO, .handler = metricas_show, READS,
     .type = EXPOSITION_TYPE, .on_loopback = true, .in_doubt = true},

    {"POST", "/v1/registro/ciudadanos", ALL, SCOPE_REGISTRO, .handler = ciudadanos_create,
     WRITES(201, ciudadanos_create_shape)},
    {"POST", "/v1/altas/certificado", CLIENT, SCOPE_CERTIFICADO, .before = certificado_prove,
     .handler = certificado_enrol, .body_max = HTTP_BODY_LARGE,
     WRITES(201, certificado_enrol_shape)},
    {"POST", "/v1/altas/certificado/movil", CLIENT, SCOPE_CERTIFICADO, .before = certificado_prove,
     .handler = certificado_change_phone, .body_max = HTTP_BODY_LARGE,
     WRITES(200, certificado_phone_shape)},
    {"POST", "/v1/renuncias/certificado", CLIENT, SCOPE_CERTIFICADO, .before = certificado_prove,
     .handler = certificado_renounce, .body_max = HTTP_BODY_LARGE,
     WRITES(200, certificado_renounce_shape)},
    {"POST", "/v1/altas/identidad", CLIENT, SCOPE_IDENTIDAD, .handler = identidad_enrol,
     WRITES(201, identidad_enrol_shape)},
    /* a search is a POST: a NIF in a URL would reach the logs of proxies and browsers */
    {"POST", "/v1/registro/ciudadanos/busqueda", STAFF, SCOPE_REGISTRO, .handler = ciudadanos_find,
     READS, .shape = &ciudadanos_nif_shape},
    {"POST", "/v1/registro/ciudadanos/desbloqueo", STAFF, SCOPE_REGISTRO,
     .handler = ciudadanos_unlock, WRITES(200, ciudadanos_nif_shape)},
    {"POST", "/v1/registro/ciudadanos/contraste", STAFF, SCOPE_REGISTRO,
     .handler = ciudadanos_set_contrast, WRITES(200, ciudadanos_contrast_shape)},
    {"POST", "/v1/registro/ciudadanos/busqueda/historia", STAFF, SCOPE_REGISTRO,
     .handler = vida_tell, READS, .shape = &ciudadanos_nif_shape},
    {"POST", "/v1/registro/ciudadanos/movil", STAFF, SCOPE_REGISTRO, .handler = vida_change_phone,
     WRITES(200, vida_phone_shape)},
    {"POST", "/v1/registro/ciudadanos/rectificacion", STAFF, SCOPE_REGISTRO,
     .handler = vida_correct, WRITES(200, vida_correct_shape)},
    {"POST", "/v1/registro/ciudadanos/cambio_nif", STAFF, SCOPE_REGISTRO,
     .handler = vida_change_nif, WRITES(200, vida_nif_shape)},
    {"POST", "/v1/registro/ciudadanos/{acto}", STAFF, SCOPE_REGISTRO, .handler = vida_act,
     WRITES(200, vida_act_shape)},
    {"GET", "/v1/registro/ciudadanos", STAFF, SCOPE_SUPERVISION, .handler = lista_show, READS,
     .packs = true, .shape = &lista_shape},
    /* that a person's file was asked for is audited: it writes */
    {"POST", "/v1/registro/ciudadanos/busqueda/expediente", STAFF, SCOPE_REGISTRO,
     .handler = expediente_tell, WRITES(200, expediente_shape)},
    {"POST", "/v1/registro/ciudadanos/busqueda/exportacion", STAFF, SCOPE_SUPERVISION,
     .handler = exportacion_tell, WRITES(200, exportacion_shape)},
    {"GET", "/v1/limites", STAFF, SCOPE_TECNICO | SCOPE_REGISTRO, .handler = limites_show, READS},
    {"POST", "/v1/limites/busqueda", STAFF, SCOPE_REGISTRO, .handler = limites_find, READS,
     .shape = &ciudadanos_nif_shape},

    {"GET", "/v1/modems/{nombre}", ALL, SCOPE_TECNICO, .handler = modems_show, READS},
    {"GET", "/v1/modems/{nombre}/historia", ALL, SCOPE_TECNICO, .handler = historia_show, READS,
     .packs = true, .shape = &historia_shape},
    {"POST", "/v1/modems/{nombre}/reinicio", ALL, SCOPE_TECNICO, .handler = modems_restart,
     WRITES(202, input_no_fields)},
    {"GET", "/v1/modems/{nombre}/centro", STAFF, SCOPE_TECNICO, .handler = centro_show, READS},
    {"POST", "/v1/modems/{nombre}/centro", STAFF, SCOPE_TECNICO, .handler = centro_set,
     WRITES(202, centro_set_shape)},
    {"GET", "/v1/modems/{nombre}/traza", STAFF, SCOPE_TECNICO, .handler = modems_trace, READS},
    {"POST", "/v1/modems/{nombre}/prueba", STAFF, SCOPE_TECNICO, .handler = modems_try,
     WRITES(202, modems_try_shape)},
    {"GET", "/v1/modems/{nombre}/saldo", STAFF, SCOPE_TECNICO, .handler = saldo_show, READS},
    {"POST", "/v1/modems/{nombre}/saldo", STAFF, SCOPE_TECNICO, .handler = saldo_ask,
     WRITES(202, input_no_fields)},
    {"GET", "/v1/informe", STAFF, SCOPE_TECNICO, .handler = informe_show, READS, .in_doubt = true,
     .shape = &informe_shape},
    {"GET", "/v1/historia", STAFF, SCOPE_TECNICO, .handler = historia_show_box, READS,
     .packs = true, .shape = &historia_shape},
    {"GET", "/v1/cola", STAFF, SCOPE_TECNICO, .handler = cola_list, READS},
    {"GET", "/v1/buzon", ALL, SCOPE_BUZON, .handler = buzon_list, READS},
    {"POST", "/v1/buzon/lectura", STAFF, SCOPE_BUZON, .handler = buzon_mark_read,
     WRITES(200, buzon_read_shape)},
    {"POST", "/v1/avisos/prueba", STAFF, SCOPE_TECNICO, .handler = avisos_try,
     WRITES(202, input_no_fields)},
    {"POST", "/v1/envios/pausa", STAFF, SCOPE_TECNICO, .handler = envios_pause,
     WRITES(200, envios_pause_shape)},
    {"DELETE", "/v1/envios/pausa", STAFF, SCOPE_TECNICO, .handler = envios_resume, .writes = true,
     READS},
    {"POST", "/v1/reloj/aceptacion", STAFF, SCOPE_TECNICO, .handler = reloj_accept,
     WRITES(200, input_no_fields)},

    {"GET", "/v1/clientes", STAFF, SCOPE_ADMIN, .handler = clientes_list, READS},
    {"POST", "/v1/clientes", STAFF, SCOPE_ADMIN, .handler = clientes_create,
     WRITES(201, clientes_create_shape)},
    {"POST", "/v1/clientes/{nombre}/revocacion", STAFF, SCOPE_ADMIN, .handler = clientes_revoke,
     WRITES(200, input_no_fields)},
    {"POST", "/v1/auditoria/aceptacion", STAFF, SCOPE_ADMIN, .handler = auditoria_accept,
     WRITES(200, input_no_fields)},

    {"POST", "/v1/sesion", ANYONE, .before = sesion_compare, .handler = sesion_open,
     WRITES(200, sesion_open_shape)},
    {"GET", "/v1/sesion", SESSION, .handler = sesion_show, READS, .in_doubt = true},
    {"PATCH", "/v1/sesion", SESSION, .handler = sesion_change, WRITES(200, sesion_change_shape)},
    {"DELETE", "/v1/sesion", SESSION, .handler = sesion_close, .writes = true, .status = 200,
     .in_doubt = true},
    {"POST", "/v1/sesion/totp", SESSION, .before = sesion_prove_totp, .handler = sesion_start_totp,
     WRITES(200, sesion_start_totp_shape)},
    {"POST", "/v1/sesion/totp/confirmar", SESSION, .handler = sesion_confirm_totp,
     WRITES(200, sesion_code_shape)},
    {"GET", "/v1/sesiones", SESSION, .handler = sesiones_list, READS},
    {"DELETE", "/v1/sesiones/{id}", SESSION, .handler = sesiones_end, .writes = true,
     .status = 200},
    {"GET", "/v1/operadores", STAFF, SCOPE_OPERADORES, .handler = operadores_list, READS},
    {"POST", "/v1/operadores", STAFF, SCOPE_OPERADORES, .before = operadores_hash_new,
     .handler = operadores_create, WRITES(201, operadores_create_shape)},
    {"PATCH", "/v1/operadores/{nombre}", STAFF, SCOPE_OPERADORES, .before = operadores_hash_change,
     .handler = operadores_change, WRITES(200, operadores_change_shape)},
    {"POST", "/v1/operadores/inicial", ANYONE, .before = operadores_hash_first,
     .handler = operadores_create_first, WRITES(201, operadores_first_shape)},
    {"POST", "/v1/operadores/enlace", PEER, .handler = operadores_make_link,
     WRITES(201, input_no_fields)},
};
const size_t routes_count = sizeof(routes) / sizeof(routes[0]);
