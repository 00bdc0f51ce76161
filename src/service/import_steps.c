/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/le64.h"
#include "base/log.h"
#include "base/utf8.h"
#include "service/import_private.h"
#include "service/life.h"
#include "service/mail.h"
#include "service/monthly.h"
#include "store/audit.h"

#include <stdio.h>
#include <string.h>

enum {
    READ_LINES = 32, /* in one step; so is each of the next two */
    STORE_PARTS = 4,
    PART_LINES = 16,
    LINKS_WAITING_MAX = 500, /* the queue of mails keeps room for others */
};

/* The box's own troubles are no fault of a line: the step is done again. */
static bool is_passing(enum cc_err err)
{
    return err == CC_ERR_DB || err == CC_ERR_DB_BUSY || err == CC_ERR_DB_DAMAGED;
}

static void note_fault(struct import *import, int64_t line, enum cc_err err, const char *column)
{
    if (import->counts.faults < IMPORT_FAULTS_MAX) {
        struct import_fault *fault = &import->faults[import->counts.faults];
        *fault = (struct import_fault){.line = line, .err = err};
        import_name_column(fault->column, column);
    }
    import->counts.faults++;
}

static int lines_of(const struct import *import, int most)
{
    int lines = most >> import->halvings;
    return lines > 0 ? lines : 1;
}

/* ---- a line and the registry ----------------------------------------------------------------- */

/* Who has left comes back in person or by certificate (seed 001). */
static enum cc_err check_nif(struct service *service, const struct nif *nif)
{
    CC_WIPED(citizen) found = {0};
    enum cc_err err = citizens_find_without_contrast(service->store, nif, &found);
    if (err == CC_OK)
        err = found.state == LIFE_GONE ? CC_ERR_IN_PERSON : CC_ERR_ALREADY_REGISTERED;
    return err_allow_absent(err);
}

static enum cc_err check_phone(struct service *service, const struct enrol_input *input)
{
    bool is_taken = false;
    enum cc_err err =
        input->shares_phone ? CC_OK : citizens_find_phone(service->store, &input->phone, &is_taken);
    return err == CC_OK && is_taken ? CC_ERR_PHONE_IN_USE : err;
}

static enum cc_err check_registry(struct service *service, const struct import_person *person,
                                  char ret_column[IMPORT_FIELD_SIZE])
{
    import_name_column(ret_column, "nif");
    enum cc_err err = check_nif(service, &person->input.nif);
    if (err != CC_OK)
        return err;
    import_name_column(ret_column, "movil");
    err = check_phone(service, &person->input);
    if (err != CC_OK || person->email.text[0] == '\0' || mail_reaches_citizens(service))
        return err;
    import_name_column(ret_column, "correo");
    return CC_ERR_NOT_CONFIGURED;
}

/* A line with a fault leaves no key: the keys have room for those of the people who are counted. */
static enum cc_err check_file(struct import_keys *keys, const struct enrol_input *input,
                              char ret_column[IMPORT_FIELD_SIZE])
{
    import_name_column(ret_column, "nif");
    if (import_keys_has_nif(keys, &input->nif))
        return CC_ERR_IMPORT_NIF_TWICE;
    import_name_column(ret_column, "movil");
    if (!input->shares_phone && import_keys_has_phone(keys, &input->phone))
        return CC_ERR_IMPORT_PHONE_TWICE;
    import_keys_add_nif(keys, &input->nif);
    if (!input->shares_phone)
        import_keys_add_phone(keys, &input->phone);
    return CC_OK;
}

static bool is_to_enrol(const struct import_person *person)
{
    return person->fate == IMPORT_ACTIVE || person->fate == IMPORT_SUSPENDED;
}

/* ---- the file is looked through -------------------------------------------------------------- */

static enum cc_err read_line(struct import *import, const struct csv_field *line, int64_t number)
{
    CC_WIPED(import_person) person;
    char column[IMPORT_FIELD_SIZE];
    enum cc_err err = import_row_parse(&import->columns, line,
                                       import->service->settings->allow_test_nifs, &person, column);
    bool is_somebody = err == CC_OK && is_to_enrol(&person);
    if (is_somebody)
        err = check_registry(import->service, &person, column);
    if (is_somebody && err == CC_OK) /* last: a step that is done again has added nothing */
        err = check_file(import->keys, &person.input, column);
    import->counts.left_out += err == CC_OK && person.fate == IMPORT_LEFT_OUT;
    import->counts.people += is_somebody && err == CC_OK;
    if (err == CC_OK || is_passing(err))
        return err;
    note_fault(import, number, err, column);
    return CC_OK;
}

/* Without the mark of UTF-8, a line that is none means that the whole file is of Windows. */
static bool is_of_windows(const struct import *import, const struct csv_field *line)
{
    return !import->columns.is_1252 && !import_has_mark_of_utf8(import) &&
           !utf8_is_valid(line->text, line->len);
}

static enum cc_err read_next(struct import *import, struct import_mark *next)
{
    struct csv_field line;
    char column[IMPORT_FIELD_SIZE];
    size_t at = next->at;
    if (!csv_next_line(import->text, import->len, &at, &line)) {
        next->state = IMPORT_READ;
        return CC_OK;
    }
    if (is_of_windows(import, &line)) {
        import->columns.is_1252 = true;
        enum cc_err err = import_rewind(import);
        *next = import->mark;
        return err;
    }
    if (import->counts.people == IMPORT_PEOPLE_MAX) {
        note_fault(import, next->line + 1, CC_ERR_CSV_ROWS, "");
        next->state = IMPORT_READ;
        return CC_OK;
    }
    enum cc_err err = next->line == 0 ? import_columns_parse(&line, &import->columns, column)
                                      : read_line(import, &line, next->line + 1);
    if (next->line == 0 && err != CC_OK) {
        note_fault(import, 1, err, column);
        next->state = IMPORT_READ;
    } else if (err != CC_OK) {
        return err;
    }
    next->at = at;
    next->line++;
    import->mark = *next; /* what is counted is not counted again */
    import->mark.state = IMPORT_READING;
    return CC_OK;
}

enum cc_err import_step_read(struct import *import, struct import_mark *next)
{
    enum cc_err err = CC_OK;
    for (int i = 0; i < READ_LINES && err == CC_OK && next->state == IMPORT_READING; i++)
        err = read_next(import, next);
    return err;
}

/* ---- the lines become durable ---------------------------------------------------------------- */

struct part {
    size_t len;
    int lines;
    char bytes[IMPORTS_PART_MAX];
};

/* A line of a person to register goes to the part. The registry may have changed since the file was
 * looked through. */
static enum cc_err add_line(struct import *import, const struct csv_field *line,
                            struct import_mark *next, struct part *part)
{
    CC_WIPED(import_person) person;
    char column[IMPORT_FIELD_SIZE];
    enum cc_err err = import_row_parse(&import->columns, line, true, &person, column);
    if (err == CC_OK && is_to_enrol(&person)) {
        err = check_registry(import->service, &person, column);
        memcpy(part->bytes + part->len, line->text, line->len);
        part->bytes[part->len + line->len] = '\n';
        part->len += line->len + 1;
        part->lines++;
    }
    if (err == CC_OK || is_passing(err))
        return err;
    note_fault(import, next->line + 1, err, column);
    next->state = IMPORT_UNDOING;
    return CC_OK;
}

static enum cc_err fill_part(struct import *import, struct import_mark *next, struct part *part)
{
    struct csv_field line;
    size_t at = next->at;
    enum cc_err err = CC_OK;
    while (err == CC_OK && next->state == IMPORT_STORING &&
           part->lines < lines_of(import, PART_LINES) &&
           csv_next_line(import->text, import->len, &at, &line) &&
           line.len < sizeof(part->bytes) - part->len) {
        if (next->line > 0)
            err = add_line(import, &line, next, part);
        next->at = at;
        next->line++;
    }
    return err;
}

static enum cc_err store_part(struct import *import, struct import_mark *next)
{
    struct part part = {.len = 0};
    enum cc_err err = fill_part(import, next, &part);
    if (err == CC_OK && part.len > 0)
        err =
            imports_insert(import->service->store, import->id, ++next->part, part.bytes, part.len);
    secret_wipe(&part, sizeof(part));
    return err;
}

/* What the writing of the parts needs: the id, the form of the lines, their number, and who it was.
 */
static enum cc_err store_order(struct import *import)
{
    static const uint8_t no_id[IMPORTS_ID_BYTES];
    uint8_t bytes[IMPORTS_ID_BYTES + sizeof(struct import_columns) + 8 + CALLER_NAME_SIZE];
    struct buf b;
    buf_init(&b, bytes, sizeof(bytes));
    buf_put(&b, import->id, sizeof(import->id));
    buf_byte(&b, (uint8_t)import->columns.separator);
    buf_byte(&b, import->columns.is_1252);
    buf_byte(&b, (uint8_t)import->columns.count);
    buf_put(&b, import->columns.at, sizeof(import->columns.at));
    buf_le64(&b, (uint64_t)import->counts.people);
    buf_put(&b, import->caller.name, strlen(import->caller.name) + 1);
    enum cc_err err = imports_insert(import->service->store, no_id, IMPORTS_ORDER, bytes, b.len);
    return err == CC_OK ? service_audit(
                              import->service, &import->caller,
                              AUDIT_ACT(.event = "importacion", .reference = import->counts.people),
                              service_now_ms(import->service))
                        : err;
}

enum cc_err import_step_store(struct import *import, struct import_mark *next)
{
    enum cc_err err = CC_OK;
    import->counts.faults = 0; /* of a step that is done again */
    for (int i = 0; i < lines_of(import, STORE_PARTS) && err == CC_OK &&
                    next->state == IMPORT_STORING && next->at < import->len;
         i++)
        err = store_part(import, next);
    if (err != CC_OK || next->state != IMPORT_STORING || next->at < import->len)
        return err;
    next->state = IMPORT_WRITING;
    return store_order(import);
}

enum cc_err import_step_undo(struct import *import, struct import_mark *next)
{
    bool has_more = false;
    enum cc_err err = imports_delete_some(import->service->store, &has_more);
    if (err == CC_OK && !has_more)
        next->state = import->counts.faults > 0 ? IMPORT_READ : IMPORT_NONE;
    return err;
}

/* ---- the altas ------------------------------------------------------------------------------- */

static enum cc_err suspend(struct import *import, struct citizen *citizen, int64_t now_ms)
{
    struct service *service = import->service;
    const struct life_order order = {.act = LIFE_SUSPEND,
                                     .channel = citizen->channel,
                                     .reason = IMPORT_REASON,
                                     .caller = &import->caller};
    citizen->state = LIFE_SUSPENDED;
    enum cc_err err = citizens_update(service->store, citizen);
    if (err == CC_OK)
        err = monthly_count_state(service, LIFE_ACTIVE, LIFE_SUSPENDED, now_ms);
    if (err == CC_OK)
        err = life_keep(service, citizen, &order, 0, now_ms);
    return err == CC_OK ? service_audit(service, &import->caller,
                                        AUDIT_ACT(.event = life_act_token(LIFE_SUSPEND),
                                                  .subject = &citizen->nif),
                                        now_ms)
                        : err;
}

/* The address is proven by its link, as one that a clerk writes. Errors: CC_ERR_MAILS_WAITING: many
 * links wait, and the step is done again when some of them have left. */
static enum cc_err write_email(struct import *import, const struct import_person *person,
                               int64_t now_ms)
{
    int64_t waiting = 0, unused_s = 0;
    if (person->email.text[0] == '\0')
        return CC_OK;
    enum cc_err err = mails_count_open(import->service->store, &waiting);
    if (err == CC_OK && waiting >= LINKS_WAITING_MAX)
        err = CC_ERR_MAILS_WAITING;
    return err == CC_OK ? mail_change(import->service, &person->input.nif, &person->email,
                                      &import->caller, now_ms, &unused_s)
                        : err;
}

static void put_reason(struct enrol_input *input)
{
    char why[IMPORT_WHY_SIZE];
    (void)snprintf(why, sizeof(why), "%.*s", (int)sizeof(why) - 1, input->reason);
    (void)snprintf(input->reason, sizeof(input->reason), "%s%s%s", IMPORT_REASON,
                   why[0] != '\0' ? ": " : "", why);
}

static enum cc_err enrol_line(struct import *import, const struct csv_field *line)
{
    CC_WIPED(import_person) person;
    CC_WIPED(citizen) citizen = {0};
    char column[IMPORT_FIELD_SIZE];
    int64_t now_ms = service_now_ms(import->service);
    enum cc_err err = import_row_parse(&import->columns, line, true, &person, column);
    person.input.caller = &import->caller;
    put_reason(&person.input);
    if (err == CC_OK)
        err = enrol_person(import->service, &person.input, now_ms, &citizen);
    if (err == CC_OK && person.fate == IMPORT_SUSPENDED)
        err = suspend(import, &citizen, now_ms);
    return err == CC_OK ? write_email(import, &person, now_ms) : err;
}

/* *ret_at: the rest of the part begins there. */
static enum cc_err enrol_part(struct import *import, const char *bytes, size_t len,
                              struct import_mark *next, size_t *ret_at)
{
    size_t at = 0;
    struct csv_field line;
    enum cc_err err = CC_OK;
    import->is_enrolling = true;
    for (int left = lines_of(import, PART_LINES);
         left > 0 && err == CC_OK && csv_next_line(bytes, len, &at, &line); left--) {
        err = enrol_line(import, &line);
        next->written++;
    }
    import->is_enrolling = false;
    *ret_at = at;
    return err;
}

enum cc_err import_step_write(struct import *import, struct import_mark *next)
{
    char bytes[IMPORTS_PART_MAX];
    size_t len = 0, at = 0;
    int64_t part = 0;
    struct store *store = import->service->store;
    enum cc_err err = imports_find_next(store, import->id, IMPORTS_ORDER, &part, bytes, &len);
    if (err == CC_ERR_NOT_FOUND) {
        next->state = IMPORT_DONE;
        return imports_delete(store, IMPORTS_ORDER);
    }
    if (err == CC_OK)
        err = enrol_part(import, bytes, len, next, &at);
    if (err == CC_OK)
        err = imports_delete(store, part);
    if (err == CC_OK && at < len)
        err = imports_insert(store, import->id, part, bytes + at, len - at);
    secret_wipe(bytes, sizeof(bytes));
    return err;
}

/* ---- after a start --------------------------------------------------------------------------- */

static enum cc_err parse_order(struct import *import, const uint8_t *bytes, size_t len)
{
    enum { FIXED = IMPORTS_ID_BYTES + 3 + CSV_FIELDS_MAX + LE64_BYTES };
    const uint8_t *at = bytes + IMPORTS_ID_BYTES;
    if (len <= FIXED || len - FIXED > sizeof(import->caller.name) || bytes[len - 1] != '\0')
        return CC_ERR_ALTERED;
    memcpy(import->id, bytes, IMPORTS_ID_BYTES);
    import->columns =
        (struct import_columns){.separator = (char)at[0], .is_1252 = at[1] != 0, .count = at[2]};
    memcpy(import->columns.at, at + 3, CSV_FIELDS_MAX);
    import->counts.people = (int64_t)le64_get(at + 3 + CSV_FIELDS_MAX);
    memcpy(import->caller.name, bytes + FIXED, len - FIXED);
    return import->columns.count <= CSV_FIELDS_MAX ? CC_OK : CC_ERR_ALTERED;
}

/* Returns how many people are still to be registered. */
static int64_t load_keys(struct import *import, const char *bytes, size_t len)
{
    size_t at = 0;
    int64_t count = 0;
    struct csv_field line;
    CC_WIPED(import_person) person;
    char column[IMPORT_FIELD_SIZE];
    while (csv_next_line(bytes, len, &at, &line)) {
        if (import_row_parse(&import->columns, &line, true, &person, column) == CC_OK)
            (void)check_file(import->keys, &person.input, column);
        count++;
    }
    return count;
}

enum cc_err import_load_order(struct import *import)
{
    static const uint8_t no_id[IMPORTS_ID_BYTES];
    char bytes[IMPORTS_PART_MAX];
    size_t len = 0;
    int64_t part = 0, left = 0;
    struct store *store = import->service->store;
    enum cc_err err = imports_find_next(store, no_id, -1, &part, bytes, &len);
    if (err == CC_ERR_NOT_FOUND)
        return CC_OK;
    if (err == CC_OK)
        err = parse_order(import, (const uint8_t *)bytes, len);
    if (err == CC_ERR_ALTERED) {
        if (part == IMPORTS_ORDER) /* else its id went with the program that had it */
            log_error("la orden de una importación no se puede descifrar: no sigue; quien ya está "
                      "de alta por ella está en la auditoría");
        import->mark.state = IMPORT_UNDOING;
        return CC_OK;
    }
    if (err != CC_OK)
        return err;
    import->mark.state = IMPORT_WRITING;
    import->keys = import_keys_new();
    if (import->keys == NULL)
        return CC_ERR_MEMORY;
    while ((err = imports_find_next(store, import->id, part, &part, bytes, &len)) == CC_OK)
        left += load_keys(import, bytes, len);
    secret_wipe(bytes, sizeof(bytes));
    import->mark.written = import->counts.people - left;
    /* A line that does not open stops the writing, where it is told, and not the start. */
    return err_allow_altered(err);
}
