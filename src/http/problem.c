/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/problem.h"

#include "http/json_write.h"

#include <inttypes.h>

enum { DETAIL_SIZE = PROBLEM_SENTENCE_SIZE };

struct detail {
    enum cc_err err;
    const char *before;
    const char *after;
};

static const struct detail details[] = {
    {CC_ERR_FIELD_UNKNOWN, "Sobra el campo «", "»."},
    {CC_ERR_FIELD_MISSING, "Falta el campo «", "»."},
    {CC_ERR_FIELD_TYPE, "El campo «", "» debe ser un texto, entre comillas."},
    {CC_ERR_FIELD_INTEGER, "El campo «", "» debe ser un número entero, sin comillas."},
    {CC_ERR_FIELD_BOOLEAN, "El campo «", "» debe ser true o false, sin comillas."},
    {CC_ERR_FIELD_OBJECT, "El campo «", "» debe ser un objeto, entre llaves."},
    {CC_ERR_FIELD_LIST, "El campo «", "» debe ser una lista, entre corchetes."},
    {CC_ERR_FIELD_LENGTH, "El campo «", "» es demasiado largo."},
    {CC_ERR_JSON_DUPLICATE, "El campo «", "» aparece más de una vez."},
};
static const struct detail any_field = {CC_OK, "Revise el campo «", "»."};

static const struct detail *find_detail(enum cc_err err)
{
    for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
        if (details[i].err == err)
            return &details[i];
    }
    return &any_field;
}

/* Adds what the title cannot say: the field, the methods, the time to wait. */
static void write_detail(const struct problem *problem, struct buf *out)
{
    if (problem->sentence[0] != '\0') {
        buf_str(out, problem->sentence);
    } else if (problem->field[0] != '\0') {
        const struct detail *detail = find_detail(problem->err);
        buf_fmt(out, "%s%s%s", detail->before, problem->field, detail->after);
    } else if (problem->err == CC_ERR_METHOD) {
        buf_fmt(out, "Métodos admitidos: %s.", problem->allow);
    } else if (problem->wait_s > 0) {
        buf_fmt(out, "Vuelva a intentarlo dentro de %" PRId64 " s.", problem->wait_s);
    }
}

void problem_render(const struct problem *problem, struct buf *out)
{
    char storage[DETAIL_SIZE];
    struct buf detail;
    buf_init(&detail, storage, sizeof(storage));
    write_detail(problem, &detail);
    const char *text = buf_cstr(&detail);
    if (text == NULL || text[0] == '\0')
        text = err_text(problem->err);

    json_open(out, NULL, '{');
    json_put_text(out, "type", err_token(problem->err));
    json_put_text(out, "title", err_text(problem->err));
    json_put_int(out, "status", err_http_status(problem->err));
    json_put_text(out, "detail", text);
    if (problem->field[0] != '\0')
        json_put_text(out, "campo", problem->field);
    json_close(out, '}');
}
