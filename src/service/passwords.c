/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/passwords.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/span.h"
#include "domain/password.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    OPEN_JOBS = PASSWORDS_QUEUE + 1,
    JOBS = OPEN_JOBS + PASSWORDS_KEPT,
    DEADLINE_MS = 60 * 1000,
    MEMORY_SHARE = 16, /* of the box's, that one hash may take */
    NICE = 10,         /* so that a log-in holds up no message */
};

enum verdict { UNDECIDED, FITS, FITS_NOT };

struct job {
    char password[PASSWORD_SIZE];
    char hash[SECRET_PASSWORD_HASH_SIZE]; /* to compare with */
    bool compares, is_known;
    int64_t subject; /* that is guessed at; 0 = none */
    password_fn fn;
    void *user;
};

/* In memory that the child shares. */
struct outcome {
    enum verdict verdict;
    char hash[SECRET_PASSWORD_HASH_SIZE];
    struct secret_cost cost; /* as it was measured */
    int64_t cost_us;
};

struct passwords {
    char nobody[SECRET_PASSWORD_HASH_SIZE]; /* that no password matches */
    struct loop *loop;
    struct child *child;
    struct loop_source *next; /* starts the first job in a later pass */
    struct loop_source *even; /* ends a comparison no sooner than the others */
    int64_t wanted_ms;
    bool is_measured;        /* at a cost of its own, or else at the interactive one */
    struct secret_cost cost; /* passes 0: not known yet */
    int64_t even_us;         /* the least time of a comparison; 0 = none */
    int64_t begun_us;
    bool is_held;      /* the first job is done, and its answer waits until then */
    enum cc_err ended; /* of it */
    struct outcome *outcome;
    struct job jobs[JOBS]; /* the first is the one that runs */
    size_t count;
    bool is_stopped;
};

/* Hash that no password matches: of 32 random bytes that were not kept. */
static const char interactive_nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$l5UKdqp7I9UdR2vUnHwu8Q"
                                         "$T0hHgJJQnVd6s6S7mHoQ6u1TqvHd0sQnqk0c1bRyQ2s";

/* In the child: what one pass takes, the cost that follows, and a nobody of that cost. */
static bool measure_cost(struct outcome *outcome, int64_t wanted_us)
{
    char word[SECRET_KEY_BYTES + 1];
    const struct secret_cost once = {1, PASSWORD_COST_KIB};
    int64_t memory_kib = sysconf(_SC_PHYS_PAGES) * (sysconf(_SC_PAGESIZE) / 1024) / MEMORY_SHARE;
    secret_random_text(word, SECRET_KEY_BYTES);
    int64_t from_us = clock_cpu_us();
    if (!secret_hash_password(word, &once, outcome->hash))
        return false;
    const struct password_cost chosen =
        password_choose_cost(clock_cpu_us() - from_us, memory_kib, wanted_us);
    outcome->cost = (struct secret_cost){chosen.passes, chosen.kib};
    from_us = clock_cpu_us();
    if (!secret_hash_password(word, &outcome->cost, outcome->hash))
        return false;
    outcome->cost_us = clock_cpu_us() - from_us;
    return true;
}

/* In the child. A right password whose hash is of another cost is hashed anew. */
static bool work(void *arg)
{
    struct passwords *passwords = arg;
    const struct job *job = passwords->jobs;
    struct outcome *outcome = passwords->outcome;
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    if (passwords->cost.passes == 0)
        return measure_cost(outcome, passwords->wanted_ms * US_PER_MS);
    if (!job->compares)
        return secret_hash_password(job->password, &passwords->cost, outcome->hash);
    const char *hash = job->hash[0] != '\0' ? job->hash : passwords->nobody;
    outcome->verdict = secret_password_fits(hash, job->password) ? FITS : FITS_NOT;
    if (outcome->verdict == FITS && passwords->is_measured &&
        !secret_hash_costs(hash, &passwords->cost))
        return secret_hash_password(job->password, &passwords->cost, outcome->hash);
    return true;
}

static enum cc_err judge(const struct job *job, const struct outcome *outcome, bool worked,
                         int64_t took_us)
{
    if (!worked && took_us >= DEADLINE_MS * US_PER_MS)
        return CC_ERR_LOGIN_BUSY; /* the child, which gives way, had no turn */
    if (!worked || (job->compares && outcome->verdict == UNDECIDED))
        return CC_ERR_MEMORY;
    return job->compares && outcome->verdict != FITS ? CC_ERR_LOGIN : CC_OK;
}

/* Takes the first job out of the queue before its owner hears of it, who may ask for another. */
static void finish_first(struct passwords *passwords, enum cc_err err)
{
    char hash[SECRET_PASSWORD_HASH_SIZE];
    struct job *job = passwords->jobs;
    password_fn fn = job->fn;
    void *user = job->user;
    memcpy(hash, passwords->outcome->hash, sizeof(hash));
    secret_wipe(passwords->outcome, sizeof(*passwords->outcome));
    memmove(job, job + 1, --passwords->count * sizeof(*job));
    secret_wipe(job + passwords->count, sizeof(*job));
    if (passwords->count > 0)
        loop_deferred_arm(passwords->next);
    fn(err, hash, user);
    secret_wipe(hash, sizeof(hash));
}

/* The box has no memory even for one hash: then at the usual cost, or not at all. */
static void take_measure(struct passwords *passwords, bool worked)
{
    const struct outcome *outcome = passwords->outcome;
    passwords->cost = worked ? outcome->cost : secret_cost_interactive;
    if (worked) {
        memcpy(passwords->nobody, outcome->hash, sizeof(passwords->nobody));
        passwords->even_us = outcome->cost_us + outcome->cost_us / 8;
        log_info("contraseñas: %" PRId64 " vueltas a %" PRId64 " KiB, %" PRId64 " ms cada una",
                 outcome->cost.passes, outcome->cost.kib, outcome->cost_us / US_PER_MS);
    }
    secret_wipe(passwords->outcome, sizeof(*passwords->outcome));
    loop_deferred_arm(passwords->next);
}

static void on_even(void *user)
{
    struct passwords *passwords = user;
    passwords->is_held = false;
    finish_first(passwords, passwords->ended);
}

/* A hash of a lower cost, from before, would be told by its time from nobody's. */
static void on_end(bool worked, void *user)
{
    struct passwords *passwords = user;
    int64_t now_us = loop_now_us(passwords->loop), even_us = passwords->begun_us;
    child_free(passwords->child);
    passwords->child = NULL;
    if (passwords->cost.passes == 0) {
        take_measure(passwords, worked);
        return;
    }
    passwords->ended =
        judge(passwords->jobs, passwords->outcome, worked, now_us - passwords->begun_us);
    even_us += passwords->jobs[0].compares ? passwords->even_us : 0;
    passwords->is_held = even_us > now_us;
    if (passwords->is_held)
        loop_timer_set(passwords->even, even_us);
    else
        finish_first(passwords, passwords->ended);
}

static void on_next(void *user)
{
    struct passwords *passwords = user;
    bool is_known = passwords->cost.passes != 0;
    if (passwords->child != NULL || passwords->is_held || passwords->is_stopped ||
        (passwords->count == 0 && is_known))
        return;
    passwords->begun_us = loop_now_us(passwords->loop);
    if (child_start(passwords->loop, work, passwords, DEADLINE_MS, on_end, passwords,
                    &passwords->child) == CC_OK)
        return;
    if (is_known)
        finish_first(passwords, CC_ERR_MEMORY);
    else
        take_measure(passwords, false);
}

struct passwords *passwords_new(struct loop *loop)
{
    struct passwords *passwords = alloc_or_abort(sizeof(*passwords));
    passwords->loop = loop;
    passwords->outcome = child_share(sizeof(struct outcome));
    passwords->next = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, on_next, passwords);
    passwords->even = loop_add_timer(loop, LOOP_PRIORITY_NORMAL, on_even, passwords);
    passwords->cost = secret_cost_interactive;
    (void)snprintf(passwords->nobody, sizeof(passwords->nobody), "%s", interactive_nobody);
    return passwords;
}

void passwords_measure(struct passwords *passwords, int64_t wanted_ms)
{
    if (passwords->is_measured)
        return;
    passwords->is_measured = true;
    passwords->wanted_ms = wanted_ms;
    passwords->cost = (struct secret_cost){0};
    loop_deferred_arm(passwords->next);
}

void passwords_free(struct passwords *passwords)
{
    if (passwords == NULL)
        return;
    child_end(passwords->child);
    loop_source_free(passwords->next);
    loop_source_free(passwords->even);
    child_unshare(passwords->outcome, sizeof(struct outcome));
    secret_wipe(passwords, sizeof(*passwords));
    free(passwords);
}

/* Opens a place in the queue: behind all, or of a known one before the strangers that wait. */
static struct job *open_place(struct passwords *passwords, bool is_known)
{
    size_t at = passwords->count;
    while (is_known && at > 1 && !passwords->jobs[at - 1].is_known)
        at--;
    struct job *job = &passwords->jobs[at];
    memmove(job + 1, job, (passwords->count++ - at) * sizeof(*job));
    return job;
}

static enum cc_err add_job(struct passwords *passwords, const char *hash, const char *password,
                           bool is_known, password_fn fn, void *user)
{
    if (passwords->is_stopped)
        return CC_ERR_SHUTTING_DOWN;
    if (passwords->count >= (is_known ? JOBS : OPEN_JOBS))
        return CC_ERR_LOGIN_BUSY;
    struct job *job = open_place(passwords, is_known);
    *job = (struct job){.compares = hash != NULL, .is_known = is_known, .fn = fn, .user = user};
    (void)snprintf(job->password, sizeof(job->password), "%s", password);
    (void)snprintf(job->hash, sizeof(job->hash), "%s", hash != NULL ? hash : "");
    loop_deferred_arm(passwords->next);
    return CC_OK;
}

enum cc_err passwords_hash(struct passwords *passwords, const char *password, bool is_known,
                           password_fn fn, void *user)
{
    int same = 0;
    for (size_t i = 0; i < passwords->count; i++)
        same += !passwords->jobs[i].compares && !passwords->jobs[i].is_known;
    if (!is_known && same >= PASSWORDS_NEW)
        return CC_ERR_LOGIN_BUSY;
    return add_job(passwords, NULL, password, is_known, fn, user);
}

enum cc_err passwords_compare(struct passwords *passwords, const char *hash, const char *password,
                              bool is_known, password_fn fn, void *user)
{
    return add_job(passwords, hash != NULL ? hash : "", password, is_known, fn, user);
}

enum cc_err passwords_compare_of(struct passwords *passwords, int64_t subject, const char *hash,
                                 const char *password, password_fn fn, void *user)
{
    int same = 0;
    for (size_t i = 0; i < passwords->count; i++)
        same += passwords->jobs[i].subject == subject;
    if (same >= PASSWORDS_EACH)
        return CC_ERR_LOGIN_BUSY;
    enum cc_err err = passwords_compare(passwords, hash, password, false, fn, user);
    if (err == CC_OK) /* the job of a stranger is the last */
        passwords->jobs[passwords->count - 1].subject = subject;
    return err;
}

void passwords_stop(struct passwords *passwords)
{
    passwords->is_stopped = true;
    passwords->is_held = false;
    loop_timer_clear(passwords->even);
    child_end(passwords->child);
    passwords->child = NULL;
    while (passwords->count > 0)
        finish_first(passwords, CC_ERR_SHUTTING_DOWN);
}
