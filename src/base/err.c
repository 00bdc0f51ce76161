/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/err.h"

#include <errno.h>
#include <string.h>

struct err_row {
    const char *token;
    int http_status;
    int exit_code;
};

static const struct err_row rows[CC_ERR_COUNT] = {
#define ERR_ROW(name, token, http, code) [CC_ERR_##name] = {token, http, code},
#include "base/err.inc"
#undef ERR_ROW
};

static const char *const texts[CC_ERR_COUNT] = {
#define ERR_TEXT(name, text) [CC_ERR_##name] = text,
#define PHRASE_TEXT(name, text)
#include "web/problems.es.inc"
};

/* Numbers that people meet; the C library says the others. */
static const struct {
    int number;
    const char *text;
} system_texts[] = {
    {ENOENT, "no existe"},
    {EACCES, "sin permiso"},
    {EPERM, "no está permitido"},
    {ENOTDIR, "una parte de la ruta no es una carpeta"},
    {EISDIR, "es una carpeta"},
    {EEXIST, "ya existe"},
    {ENOTEMPTY, "la carpeta no está vacía"},
    {EROFS, "el disco es de solo lectura"},
    {ENOSPC, "no queda sitio en el disco"},
    {EDQUOT, "no queda cuota de disco"},
    {EFBIG, "es demasiado grande"},
    {EIO, "fallo del disco o del dispositivo"},
    {EXDEV, "está en otro disco"},
    {ELOOP, "hay demasiados enlaces simbólicos en la ruta"},
    {ENAMETOOLONG, "el nombre es demasiado largo"},
    {ENXIO, "el dispositivo no está"},
    {ENODEV, "el dispositivo no está"},
    {EBUSY, "está en uso"},
    {EMFILE, "hay demasiados ficheros abiertos"},
    {ENFILE, "hay demasiados ficheros abiertos en el equipo"},
    {ENOMEM, "falta memoria"},
    {EADDRINUSE, "la dirección ya está en uso"},
    {EADDRNOTAVAIL, "la dirección no es de este equipo"},
    {ECONNREFUSED, "nadie atiende ahí"},
    {ETIMEDOUT, "no ha contestado a tiempo"},
};

/* A value outside the table is our own bug: answered as an internal error, never a crash. */
static const struct err_row unknown = {"unknown", 500, 70};

static const struct err_row *err_row(enum cc_err err)
{
    return (unsigned)err < CC_ERR_COUNT ? &rows[err] : &unknown;
}

const char *err_token(enum cc_err err)
{
    return err_row(err)->token;
}

const char *err_text(enum cc_err err)
{
    return (unsigned)err < CC_ERR_COUNT ? texts[err] : "Error desconocido.";
}

const char *err_system_text(int number)
{
    for (size_t i = 0; i < sizeof(system_texts) / sizeof(system_texts[0]); i++)
        if (system_texts[i].number == number)
            return system_texts[i].text;
    return strerror(number);
}

int err_http_status(enum cc_err err)
{
    return err_row(err)->http_status;
}

int err_exit_code(enum cc_err err)
{
    return err_row(err)->exit_code;
}

enum cc_err err_from_token(const char *token)
{
    for (unsigned i = 0; i < CC_ERR_COUNT; i++)
        if (strcmp(rows[i].token, token) == 0)
            return (enum cc_err)i;
    return CC_ERR_COUNT;
}

enum cc_err err_allow_absent(enum cc_err err)
{
    return err == CC_ERR_NOT_FOUND ? CC_OK : err;
}

enum cc_err err_allow_altered(enum cc_err err)
{
    return err == CC_ERR_ALTERED ? CC_OK : err_allow_absent(err);
}
