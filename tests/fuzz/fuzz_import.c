/* SPDX-License-Identifier: EUPL-1.2 */
/* service/import_row, domain/csv: a file of people, whatever it is, has lines that end; each is
   somebody who could be registered at the desk, or a fault of a known column. */
#include "fuzz.h"

#include "service/import_row.h"

static void check_person(const struct import_person *person)
{
    const struct enrol_input *input = &person->input;
    struct nif nif;
    struct phone phone;
    REQUIRE(person->fate <= IMPORT_EMPTY);
    if (person->fate == IMPORT_EMPTY)
        return;
    REQUIRE(nif_parse(input->nif.text, strlen(input->nif.text), &nif) == CC_OK);
    REQUIRE(strcmp(nif.text, input->nif.text) == 0 && !nif_is_test_number(&nif));
    REQUIRE(phone_parse(input->phone.e164, strlen(input->phone.e164), &phone) == CC_OK);
    REQUIRE(input->name.given[0] != '\0' &&
            utf8_is_valid(input->name.given, strlen(input->name.given)));
    REQUIRE(input->name.second_surname[0] == '\0' || input->name.first_surname[0] != '\0');
    REQUIRE(utf8_is_valid(input->reason, strlen(input->reason)));
    REQUIRE(utf8_is_valid(input->reference, strlen(input->reference)));
}

static void check_line(const struct import_columns *columns, const struct csv_field *line)
{
    struct import_person person;
    char column[IMPORT_FIELD_SIZE];
    char *copy = (char *)fuzz_copy((const uint8_t *)line->text, line->len);
    const struct csv_field alone = {copy, line->len};
    enum cc_err err = import_row_parse(columns, &alone, false, &person, column);
    REQUIRE(strlen(column) < sizeof(column));
    if (err == CC_OK)
        check_person(&person);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct csv_field line;
    char column[IMPORT_FIELD_SIZE];
    size_t pos = 0, before = 0;
    struct import_columns columns = {.is_1252 = size > 0 && data[size - 1] % 2 == 1};
    if (!csv_next_line(text, size, &pos, &line) ||
        import_columns_parse(&line, &columns, column) != CC_OK)
        return 0;
    REQUIRE(columns.count > 0 && columns.count <= CSV_FIELDS_MAX);
    for (; csv_next_line(text, size, &pos, &line); before = pos) {
        REQUIRE(pos > before && pos <= size && line.text + line.len <= text + size);
        check_line(&columns, &line);
    }
    return 0;
}
