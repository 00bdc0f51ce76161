/* SPDX-License-Identifier: EUPL-1.2 */
/* Certificates proven by children: the verdict comes back, places are few, and the end answers all
 * that run. */
#include "test_cert_fixture.h"

#include "service/proofs.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP_US = 100 * 1000, STEPS = 600, DEADLINE_US = 31 * 1000 * 1000 };

struct world {
    struct loop *loop;
    struct settings settings;
    struct service service;
    char roots[sizeof("/tmp/contraclaved-proofs-XXXXXX")];
    unsigned answers;
    enum cc_err last;
    char nif[NIF_CHARS + 1];
};

static void on_answer(enum cc_err err, const struct cert_person *person, void *user)
{
    struct world *w = user;
    w->answers++;
    w->last = err;
    (void)snprintf(w->nif, sizeof(w->nif), "%s", person->nif.text);
}

static struct world *open_world(void)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    (void)snprintf(w->roots, sizeof(w->roots), "/tmp/contraclaved-proofs-XXXXXX");
    assert_non_null(mkdtemp(w->roots));
    w->loop = loop_new();
    w->settings.trust_folder = w->roots;
    w->settings.list_folder = "";
    w->service.loop = w->loop;
    w->service.settings = &w->settings;
    w->service.proofs = proofs_new(w->loop);
    return w;
}

/* A child that was killed is freed by the loop, at its end. */
static void wait_for_children(struct loop *loop)
{
    siginfo_t info;
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
        (void)loop_step(loop, 10 * 1000);
}

static void close_world(struct world *w)
{
    char path[sizeof(w->roots) + 16];
    (void)snprintf(path, sizeof(path), "%s/root.pem", w->roots);
    (void)unlink(path);
    proofs_free(w->service.proofs);
    wait_for_children(w->loop);
    assert_int_equal(rmdir(w->roots), 0);
    loop_free(w->loop);
    free(w);
}

static void wait_for_answers(struct world *w, unsigned count)
{
    for (int i = 0; i < STEPS && w->answers < count; i++)
        (void)loop_step(w->loop, STEP_US);
    assert_int_equal(w->answers, count);
}

/* A root in the folder, and the text of a person's certificate by it. */
static char *trust_and_issue(const struct world *w)
{
    char path[sizeof(w->roots) + 16];
    char *pem = calloc(2, PEM_ROOM);
    assert_non_null(pem);
    struct made root =
        make_cert(&(struct recipe){.subject = "2.5.4.3=AC de pruebas", .is_ca = true}, NULL);
    struct made leaf = make_cert(
        &(struct recipe){.subject = "2.5.4.5=IDCES-12345678Z;2.5.4.42=JUAN;2.5.4.4=ESPAÑOL"},
        &root);
    (void)snprintf(path, sizeof(path), "%s/root.pem", w->roots);
    add_pem(pem + PEM_ROOM, root.crt);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(pem + PEM_ROOM, file) >= 0);
    assert_int_equal(fclose(file), 0);
    add_pem(pem, leaf.crt);
    free_made(&leaf);
    free_made(&root);
    return pem;
}

static enum cc_err begin(struct world *w, const char *pem)
{
    return proofs_begin(&w->service, pem, strlen(pem), NOW_MS, on_answer, w);
}

static void a_verdict_comes_back(void **state)
{
    struct world *w = open_world();
    (void)state;
    assert_int_equal(begin(w, "hola"), CC_OK);
    assert_int_equal(w->answers, 0); /* never from inside the call */
    wait_for_answers(w, 1);
    assert_int_equal(w->last, CC_ERR_CERT_FORMAT);
    assert_string_equal(w->nif, "");
    char *pem = trust_and_issue(w);
    assert_int_equal(begin(w, pem), CC_OK);
    memset(pem, 'x', strlen(pem)); /* the child has a copy */
    wait_for_answers(w, 2);
    assert_int_equal(w->last, CC_OK);
    assert_string_equal(w->nif, "12345678Z");
    free(pem);
    close_world(w);
}

static void few_places_and_an_end(void **state)
{
    struct world *w = open_world();
    (void)state;
    for (unsigned i = 0; i < PROOFS_MAX; i++)
        assert_int_equal(begin(w, "hola"), CC_OK);
    assert_int_equal(begin(w, "hola"), CC_ERR_CERT_BUSY);
    wait_for_answers(w, PROOFS_MAX);
    for (unsigned i = 0; i < PROOFS_MAX; i++)
        assert_int_equal(begin(w, "hola"), CC_OK);
    proofs_stop(w->service.proofs);
    assert_int_equal(w->answers, 2 * PROOFS_MAX);
    assert_int_equal(w->last, CC_ERR_SHUTTING_DOWN);
    assert_int_equal(begin(w, "hola"), CC_ERR_SHUTTING_DOWN);
    close_world(w);
}

/* A pipe in the folder that nobody writes to holds the child until its deadline. */
static void a_child_that_hangs_is_ended(void **state)
{
    struct world *w = open_world();
    char path[sizeof(w->roots) + 16];
    (void)state;
    char *pem = trust_and_issue(w);
    (void)snprintf(path, sizeof(path), "%s/pipe", w->roots);
    assert_int_equal(mkfifo(path, 0600), 0);
    loop_drive(w->loop, NOW_MS);
    assert_int_equal(begin(w, pem), CC_OK);
    for (int i = 0; i < 3; i++)
        (void)loop_step(w->loop, DEADLINE_US); /* to the deadline, which kills it */
    siginfo_t info;
    assert_true(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0 || errno == ECHILD);
    wait_for_answers(w, 1);
    assert_int_equal(w->last, CC_ERR_CERT_BUSY);
    assert_int_equal(unlink(path), 0);
    free(pem);
    close_world(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_comes_back),
        cmocka_unit_test(few_places_and_an_end),
        cmocka_unit_test(a_child_that_hangs_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
