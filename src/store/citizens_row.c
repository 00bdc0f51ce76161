/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/citizens_row.h"

#include "base/buf.h"
#include "store/seal.h"

#include <string.h>

static const char sealed_column[] = "citizens.sealed";
static const char contrast_column[] = "citizens.contrast";

enum { TAG = 10 }; /* its column in CITIZENS_TAGGED */

/*
 * A row is found by its number, so the number is made of the NIF's blind index: one search, in the
 * table itself. That any two of 100 000 citizens share 62 bits is a chance in a thousand million;
 * the second could not enrol, and never reads the first's, which is sealed with the whole index.
 * Never 0 or less: those stand for nobody.
 */
int64_t citizen_row_id(const uint8_t nif_index[SECRET_TAG_BYTES])
{
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof bits; ++i)
        bits = bits << 8 | nif_index[i];
    return (int64_t)(bits >> 2) + 1;
}

static void put_text(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text) + 1);
}

/* Personal data, parted by NUL and sealed as one: they are always read together. Rows from before
 * the surnames end with the phone; those from before the padding get it when they are written
 * again, or when the master key changes. */
struct db_value citizen_row_seal(const struct store *store, const uint8_t row[SECRET_TAG_BYTES],
                                 const struct citizen *citizen, uint8_t sealed[CITIZEN_SEALED_MAX])
{
    char plain[CITIZEN_PLAIN_MAX];
    struct buf b;
    buf_init(&b, plain, sizeof plain);
    put_text(&b, citizen->nif.text);
    put_text(&b, citizen->name.given);
    put_text(&b, citizen->phone.e164);
    put_text(&b, citizen->name.first_surname);
    put_text(&b, citizen->name.second_surname);
    put_text(&b, text_lang_token(citizen->lang));
    buf_str(&b, citizen->shares_phone ? "1" : "");
    seal_pad(&b, SEAL_PAD_PERSON);
    secret_seal(store->keys, sealed_column, row, SECRET_TAG_BYTES, plain, b.len, sealed);
    secret_wipe(plain, sizeof plain);
    return db_blob(sealed, b.len + SECRET_SEAL_OVERHEAD);
}

/* Sealed at its full size, so that the length does not tell the kind of document. */
struct db_value citizen_row_seal_contrast(const struct store *store,
                                          const uint8_t row[SECRET_TAG_BYTES],
                                          const struct contraste *contrast,
                                          uint8_t sealed[CITIZEN_SEALED_CONTRAST])
{
    if (contrast->text[0] == '\0')
        return db_null();
    secret_seal(store->keys, contrast_column, row, SECRET_TAG_BYTES, contrast->text, CONTRASTE_SIZE,
                sealed);
    return db_blob(sealed, CITIZEN_SEALED_CONTRAST);
}

/* Where there is nothing to open, sealing as much takes as long: the time does not tell who is
 * registered, nor who has a contrast datum. */
void citizen_row_seal_for_show(const struct store *store, const uint8_t row[SECRET_TAG_BYTES],
                               size_t len)
{
    static const char plain[CITIZEN_PLAIN_MAX];
    uint8_t sealed[CITIZEN_SEALED_MAX];
    secret_seal(store->keys, sealed_column, row, SECRET_TAG_BYTES, plain, len, sealed);
}

static enum cc_err open_contrast(const struct store *store, struct db_stmt *st, int column,
                                 const uint8_t row[SECRET_TAG_BYTES], struct contraste *ret)
{
    struct contraste read = {0};
    if (db_column_is_null(st, column)) {
        citizen_row_seal_for_show(store, row, CONTRASTE_SIZE);
        *ret = read;
        return CC_OK;
    }
    if (seal_open_fixed(store, st, column, contrast_column, row, SECRET_TAG_BYTES, read.text,
                        CONTRASTE_SIZE) != CC_OK ||
        read.text[CONTRASTE_SIZE - 1] != '\0')
        return CC_ERR_CORRUPT;
    *ret = read;
    return CC_OK;
}

/* The index that keeps a phone to a single NIF. A phone that is shared has one for each person who
 * shares it; the first one's stays as it was. */
void citizen_row_index_phone(const struct store *store, const struct citizen *citizen,
                             const uint8_t row[SECRET_TAG_BYTES], uint8_t ret[SECRET_TAG_BYTES])
{
    const char *phone = citizen->phone.e164;
    if (citizen->shares_phone)
        secret_tag(store->keys, SECRET_USE_PHONE_INDEX, phone, strlen(phone), row, SECRET_TAG_BYTES,
                   ret);
    else
        seal_phone_index(store, phone, ret);
}

static bool take_later_texts(const char **text, const char *end, struct citizen *ret)
{
    char lang[CITIZEN_LANG_SIZE], shared[2];
    bool fits = seal_take_text(text, end, ret->name.first_surname, NAME_PART_SIZE) &&
                seal_take_text(text, end, ret->name.second_surname, NAME_PART_SIZE) &&
                seal_take_text(text, end, lang, sizeof lang) &&
                seal_take_text(text, end, shared, sizeof shared);
    if (!fits || text_lang_parse(lang, strlen(lang), &ret->lang) != CC_OK)
        return false;
    ret->shares_phone = shared[0] != '\0';
    return true;
}

static enum cc_err open_sealed(const struct store *store, struct db_stmt *st, int column,
                               const uint8_t row[SECRET_TAG_BYTES], struct citizen *out)
{
    char plain[CITIZEN_PLAIN_MAX + 1]; /* with an end for the last */
    size_t len = 0;
    if (seal_open(store, st, column, sealed_column, row, SECRET_TAG_BYTES, plain, CITIZEN_PLAIN_MAX,
                  &len) != CC_OK)
        return CC_ERR_CORRUPT;
    plain[len] = '\0';
    const char *text = plain, *end = plain + len + 1;
    bool fits = seal_take_text(&text, end, out->nif.text, sizeof out->nif.text) &&
                seal_take_text(&text, end, out->name.given, NAME_PART_SIZE) &&
                seal_take_text(&text, end, out->phone.e164, sizeof out->phone.e164) &&
                (seal_is_padding(text, end) || take_later_texts(&text, end, out)) &&
                seal_is_padding(text, end);
    secret_wipe(plain, len);
    return fits ? CC_OK : CC_ERR_CORRUPT;
}

/* A row's tag covers the nonce of what is sealed, so that it never comes back. */
static uint64_t version_of(struct db_stmt *st)
{
    uint8_t tag[SECRET_TAG_BYTES];
    uint64_t version;
    seal_copy_tag(st, TAG, tag);
    memcpy(&version, tag, sizeof version);
    return version;
}

enum cc_err citizen_row_read(struct store *store, struct db_stmt *st,
                             const uint8_t row[SECRET_TAG_BYTES], bool with_contrast,
                             struct citizen *ret)
{
    struct citizen read = {
        .id = citizen_row_id(row),
        .state = (enum life_state)db_column_int(st, 3),
        .grade = (enum citizen_grade)db_column_int(st, 4),
        .channel = (enum citizen_channel)db_column_int(st, 5),
        .locked = db_column_int(st, 6) != 0,
        .created_ms = db_column_int(st, 7),
        .contrast_locked = db_column_int(st, 9) != 0,
    };
    if (!rowtag_fits_at(store, ROWTAG_CITIZENS, st, TAG))
        return CC_ERR_ALTERED;
    read.version = version_of(st);
    enum cc_err err = open_sealed(store, st, 2, row, &read);
    if (err == CC_OK && with_contrast)
        err = open_contrast(store, st, 8, row, &read.contrast);
    if (err == CC_OK)
        *ret = read;
    return err;
}
