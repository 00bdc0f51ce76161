/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The interface between store/db.h and a database engine: one constant struct of functions for each
 * engine. Included by store/db*.c and by the engines (store/sqlite/) only; the tables' files use
 * store/db.h. An engine reports what goes wrong through db_fault_note(), which logs it.
 */
#ifndef CC_STORE_ENGINE_H
#define CC_STORE_ENGINE_H

#include "store/db_fault.h"

/* A power of two, over twice the number of SQL texts: test_store_engine runs them all. */
enum { DB_CACHE_SLOTS = 1024 };

/* A prepared statement and the state of its current use. */
struct db_stmt {
    const char *sql; /* the literal's address is the key of the cache; NULL = free slot */
    struct db *db;
    const struct engine_statements *ops; /* of the engine of db */
    void *handle;                        /* the engine's prepared statement */
    enum cc_err result;
    bool done;
};

/* See enum db_fault. Only db_fault.c changes it. */
struct db_trouble {
    enum db_fault fault;
    int64_t since_us;
    int64_t changes;     /* total_changes() when the fault was last met */
    struct db_wait wait; /* db_begin() does not ask for the lock before its end; 0 = it asks */
    bool fails_fast;
};

/* The first member of an engine's own struct of a connection. */
struct db {
    const struct store_engine *engine;
    uint64_t rollbacks;    /* see db_rollbacks(); the engine adds those that it makes by itself */
    bool has_lost;         /* the engine: the open transaction is lost; see db_rollback() */
    uint64_t transactions; /* see db_transactions() */
    bool is_asking;        /* see db_ask_ahead() */
    int64_t begun_changes; /* total_changes() at the last db_begin() */
    struct db_trouble trouble;
    size_t cached;
    struct db_stmt cache[DB_CACHE_SLOTS];
};

/* Operations of an engine on a prepared statement. Errors were noted when a function returns. */
struct engine_statements {
    enum cc_err (*prepare)(struct db *db, const char *sql, void **ret_handle);
    void (*finalize)(void *handle); /* takes NULL */
    bool (*is_in_use)(const void *handle);
    /* Makes the statement ready for its next use: no row, every parameter NULL. */
    void (*reset)(void *handle);
    enum cc_err (*bind_int)(struct db_stmt *st, int index, int64_t value);
    enum cc_err (*bind_text)(struct db_stmt *st, int index, const char *text);
    enum cc_err (*bind_blob)(struct db_stmt *st, int index, const void *bytes, size_t len);
    enum cc_err (*bind_null)(struct db_stmt *st, int index);
    /* See db_run_later(), of a transaction; NULL: at once. */
    enum cc_err (*run_later)(struct db_stmt *st, bool must_change);
    /* Returns CC_OK with *ret_row false at the end. */
    enum cc_err (*step)(struct db_stmt *st, bool *ret_row);
    int (*column_count)(const void *handle);
    void (*column_read)(void *handle, int column, struct db_value *ret);
    int64_t (*column_int)(void *handle, int column);
    const char *(*column_text)(void *handle, int column); /* NULL for NULL */
    const void *(*column_blob)(void *handle, int column, size_t *ret_len);
};

/*
 * Word of the schema and the text that an engine writes for it:
 *   {int} 64 bits with sign   {bytes} any bytes
 *   {id}  the number of a row, drawn by the engine, never given twice
 *   {row} the same, which may be given again
 *   {table} {keyed} the end of a table with a number, or with a primary key of its own
 */
struct engine_word {
    const char *word, *text;
};

/* Operations on the files of databases that are not open. */
struct engine_files {
    /*
     * db_lock() for a file that is not open, until *ret_fd, the caller's also after an error, is
     * closed; -1: there is no such file. No connection of this process to it may be open then, or
     * closing any descriptor of it may drop the engine's own locks.
     */
    enum cc_err (*lock_file)(const char *path, int *ret_fd);
    /* Copies the database at from_path, as of now, over the empty file to_path. Logged. Errors:
     * CC_ERR_DB_DAMAGED, CC_ERR_IO. */
    enum cc_err (*backup)(const char *from_path, const char *to_path);
    /* Moves the log beside a database, if it has one, to that of `aside`: another database that
     * takes its place must never find the log there. False with errno on failure. */
    bool (*move_log)(const char *path, const char *aside);
};

/* Of an engine whose databases several boxes may write to at the same time. */
struct engine_sharing {
    enum cc_err (*take_lead)(struct db *db);   /* see store/db_lead.h */
    bool (*leads)(const struct db *db);        /* NULL: each leads */
    const char *(*place)(const struct db *db); /* see db_place() */
    enum cc_err (*check_alone)(struct db *db); /* see db_check_alone() */
    bool can_ask_ahead;                        /* heeds struct db is_asking */
};

struct store_engine {
    const char *name;
    size_t size; /* of the engine's struct of a connection */
    /* The statements of db_begin(), which takes the write lock, and of db_begin_snapshot(). */
    const char *begin, *begin_snapshot;
    const struct engine_word *dialect; /* ends with a NULL word */

    /* The struct is zeroed but for struct db. After an error close() is called too. */
    enum cc_err (*open)(struct db *db, const char *place, const struct db_identity *ours);
    enum cc_err (*open_to_read)(struct db *db, const char *place, const struct db_identity *ours);
    void (*close)(struct db *db);
    void (*fail_fast)(struct db *db);
    enum cc_err (*exec)(struct db *db, const char *sql);
    bool (*is_in_transaction)(const struct db *db);
    int64_t (*changes)(const struct db *db);       /* rows that the last statement changed */
    int64_t (*total_changes)(const struct db *db); /* rows changed since the opening */
    enum cc_err (*version)(struct db *db, int64_t *ret);
    enum cc_err (*set_version)(struct db *db, int64_t version);
    /* The functions of db.h of the same names. But for the first, NULL: there is nothing to do. */
    enum cc_err (*lock)(struct db *db, const char *box);
    enum cc_err (*empty_log)(struct db *db);
    void (*bound_log)(struct db *db, int pages);
    void (*bound_cache)(struct db *db, int kib);
    enum cc_err (*check_whole)(struct db *db);
    void (*check)(struct db *db, int64_t limit_ms);

    const struct engine_statements *statements;
    const struct engine_sharing *sharing; /* NULL: one box has the database for itself */
    const struct engine_files *files;     /* NULL: it has none, and its server's people copy it */
};

/*
 * Notes a failed call: the kind of fault (DB_FAULT_NONE = an error of the statement), the engine's
 * words and code for it. Logs it if it is news. Returns the error to hand on.
 */
enum cc_err db_fault_note(struct db *db, enum db_fault fault, const char *words, const char *code,
                          const char *sql);
bool db_fault_must_wait(const struct db *db);
/* Called when there is a connection again, when db_begin() got the lock, and after each commit. */
void db_fault_opened(struct db *db);
void db_fault_begun(struct db *db);
void db_fault_committed(struct db *db);

#endif
