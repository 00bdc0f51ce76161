/* SPDX-License-Identifier: EUPL-1.2 */
/* Shared by the files of the PostgreSQL engine. */
#ifndef CC_STORE_PG_PRIVATE_H
#define CC_STORE_PG_PRIVATE_H

#include "store/engine.h"

#include <libpq-fe.h>

/*
 * Waits, in ms. A server that needs longer is taken for one that is away: the connection is closed.
 * A daemon that serves waits SERVING_MS at most in one transaction, for any number of statements
 * it has, and LOCK_MS of these for the turn of another box. Tools, and a daemon that starts, may
 * read or migrate a whole town in one statement.
 */
enum {
    PG_NAMES_MS = 2000,
    PG_CONNECT_MS = 2000,
    PG_SERVING_MS = 1000,
    PG_LOCK_MS = 500,
    PG_OPENING_MS = 600 * 1000,
};

enum { PG_BOX_SIZE = 72 };

/* The words of libpq for one connection; both arrays end with NULL. Owned by `parsed`. */
struct pg_address {
    PQconninfoOption *parsed;
    const char *keywords[48], *values[48];
    char told[256]; /* its servers, as people are told of them */
};

/* Rows on their way to COPY. */
struct pg_load {
    size_t used;
    char bytes[64 * 1024];
};

enum pg_state { PG_DOWN, PG_NAMING, PG_CONNECTING, PG_UP };

struct pg_db {
    struct db db; /* first: struct db and this one have the same address */
    PGconn *conn;
    struct pg_address address;
    enum pg_state state;
    bool serves;          /* fail_fast() was called */
    bool only_reads;      /* open_to_read(): it may be in a snapshot for long */
    bool is_open;         /* a transaction, when the server answered last */
    uint64_t generation;  /* counts connections: each has prepared statements of its own */
    uint64_t names;       /* of prepared statements */
    int64_t connect_us;   /* deadline of the attempt to connect */
    short connect_events; /* of poll(), which the next step of it waits for */
    struct db_wait wait;  /* no attempt before its end */
    int64_t left_us;      /* of the wait that this transaction may cost */
    int64_t changes;      /* rows that the last statement changed */
    int64_t total_changes;
    struct {
        int64_t application_id;
        int64_t version;
        uint64_t generation; /* of the connection that serves and read the version; 0 = none */
    } mark;
    struct pg_pipeline *pipeline; /* statements that go to the server together */
    struct pg_names *names_of;    /* of the servers; NULL = the address has none to look up */
    struct pg_load *load;         /* NULL = COPY was not used yet */
    size_t silent;         /* attempts in which a server said nothing: the next one begins there */
    bool is_doubtful;      /* the server warned in a COMMIT: a replica may lack it */
    uint64_t lead;         /* the generation of which has the lead; 0 = none */
    char box[PG_BOX_SIZE]; /* lock(): a new connection takes the name again; "" = none */
};

static inline struct pg_db *pg_of(struct db *db)
{
    return (struct pg_db *)db;
}

/* Whether there is a libpq; loads it. */
bool pg_library_can_load(void);
/* Reads an address and adds what it leaves open. Errors: CC_ERR_CONFIG, CC_ERR_MEMORY; logged. */
enum cc_err pg_address_read(const char *place, struct pg_address *ret);
void pg_address_done(struct pg_address *address);
/* Sets it over what the address has. */
void pg_address_set(struct pg_address *address, const char *keyword, const char *value);
/* NULL = the address does not have the word. */
const char *pg_address_value(const struct pg_address *address, const char *keyword);
bool pg_address_is_local(const struct pg_address *address);
/* Why there is no connection; of a file of passwords that is not used libpq says nothing. */
const char *pg_tell_failure(const PGconn *conn);

/* Reads which names the address has. False: no memory. Owns: pg_names_free(). */
bool pg_names_read(struct pg_db *pg);
void pg_names_free(struct pg_db *pg);
/* Begins to look them up, beside this thread. */
void pg_names_ask(struct pg_db *pg);
bool pg_names_are_known(const struct pg_db *pg);
/* Waits until one more of them is known, or the time is over. */
void pg_names_wait(const struct pg_db *pg, int timeout_ms);
/* Adds to a copy of the address what is known of them, which lives as long as nothing is asked
 * anew; false: none is known. */
bool pg_names_apply(struct pg_db *pg, struct pg_address *address_io);

/* Connects and waits for it, for PG_CONNECT_MS a server. Errors: CC_ERR_DB; logged. */
enum cc_err pg_connect(struct pg_db *pg);
/*
 * Whether the server can be asked. While it cannot, each call goes one step further on the way back
 * to it, without waiting; between attempts there is a growing pause of up to 1 s.
 */
bool pg_is_ready(struct pg_db *pg);
/* The time that the next transaction may wait for the server. */
void pg_give_time(struct pg_db *pg);
/* Sets the limits of a daemon that serves in the server too. */
void pg_limit_statements(struct pg_db *pg);
/* Closes a connection that has failed. */
void pg_lose(struct pg_db *pg);

/* Waits for events of poll() on the connection; false when the time is over. */
bool pg_wait_for_file(const struct pg_db *pg, short events, int timeout_ms);
/*
 * Waits for the answer to what was sent. A SELECT's rows are in *ret_result, which the caller
 * clears. Errors: as pg_note(); then the result is NULL.
 */
enum cc_err pg_receive(struct pg_db *pg, const char *sql, PGresult **ret_result);
/* Sends all that was put into the connection; false: its time is over, or the connection is. */
bool pg_send_all(struct pg_db *pg);
/* Words for a wait that failed. */
const char *pg_words_of(const struct pg_db *pg);
/* Adds the changes of an INSERT, UPDATE or DELETE; other commands leave the number as it is. */
void pg_count_changes(struct pg_db *pg, PGresult *result);
/* Waits for one more answer of several; NULL with *ret_gone when the connection has failed. */
PGresult *pg_receive_next(struct pg_db *pg, bool *ret_gone);
/* Sends a COPY … FROM STDIN and waits until the server takes rows. Errors: as pg_note(). */
enum cc_err pg_begin_copy(struct pg_db *pg, const char *sql);
/* Statements without parameters, without a row of theirs. */
enum cc_err pg_exec(struct pg_db *pg, const char *sql);
/* Notes an answer that is an error; see db_fault_note(). */
enum cc_err pg_note(struct pg_db *pg, const PGresult *result, const char *sql);
/* Notes that the server is away, closing the connection. */
enum cc_err pg_note_away(struct pg_db *pg, const char *words, const char *sql);

enum cc_err pg_open(struct db *db, const char *place, const struct db_identity *ours);
enum cc_err pg_open_to_read(struct db *db, const char *place, const struct db_identity *ours);
void pg_close(struct db *db);
enum cc_err pg_lock(struct db *db, const char *box);
/* Takes pg->box for this connection alone. *ret_taken false: another daemon has the name. */
enum cc_err pg_take_name(struct pg_db *pg, bool *ret_taken);
enum cc_err pg_take_lead(struct db *db);
bool pg_leads(const struct db *db);
enum cc_err pg_check_alone(struct db *db);

#endif
