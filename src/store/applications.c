/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/applications.h"

#include "base/buf.h"
#include "base/le64.h"
#include "base/log.h"
#include "store/seal.h"

#include <assert.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "id, public_id, client_id, state, created_ms, ended_ms, code_ms, tries, sends, bytes,"         \
    " code_tag, sealed"

enum {
    DOCUMENT_PLAIN = 1 + 8 + SEALED_FILE_KEY_BYTES,
    TEXTS_MAX = NIF_CHARS + 1 + (int)sizeof(struct person_name) + PHONE_SIZE + CONTRASTE_SIZE + 3 +
                SECRET_PASSWORD_HASH_SIZE + DOCUMENTS_MAX * DOCUMENT_PLAIN,
    PLAIN_MAX = SEAL_PADDED(TEXTS_MAX, SEAL_PAD_ROW),
    SEALED_MAX = PLAIN_MAX + SECRET_SEAL_OVERHEAD,
    BINDING_BYTES = APPLICATION_ID_BYTES + SECRET_TAG_BYTES + 8 * 8,
};
/* Of "$argon2id$…". */
enum { HASH_BEGINS = '$' };
static_assert((int)DOCUMENT_TYPES <= HASH_BEGINS, "a hash is told from documents");

static const char sealed_column[] = "applications.sealed";

static int64_t bytes_of(const struct application *application)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < application->document_count; i++)
        bytes += application->documents[i].size;
    return bytes;
}

/* All of a row that is not sealed and decides something. */
static void make_binding(const struct application *application, uint8_t ret[BINDING_BYTES])
{
    const int64_t numbers[] = {application->client_id,    (int64_t)application->state,
                               application->created_ms,   application->ended_ms,
                               application->code.sent_ms, application->code.tries,
                               application->code.sends,   bytes_of(application)};
    struct buf b;
    buf_init(&b, ret, BINDING_BYTES);
    buf_put(&b, application->public_id, APPLICATION_ID_BYTES);
    buf_put(&b, application->code_tag, SECRET_TAG_BYTES);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        buf_le64(&b, (uint64_t)numbers[i]);
}

static void put_text(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text) + 1);
}

static void write_plain(const struct application *application, struct buf *b)
{
    put_text(b, application->nif.text);
    put_text(b, application->name.given);
    put_text(b, application->name.first_surname);
    put_text(b, application->name.second_surname);
    put_text(b, application->phone.e164);
    put_text(b, application->contrast.text);
    buf_byte(b, (uint8_t)application->nif.kind);
    buf_byte(b, (uint8_t)application->lang);
    buf_byte(b, (uint8_t)application->reason);
    if (application->secret_hash[0] != '\0')
        buf_put(b, application->secret_hash, sizeof(application->secret_hash));
    for (size_t i = 0; i < application->document_count; i++) {
        buf_byte(b, (uint8_t)application->documents[i].type);
        buf_le64(b, (uint64_t)application->documents[i].size);
        buf_put(b, application->documents[i].key, SEALED_FILE_KEY_BYTES);
    }
}

static struct db_value seal_plain(const struct store *store, const struct application *application,
                                  uint8_t sealed[SEALED_MAX])
{
    uint8_t plain[PLAIN_MAX], binding[BINDING_BYTES];
    struct buf b;
    buf_init(&b, plain, sizeof(plain));
    write_plain(application, &b);
    seal_pad(&b, SEAL_PAD_ROW);
    make_binding(application, binding);
    secret_seal(store->keys, sealed_column, binding, sizeof(binding), plain, b.len, sealed);
    secret_wipe(plain, sizeof(plain));
    return db_blob(sealed, b.len + SECRET_SEAL_OVERHEAD);
}

/* No document is all zeros: each has its key. */
static bool take_documents(const uint8_t *at, const uint8_t *end, struct application *ret)
{
    for (; !seal_is_padding((const char *)at, (const char *)end); at += DOCUMENT_PLAIN) {
        if (end - at < DOCUMENT_PLAIN || ret->document_count == DOCUMENTS_MAX)
            return false;
        struct application_document *document = &ret->documents[ret->document_count++];
        document->type = (enum document_type)at[0];
        document->size = (int64_t)le64_get(at + 1);
        memcpy(document->key, at + 9, SEALED_FILE_KEY_BYTES);
    }
    return true;
}

/* A hash, where there is one, stands before the documents, and begins as no document does. */
static bool take_rest(const char *at, const char *end, struct application *ret)
{
    if (at < end && *at == HASH_BEGINS) {
        if (end - at < SECRET_PASSWORD_HASH_SIZE)
            return false;
        memcpy(ret->secret_hash, at, SECRET_PASSWORD_HASH_SIZE);
        at += SECRET_PASSWORD_HASH_SIZE;
    }
    return take_documents((const uint8_t *)at, (const uint8_t *)end, ret);
}

static bool read_plain(const char *plain, size_t len, struct application *ret)
{
    const char *at = plain, *end = plain + len;
    bool fits =
        seal_take_text(&at, end, ret->nif.text, sizeof(ret->nif.text)) &&
        seal_take_text(&at, end, ret->name.given, sizeof(ret->name.given)) &&
        seal_take_text(&at, end, ret->name.first_surname, sizeof(ret->name.first_surname)) &&
        seal_take_text(&at, end, ret->name.second_surname, sizeof(ret->name.second_surname)) &&
        seal_take_text(&at, end, ret->phone.e164, sizeof(ret->phone.e164)) &&
        seal_take_text(&at, end, ret->contrast.text, sizeof(ret->contrast.text)) && end - at >= 3;
    if (!fits)
        return false;
    ret->nif.kind = (enum nif_kind)at[0];
    ret->lang = (enum text_lang)at[1];
    ret->reason = (enum application_reason)at[2];
    return take_rest(at + 3, end, ret);
}

static enum cc_err read_row(struct store *store, struct db_stmt *st, struct application *ret)
{
    struct application read = {
        .id = db_column_int(st, 0),
        .client_id = db_column_int(st, 2),
        .state = (enum application_state)db_column_int(st, 3),
        .created_ms = db_column_int(st, 4),
        .ended_ms = db_column_int(st, 5),
        .code = {db_column_int(st, 6), db_column_int(st, 7), db_column_int(st, 8)},
    };
    uint8_t binding[BINDING_BYTES];
    char plain[PLAIN_MAX];
    struct buf b;
    size_t len = 0;
    seal_copy_tag(st, 1, read.public_id);
    seal_copy_tag(st, 10, read.code_tag);
    make_binding(&read, binding);
    buf_init(&b, binding + sizeof(binding) - 8, 8); /* the bytes of documents not read yet */
    buf_le64(&b, (uint64_t)db_column_int(st, 9));
    bool fits = seal_open(store, st, 11, sealed_column, binding, sizeof(binding), plain,
                          sizeof(plain), &len) == CC_OK &&
                read_plain(plain, len, &read);
    secret_wipe(plain, sizeof(plain));
    if (fits)
        *ret = read;
    else
        log_error("una solicitud de alta ha sido cambiada sin la clave maestra y no se usa");
    secret_wipe(&read, sizeof(read));
    return fits ? CC_OK : CC_ERR_ALTERED;
}

void applications_code_tag(const struct store *store, const struct application *application,
                           const char *code, uint8_t ret[SECRET_TAG_BYTES])
{
    uint8_t owner[APPLICATION_ID_BYTES + 8];
    struct buf b;
    buf_init(&b, owner, sizeof(owner));
    buf_put(&b, application->public_id, APPLICATION_ID_BYTES);
    buf_le64(&b, (uint64_t)application->code.sent_ms);
    secret_tag(store->keys, SECRET_USE_VALIDATION, owner, sizeof(owner), code, strlen(code), ret);
}

/* $1 to $8, as both statements have them. */
static void bind_values(const struct store *store, struct db_stmt *st,
                        const struct application *application, uint8_t sealed[SEALED_MAX])
{
    DB_BIND(st, 1, db_int(application->state), db_int(application->ended_ms),
            db_int(application->code.sent_ms), db_int(application->code.tries),
            db_int(application->code.sends), db_int(bytes_of(application)),
            db_blob(application->code_tag, SECRET_TAG_BYTES),
            seal_plain(store, application, sealed));
}

enum cc_err applications_insert(struct store *store, const struct application *application,
                                const struct address_keys *from, int64_t *ret_id)
{
    uint8_t sealed[SEALED_MAX], narrow[SECRET_TAG_BYTES], wide[SECRET_TAG_BYTES];
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO applications (state, ended_ms, code_ms, tries, sends,"
                            " bytes, code_tag, sealed, public_id, client_id, created_ms, ip_tag,"
                            " ip_wide_tag)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
                            " RETURNING id");
    bind_values(store, st, application, sealed);
    DB_BIND(st, 9, db_blob(application->public_id, APPLICATION_ID_BYTES),
            db_int(application->client_id), db_int(application->created_ms),
            seal_ip(store, from->narrow, narrow), seal_ip(store, from->wide, wide));
    return db_run_int(st, ret_id);
}

enum cc_err applications_find(struct store *store, const uint8_t public_id[APPLICATION_ID_BYTES],
                              struct application *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT " COLUMNS " FROM applications WHERE public_id = $1");
    db_bind_blob(st, 1, public_id, APPLICATION_ID_BYTES);
    return db_finish_with(st, db_step(st) ? read_row(store, st, ret) : CC_ERR_NOT_FOUND);
}

enum cc_err applications_update(struct store *store, const struct application *application)
{
    uint8_t sealed[SEALED_MAX];
    struct db_stmt *st =
        db_query(store->db, "UPDATE applications SET state = $1, ended_ms = $2, code_ms = $3,"
                            " tries = $4, sends = $5, bytes = $6, code_tag = $7, sealed = $8"
                            " WHERE id = $9");
    bind_values(store, st, application, sealed);
    db_bind_int(st, 9, application->id);
    return db_run_one(st);
}

enum cc_err applications_delete(struct store *store, int64_t id)
{
    struct db_stmt *st = db_query(store->db, "DELETE FROM applications WHERE id = $1");
    db_bind_int(st, 1, id);
    return db_run(st);
}

enum cc_err applications_count_since(struct store *store, int64_t since_ms, int64_t *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT count(*) FROM applications WHERE created_ms > $1");
    db_bind_int(st, 1, since_ms);
    return db_run_int(st, ret);
}

static enum cc_err count_tag(struct store *store, const char *sql, const char *ip, int64_t since_ms,
                             int64_t *ret)
{
    uint8_t tag[SECRET_TAG_BYTES];
    struct db_stmt *st = db_query(store->db, sql);
    DB_BIND(st, 1, seal_ip(store, ip, tag), db_int(since_ms));
    return db_run_int(st, ret);
}

enum cc_err applications_count_from(struct store *store, const struct address_keys *from,
                                    int64_t since_ms, int64_t *ret_narrow, int64_t *ret_wide)
{
    enum cc_err err = count_tag(store,
                                "SELECT count(*) FROM applications WHERE ip_tag = $1"
                                " AND created_ms > $2",
                                from->narrow, since_ms, ret_narrow);
    return err != CC_OK ? err
                        : count_tag(store,
                                    "SELECT count(*) FROM applications"
                                    " WHERE ip_wide_tag = $1 AND created_ms > $2",
                                    from->wide, since_ms, ret_wide);
}

enum cc_err applications_measure(struct store *store, struct application_load *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT count(*), coalesce(sum(bytes), 0)"
                                             " FROM applications WHERE state < 2");
    if (db_step(st))
        *ret = (struct application_load){db_column_int(st, 0), db_column_int(st, 1)};
    return db_finish(st);
}

enum cc_err applications_oldest(struct store *store, enum application_state state,
                                int64_t before_ms, int64_t last_ms, int64_t *ret_id,
                                uint8_t ret_public_id[APPLICATION_ID_BYTES])
{
    enum cc_err err = CC_ERR_NOT_FOUND;
    struct db_stmt *st =
        db_query(store->db, "SELECT id, public_id FROM applications WHERE state = $1"
                            " AND created_ms < $2 AND code_ms < $3 AND ended_ms < $3"
                            " ORDER BY created_ms, id LIMIT 1");
    DB_BIND(st, 1, db_int(state), db_int(before_ms), db_int(last_ms));
    if (db_step(st)) {
        *ret_id = db_column_int(st, 0);
        seal_copy_tag(st, 1, ret_public_id);
        err = CC_OK;
    }
    return db_finish_with(st, err);
}

enum cc_err applications_each(struct store *store, enum application_state state, int64_t after_id,
                              int64_t max, application_visit_fn visit, void *user)
{
    struct application read;
    bool is_any = state == APPLICATION_STATES;
    /* of one state by its own index: behind those that wait lie a month of decided ones */
    struct db_stmt *st =
        db_query(store->db, is_any ? "SELECT " COLUMNS " FROM applications WHERE id > $1"
                                     " ORDER BY id LIMIT $2"
                                   : "SELECT " COLUMNS " FROM applications WHERE id > $1"
                                     " AND state = $2 ORDER BY id LIMIT $3");
    db_bind_int(st, 1, after_id);
    if (!is_any)
        db_bind_int(st, 2, (int64_t)state);
    db_bind_int(st, is_any ? 2 : 3, max);
    while (db_step(st))
        if (read_row(store, st, &read) == CC_OK)
            visit(&read, user);
    secret_wipe(&read, sizeof(read));
    return db_finish(st);
}
