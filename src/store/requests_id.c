/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/requests_id.h"

#include "base/buf.h"
#include "base/log.h"
#include "domain/clock_trust.h"
#include "store/requests_row.h"
#include "store/seal.h"

#include <inttypes.h>
#include <string.h>

static const char sealed_column[] = "requests.sealed";

_Static_assert((int)REQUEST_ID_BYTES == (int)SEAL_ROW_BYTES, "a public id is a row key");
_Static_assert(TEXT_LANG_COUNT <= 10, "a language is sealed as one digit");

enum { USES = 10, TAG = 15 }; /* their columns in REQUESTS_TAGGED */

bool request_row_read(struct store *store, struct db_stmt *st, struct request *ret)
{
    struct request read = {
        .id = db_column_int(st, 0),
        .citizen_id = db_column_int(st, 2),
        .created_ms = db_column_int(st, 7),
        .expires_ms = db_column_int(st, 8),
        .tries = db_column_int(st, 9),
        .uses = db_column_int(st, USES),
        .with_contrast = db_column_int(st, 11) != 0,
        .replaced_ms = db_column_int(st, 12),
        .resent_ms = db_column_int(st, 13),
        .cancelled_ms = db_column_int(st, 14),
    };
    if (!rowtag_fits_image(store, ROWTAG_REQUESTS, st, TAG, USES, &read.image))
        return false;
    seal_copy_tag(st, 1, read.public_id);
    seal_copy_tag(st, 5, read.clave_tag);
    seal_copy_tag(st, 6, read.code_tag);
    *ret = read;
    return true;
}

/* "12345678Z", the number of the language, "0481": of one length for all NIFs. */
struct db_value request_row_seal(const struct store *store, const struct request *request,
                                 uint8_t storage[REQUEST_SEALED_MAX])
{
    const struct request_secret *secret = request->secret;
    char plain[REQUEST_SEALED_MAX - SECRET_SEAL_OVERHEAD + 1];
    struct buf b;
    if (secret == NULL)
        return db_null();
    buf_init(&b, plain, sizeof(plain));
    buf_fmt(&b, "%s%d%s", secret->nif.text, (int)secret->lang, secret->contraclave);
    secret_seal(store->keys, sealed_column, request->public_id, REQUEST_ID_BYTES, plain, b.len,
                storage);
    secret_wipe(plain, sizeof(plain));
    return db_blob(storage, b.len + SECRET_SEAL_OVERHEAD);
}

enum cc_err requests_find(struct store *store, const uint8_t public_id[REQUEST_ID_BYTES],
                          int64_t client_id, int64_t now_ms, struct request *ret)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT " REQUESTS_TAGGED " FROM requests WHERE public_id = $1"
                            " AND client_id = $2 AND expires_ms > $3"
                            " AND id > (SELECT max(id) FROM requests) - $4");
    struct request read;
    DB_BIND(st, 1, db_blob(public_id, REQUEST_ID_BYTES), db_int(client_id),
            db_int(now_ms - REQUESTS_KNOWN_AFTER_MS), db_int(REQUESTS_KNOWN));
    bool is_found = db_step(st) && request_row_read(store, st, &read);
    enum cc_err err = db_finish_with(st, is_found ? CC_OK : CC_ERR_NOT_FOUND);
    if (err == CC_OK)
        *ret = read;
    return err;
}

bool request_row_is_dated_well(const struct store *store, int64_t id, int64_t created_ms,
                               int64_t now_ms)
{
    const struct void_requests *none = &store->void_requests;
    return created_ms > now_ms - CLOCK_REQUEST_LIFE_MS && created_ms <= now_ms + CLOCK_FUTURE_MS &&
           (id > none->id || created_ms <= none->since_ms);
}

bool requests_is_dated_well(const struct store *store, const struct request *request,
                            int64_t now_ms)
{
    return request_row_is_dated_well(store, request->id, request->created_ms, now_ms);
}

static bool split_secret(const char *plain, size_t len, struct request_secret *ret)
{
    struct request_secret read = {0};
    const char *lang = plain + NIF_CHARS, *code = lang + 1;
    if (len <= NIF_CHARS + 1 || len > NIF_CHARS + 1 + CODE_DIGITS_MAX || *lang < '0' ||
        *lang >= '0' + TEXT_LANG_COUNT)
        return false;
    memcpy(read.nif.text, plain, NIF_CHARS);
    read.lang = (enum text_lang)(*lang - '0');
    memcpy(read.contraclave, code, len - NIF_CHARS - 1);
    *ret = read;
    return true;
}

/* Opens the column under st; sealing as much takes as long where it is empty. */
static enum cc_err open_column(const struct store *store, struct db_stmt *st,
                               const struct request *request, struct request_secret *ret)
{
    char plain[REQUEST_SEALED_MAX] = {0};
    uint8_t unused[REQUEST_SEALED_MAX];
    size_t sealed_len = 0, len = 0;
    const uint8_t *sealed = db_column_blob(st, 0, &sealed_len);
    if (sealed_len == 0) {
        secret_seal(store->keys, sealed_column, request->public_id, REQUEST_ID_BYTES, plain,
                    NIF_CHARS + 1 + CLAVE_DIGITS, unused);
        return CC_ERR_NOT_FOUND;
    }
    bool is_open = secret_open(store->keys, sealed_column, request->public_id, REQUEST_ID_BYTES,
                               sealed, sealed_len, plain, sizeof(plain), &len) == CC_OK &&
                   split_secret(plain, len, ret);
    secret_wipe(plain, sizeof(plain));
    if (!is_open)
        log_error("la contraclave de la solicitud %" PRId64
                  " no se puede descifrar; no se reenvía: hay que pedir otra",
                  request->id);
    return is_open ? CC_OK : CC_ERR_NOT_FOUND;
}

enum cc_err requests_open(struct store *store, const struct request *request,
                          struct request_secret *ret)
{
    struct db_stmt *st = db_query(store->db, "SELECT sealed FROM requests WHERE id = $1");
    db_bind_int(st, 1, request->id);
    return db_finish_with(st,
                          db_step(st) ? open_column(store, st, request, ret) : CC_ERR_NOT_FOUND);
}

enum cc_err requests_set_resent(struct store *store, int64_t id, int64_t now_ms)
{
    struct db_stmt *st = db_query(
        store->db, "UPDATE requests SET resent_ms = $1 WHERE id = $2 RETURNING " REQUESTS_TAGGED);
    DB_BIND(st, 1, db_int(now_ms), db_int(id));
    return rowtag_run(store, ROWTAG_REQUESTS, st, NULL);
}

enum cc_err requests_cancel(struct store *store, int64_t id, int64_t now_ms)
{
    struct db_stmt *st =
        db_query(store->db, "UPDATE requests SET cancelled_ms = $1, sealed = NULL, replaced_ms ="
                            " CASE WHEN replaced_ms = 0 THEN $1 ELSE replaced_ms END WHERE id = $2"
                            " RETURNING " REQUESTS_TAGGED);
    DB_BIND(st, 1, db_int(now_ms), db_int(id));
    return rowtag_run(store, ROWTAG_REQUESTS, st, NULL);
}

enum { ERASE_BATCH = 2000 }; /* at 02:00 those of a whole day expire */

/* The next id that is not over yet, or the one behind the batch; 0 = there are no more rows. Rows
 * of the future are stepped over, and so are those that are void (store/clock.h). */
static enum cc_err find_unexpired(struct store *store, int64_t now_ms, int64_t *ret_id)
{
    struct db_stmt *st =
        db_query(store->db, "SELECT coalesce(min(CASE WHEN expires_ms > $1 AND created_ms <= $2 AND"
                            " (id > $3 OR created_ms <= $4) THEN id END),"
                            " max(id) + 1, 0) FROM (SELECT id, created_ms, expires_ms FROM requests"
                            " WHERE id > $5 ORDER BY id LIMIT $6) AS batch");
    DB_BIND(st, 1, db_int(now_ms), db_int(now_ms + CLOCK_FUTURE_MS),
            db_int(store->void_requests.id), db_int(store->void_requests.since_ms),
            db_int(store->erased.id), db_int(ERASE_BATCH));
    return db_run_int(st, ret_id);
}

enum cc_err requests_erase_expired(struct store *store, int64_t now_ms)
{
    int64_t next_id = 0;
    enum cc_err err = find_unexpired(store, now_ms, &next_id);
    if (err != CC_OK || next_id <= store->erased.id + 1)
        return err;
    struct db_stmt *st = db_query(store->db, "UPDATE requests SET sealed = NULL WHERE id > $1"
                                             " AND id < $2 AND (expires_ms <= $3 OR"
                                             " (id <= $4 AND created_ms > $5))"
                                             " AND sealed IS NOT NULL");
    DB_BIND(st, 1, db_int(store->erased.id), db_int(next_id), db_int(now_ms),
            db_int(store->void_requests.id), db_int(store->void_requests.since_ms));
    err = db_run(st);
    if (err != CC_OK)
        return err;
    store->erased.open_id = next_id - 1;
    store->erased.rollbacks = db_rollbacks(store->db);
    if (!db_in_transaction(store->db))
        store->erased.id = next_id - 1;
    return CC_OK;
}
