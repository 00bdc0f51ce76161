/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/err.h"

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
    for (unsigned i = 0; i < CC_ERR_COUNT; i++) {
        if (strcmp(rows[i].token, token) == 0)
            return (enum cc_err)i;
    }
    return CC_ERR_COUNT;
}
