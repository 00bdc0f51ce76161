/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/passwords.h"

#include "base/child.h"
#include "domain/password.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    OPEN_JOBS = PASSWORDS_QUEUE + 1,
    JOBS = OPEN_JOBS + PASSWORDS_KEPT,
    DEADLINE_MS = 60 * 1000
};

enum verdict { UNDECIDED, FITS, FITS_NOT };

struct job {
    char password[PASSWORD_SIZE];
    char hash[SECRET_PASSWORD_HASH_SIZE]; /* to compare with */
    bool compares, is_known;
    password_fn fn;
    void *user;
};

/* In memory that the child shares. */
struct outcome {
    enum verdict verdict;
    char hash[SECRET_PASSWORD_HASH_SIZE];
};

struct passwords {
    struct loop *loop;
    struct child *child;
    struct loop_source *next; /* starts the first job in a later pass */
    struct outcome *outcome;
    struct job jobs[JOBS]; /* the first is the one that runs */
    size_t count;
    bool is_stopped;
};

/* Hash that no password matches: of 32 random bytes that were not kept. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$l5UKdqp7I9UdR2vUnHwu8Q"
                             "$T0hHgJJQnVd6s6S7mHoQ6u1TqvHd0sQnqk0c1bRyQ2s";

/* In the child. */
static bool work(void *arg)
{
    struct passwords *passwords = arg;
    const struct job *job = passwords->jobs;
    struct outcome *outcome = passwords->outcome;
    if (!job->compares)
        return secret_hash_password(job->password, outcome->hash);
    outcome->verdict = secret_password_fits(job->hash, job->password) ? FITS : FITS_NOT;
    return true;
}

static enum cc_err judge(const struct job *job, const struct outcome *outcome, bool worked)
{
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

static void on_end(bool worked, void *user)
{
    struct passwords *passwords = user;
    child_free(passwords->child);
    passwords->child = NULL;
    finish_first(passwords, judge(passwords->jobs, passwords->outcome, worked));
}

static void on_next(void *user)
{
    struct passwords *passwords = user;
    if (passwords->child != NULL || passwords->count == 0)
        return;
    if (child_start(passwords->loop, work, passwords, DEADLINE_MS, on_end, passwords,
                    &passwords->child) != CC_OK)
        finish_first(passwords, CC_ERR_MEMORY);
}

struct passwords *passwords_new(struct loop *loop)
{
    struct passwords *passwords = calloc(1, sizeof(*passwords));
    void *shared = mmap(NULL, sizeof(struct outcome), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (passwords == NULL || shared == MAP_FAILED)
        abort();
    passwords->loop = loop;
    passwords->outcome = shared;
    passwords->next = loop_add_deferred(loop, LOOP_PRIORITY_NORMAL, on_next, passwords);
    return passwords;
}

void passwords_free(struct passwords *passwords)
{
    if (passwords == NULL)
        return;
    child_end(passwords->child);
    loop_source_free(passwords->next);
    (void)munmap(passwords->outcome, sizeof(struct outcome));
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

enum cc_err passwords_hash(struct passwords *passwords, const char *password, password_fn fn,
                           void *user)
{
    return add_job(passwords, NULL, password, true, fn, user);
}

enum cc_err passwords_compare(struct passwords *passwords, const char *hash, const char *password,
                              bool is_known, password_fn fn, void *user)
{
    return add_job(passwords, hash != NULL ? hash : nobody, password, is_known, fn, user);
}

void passwords_stop(struct passwords *passwords)
{
    passwords->is_stopped = true;
    child_end(passwords->child);
    passwords->child = NULL;
    while (passwords->count > 0)
        finish_first(passwords, CC_ERR_SHUTTING_DOWN);
}
