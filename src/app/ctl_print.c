/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_print.h"

#include "app/ctl_table.h"

#include <stdio.h>

void ctl_print_token(const json_t *answer)
{
    printf("Cliente «%s» creado con los ámbitos %s.\n"
           "Su token, que no se volverá a mostrar:\n%s\n",
           ctl_text(answer, "nombre"), ctl_text(answer, "ambitos"), ctl_text(answer, "token"));
}

void ctl_print_clients(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"id", "ID"},
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
        {"revocado", "REVOCADO"},
        {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "clientes"), columns);
}

void ctl_print_client(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"nombre", "Nombre"}, {"ambitos", "Ámbitos"},
        {"redes", "Redes"},   {"certificados", "Certificados"},
        {"caduca", "Caduca"}, {NULL, NULL},
    };
    ctl_table_fields(answer, columns);
}

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

void ctl_print_revoked(const json_t *answer)
{
    printf("Cliente «%s» revocado: su token ya no sirve.\n", ctl_text(answer, "nombre"));
}

void ctl_print_operator(const json_t *answer)
{
    printf("Hecho: operador «%s».\n", ctl_text(answer, "nombre"));
}

void ctl_print_operators(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"nombre", "NOMBRE"},        {"rol", "ROL"},       {"activo", "ACTIVO"},
        {"codigo_activo", "CÓDIGO"}, {"creado", "CREADO"}, {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "operadores"), columns);
}

void ctl_print_link(const json_t *answer)
{
    printf("Abra este enlace, que sirve una vez y durante una hora:\n%s\n",
           ctl_text(answer, "enlace"));
}

void ctl_print_citizen(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"nif", "NIF"},
        {"nombre", "Nombre"},
        {"apellido1", "Primer apellido"},
        {"apellido2", "Segundo apellido"},
        {"movil", "Móvil"},
        {"idioma", "Idioma"},
        {"contraste", "Dato de contraste"},
        {"estado", "Estado"},
        {"registro", "Registro"},
        {"via_alta", "Vía de alta"},
        {"alta", "Fecha de alta"},
        {"fallos_seguidos", "Fallos seguidos"},
        {"bloqueado", "Bloqueado"},
        {"contraste_bloqueado", "Contraste bloqueado"},
        {NULL, NULL},
    };
    ctl_table_fields(answer, columns);
}

void ctl_print_life(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"hora", "HORA"},
        {"acto", "ACTO"},
        {"via", "VÍA"},
        {"quien", "QUIÉN"},
        {"motivo", "MOTIVO"},
        {"instancia", "INSTANCIA"},
        {"documento", "DOCUMENTO"},
        {"clausula", "CLÁUSULA"},
        {"nif_vinculado", "NIF VINCULADO"},
        {"avisado", "AVISADO"},
        {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "historia"), columns);
}

void ctl_print_applications(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"id", "ID"},       {"solicitada", "SOLICITADA"},
        {"nif", "NIF"},     {"nombre", "NOMBRE"},
        {"apellido1", ""},  {"apellido2", ""},
        {"movil", "MÓVIL"}, {"documentos", "COPIAS"},
        {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "altas"), columns);
}

void ctl_print_application(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"nif", "NIF"}, {"estado", "Estado"}, {"motivo", "Motivo"}, {NULL, NULL}};
    ctl_table_fields(answer, columns);
}

void ctl_print_blocked(const json_t *answer)
{
    ctl_print_citizen(answer);
    printf("\n");
    ctl_print_life(answer);
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

void ctl_print_clock(const json_t *answer)
{
    static const struct ctl_column columns[] = {{"hora", "Hora aceptada"}, {NULL, NULL}};
    ctl_table_fields(answer, columns);
}

void ctl_print_modems(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"nombre", "MÓDEM"},
        {"estado", "ESTADO"},
        {"dispositivo", "DISPOSITIVO"},
        {"modelo", "MODELO"},
        {"operador", "OPERADOR"},
        {"red", "RED"},
        {"senal_dbm", "SEÑAL (dBm)"},
        {"enviados", "ENVIADOS"},
        {"perdidas", "PÉRDIDAS"},
        {"detalle", "DETALLE"},
        {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "modems"), columns);
}

void ctl_print_modem(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"nombre", "Módem"},
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
        {"basura", "Líneas sin sentido"},
        {NULL, NULL},
    };
    ctl_table_fields(answer, columns);
}

void ctl_print_trial(const json_t *answer)
{
    printf("Mensaje de prueba %" JSON_INTEGER_FORMAT " en la cola. Esperando…\n",
           json_integer_value(json_object_get(answer, "id")));
    fflush(stdout);
}

void ctl_print_queued(const json_t *answer)
{
    printf("Mensaje %" JSON_INTEGER_FORMAT " en la cola; mírelo con «contraclavectl cola».\n",
           json_integer_value(json_object_get(answer, "mensaje")));
}

void ctl_print_alert_trial(const json_t *answer)
{
    (void)answer;
    puts("Enviando un aviso de prueba. Esperando…");
    fflush(stdout);
}

void ctl_print_restart(const json_t *answer)
{
    printf("El módem «%s» se reinicia; mírelo con «contraclavectl modem ver».\n",
           ctl_text(answer, "nombre"));
}

void ctl_print_trace(const json_t *answer)
{
    const json_t *lines = json_object_get(answer, "lineas");
    for (size_t i = 0; i < json_array_size(lines); i++)
        ctl_print_line(json_string_value(json_array_get(lines, i)));
}

void ctl_print_report(const json_t *answer)
{
    fputs(ctl_text(answer, "informe"), stdout);
}

void ctl_print_centre(const json_t *answer)
{
    printf("Escribiendo el centro de mensajes en la SIM de «%s»…\n", ctl_text(answer, "nombre"));
    fflush(stdout);
}

void ctl_print_balance(const json_t *answer)
{
    printf("Preguntando el saldo de «%s» a su operador; puede tardar un minuto…\n",
           ctl_text(answer, "nombre"));
    fflush(stdout);
}

void ctl_print_inbox(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"id", "ID"}, {"recibido", "RECIBIDO"}, {"modem", "MÓDEM"}, {"clase", "CLASE"},
        {"de", "DE"}, {"leido", "LEÍDO"},       {"texto", "TEXTO"}, {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "mensajes"), columns);
}

void ctl_print_read(const json_t *answer)
{
    printf("Quedan %" JSON_INTEGER_FORMAT " mensajes sin leer.\n",
           json_integer_value(json_object_get(answer, "sin_leer")));
}

void ctl_print_history(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"hora", "HORA"},         {"fin", "FIN"},        {"peldano", "RECUPERACIÓN"},
        {"funciono", "FUNCIONÓ"}, {"motivo", "POR QUÉ"}, {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "recuperaciones"), columns);
}

void ctl_print_accepted(const json_t *answer)
{
    (void)answer;
    puts("Aceptada: esta es desde ahora la base de datos buena, y se atiende a la sede.");
}

void ctl_print_figures(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"mes", "MES"},
        {"altas_presencial", "EN PERSONA"},
        {"altas_en_linea", "EN LÍNEA"},
        {"altas_certificado", "CERTIF."},
        {"bajas", "BAJAS"},
        {"peticiones", "PETICIONES"},
        {"sms_enviados", "SMS"},
        {"sms_fallidos", "FALLIDOS"},
        {"entradas", "ENTRADAS"},
        {"entradas_rechazadas", "RECHAZADAS"},
        {"activas", "ACTIVAS"},
        {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "meses"), columns);
}

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
        {"listo", "Puede enviar"},
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
    ctl_print_modems(answer);
}

void ctl_print_queue(const json_t *answer)
{
    static const struct ctl_column columns[] = {
        {"id", "ID"},       {"creado", "CREADO"},
        {"clase", "CLASE"}, {"estado", "ESTADO"},
        {"movil", "MÓVIL"}, {"intentos", "INTENTOS"},
        {"modem", "MÓDEM"}, {"entrega_s", "ENTREGA (s)"},
        {"causa", "CAUSA"}, {"causa_texto", ""},
        {NULL, NULL},
    };
    ctl_table_rows(json_object_get(answer, "mensajes"), columns);
}
