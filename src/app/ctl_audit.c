/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_orders.h"

#include "app/ctl_command.h"
#include "app/ctl_table.h"
#include "store/audit_search.h"
#include "store/check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { STEP_ROWS = 1000, ROWS_SHOWN = 1000, EXIT_ILL = 1 };

static void add_row(enum rowtag_table table, int64_t id, void *user)
{
    json_t *rows = user;
    if (json_array_size(rows) < ROWS_SHOWN)
        json_array_append_new(
            rows, json_pack("{s:s, s:I}", "tabla", rowtag_table_name(table), "id", (json_int_t)id));
}

static enum cc_err check_all(struct store *store, json_t *rows, struct check *check)
{
    bool more = true, fits = false;
    struct head head = {0};
    check_begin(check, store, add_row, rows);
    enum cc_err err = db_begin_snapshot(store->db); /* a single snapshot */
    while (err == CC_OK && more)
        err = check_step(check, STEP_ROWS, &more);
    if (err == CC_OK)
        err = head_read(store, check->audit.tail.tag, &head, &fits);
    if (err != CC_OK || !fits)
        return err;
    store->head = head;
    return anchor_check(store);
}

static json_t *report_trail(const struct store *store, const struct check *check, json_t *rows)
{
    char storage[1024];
    struct buf anchor;
    json_t *missing = json_array();
    buf_init(&anchor, storage, sizeof(storage));
    integrity_say(store, &anchor);
    for (int table = 0; table < CHECK_TABLES; table++)
        if (check->is_missing[table])
            json_array_append_new(missing,
                                  json_string(rowtag_table_name((enum rowtag_table)table)));
    bool good = check_is_good(check) && anchor.len == 0;
    json_t *bad = check->audit.first_bad != 0 ? json_integer(check->audit.first_bad) : json_null();
    return json_pack("{s:b, s:o, s:O, s:o, s:s}", "correcta", good, "primera_rota", bad, "filas",
                     rows, "faltan", missing, "ancla", buf_cstr(&anchor));
}

/* The seal of one row, for comparison with that in the journal of a night. */
static json_t *find_seal(struct store *store, const char *number)
{
    char seal[AUDIT_SEAL_SIZE];
    return audit_find_seal(store, strtoll(number, NULL, 10), seal) == CC_OK ? json_string(seal)
                                                                            : json_null();
}

/* {"correcta", "primera_rota", "filas": [{"tabla", "id"}], "faltan": [tablas], "ancla"}; NULL if
 * the database could not be read: *ret_err. */
static json_t *look_at_audit(const struct config *config, const char *number, enum cc_err *ret_err)
{
    struct store store = {.anchor.fd = -1};
    struct check check;
    json_t *answer = NULL, *rows = json_array();
    enum cc_err err = store_open_to_read(config->database, config->key, &store);
    if (err == CC_OK)
        err = anchor_open(&store, config->key, false); /* before the snapshot, which is later */
    if (err == CC_OK)
        err = check_all(&store, rows, &check);
    if (err == CC_OK)
        answer = report_trail(&store, &check, rows);
    if (answer != NULL && number != NULL)
        json_object_set_new(answer, "sello", find_seal(&store, number));
    store_close(&store);
    json_decref(rows);
    *ret_err = err;
    return answer;
}

static void print_seal(const json_t *answer, const char *number)
{
    const json_t *seal = json_object_get(answer, "sello");
    if (json_is_string(seal))
        printf("La anotación %s tiene el sello %s.\n", number, json_string_value(seal));
    else if (seal != NULL)
        printf("La anotación %s ya no está, o no ha llegado.\n", number);
}

static void print_row(const json_t *answer)
{
    size_t index;
    const json_t *item;
    const json_t *bad = json_object_get(answer, "primera_rota");
    const char *anchor = json_string_value(json_object_get(answer, "ancla"));
    if (json_is_true(json_object_get(answer, "correcta")))
        puts("El registro de auditoría está completo y sin cambios, y las filas de la base de "
             "datos también.");
    if (json_is_integer(bad))
        printf("El registro de auditoría no está como se escribió, desde la anotación "
               "%" JSON_INTEGER_FORMAT ": guarde una copia de la base de datos y avise a su "
               "responsable de seguridad.\n",
               json_integer_value(bad));
    json_array_foreach(json_object_get(answer, "filas"), index, item)
        printf("La fila %" JSON_INTEGER_FORMAT " de %s ha sido cambiada sin la clave maestra: no "
               "se usa.\n",
               json_integer_value(json_object_get(item, "id")),
               json_string_value(json_object_get(item, "tabla")));
    json_array_foreach(json_object_get(answer, "faltan"), index, item) printf(
        "Faltan filas de %s, o alguien ha repuesto otras más antiguas.\n", json_string_value(item));
    if (anchor[0] != '\0')
        puts(anchor);
}

int ctl_audit_check(const struct config *config, const char *const *values, bool json)
{
    enum cc_err err = CC_OK;
    const char *number = values[CTL_FIELD_NUMBER];
    if (number != NULL && (number[0] == '\0' || number[strspn(number, "0123456789")] != '\0')) {
        fputs("contraclavectl: --numero es el de una anotación, solo cifras\n", stderr);
        return EX_USAGE;
    }
    json_t *answer = look_at_audit(config, number, &err);
    if (answer == NULL) {
        fprintf(stderr, "contraclavectl: no se puede comprobar: %s\n", err_text(err));
        return err_exit_code(err);
    }
    if (json) {
        ctl_print_json(answer);
    } else {
        print_row(answer);
        print_seal(answer, number);
    }
    int code = json_is_true(json_object_get(answer, "correcta")) ? EXIT_SUCCESS : EXIT_ILL;
    json_decref(answer);
    return code;
}
