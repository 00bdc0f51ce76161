/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/import_row.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { DECODED_MAX = 3 * IMPORT_LINE_MAX / 2 }; /* few letters of a line take two bytes */

typedef enum cc_err take_fn(const struct csv_field *field, struct import_person *ret);

static enum cc_err take_nif(const struct csv_field *field, struct import_person *ret)
{
    return nif_parse(field->text, field->len, &ret->input.nif);
}

static enum cc_err take_given(const struct csv_field *field, struct import_person *ret)
{
    return utf8_normalize_name(field->text, field->len, ret->input.name.given, NAME_PART_SIZE);
}

static enum cc_err take_first(const struct csv_field *field, struct import_person *ret)
{
    return utf8_normalize_name(field->text, field->len, ret->input.name.first_surname,
                               NAME_PART_SIZE);
}

/* Surnames are filled from the first one on, as at the desk. */
static enum cc_err take_second(const struct csv_field *field, struct import_person *ret)
{
    if (ret->input.name.first_surname[0] == '\0')
        return CC_ERR_NAME_FORMAT;
    return utf8_normalize_name(field->text, field->len, ret->input.name.second_surname,
                               NAME_PART_SIZE);
}

static enum cc_err take_phone(const struct csv_field *field, struct import_person *ret)
{
    return phone_parse(field->text, field->len, &ret->input.phone);
}

static enum cc_err take_words(const struct csv_field *field, char *ret, size_t cap)
{
    return utf8_normalize_name(field->text, field->len, ret, cap) == CC_OK ? CC_OK
                                                                           : CC_ERR_WORDS_FORMAT;
}

static enum cc_err take_sharing(const struct csv_field *field, struct import_person *ret)
{
    ret->input.shares_phone = true;
    return take_words(field, ret->input.reason, IMPORT_WHY_SIZE);
}

static enum cc_err take_contrast(const struct csv_field *field, struct import_person *ret)
{
    return contraste_parse(field->text, field->len, ret->input.nif.kind, &ret->input.contrast);
}

static enum cc_err take_language(const struct csv_field *field, struct import_person *ret)
{
    return text_lang_parse(field->text, field->len, &ret->input.lang);
}

static enum cc_err take_reference(const struct csv_field *field, struct import_person *ret)
{
    return take_words(field, ret->input.reference, sizeof(ret->input.reference));
}

static enum cc_err take_document(const struct csv_field *field, struct import_person *ret)
{
    return take_words(field, ret->input.document, sizeof(ret->input.document));
}

static enum cc_err take_state(const struct csv_field *field, struct import_person *ret)
{
    static const struct {
        enum life_state state;
        enum import_fate fate;
    } fates[] = {{LIFE_ACTIVE, IMPORT_ACTIVE},
                 {LIFE_SUSPENDED, IMPORT_SUSPENDED},
                 {LIFE_GONE, IMPORT_LEFT_OUT},
                 {LIFE_PENDING, IMPORT_LEFT_OUT}};
    for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
        const char *token = life_state_token(fates[i].state);
        if (strlen(token) == field->len && memcmp(token, field->text, field->len) == 0) {
            ret->fate = fates[i].fate;
            return CC_OK;
        }
    }
    return CC_ERR_STATE_UNKNOWN;
}

static enum cc_err take_email(const struct csv_field *field, struct import_person *ret)
{
    return email_parse(field->text, field->len, &ret->email);
}

/* In the order in which a line is read: a later rule may need what an earlier one has taken. An
 * order that waits in the database has the numbers of its columns here: append only. */
static const struct {
    const char *name;
    take_fn *take; /* NULL = the column is passed over */
    bool is_required;
} columns_known[] = {
    {"nif", take_nif, true},
    {"nombre", take_given, true},
    {"apellido1", take_first, false},
    {"apellido2", take_second, false},
    {"movil", take_phone, true},
    {"comparte_movil", take_sharing, false},
    {"contraste", take_contrast, false},
    {"idioma", take_language, false},
    {"instancia", take_reference, false},
    {"documento", take_document, false},
    {"estado", take_state, false},
    {"alta", NULL, false}, /* of the export: the alta of an import is that of its day */
    {"correo", take_email, false},
    {"correo_estado", NULL, false}, /* of the export: here the address is to be proven, */
    {"contrasena", NULL, false},    /* and a person with a secret gets another one */
    {"clave_ayto", NULL, false},
};
enum { COLUMNS_KNOWN = sizeof(columns_known) / sizeof(columns_known[0]) };

/* The line as UTF-8 into out, which is split in place. Errors: CC_ERR_CSV_LINE and the split's. */
static enum cc_err split_line(const struct import_columns *columns, const struct csv_field *line,
                              char out[DECODED_MAX], struct csv_row *ret)
{
    size_t len = line->len;
    if (len > IMPORT_LINE_MAX)
        return CC_ERR_CSV_LINE;
    if (!columns->is_1252)
        memcpy(out, line->text, len);
    else if (!csv_decode_1252(line->text, line->len, out, DECODED_MAX, &len))
        return CC_ERR_CSV_LINE;
    return csv_split(out, len, columns->separator, ret);
}

void import_name_column(char ret[IMPORT_FIELD_SIZE], const char *name)
{
    (void)snprintf(ret, IMPORT_FIELD_SIZE, "%s", name);
}

static size_t find_known(const char *name)
{
    size_t i = 0;
    while (i < COLUMNS_KNOWN && strcmp(columns_known[i].name, name) != 0)
        i++;
    return i;
}

static bool has_column(const struct import_columns *columns, size_t known)
{
    return memchr(columns->at, (int)known, columns->count) != NULL;
}

static enum cc_err check_required(const struct import_columns *columns,
                                  char ret_column[IMPORT_FIELD_SIZE])
{
    for (size_t i = 0; i < COLUMNS_KNOWN; i++) {
        if (columns_known[i].is_required && !has_column(columns, i)) {
            import_name_column(ret_column, columns_known[i].name);
            return CC_ERR_CSV_COLUMN_MISSING;
        }
    }
    return CC_OK;
}

enum cc_err import_columns_parse(const struct csv_field *line, struct import_columns *ret,
                                 char ret_column[IMPORT_FIELD_SIZE])
{
    struct csv_row row;
    char text[DECODED_MAX];
    import_name_column(ret_column, "");
    ret->separator = csv_find_separator(line);
    ret->count = 0;
    enum cc_err err = split_line(ret, line, text, &row);
    for (size_t i = 0; err == CC_OK && i < row.count; i++) {
        char name[IMPORT_FIELD_SIZE];
        size_t known = utf8_fold(row.fields[i].text, row.fields[i].len, name, sizeof(name))
                           ? find_known(name)
                           : COLUMNS_KNOWN;
        if (known == COLUMNS_KNOWN || has_column(ret, known)) {
            import_name_column(ret_column, name);
            return CC_ERR_CSV_COLUMN;
        }
        ret->at[ret->count++] = (uint8_t)known;
    }
    return err == CC_OK ? check_required(ret, ret_column) : err;
}

static enum cc_err take_field(size_t known, const struct csv_field *field,
                              struct import_person *ret)
{
    if (field->len == 0)
        return columns_known[known].is_required ? CC_ERR_FIELD_MISSING : CC_OK;
    return columns_known[known].take != NULL ? columns_known[known].take(field, ret) : CC_OK;
}

/* Each column that the file has, in the order of the table. */
static enum cc_err take_fields(const struct import_columns *columns, const struct csv_row *row,
                               struct import_person *ret, char ret_column[IMPORT_FIELD_SIZE])
{
    for (size_t known = 0; known < COLUMNS_KNOWN; known++) {
        const uint8_t *at = memchr(columns->at, (int)known, columns->count);
        if (at == NULL)
            continue;
        enum cc_err err = take_field(known, &row->fields[at - columns->at], ret);
        if (err != CC_OK) {
            import_name_column(ret_column, columns_known[known].name);
            return err;
        }
    }
    return CC_OK;
}

static bool is_empty(const struct csv_row *row)
{
    size_t i = 0;
    while (i < row->count && row->fields[i].len == 0)
        i++;
    return i == row->count;
}

enum cc_err import_row_parse(const struct import_columns *columns, const struct csv_field *line,
                             bool allow_test_nifs, struct import_person *ret,
                             char ret_column[IMPORT_FIELD_SIZE])
{
    struct csv_row row;
    char text[DECODED_MAX];
    *ret = (struct import_person){.input.channel = CITIZEN_CHANNEL_IN_PERSON,
                                  .input.lang = TEXT_LANG_ES};
    import_name_column(ret_column, "");
    enum cc_err err = split_line(columns, line, text, &row);
    if (err == CC_OK && is_empty(&row)) {
        ret->fate = IMPORT_EMPTY;
        return CC_OK;
    }
    if (err == CC_OK && row.count != columns->count)
        err = CC_ERR_CSV_COUNT;
    if (err == CC_OK)
        err = take_fields(columns, &row, ret, ret_column);
    secret_wipe(text, sizeof(text));
    if (err != CC_OK || allow_test_nifs || !nif_is_test_number(&ret->input.nif))
        return err;
    import_name_column(ret_column, "nif");
    return CC_ERR_NIF_TEST;
}
