/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/routes.h"

#include "api/resources.h"
#include "store/clients.h"

#define ON_TCP .callers = CALLER_CLIENT | CALLER_SESSION
#define ON_CONTROL .callers = CALLER_PEER
#define ON_BOTH .callers = CALLER_ANYONE
#define WRITES(code, take) .writes = true, .status = (code), .shape = &(take)

const struct route routes[] = {
    /* the hot path first */
    {"POST", "/v1/verificaciones", ON_TCP, .scope = SCOPE_VERIFICAR,
     .handler = verificaciones_create, .replay = verificaciones_replay,
     WRITES(200, verificaciones_shape)},
    {"POST", "/v1/solicitudes", ON_TCP, .scope = SCOPE_SOLICITAR, .handler = solicitudes_create,
     WRITES(202, solicitudes_shape)},
    {"POST", "/v1/registro/ciudadanos", ON_TCP, .scope = SCOPE_REGISTRO, .handler = registro_create,
     WRITES(201, registro_shape)},
    {"GET", "/v1/estado", ON_TCP, .scope = SCOPE_TECNICO, .handler = estado_show, .status = 200,
     .in_doubt = true},
    {"POST", "/v1/estado/historia", ON_TCP, .scope = SCOPE_TECNICO, .handler = historia_show,
     .status = 200, .shape = &historia_shape},
    {"GET", "/healthz", ON_BOTH, .handler = probes_health, .status = 200},
    {"GET", "/readyz", ON_BOTH, .handler = probes_ready, .status = 200},
    {"POST", "/control/clientes", ON_CONTROL, .handler = control_client_create,
     WRITES(201, control_client_shape)},
    {"GET", "/control/clientes", ON_CONTROL, .handler = control_client_list, .status = 200},
    {"POST", "/control/clientes/revocar", ON_CONTROL, .handler = control_client_revoke,
     WRITES(200, control_revoke_shape)},
    {"POST", "/control/ciudadanos", ON_CONTROL, .handler = registro_create,
     WRITES(201, registro_shape)},
    {"POST", "/control/ciudadanos/ver", ON_CONTROL, .handler = control_citizen_show, .status = 200,
     .shape = &control_nif_shape},
    {"POST", "/control/ciudadanos/desbloquear", ON_CONTROL, .handler = control_citizen_unlock,
     WRITES(200, control_nif_shape)},
    {"POST", "/control/ciudadanos/contraste", ON_CONTROL, .handler = control_citizen_contrast,
     WRITES(200, control_contrast_shape)},
    {"POST", "/control/limites", ON_CONTROL, .handler = control_limits_show, .status = 200,
     .shape = &control_limits_shape},
    {"POST", "/control/reloj/aceptar", ON_CONTROL, .handler = control_clock_accept,
     WRITES(200, control_clock_shape)},
    {"POST", "/control/modems/ver", ON_CONTROL, .handler = control_modem_show, .status = 200,
     .shape = &control_modem_shape},
    {"POST", "/control/modems/prueba", ON_CONTROL, .handler = control_modem_test,
     WRITES(202, control_modem_test_shape)},
    {"POST", "/control/modems/reinicia", ON_CONTROL, .handler = control_modem_restart,
     .status = 202, .shape = &control_modem_shape},
    {"POST", "/control/modems/traza", ON_CONTROL, .handler = control_modem_trace, .status = 200,
     .shape = &control_modem_shape},
    {"GET", "/control/estado", ON_CONTROL, .handler = estado_show, .status = 200},
    {"POST", "/control/modems/historia", ON_CONTROL, .handler = historia_show, .status = 200,
     .shape = &historia_shape},
    {"GET", "/v1/buzon", ON_TCP, .scope = SCOPE_BUZON, .handler = control_inbox_list,
     .status = 200},
    {"GET", "/control/buzon", ON_CONTROL, .handler = control_inbox_list, .status = 200},
    {"POST", "/control/buzon/leer", ON_CONTROL, .handler = control_inbox_mark_read,
     WRITES(200, control_inbox_read_shape)},
    {"POST", "/control/modems/saldo", ON_CONTROL, .handler = control_balance_ask,
     WRITES(202, control_balance_shape)},
    {"POST", "/control/modems/saldo/ver", ON_CONTROL, .handler = control_balance_show,
     .status = 200, .shape = &control_balance_shape},
    {"POST", "/control/auditoria/aceptar", ON_CONTROL, .handler = control_audit_accept,
     WRITES(200, control_audit_shape)},
    {"GET", "/control/cola", ON_CONTROL, .handler = control_queue_list, .status = 200},
};
const size_t routes_count = sizeof(routes) / sizeof(routes[0]);
