/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/cause_table.h"

/* TP-Status of a report. A row that is not here goes by its range: gsm_status_class(). */
const struct gsm_cause_row gsm_cause_status[] = {
    /* 23.040 9.2.3.15: transaction completed; not failures, but shown in lists */
    ROW(0x00, UNKNOWN, NULL, "entregado"),
    ROW(0x01, UNKNOWN, NULL, "enviado, sin confirmación de entrega"),
    ROW(0x02, UNKNOWN, NULL, "reemplazado en el centro de mensajes"),
    /* temporary, the centre still tries */
    ROW(0x20, UNKNOWN, NULL, "en intento: red saturada"),
    ROW(0x21, UNKNOWN, NULL, "en intento: destino ocupado"),
    ROW(0x22, UNKNOWN, NULL, "en intento: el destino no responde"),
    ROW(0x23, UNKNOWN, NULL, "en intento: servicio rechazado"),
    ROW(0x24, UNKNOWN, NULL, "en intento: calidad no disponible"),
    ROW(0x25, UNKNOWN, NULL, "en intento: error en el destino"),
    /* permanent */
    ROW(0x40, PERMANENT, NULL, "error de procedimiento remoto"),
    ROW(0x41, PERMANENT, NULL, "destino incompatible"),
    ROW(0x42, PERMANENT, NULL, "rechazado por el destino"),
    ROW(0x43, PERMANENT, NULL, "destino inalcanzable"),
    ROW(0x44, PERMANENT, NULL, "calidad no disponible"),
    ROW(0x45, PERMANENT, NULL, "sin interconexión con la red de destino"),
    ROW(0x46, PERMANENT, NULL, "caducado sin entregar"),
    ROW(0x47, PERMANENT, NULL, "borrado por el remitente"),
    ROW(0x48, PERMANENT, NULL, "borrado por el centro de mensajes"),
    ROW(0x49, PERMANENT, NULL, "el centro no conoce el mensaje"),
    /* temporary, but the centre tries no more */
    ROW(0x60, TEMPORARY, NULL, "sin entregar: red saturada"),
    ROW(0x61, TEMPORARY, NULL, "sin entregar: destino ocupado"),
    ROW(0x62, TEMPORARY, NULL, "sin entregar: el destino no responde"),
    ROW(0x63, TEMPORARY, NULL, "sin entregar: servicio rechazado"),
    ROW(0x64, TEMPORARY, NULL, "sin entregar: calidad no disponible"),
    ROW(0x65, TEMPORARY, NULL, "sin entregar: error en el destino"),
};

const size_t gsm_cause_status_count = sizeof(gsm_cause_status) / sizeof(gsm_cause_status[0]);
