/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/passwords.h"

#include "base/child.h"
#include "domain/password.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { JOBS = PASSWORDS_QUEUE + 1, DEADLINE_MS = 20 * 1000 };

enum verdict { UNDECIDED, FITS, FITS_NOT };

struct job {
    char password[PASSWORD_SIZE];
    char hash[SECRET_PASSWORD_HASH_SIZE]; /* to compare with */
    bool compares;
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
    struct job jobs[JOBS]; /* a ring; the first is the one that runs */
    size_t first, count;
    bool is_stopped;
};

/* Hash that no password matches: of 32 random bytes that were not kept. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$l5UKdqp7I9UdR2vUnHwu8Q"
                             "$T0hHgJJQnVd6s6S7mHoQ6u1TqvHd0sQnqk0c1bRyQ2s";

static struct job *first_job(struct passwords *passwords)
{
    return &passwords->jobs[passwords->first];
}

/* In the child. */
static bool work(void *arg)
{
    struct passwords *passwords = arg;
    const struct job *job = first_job(passwords);
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

/* Takes the first job out of the ring before its owner hears of it, who may ask for another. */
static void finish_first(struct passwords *passwords, enum cc_err err)
{
    char hash[SECRET_PASSWORD_HASH_SIZE];
    struct job *job = first_job(passwords);
    password_fn fn = job->fn;
    void *user = job->user;
    memcpy(hash, passwords->outcome->hash, sizeof(hash));
    secret_wipe(passwords->outcome, sizeof(*passwords->outcome));
    secret_wipe(job, sizeof(*job));
    passwords->first = (passwords->first + 1) % JOBS;
    passwords->count--;
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
    finish_first(passwords, judge(first_job(passwords), passwords->outcome, worked));
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

static enum cc_err add_job(struct passwords *passwords, const char *hash, const char *password,
                           password_fn fn, void *user)
{
    if (passwords->is_stopped)
        return CC_ERR_SHUTTING_DOWN;
    if (passwords->count == JOBS)
        return CC_ERR_LOGIN_BUSY;
    struct job *job = &passwords->jobs[(passwords->first + passwords->count++) % JOBS];
    *job = (struct job){.compares = hash != NULL, .fn = fn, .user = user};
    (void)snprintf(job->password, sizeof(job->password), "%s", password);
    (void)snprintf(job->hash, sizeof(job->hash), "%s", hash != NULL ? hash : "");
    loop_deferred_arm(passwords->next);
    return CC_OK;
}

enum cc_err passwords_hash(struct passwords *passwords, const char *password, password_fn fn,
                           void *user)
{
    return add_job(passwords, NULL, password, fn, user);
}

enum cc_err passwords_compare(struct passwords *passwords, const char *hash, const char *password,
                              password_fn fn, void *user)
{
    return add_job(passwords, hash != NULL ? hash : nobody, password, fn, user);
}

void passwords_stop(struct passwords *passwords)
{
    passwords->is_stopped = true;
    child_free(passwords->child);
    passwords->child = NULL;
    while (passwords->count > 0)
        finish_first(passwords, CC_ERR_SHUTTING_DOWN);
}
