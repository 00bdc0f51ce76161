/* SPDX-License-Identifier: EUPL-1.2 */
/* Queries on the database of a house: the queue, and the history of the recovery ladder. Part of
 * test_house_fixture.h, which includes it. */
#ifndef CC_TEST_HOUSE_LOOK_FIXTURE_H
#define CC_TEST_HOUSE_LOOK_FIXTURE_H

/* Reads a number of the database; sql is a literal, by which its prepared form is found. */
static inline int64_t house_query(struct house *house, const char *sql)
{
    return ask_int(&house->files->store, sql);
}

/* Messages of the outbox in this state, notices among them. */
static inline int64_t house_count_state(struct house *house, enum outbox_state state)
{
    int64_t count = -1;
    struct db_stmt *st =
        db_query(house->files->store.db, "SELECT count(*) FROM outbox WHERE state = $1");
    db_bind_int(st, 1, state);
    assert_ok(db_run_int(st, &count));
    return count;
}

/* The states of the messages, oldest first, a letter each. */
static inline const char *house_states(struct house *house)
{
    /* queued, sending, sent, delivered, undelivered, unknown (?), failed, expired */
    static const char letters[] = "qstdu?fx";
    static char states[256];
    size_t len = 0;
    struct db_stmt *st = db_query(house->files->store.db, "SELECT state FROM outbox ORDER BY id");
    while (db_step(st) && len + 1 < sizeof(states))
        states[len++] = letters[db_column_int(st, 0)];
    states[len] = '\0';
    assert_ok(db_finish(st));
    return states;
}

/* Whether the messages, oldest first, are in these states. */
static inline bool house_is(struct house *house, const char *states)
{
    return strcmp(house_states(house), states) == 0;
}

/* The rungs taken so far, oldest first, a blank between them; those that have not ended with a
 * plus, those that did not work with a minus. */
static inline const char *house_rungs(struct house *house)
{
    static char rungs[1024];
    size_t len = 0;
    struct db_stmt *st = db_query(house->files->store.db,
                                  "SELECT rung, ended_ms, worked FROM recoveries ORDER BY id");
    rungs[0] = '\0';
    while (db_step(st) && len < sizeof(rungs))
        len += (size_t)snprintf(rungs + len, sizeof(rungs) - len, "%s%s%s", len > 0 ? " " : "",
                                db_column_text(st, 0),
                                db_column_int(st, 1) == 0   ? "+"
                                : db_column_int(st, 2) == 0 ? "-"
                                                            : "");
    assert_ok(db_finish(st));
    return rungs;
}

/* The same but for the first rung, which a message without a prompt takes, and without the marks.
 */
static inline const char *house_climbed(struct house *house)
{
    static char climbed[1024];
    char rungs[1024], *rest = rungs;
    size_t len = 0;
    (void)snprintf(rungs, sizeof(rungs), "%s", house_rungs(house));
    climbed[0] = '\0';
    for (char *word; (word = strsep(&rest, " ")) != NULL;)
        if (strncmp(word, "escape", strlen("escape")) != 0)
            len += (size_t)snprintf(climbed + len, sizeof(climbed) - len, "%s%.*s",
                                    len > 0 ? " " : "", (int)strcspn(word, "+-"), word);
    return climbed;
}

/* Whether a rung was taken whose evidence has this text. */
static inline bool house_has_evidence(struct house *house, const char *text)
{
    bool has = false;
    struct db_stmt *st = db_query(house->files->store.db, "SELECT evidence FROM recoveries");
    while (!has && db_step(st))
        has = strstr(db_column_text(st, 0), text) != NULL;
    assert_ok(db_finish(st));
    return has;
}

#endif
