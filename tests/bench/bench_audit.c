/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * How long the loop is held by one piece of what an auditor and the figures of the months ask of a
 * long trail: search, export, check against the key, count. In time of the processor, so that a
 * busy machine tells the same. Argument: rows of the trail (100 000).
 */
#include "base/log.h"
#include "store/audit.h"
#include "store/audit_search.h"
#include "store/check.h"
#include "store/monthly.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    ROWS = 100000,
    TURN_ROWS = 1000,
    EXPORT_PAGE = 500,
    CHECK_ROWS = 300,
    HELD_MS = 5,
    PIECES_MAX = 100000
};
#define START_MS INT64_C(1767225600000) /* 2026-01-01 */

struct bench {
    struct store store;
    char folder[PATH_MAX], db[PATH_MAX + 8], key[PATH_MAX + 8];
    int64_t rows, before_id;
    struct check check;
    int64_t found;
};

static void must(enum cc_err err, const char *what)
{
    if (err == CC_OK)
        return;
    printf("  FAIL %s: %s | |\n", what, err_text(err));
    exit(EXIT_FAILURE);
}

/* A minute between two rows: a hundred thousand are ten weeks. */
static void fill(struct bench *bench)
{
    static const struct {
        const char *event, *result;
    } acts[] = {{"solicitud", "enviar"}, {"verificacion", "correcto"}, {"alta", "presencial"}};
    for (int64_t i = 0; i < bench->rows; i++) {
        struct nif nif = {.kind = NIF_KIND_DNI};
        (void)snprintf(nif.text, sizeof(nif.text), "%08d", (int)(i % 5000));
        const struct audit_entry entry = {.event = acts[i % 3].event,
                                          .actor = "cliente:sede",
                                          .subject = &nif,
                                          .result = acts[i % 3].result,
                                          .reference = i};
        if (i % TURN_ROWS == 0)
            must(db_begin(bench->store.db), "begin");
        must(audit_append(&bench->store, &entry, START_MS + i * 60000, NULL), "append");
        if (i % TURN_ROWS == TURN_ROWS - 1 || i == bench->rows - 1)
            must(store_commit(&bench->store), "commit");
    }
}

static void count_found(const struct audit_found *row, void *user)
{
    struct bench *bench = user;
    bench->found += row->id > 0;
}

static enum cc_err search(struct bench *bench, const char *event, int64_t most, bool *ret_more)
{
    const struct audit_filter filter = {.event = event, .actor = "", .until_ms = INT64_MAX};
    enum cc_err err = audit_search(&bench->store, &filter, bench->before_id, most, count_found,
                                   bench, &bench->before_id);
    *ret_more = bench->before_id != 0;
    return err;
}

static enum cc_err search_piece(struct bench *bench, bool *ret_more)
{
    return search(bench, "nada", EXPORT_PAGE, ret_more);
}

static enum cc_err export_piece(struct bench *bench, bool *ret_more)
{
    return search(bench, "", EXPORT_PAGE, ret_more);
}

static enum cc_err check_piece(struct bench *bench, bool *ret_more)
{
    return check_step(&bench->check, CHECK_ROWS, ret_more);
}

/* As in a turn, without the wait for the disk. */
static enum cc_err fold_piece(struct bench *bench, bool *ret_more)
{
    enum cc_err err = db_begin(bench->store.db);
    if (err == CC_OK)
        err = monthly_fold(&bench->store, ret_more);
    return err == CC_OK ? store_commit(&bench->store) : err;
}

static const struct {
    const char *what;
    enum cc_err (*piece)(struct bench *bench, bool *ret_more);
} tasks[] = {
    {"search of the trail that finds nothing, a request", search_piece},
    {"export of the trail, a page of 500", export_piece},
    {"check against the key, a step", check_piece},
    {"figures of the months, a piece", fold_piece},
};

static int compare_ms(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* One piece in a hundred is left out: what the kernel does meanwhile counts as ours. */
static bool run(struct bench *bench, size_t task)
{
    static double ms[PIECES_MAX];
    size_t count = 0;
    double sum_ms = 0;
    bench->before_id = INT64_MAX;
    check_begin(&bench->check, &bench->store, NULL, NULL);
    for (bool more = true; more && count < PIECES_MAX; count++) {
        clock_t start = clock();
        must(tasks[task].piece(bench, &more), tasks[task].what);
        ms[count] = (double)(clock() - start) * 1000 / CLOCKS_PER_SEC;
        sum_ms += ms[count];
    }
    qsort(ms, count, sizeof(ms[0]), compare_ms);
    double longest_ms = ms[(count - 1) * 99 / 100];
    bool is_good = longest_ms <= HELD_MS;
    printf("  %s %s, of %lld rows, p99 | %.2f ms | at most %d\n", is_good ? "ok  " : "FAIL",
           tasks[task].what, (long long)bench->rows, longest_ms, HELD_MS);
    printf("  ok   %s: all of it | %.2f s |\n", tasks[task].what, sum_ms / 1000);
    return is_good;
}

int main(int argc, char **argv)
{
    static const char *const files[] = {"db", "db-wal", "db-shm", "key", "key.ancla"};
    static struct bench bench;
    const char *where = getenv("TMPDIR");
    bool is_good = true;
    bench.rows = argc > 1 ? strtoll(argv[1], NULL, 10) : ROWS;
    log_init(LOG_LEVEL_ERROR);
    (void)snprintf(bench.folder, sizeof(bench.folder), "%s/cc-audit-XXXXXX",
                   where != NULL ? where : "/tmp");
    if (mkdtemp(bench.folder) == NULL)
        return EXIT_FAILURE;
    (void)snprintf(bench.db, sizeof(bench.db), "%s/db", bench.folder);
    (void)snprintf(bench.key, sizeof(bench.key), "%s/key", bench.folder);
    must(store_open(bench.db, bench.key, &bench.store), "store");
    fill(&bench);
    for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++)
        is_good = run(&bench, i) && is_good;
    is_good = is_good && bench.found == bench.rows;
    store_close(&bench.store);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[PATH_MAX + 16];
        (void)snprintf(path, sizeof(path), "%s/%s", bench.folder, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(bench.folder);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
