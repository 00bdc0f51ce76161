/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How the room's rows hide what is personal: blind indexes to look up by, and sealed columns bound
 * to their column and row. The row's key is known before the row is written.
 */
#ifndef CC_STORE_SEAL_H
#define CC_STORE_SEAL_H

#include "base/buf.h"
#include "domain/nif.h"
#include "store/store.h"

enum {
    SEAL_ROW_BYTES = 16,
    /* What is sealed of a whole row is filled with zeros to a multiple of so many bytes: of a
     * person, most are one long; of an act of hers and of an online alta, or of a mail, nearly all.
     */
    SEAL_PAD_PERSON = 128,
    SEAL_PAD_ROW = 256,
};

/* Length of such a row for len bytes of texts. */
#define SEAL_PADDED(len, pad) (((size_t)(len) + (pad)-1) / (pad) * (pad))

/* The control character follows from the other eight (DOMAIN 2), so it is left out. */
void seal_nif_index(const struct store *store, const struct nif *nif,
                    uint8_t out[SECRET_TAG_BYTES]);
/* The same under the first master key, for the tags that it goes into: they outlive a change of the
 * key. nif_index is that of seal_nif_index(). */
void seal_nif_root(const struct store *store, const struct nif *nif,
                   const uint8_t nif_index[SECRET_TAG_BYTES], uint8_t out[SECRET_TAG_BYTES]);
void seal_phone_index(const struct store *store, const char *e164, uint8_t out[SECRET_TAG_BYTES]);
/* The keyed tag of an IP, made in `tag`; NULL for "" (not given). */
struct db_value seal_ip(const struct store *store, const char *ip, uint8_t tag[SECRET_TAG_BYTES]);
/* Counts rows of an address over the last hour; none where it is "". sql, a literal: $1 its tag,
 * $2 < created_ms <= $3, at most $4. */
enum cc_err seal_count_ip(struct store *store, const char *sql, const char *ip, int64_t now_ms,
                          int64_t limit, int64_t *ret) CC_MUST_CHECK;

/* The key of a row that is known by two numbers which never change. */
void seal_make_row(int64_t number, int64_t at_ms, uint8_t ret[SEAL_ROW_BYTES]);
/* Seals text of at most cap - SECRET_SEAL_OVERHEAD bytes into storage, padded so that its length
 * tells little: to 64 bytes, or what storage has room for. Of one that does not fit, DB_OTHER. */
struct db_value seal_text(const struct store *store, const char *where,
                          const uint8_t row[SEAL_ROW_BYTES], const char *text, uint8_t *storage,
                          size_t cap);
/* Opens a column that secret_seal() sealed for `where` and this row, as secret_open() does. Errors:
 * CC_ERR_CORRUPT. */
enum cc_err seal_open(const struct store *store, struct db_stmt *st, int column, const char *where,
                      const void *row, size_t row_len, void *out, size_t cap,
                      size_t *ret_len) CC_MUST_CHECK;
/* The same of a value that always has this many bytes. Errors: CC_ERR_CORRUPT. */
enum cc_err seal_open_fixed(const struct store *store, struct db_stmt *st, int column,
                            const char *where, const void *row, size_t row_len, void *out,
                            size_t size) CC_MUST_CHECK;
/* The same as a C string. Errors: CC_ERR_CORRUPT. */
enum cc_err seal_column(const struct store *store, struct db_stmt *st, int column,
                        const char *where, const uint8_t row[SEAL_ROW_BYTES], char *out,
                        size_t cap) CC_MUST_CHECK;
/* Moves *text behind the text that it takes, out of several that end in NUL each, before end. False
 * when it does not fit. Of what a row had sealed as one. */
bool seal_take_text(const char **text, const char *end, char *out, size_t cap) CC_MUST_CHECK;
/* Fills up to a multiple of pad, for which there is room. */
void seal_pad(struct buf *b, size_t pad);
/* Whether nothing follows but that. A row of before the padding ends there. */
bool seal_is_padding(const char *text, const char *end);
/* Copies a tag or key of exactly 16 bytes; zeros if the column holds anything else. */
void seal_copy_tag(struct db_stmt *st, int column, uint8_t out[SECRET_TAG_BYTES]);
/* Runs a SELECT of one such column of one row. Errors: CC_ERR_NOT_FOUND (none, or NULL), those of
 * db_finish(). */
enum cc_err seal_run_tag(struct db_stmt *st, uint8_t ret[SECRET_TAG_BYTES]) CC_MUST_CHECK;

#endif
