/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_print.h"

#include "app/ctl_table.h"

#include <stdio.h>

const struct ctl_view ctl_view_clients = {
    .list = "clientes",
    .columns = {{"id", "ID"},
                {"nombre", "NOMBRE"},
                {"ambitos", "ÁMBITOS"},
                {"ip_obligatoria", "IP OBLIGATORIA"},
                {"redes", "REDES"},
                {"creado", "CREADO"},
                {"caduca", "CADUCA"},
                {"certificado_caduca", "CERTIFICADO CADUCA"},
                {"caduca_pronto", "CADUCA PRONTO"},
                {"ultimo_uso", "ÚLTIMO USO"},
                {"token_anterior_hasta", "TOKEN ANTERIOR HASTA"},
                {"revocado", "REVOCADO"}},
};

const struct ctl_view ctl_view_client = {
    .columns = {{"nombre", "Nombre"},
                {"ambitos", "Ámbitos"},
                {"redes", "Redes"},
                {"certificados", "Certificados"},
                {"caduca", "Caduca"}},
};

const struct ctl_view ctl_view_token = {.text =
                                            "Cliente «{nombre}» creado con los ámbitos {ambitos}.\n"
                                            "Su token, que no se volverá a mostrar:\n{token}\n"};

const struct ctl_view ctl_view_link = {
    .text = "Abra este enlace, que sirve una vez y durante una hora:\n{enlace}\n"};

void ctl_print_rotated(const json_t *answer)
{
    const char *ends = ctl_text(answer, "token_anterior_hasta");
    printf("Token nuevo del cliente «%s», que no se volverá a mostrar:\n%s\n",
           ctl_text(answer, "nombre"), ctl_text(answer, "token"));
    if (ends[0] != '\0')
        printf("El que usaba sigue valiendo hasta %s (hora UTC): cámbielo antes.\n", ends);
    else
        puts("Los de antes ya no sirven.");
}

const struct ctl_view ctl_view_operators = {
    .list = "operadores",
    .columns = {{"nombre", "NOMBRE"},
                {"rol", "ROL"},
                {"activo", "ACTIVO"},
                {"codigo_activo", "CÓDIGO"},
                {"creado", "CREADO"}},
};

const struct ctl_view ctl_view_citizen = {
    .columns = {CTL_PERSON_COLUMNS,
                {"fallos_seguidos", "Fallos seguidos"},
                {"bloqueado", "Bloqueado"},
                {"contraste_bloqueado", "Contraste bloqueado"}},
};

const struct ctl_view ctl_view_life = {
    .list = "historia",
    .columns = {{"hora", "HORA"},
                {"acto", "ACTO"},
                {"via", "VÍA"},
                {"quien", "QUIÉN"},
                {"motivo", "MOTIVO"},
                {"instancia", "INSTANCIA"},
                {"documento", "DOCUMENTO"},
                {"clausula", "CLÁUSULA"},
                {"nif_vinculado", "NIF VINCULADO"},
                {"avisado", "AVISADO"}},
};

const struct ctl_view ctl_view_applications = {
    .list = "altas",
    .columns = {{"id", "ID"},
                {"solicitada", "SOLICITADA"},
                {"nif", "NIF"},
                {"nombre", "NOMBRE"},
                {"apellido1", ""},
                {"apellido2", ""},
                {"movil", "MÓVIL"},
                {"documentos", "COPIAS"}},
};

const struct ctl_view ctl_view_application = {
    .columns = {{"nif", "NIF"}, {"estado", "Estado"}, {"motivo", "Motivo"}},
};

void ctl_print_blocked(const json_t *answer)
{
    ctl_view_show(&ctl_view_citizen, answer);
    printf("\n");
    ctl_view_show(&ctl_view_life, answer);
}

void ctl_print_limits(const json_t *answer)
{
    static const struct ctl_column limits[] = {
        {"clave", "LÍMITE"}, {"valor", "VALOR"}, {"que", "QUÉ ES"}, {NULL, NULL}};
    static const struct ctl_column town[] = {
        {"nif_con_fallos_24h", "NIF con fallos en 24 h"},
        {"fallos_24h", "Fallos comparados en 24 h"},
        {"fallos_30d", "Fallos comparados en 30 días"},
        {"sms_hora", "SMS en la última hora"},
        {"sms_costumbre", "SMS de costumbre a esta hora"},
        {"pide_contraste", "Se pide el contraste"},
        {NULL, NULL},
    };
    static const struct ctl_column citizen[] = {
        {"nif", "NIF"},
        {"vivas", "Contraclaves en vigor"},
        {"enviadas_hora", "Enviadas en una hora"},
        {"enviadas_dia", "Enviadas en 24 h"},
        {"con_contraste_hora", "Con el contraste, en una hora"},
        {"con_contraste_dia", "Con el contraste, en 24 h"},
        {"sms_movil_dia", "SMS a su móvil en 24 h"},
        {"fallos_seguidos", "Fallos seguidos"},
        {"contrastes_erroneos_dia", "Contrastes erróneos en 24 h"},
        {"contrastes_erroneos_30d", "Contrastes erróneos en 30 días"},
        {"rechazos_hora", "Rechazos con otra clave en una hora"},
        {"bloqueado", "Bloqueado"},
        {"contraste_bloqueado", "Contraste bloqueado"},
        {NULL, NULL},
    };
    const json_t *person = json_object_get(answer, "persona");
    ctl_table_rows(json_object_get(answer, "limites"), limits);
    puts("\nMunicipio");
    ctl_table_fields(json_object_get(answer, "municipio"), town);
    if (person != NULL) {
        puts("\nPersona");
        ctl_table_fields(person, citizen);
    }
}

const struct ctl_view ctl_view_clock = {
    .columns = {{"hora", "Hora aceptada"}},
};

const struct ctl_view ctl_view_modems = {
    .list = "modems",
    .columns = {{"nombre", "MÓDEM"},
                {"estado", "ESTADO"},
                {"dispositivo", "DISPOSITIVO"},
                {"modelo", "MODELO"},
                {"operador", "OPERADOR"},
                {"red", "RED"},
                {"senal_dbm", "SEÑAL (dBm)"},
                {"enviados", "ENVIADOS"},
                {"perdidas", "PÉRDIDAS"},
                {"detalle", "DETALLE"}},
};

const struct ctl_view ctl_view_modem = {
    .columns = {{"nombre", "Módem"},
                {"estado", "Estado"},
                {"detalle", "Qué hacer"},
                {"aviso", "Aviso"},
                {"peldano", "Recuperación en curso"},
                {"dispositivo", "Dispositivo"},
                {"puerto", "Puerto"},
                {"controlador", "Controlador"},
                {"fabricante", "Fabricante"},
                {"modelo", "Modelo"},
                {"firmware", "Firmware"},
                {"imei", "IMEI"},
                {"iccid", "ICCID de la SIM"},
                {"intentos_pin", "Intentos de PIN"},
                {"operador", "Operador"},
                {"red", "Red"},
                {"itinerancia", "En itinerancia"},
                {"celda", "Celda"},
                {"area", "Área"},
                {"senal_dbm", "Señal (dBm)"},
                {"rsrp_dbm", "RSRP (dBm)"},
                {"centro_mensajes", "Centro de mensajes"},
                {"servicio_sms", "Servicio SMS (CGSMS)"},
                {"ims", "SMS por IMS"},
                {"temperatura_c", "Temperatura (°C)"},
                {"alimentacion_mv", "Alimentación (mV)"},
                {"memoria_usada", "Memoria usada"},
                {"memoria_total", "Memoria total"},
                {"reloj_red_s", "Hora de la red menos la del equipo (s)"},
                {"saldo", "Último saldo"},
                {"saldo_fecha", "Fecha del saldo"},
                {"enviados", "Enviados"},
                {"rechazados", "Rechazados"},
                {"inciertos", "Inciertos"},
                {"informes", "Informes de entrega"},
                {"perdidas", "Pérdidas de conexión"},
                {"basura", "Líneas sin sentido"}},
};

void ctl_print_trace(const json_t *answer)
{
    const json_t *lines = json_object_get(answer, "lineas");
    for (size_t i = 0; i < json_array_size(lines); i++)
        ctl_print_line(json_string_value(json_array_get(lines, i)));
}

const struct ctl_view ctl_view_inbox = {
    .list = "mensajes",
    .columns = {{"id", "ID"},
                {"recibido", "RECIBIDO"},
                {"modem", "MÓDEM"},
                {"clase", "CLASE"},
                {"de", "DE"},
                {"leido", "LEÍDO"},
                {"texto", "TEXTO"}},
};

const struct ctl_view ctl_view_history = {
    .list = "recuperaciones",
    .columns = {{"hora", "HORA"},
                {"fin", "FIN"},
                {"peldano", "RECUPERACIÓN"},
                {"funciono", "FUNCIONÓ"},
                {"motivo", "POR QUÉ"}},
};

const struct ctl_view ctl_view_figures = {
    .list = "meses",
    .columns = {{"mes", "MES"},
                {"altas_presencial", "EN PERSONA"},
                {"altas_en_linea", "EN LÍNEA"},
                {"altas_certificado", "CERTIF."},
                {"bajas", "BAJAS"},
                {"peticiones", "PETICIONES"},
                {"sms_enviados", "SMS"},
                {"sms_fallidos", "FALLIDOS"},
                {"entradas", "ENTRADAS"},
                {"entradas_rechazadas", "RECHAZADAS"},
                {"activas", "ACTIVAS"}},
};

void ctl_print_sending(const json_t *answer)
{
    puts(json_is_true(json_object_get(answer, "en_pausa"))
             ? "Envíos en pausa: lo que se pida espera en la cola."
             : "Envíos reanudados.");
}

/* The verdict, as the pages and the alerts say it. */
static void print_verdict(const json_t *verdict)
{
    const json_t *others = json_object_get(verdict, "otras");
    printf("%s\n%s\n", ctl_text(verdict, "frase"), ctl_text(verdict, "que_hacer"));
    for (size_t i = 0; i < json_array_size(others); i++) {
        const json_t *other = json_array_get(others, i);
        printf("- %s %s\n", ctl_text(other, "frase"), ctl_text(other, "que_hacer"));
    }
    putchar('\n');
}

/* The fingerprint is for comparison with the one that a browser shows. */
static void print_certificate(const json_t *certificate)
{
    static const struct ctl_column columns[] = {{"caduca", "Válido hasta"},
                                                {"propio", "Propio"},
                                                {"huella", "Huella SHA-256"},
                                                {NULL, NULL}};
    if (!json_is_object(certificate))
        return;
    puts("\nCertificado de las páginas");
    ctl_table_fields(certificate, columns);
}

static void print_boxes(const json_t *boxes)
{
    size_t i;
    const json_t *box;
    if (json_array_size(boxes) > 0)
        puts("\nEquipos");
    json_array_foreach(boxes, i, box)
        printf("%s%s\n", ctl_text(box, "frase"),
               json_is_true(json_object_get(box, "tareas")) ? " Lleva las tareas comunes." : "");
}

void ctl_print_status(const json_t *answer)
{
    static const struct ctl_column town[] = {
        {"entidad", "Entidad"},
        {"version", "Versión"},
        {"hora_local", "Hora del equipo"},
        {"reloj_fiable", "Reloj fiable"},
        {"ciudadanos", "Ciudadanos de alta"},
        {"alarma", "Alarma por fallos"},
        {"aviso_limites", "Límites"},
        {"aviso_datos", "Aviso de datos"},
        {NULL, NULL},
    };
    static const struct ctl_column queue[] = {
        {"en_cola", "en cola"},      {"enviando", "enviando"},          {"enviado", "enviados"},
        {"entregado", "entregados"}, {"no_entregado", "no entregados"}, {"incierto", "inciertos"},
        {"rechazado", "rechazados"}, {"caducado", "caducados"},         {NULL, NULL},
    };
    print_verdict(json_object_get(answer, "veredicto"));
    ctl_table_fields(answer, town);
    print_certificate(json_object_get(json_object_get(answer, "equipo"), "certificado"));
    print_boxes(json_object_get(answer, "equipos"));
    puts("\nMensajes");
    ctl_table_fields(json_object_get(answer, "cola"), queue);
    putchar('\n');
    ctl_view_show(&ctl_view_modems, answer);
}

const struct ctl_view ctl_view_queue = {
    .list = "mensajes",
    .columns = {{"id", "ID"},
                {"creado", "CREADO"},
                {"clase", "CLASE"},
                {"estado", "ESTADO"},
                {"movil", "MÓVIL"},
                {"intentos", "INTENTOS"},
                {"modem", "MÓDEM"},
                {"entrega_s", "ENTREGA (s)"},
                {"causa", "CAUSA"},
                {"causa_texto", ""}},
};
