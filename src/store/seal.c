/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/seal.h"

#include "base/le64.h"
#include "base/secret_old.h"
#include "base/span.h"
#include "domain/clock_trust.h"

#include <string.h>

_Static_assert((int)SEAL_ROW_BYTES == (int)SECRET_TAG_BYTES, "a blind index is a row key");

void seal_nif_index(const struct store *store, const struct nif *nif, uint8_t out[SECRET_TAG_BYTES])
{
    secret_tag(store->keys, SECRET_USE_NIF_INDEX, nif->text, NIF_KEY_CHARS, NULL, 0, out);
}

void seal_nif_root(const struct store *store, const struct nif *nif,
                   const uint8_t nif_index[SECRET_TAG_BYTES], uint8_t out[SECRET_TAG_BYTES])
{
    if (secret_keys_generation(store->keys) == 0)
        memcpy(out, nif_index, SECRET_TAG_BYTES); /* the master key is the first one still */
    else
        secret_root_tag(store->keys, SECRET_USE_NIF_INDEX, nif->text, NIF_KEY_CHARS, NULL, 0, out);
}

void seal_phone_index(const struct store *store, const char *e164, uint8_t out[SECRET_TAG_BYTES])
{
    secret_tag(store->keys, SECRET_USE_PHONE_INDEX, e164, strlen(e164), NULL, 0, out);
}

struct db_value seal_ip(const struct store *store, const char *ip, uint8_t tag[SECRET_TAG_BYTES])
{
    if (ip[0] == '\0')
        return db_null();
    secret_tag(store->keys, SECRET_USE_IP_INDEX, ip, strlen(ip), NULL, 0, tag);
    return db_blob(tag, SECRET_TAG_BYTES);
}

enum cc_err seal_count_ip(struct store *store, const char *sql, const char *ip, int64_t now_ms,
                          int64_t limit, int64_t *ret)
{
    uint8_t tag[SECRET_TAG_BYTES];
    if (ip[0] == '\0') {
        *ret = 0;
        return CC_OK;
    }
    struct db_stmt *st = db_query(store->db, sql);
    DB_BIND(st, 1, seal_ip(store, ip, tag), db_int(now_ms - HOUR_MS),
            db_int(now_ms + CLOCK_FUTURE_MS), db_int(limit));
    return db_run_int(st, ret);
}

enum { PAD_BYTES = 64 };

/* With a NUL at its end the text has to fit into who reads it. Pure. */
static size_t padded_len(size_t len, size_t room)
{
    size_t padded = (len + PAD_BYTES - 1) / PAD_BYTES * PAD_BYTES;
    if (padded < PAD_BYTES)
        padded = PAD_BYTES;
    if (padded > room - 1)
        padded = room - 1;
    return padded > len ? padded : len;
}

void seal_make_row(int64_t number, int64_t at_ms, uint8_t ret[SEAL_ROW_BYTES])
{
    le64_put(ret, (uint64_t)number);
    le64_put(ret + LE64_BYTES, (uint64_t)at_ms);
}

struct db_value seal_text(const struct store *store, const char *where,
                          const uint8_t row[SEAL_ROW_BYTES], const char *text, uint8_t *storage,
                          size_t cap)
{
    size_t len = strlen(text);
    if (len + SECRET_SEAL_OVERHEAD > cap)
        return (struct db_value){.kind = DB_OTHER};
    size_t padded = padded_len(len, cap - SECRET_SEAL_OVERHEAD);
    uint8_t *plain = storage + SECRET_SEAL_BEFORE;
    memcpy(plain, text, len);
    memset(plain + len, 0, padded - len);
    secret_seal(store->keys, where, row, SEAL_ROW_BYTES, plain, padded, storage);
    return db_blob(storage, padded + SECRET_SEAL_OVERHEAD);
}

enum cc_err seal_open(const struct store *store, struct db_stmt *st, int column, const char *where,
                      const void *row, size_t row_len, void *out, size_t cap, size_t *ret_len)
{
    size_t sealed_len = 0;
    const uint8_t *sealed = db_column_blob(st, column, &sealed_len);
    return secret_open(store->keys, where, row, row_len, sealed, sealed_len, out, cap, ret_len);
}

enum cc_err seal_open_fixed(const struct store *store, struct db_stmt *st, int column,
                            const char *where, const void *row, size_t row_len, void *out,
                            size_t size)
{
    size_t len = 0;
    enum cc_err err = seal_open(store, st, column, where, row, row_len, out, size, &len);
    return err == CC_OK && len != size ? CC_ERR_CORRUPT : err;
}

enum cc_err seal_column(const struct store *store, struct db_stmt *st, int column,
                        const char *where, const uint8_t row[SEAL_ROW_BYTES], char *out, size_t cap)
{
    size_t len = 0;
    enum cc_err err = seal_open(store, st, column, where, row, SEAL_ROW_BYTES, out, cap - 1, &len);
    if (err == CC_OK)
        out[len] = '\0';
    return err;
}

void seal_copy_tag(struct db_stmt *st, int column, uint8_t out[SECRET_TAG_BYTES])
{
    size_t len = 0;
    const void *bytes = db_column_blob(st, column, &len);
    memset(out, 0, SECRET_TAG_BYTES);
    if (len == SECRET_TAG_BYTES)
        memcpy(out, bytes, len);
}

enum cc_err seal_run_tag(struct db_stmt *st, uint8_t ret[SECRET_TAG_BYTES])
{
    bool found = db_step(st) && !db_column_is_null(st, 0);
    if (found)
        seal_copy_tag(st, 0, ret);
    return db_finish_with(st, found ? CC_OK : CC_ERR_NOT_FOUND);
}

void seal_pad(struct buf *b, size_t pad)
{
    while (b->len % pad != 0)
        buf_byte(b, 0);
}

bool seal_is_padding(const char *text, const char *end)
{
    while (text < end && *text == '\0')
        text++;
    return text == end;
}

bool seal_take_text(const char **text, const char *end, char *out, size_t cap)
{
    size_t len = strnlen(*text, (size_t)(end - *text));
    if (*text + len == end || len >= cap)
        return false;
    memcpy(out, *text, len + 1);
    *text += len + 1;
    return true;
}
