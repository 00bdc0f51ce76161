/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Table of all errors, for every room: the stable token (problem+json `type`, contraclavectl
 * --json), the HTTP status, the exit code (sysexits.h) and the Spanish sentence for people. The
 * network's verdict on a message is not here: that is struct gsm_cause.
 */
#ifndef CC_BASE_ERR_H
#define CC_BASE_ERR_H

#define CC_MUST_CHECK __attribute__((warn_unused_result))

/*   name              token                 HTTP exit  sentence */
#define CC_ERR_TABLE(X)                                                                             \
    X(OK, "ok", 200, 0, "Correcto.")                                                                \
    /* NIF, DOMAIN 2 */                                                                             \
    X(NIF_LENGTH, "nif_longitud", 422, 65,                                                          \
      "El NIF debe tener 9 caracteres. Escríbalo completo, con su letra.")                          \
    X(NIF_FORMAT, "nif_formato", 422, 65,                                                           \
      "El NIF tiene caracteres que no corresponden. Use solo cifras y letras, como 12345678Z.")     \
    X(NIF_PREFIX, "nif_prefijo", 422, 65,                                                           \
      "El NIF no puede empezar por esa letra. Cópielo como figura en su documento.")                \
    X(NIF_CHECKSUM, "nif_control", 422, 65,                                                         \
      "La letra o cifra de control no corresponde a ese número. Revise el NIF.")                    \
    X(NIF_KIND, "nif_tipo", 422, 65,                                                                \
      "El último carácter de ese NIF debe ser de la otra clase (letra o cifra). Revise el NIF.")    \
    X(NIF_M_ALNUM, "nif_m_alfanumerico", 422, 65,                                                   \
      "Este NIF empezado por M lleva letras en medio y no se admite. Consulte en el Registro.")     \
    X(NIF_TEST, "nif_de_prueba", 422, 65, "Ese NIF es un número de prueba y aquí no se admite.")    \
    /* the other fields */                                                                          \
    X(PHONE_FORMAT, "movil_formato", 422, 65,                                                       \
      "El teléfono no es válido. Escriba 9 cifras, o + y el prefijo del país si es extranjero.")    \
    X(PHONE_NOT_MOBILE, "movil_no_movil", 422, 65,                                                  \
      "Ese teléfono no es móvil. Los españoles empiezan por 6 o por 71 a 74.")                      \
    X(CLAVE_FORMAT, "clave_formato", 422, 65,                                                       \
      "La clave debe tener exactamente 4 cifras, también los ceros.")                               \
    X(CLAVE_MISMATCH, "clave_distinta", 422, 65,                                                    \
      "Las dos claves no coinciden. Escriba la misma clave las dos veces.")                         \
    X(CONTRACLAVE_FORMAT, "contraclave_formato", 422, 65,                                           \
      "La contraclave debe tener todas las cifras del SMS, también los ceros.")                     \
    X(CONTRAST_DATE, "contraste_fecha", 422, 65,                                                    \
      "La fecha del documento no es válida. Escriba la de validez, como 31/12/2030; si es "        \
      "permanente, la de expedición.")                                                              \
    X(CONTRAST_SUPPORT, "contraste_soporte", 422, 65,                                               \
      "El número de soporte del NIE no es válido. Es una letra y 8 cifras, como E12345678.")        \
    X(CONTRAST_NONE, "contraste_no_procede", 422, 65,                                               \
      "Las personas jurídicas no tienen dato de contraste. Deje ese campo vacío.")                  \
    X(NAME_FORMAT, "nombre_formato", 422, 65,                                                       \
      "El nombre está vacío, es demasiado largo o tiene caracteres no admitidos.")                  \
    X(LANG_UNKNOWN, "idioma_desconocido", 422, 65, "Idioma no admitido. Use es, ca, eu, gl o en.")  \
    X(ROLE_UNKNOWN, "rol_desconocido", 422, 65,                                                     \
      "Rol desconocido. Los roles son: lector, registro, supervisor, tecnico, auditor, "            \
      "administrador.")                                                                             \
    X(PASSWORD_SHORT, "contrasena_corta", 422, 65,                                                  \
      "La contraseña debe tener al menos 12 caracteres. Sirve una frase de varias palabras.")       \
    X(PASSWORD_COMMON, "contrasena_comun", 422, 65,                                                 \
      "Esa contraseña es de las que se prueban primero. Elija otra, por ejemplo una frase.")        \
    X(PASSWORD_FORMAT, "contrasena_formato", 422, 65,                                               \
      "La contraseña es demasiado larga o tiene caracteres que no se pueden teclear.")              \
    X(TOTP_CODE, "codigo_incorrecto", 422, 65,                                                      \
      "Ese código no es el de ahora. Espere al siguiente y mire la hora de su teléfono.")           \
    X(IP_FORMAT, "ip_formato", 422, 65, "La dirección IP no es válida (IPv4 o IPv6).")              \
    X(SCOPE_UNKNOWN, "ambito_desconocido", 422, 65,                                                 \
      "Ámbito desconocido. Los ámbitos son: solicitar, verificar, alta, registro, tecnico, "      \
      "buzon, auditoria, metricas, estado, operadores, admin.")                                     \
    X(TEXT_NOT_GSM7, "texto_no_gsm7", 422, 78,                                                      \
      "El texto tiene caracteres que no caben en un SMS sencillo (por ejemplo á, í, ó, ú).")        \
    X(TEXT_TOO_LONG, "texto_largo", 422, 78, "El texto no cabe en un solo SMS.")                    \
    /* requests to the API */                                                                       \
    X(HEADER_FORMAT, "cabecera_invalida", 400, 65,                                                  \
      "La cabecera no es HTTP correcto. Revise Content-Length, Transfer-Encoding y Host.")          \
    X(JSON_SYNTAX, "json_invalido", 400, 65, "El cuerpo no es un objeto JSON correcto.")            \
    X(JSON_UTF8, "utf8_invalido", 400, 65, "El cuerpo no está en UTF-8 correcto.")                  \
    X(JSON_DUPLICATE, "campo_repetido", 400, 65, "Un campo aparece más de una vez.")                \
    X(FIELD_UNKNOWN, "campo_desconocido", 400, 65, "El cuerpo tiene un campo que no se conoce.")    \
    X(FIELD_MISSING, "campo_obligatorio", 400, 65, "Falta un campo obligatorio.")                   \
    X(FIELD_TYPE, "campo_tipo", 400, 65,                                                            \
      "Un campo no es del tipo esperado. Las claves y los números van entre comillas.")             \
    X(FIELD_INTEGER, "campo_no_entero", 400, 65,                                                    \
      "Un campo debe ser un número entero, sin comillas.")                                          \
    X(FIELD_BOOLEAN, "campo_no_logico", 400, 65, "Un campo debe ser true o false, sin comillas.")   \
    X(FIELD_OBJECT, "campo_no_objeto", 400, 65, "Un campo debe ser un objeto, entre llaves.")       \
    X(FIELD_LIST, "campo_no_lista", 400, 65, "Un campo debe ser una lista, entre corchetes.")       \
    X(FIELD_LENGTH, "campo_largo", 422, 65, "Un campo es demasiado largo.")                         \
    X(QUERY_FORMAT, "parametro_invalido", 400, 65,                                                  \
      "Un parámetro de la dirección no está bien escrito: use UTF-8 y %XX.")                        \
    X(STREAMS, "demasiadas_paginas", 503, 75,                                                       \
      "Hay demasiadas páginas abiertas que esperan novedades. Cierre alguna y vuelva a "           \
      "intentarlo.")                                                                                \
    X(IDEMPOTENCY_KEY, "idempotencia_formato", 400, 65,                                             \
      "La cabecera Idempotency-Key debe tener entre 1 y 128 caracteres ASCII visibles.")            \
    X(IDEMPOTENCY_REUSED, "idempotencia_reutilizada", 422, 65,                                      \
      "Esa Idempotency-Key ya se usó con otra petición distinta.")                                  \
    X(UNAUTHENTICATED, "no_autenticado", 401, 77, "Falta el token o no es válido.")                 \
    X(FORBIDDEN, "sin_permiso", 403, 77, "El cliente no tiene el ámbito necesario.")                \
    X(LOGIN, "entrada_rechazada", 401, 77,                                                          \
      "El nombre, la contraseña o el código no son correctos.")                                     \
    X(SETUP_LINK, "enlace_no_valido", 403, 77,                                                      \
      "El código de puesta en marcha no vale o ha caducado. Pida otro: contraclavectl operador "   \
      "alta-inicial.")                                                                              \
    X(ORIGIN, "origen_ajeno", 403, 77,                                                              \
      "La petición no viene de las páginas de este equipo. Vuelva a abrir la página.")              \
    X(NOT_FOUND, "no_encontrado", 404, 69, "No existe.")                                            \
    X(METHOD, "metodo_no_permitido", 405, 65, "Ese método no se admite en esta dirección.")         \
    X(ALREADY_REGISTERED, "ya_registrado", 409, 65,                                                 \
      "Esa persona ya está de alta. Busque su ficha en el Registro.")                               \
    X(PHONE_IN_USE, "movil_en_uso", 409, 65,                                                        \
      "Ese móvil ya está dado de alta con otro NIF. Compruébelo con la persona.")                   \
    X(NAME_IN_USE, "nombre_en_uso", 409, 65, "Ya existe un cliente con ese nombre.")                \
    X(OPERATOR_EXISTS, "operador_existe", 409, 65, "Ya hay un operador con ese nombre.")            \
    X(LAST_ADMIN, "ultimo_administrador", 409, 65,                                                  \
      "Es el único administrador activo. Nombre antes a otro.")                                     \
    X(TOO_MANY, "demasiados", 409, 65, "No caben más. Desactive o cierre antes los que sobren.")    \
    X(BODY_TOO_LARGE, "cuerpo_grande", 413, 65, "El cuerpo pasa de 16 KiB.")                        \
    X(CONTENT_TYPE, "tipo_contenido", 415, 65,                                                      \
      "El cuerpo debe enviarse como application/json en UTF-8.")                                    \
    X(RATE_LIMITED, "limite", 429, 75, "Demasiadas peticiones. Espere y vuelva a intentarlo.")      \
    X(LOGIN_BUSY, "entrada_ocupada", 503, 75,                                                       \
      "Muchas personas están entrando a la vez. Espere un momento y vuelva a intentarlo.")          \
    X(CLOCK_UNRELIABLE, "reloj_no_fiable", 503, 75,                                                 \
      "El reloj del equipo no es fiable. Póngalo en hora con timedatectl; si ya es correcta, "     \
      "ejecute contraclavectl reloj aceptar.")                                                      \
    X(INTEGRITY, "integridad", 503, 75,                                                             \
      "La base de datos es más antigua que la última usada, o la han cambiado. Ejecute "          \
      "contraclavectl auditoria comprobar y, si es la buena, contraclavectl auditoria aceptar.")    \
    X(SHUTTING_DOWN, "cerrando", 503, 75, "El servicio se está cerrando. Vuelva a intentarlo.")     \
    X(MODEM_NOT_READY, "sin_modem", 503, 75, "Ningún módem puede enviar ahora.")                    \
    /* the box itself */                                                                            \
    X(CONFIG, "configuracion", 500, 78, "La configuración no es válida.")                           \
    X(KEY_MISSING, "clave_maestra_falta", 500, 78,                                                  \
      "Falta el fichero de la clave maestra y la base de datos no está vacía. Recupérelo de la " \
      "copia de seguridad: sin él los datos no se pueden leer.")                                    \
    X(KEY_WRONG, "clave_maestra_otra", 500, 78,                                                     \
      "La clave maestra no es la de esta base de datos.")                                           \
    X(KEY_FORMAT, "clave_maestra_formato", 500, 78,                                                 \
      "El fichero de la clave maestra debe tener 32 bytes y permisos 0400.")                        \
    X(DB_NEWER, "base_datos_nueva", 500, 78,                                                        \
      "La base de datos es de una versión más nueva del programa. Actualice contraclaved.")         \
    X(DB_NOT_OURS, "base_datos_ajena", 500, 78, "El fichero no es una base de datos nuestra.")      \
    X(DB_IN_USE, "base_datos_en_uso", 500, 75,                                                      \
      "Otro contraclaved en marcha usa esta base de datos. Ciérrelo antes de arrancar este.")       \
    X(DB, "base_datos", 503, 74, "La base de datos no responde. Revise el disco.")                  \
    X(DB_BUSY, "base_datos_ocupada", 503, 75,                                                       \
      "Otro programa tiene ocupada la base de datos. Vuelva a intentarlo en unos segundos.")        \
    X(DB_DAMAGED, "base_datos_danada", 503, 74,                                                     \
      "La base de datos está dañada. Restaure la última copia: contraclavectl restaura FICHERO.")   \
    X(COPY_EXISTS, "copia_existe", 409, 73, "Ese fichero ya existe. Elija otro nombre.")            \
    X(AUDIT_BROKEN, "auditoria_rota", 500, 65,                                                      \
      "El registro de auditoría de la copia no está como se escribió: no sirve.")                   \
    X(CORRUPT, "dato_ilegible", 500, 74, "Un dato guardado no se puede descifrar.")                 \
    X(ALTERED, "dato_alterado", 500, 74,                                                            \
      "Ese dato ha sido cambiado sin la clave maestra y no se usa. Ejecute contraclavectl "         \
      "auditoria comprobar.")                                                                       \
    X(IO, "entrada_salida", 500, 74, "Fallo de lectura o escritura.")                               \
    X(ADDRESS_IN_USE, "direccion_ocupada", 500, 78, "La dirección de escucha ya está en uso.")      \
    X(DEVICE_MISSING, "dispositivo_falta", 503, 69,                                                 \
      "El dispositivo del módem no está. Compruebe que está enchufado y encendido.")                \
    X(DEVICE_BUSY, "dispositivo_ocupado", 503, 75,                                                  \
      "Otro programa está usando el puerto. Ciérrelo, o indique otro puerto en dispositivo.")       \
    X(DEVICE_PERMISSION, "dispositivo_permiso", 503, 77,                                            \
      "Sin permiso para abrir el puerto. Añada el usuario del servicio al grupo dialout.")          \
    X(DEVICE_NOT_TTY, "dispositivo_no_puerto", 503, 69,                                             \
      "El dispositivo no es un puerto serie. Corrija dispositivo en la configuración.")             \
    X(DEVICE_SPEC, "dispositivo_formato", 500, 78, "El dispositivo indicado no se entiende.")       \
    X(NOT_CONFIGURED, "sin_configurar", 409, 78,                                                    \
      "Falta el dato en la configuración. Escríbalo y reinicie el servicio.")                       \
    X(NETWORK_REFUSED, "red_rechaza", 502, 75, "La red ha rechazado la operación.")                 \
    X(NO_ANSWER, "sin_respuesta", 504, 75,                                                          \
      "No ha llegado respuesta a tiempo. Vuelva a intentarlo.")                                     \
    X(LOST, "conexion_perdida", 503, 75, "Se ha perdido la conexión con el módem.")                 \
    X(BUSY, "ocupado", 503, 75, "Hay otra orden en curso.")                                         \
    X(RANGE, "fuera_de_rango", 422, 65, "Un valor está fuera de sus límites.")                      \
    X(NO_SPACE, "sin_espacio", 500, 70, "No cabe en el espacio previsto.")                          \
    X(MEMORY, "sin_memoria", 500, 71, "Sin memoria.")

enum cc_err {
#define CC_ERR_ENUM(name, token, http, code, text) CC_ERR_##name,
    CC_ERR_TABLE(CC_ERR_ENUM)
#undef CC_ERR_ENUM
        CC_ERR_COUNT,
    CC_OK = CC_ERR_OK
};

/* The stable token, e.g. "nif_longitud"; "desconocido" for a value outside the table. */
const char *err_token(enum cc_err err);
/* The sentence for people, Spanish, UTF-8. */
const char *err_text(enum cc_err err);
/* The HTTP status a request that met this error is answered with. */
int err_http_status(enum cc_err err);
/* The exit code of a program that ends because of it (sysexits.h). */
int err_exit_code(enum cc_err err);
/* The error behind a token, as contraclavectl meets it in an answer; CC_ERR_COUNT if unknown. */
enum cc_err err_from_token(const char *token);

#endif
