/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/life.h"

#include "base/buf.h"
#include "store/seal.h"

#include <string.h>

enum { PROVEN_SIZE = 2 };

enum {
    TEXTS_MAX = LIFE_ACTOR_SIZE + LIFE_REASON_SIZE + LIFE_REFERENCE_SIZE + LIFE_DOCUMENT_SIZE +
                LIFE_CLAUSE_SIZE + NIF_CHARS + 1 + PROVEN_SIZE,
    PLAIN_MAX = SEAL_PADDED(TEXTS_MAX, SEAL_PAD_ROW),
    SEALED_MAX = PLAIN_MAX + SECRET_SEAL_OVERHEAD,
    BINDING_BYTES = SECRET_TAG_BYTES + 32,
};

static const char sealed_column[] = "life.sealed";

/* All of a row that is not sealed, so that none of it can be changed without the key. */
static void make_binding(const struct store *store, const struct citizen *citizen,
                         const struct life_edge *edge, uint8_t ret[BINDING_BYTES])
{
    struct buf b;
    uint8_t nif_index[SECRET_TAG_BYTES];
    seal_nif_index(store, &citizen->nif, nif_index);
    buf_init(&b, ret, BINDING_BYTES);
    buf_put(&b, nif_index, sizeof nif_index);
    buf_le64(&b, (uint64_t)edge->act);
    buf_le64(&b, (uint64_t)edge->channel);
    buf_le64(&b, (uint64_t)edge->at_ms);
    buf_le64(&b, (uint64_t)edge->message_id);
}

enum cc_err life_append(struct store *store, const struct citizen *citizen,
                        const struct life_edge *edge)
{
    uint8_t binding[BINDING_BYTES], sealed[SEALED_MAX];
    char plain[PLAIN_MAX];
    struct buf b;
    buf_init(&b, plain, sizeof plain);
    const char *const texts[] = {edge->actor,
                                 edge->reason,
                                 edge->reference,
                                 edge->document,
                                 edge->clause,
                                 edge->linked,
                                 edge->phone_proven ? "1" : ""};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        buf_put(&b, texts[i], strlen(texts[i]) + 1);
    seal_pad(&b, SEAL_PAD_ROW);
    make_binding(store, citizen, edge, binding);
    secret_seal(store->keys, sealed_column, binding, sizeof binding, plain, b.len, sealed);
    secret_wipe(plain, sizeof plain);
    struct db_stmt *st =
        db_query(store->db, "INSERT INTO life (citizen_id, act, channel, at_ms, message_id, sealed)"
                            " VALUES ($1, $2, $3, $4, $5, $6)");
    DB_BIND(st, 1, db_int(citizen->id), db_int(edge->act), db_int(edge->channel),
            db_int(edge->at_ms), db_int(edge->message_id),
            db_blob(sealed, b.len + SECRET_SEAL_OVERHEAD));
    return db_run(st);
}

/* Older rows end with the reference, or with the linked NIF. */
static bool take_texts(const char *text, const char *end, struct life_edge *ret)
{
    char proven[PROVEN_SIZE] = "";
    if (!seal_take_text(&text, end, ret->actor, sizeof ret->actor) ||
        !seal_take_text(&text, end, ret->reason, sizeof ret->reason) ||
        !seal_take_text(&text, end, ret->reference, sizeof ret->reference))
        return false;
    bool fits = seal_is_padding(text, end) ||
                (seal_take_text(&text, end, ret->document, sizeof ret->document) &&
                 seal_take_text(&text, end, ret->clause, sizeof ret->clause) &&
                 seal_take_text(&text, end, ret->linked, sizeof ret->linked) &&
                 (seal_is_padding(text, end) || seal_take_text(&text, end, proven, sizeof proven)));
    ret->phone_proven = proven[0] != '\0';
    return fits;
}

static enum cc_err read_edge(struct store *store, struct db_stmt *st, const struct citizen *citizen,
                             struct life_edge *ret)
{
    uint8_t binding[BINDING_BYTES];
    char plain[PLAIN_MAX];
    size_t len = 0;
    struct life_edge edge = {.act = (enum life_act)db_column_int(st, 0),
                             .channel = (enum citizen_channel)db_column_int(st, 1),
                             .at_ms = db_column_int(st, 2),
                             .message_id = db_column_int(st, 3)};
    make_binding(store, citizen, &edge, binding);
    if (seal_open(store, st, 4, sealed_column, binding, sizeof binding, plain, sizeof plain,
                  &len) != CC_OK)
        return CC_ERR_ALTERED;
    bool fits = take_texts(plain, plain + len, &edge);
    secret_wipe(plain, sizeof plain);
    *ret = edge;
    return fits ? CC_OK : CC_ERR_ALTERED;
}

enum cc_err life_each(struct store *store, const struct citizen *citizen, int64_t max,
                      life_visit_fn visit, void *user)
{
    struct life_edge edge;
    enum cc_err err = CC_OK;
    struct db_stmt *st =
        db_query(store->db, "SELECT act, channel, at_ms, message_id, sealed FROM life"
                            " WHERE citizen_id = $1 ORDER BY id DESC LIMIT $2");
    DB_BIND(st, 1, db_int(citizen->id), db_int(max));
    while (err == CC_OK && db_step(st)) {
        err = read_edge(store, st, citizen, &edge);
        if (err == CC_OK)
            visit(&edge, user);
    }
    secret_wipe(&edge, sizeof edge);
    return db_finish_with(st, err);
}
