/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/proofs.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/log.h"
#include "base/secret.h"
#include "cert/prove.h"

#include <stdlib.h>

enum { DEADLINE_MS = 30 * 1000 };

_Static_assert((int)PROOFS_PEM_MAX == (int)CERT_PEM_MAX, "one limit");

/* In memory that the child shares. */
struct outcome {
    enum cc_err err;
    struct cert_person person;
};

struct proof {
    struct proofs *proofs;
    struct child *child; /* NULL = the place is free */
    struct outcome *outcome;
    proof_fn fn;
    void *user;
};

struct proofs {
    struct loop *loop;
    struct outcome *outcomes; /* an outcome for each place */
    struct proof places[PROOFS_MAX];
    enum cc_err told; /* what the technician has been told; CC_OK = nothing */
    bool is_stopped;
};

/* What the child works on: a copy of its own, as it is forked inside proofs_begin(). */
struct order {
    const struct settings *settings;
    const char *pem;
    size_t len;
    int64_t now_ms;
    struct outcome *outcome;
};

/* In the child. */
static bool prove_in_child(void *arg)
{
    const struct order *order = arg;
    order->outcome->err =
        prove_from_folders(order->pem, order->len, order->settings->trust_folder,
                           order->settings->list_folder, order->now_ms, &order->outcome->person);
    return true;
}

/* Warns once of what only a technician can mend, until a proof ends otherwise. */
static void tell_technician(struct proofs *proofs, enum cc_err err)
{
    bool is_theirs = err == CC_ERR_CERT_NO_TRUST || err == CC_ERR_CERT_OLD_LIST;
    if (is_theirs && proofs->told != err)
        log_warning("certificados: %s", err_text(err));
    proofs->told = is_theirs ? err : CC_OK;
}

/* Frees the place before its owner hears of it, who may begin another. */
static void end_proof(struct proof *proof, enum cc_err err)
{
    struct cert_person person = {0};
    proof_fn fn = proof->fn;
    void *user = proof->user;
    if (err == CC_OK)
        person = proof->outcome->person;
    secret_wipe(proof->outcome, sizeof(*proof->outcome));
    proof->child = NULL;
    fn(err, &person, user);
    secret_wipe(&person, sizeof(person));
}

static void on_end(bool has_worked, void *user)
{
    struct proof *proof = user;
    enum cc_err err = has_worked ? proof->outcome->err : CC_ERR_CERT_BUSY;
    child_free(proof->child);
    tell_technician(proof->proofs, err);
    end_proof(proof, err);
}

struct proofs *proofs_new(struct loop *loop)
{
    struct proofs *proofs = alloc_or_abort(sizeof(*proofs));
    proofs->loop = loop;
    proofs->outcomes = child_share(PROOFS_MAX * sizeof(struct outcome));
    for (size_t i = 0; i < PROOFS_MAX; i++)
        proofs->places[i] = (struct proof){.proofs = proofs, .outcome = &proofs->outcomes[i]};
    return proofs;
}

void proofs_free(struct proofs *proofs)
{
    if (proofs == NULL)
        return;
    for (size_t i = 0; i < PROOFS_MAX; i++)
        child_end(proofs->places[i].child);
    child_unshare(proofs->outcomes, PROOFS_MAX * sizeof(struct outcome));
    free(proofs);
}

static struct proof *find_place(struct proofs *proofs)
{
    for (size_t i = 0; i < PROOFS_MAX; i++)
        if (proofs->places[i].child == NULL)
            return &proofs->places[i];
    return NULL;
}

enum cc_err proofs_begin(struct service *service, const char *pem, size_t len, int64_t now_ms,
                         proof_fn fn, void *user)
{
    struct proofs *proofs = service->proofs;
    if (proofs->is_stopped)
        return CC_ERR_SHUTTING_DOWN;
    struct proof *proof = find_place(proofs);
    if (proof == NULL)
        return CC_ERR_CERT_BUSY;
    struct order order = {.settings = service->settings,
                          .pem = pem,
                          .len = len,
                          .now_ms = now_ms,
                          .outcome = proof->outcome};
    proof->fn = fn;
    proof->user = user;
    enum cc_err err = child_start(proofs->loop, prove_in_child, &order, DEADLINE_MS, on_end, proof,
                                  &proof->child);
    return err == CC_OK ? CC_OK : CC_ERR_CERT_BUSY;
}

void proofs_stop(struct proofs *proofs)
{
    proofs->is_stopped = true;
    for (size_t i = 0; i < PROOFS_MAX; i++) {
        struct proof *proof = &proofs->places[i];
        if (proof->child == NULL)
            continue;
        child_end(proof->child);
        end_proof(proof, CC_ERR_SHUTTING_DOWN);
    }
}
