/* SPDX-License-Identifier: EUPL-1.2 */
/* A kill at each write, sync, removal and commit of an online alta with two copies: afterwards each
 * open alta has its whole copies, no file is without one, and a person is registered or is not. */
#include "tests/unit/test_store_fixture.h"

#include "base/hex.h"
#include "service/application.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { COPY_BYTES = 40 * 1000, POINTS_MAX = 200, STEP_US = 100 * 1000 };

enum ending { ENDING_ACCEPTED, ENDING_REJECTED, ENDING_SWEPT, ENDINGS };

/* Shared with the program that is to be killed, and with its children. */
static struct {
    pid_t victim; /* 0: nobody yet */
    int left;     /* points until then */
} * fate;

static void pass_point(void)
{
    if (fate->victim != 0 && --fate->left == 0) {
        (void)kill(fate->victim, SIGKILL);
        _exit(EXIT_FAILURE); /* of a child of it */
    }
}

/* ---- the points ------------------------------------------------------------------------------ */

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
enum cc_err __real_store_commit(struct store *store);
enum cc_err __wrap_store_commit(struct store *store);

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    pass_point();
    return __real_write(fd, bytes, len);
}

int __wrap_fsync(int fd)
{
    pass_point();
    return __real_fsync(fd);
}

int __wrap_unlink(const char *path)
{
    pass_point();
    return __real_unlink(path);
}

enum cc_err __wrap_store_commit(struct store *store)
{
    pass_point();
    enum cc_err err = __real_store_commit(store);
    pass_point();
    return err;
}

/* ---- the program ----------------------------------------------------------------------------- */

static const struct settings settings = {.entity_sms = "Ayto. de Alpedrete",
                                         .origin = "",
                                         .exempt_networks = "",
                                         .clause = "",
                                         .limits = {.citizen = {.sms_per_phone_day = 10}}};
static const struct caller clerk = {.kind = CALLER_PEER, .name = "prueba"};
static const char content[COPY_BYTES] = "%PDF-1.7\n";
static struct service service; /* too large for a stack */

static void start_program(struct fixture *f)
{
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
    service = (struct service){.loop = loop_new(), .store = &f->store, .settings = &settings};
    service.turn = turn_new(service.loop, service.store);
    assert_ok(application_files_start(&service, f->db_path));
}

static void end_program(void)
{
    application_files_stop(&service);
    turn_free(service.turn);
    store_close(service.store);
    loop_free(service.loop);
}

static void must(bool is_right)
{
    if (!is_right)
        _exit(EXIT_FAILURE);
}

static void hear(enum cc_err err, void *user)
{
    bool *is_settled = user;
    must(err == CC_OK);
    *is_settled = true;
}

static struct application_upload *upload_copies(void)
{
    void *user = NULL;
    bool is_settled = false;
    must(application_upload_open(&service, &user) == CC_OK);
    for (int i = 0; i < DOCUMENTS_MAX; i++)
        must(application_upload_begin(user) == CC_OK &&
             application_upload_add(user, content, sizeof(content)) == CC_OK &&
             application_upload_end(user) == CC_OK);
    must(application_upload_settle(user, hear, &is_settled) == CC_OK);
    while (!is_settled)
        (void)loop_step(service.loop, STEP_US);
    return user;
}

/* Of the person of this number, who has a phone of her own. */
static void ask(int number, int64_t now_ms, struct application_output *ret)
{
    const struct address_keys from = {"", ""};
    struct application_upload *upload = upload_copies();
    struct application_input input = {
        .name = {.given = "Ana"}, .from = &from, .upload = upload, .caller = &clerk};
    int64_t wait_s = 0;
    (void)snprintf(input.nif.text, sizeof(input.nif.text), "%08uZ", (unsigned)number % 10000);
    (void)snprintf(input.phone.e164, sizeof(input.phone.e164), "+346%08u",
                   (unsigned)number % 10000);
    must(turn_enter(service.turn) == CC_OK);
    must(application_request(&service, &input, now_ms, ret, &wait_s) == CC_OK);
    turn_leave(service.turn, true);
    turn_flush(service.turn);
    application_upload_close(upload);
}

/* The code of the mobile is in an SMS. */
static void prove(const char *id)
{
    struct application application;
    uint8_t public_id[APPLICATION_ID_BYTES];
    size_t len = 0;
    must(hex_decode(id, strlen(id), public_id, sizeof(public_id), &len));
    must(turn_enter(service.turn) == CC_OK);
    must(applications_find(service.store, public_id, &application) == CC_OK);
    must(application_next(APPLICATION_PROVE, application.state, &application.state) == CC_OK);
    must(applications_update(service.store, &application) == CC_OK);
    turn_leave(service.turn, true);
    turn_flush(service.turn);
}

static enum cc_err end_alta(enum ending ending, const char *id, int64_t now_ms)
{
    struct application application;
    if (ending == ENDING_ACCEPTED)
        return application_accept(&service, id, "", &clerk, now_ms, &application);
    if (ending == ENDING_REJECTED)
        return application_reject(&service, id, APPLICATION_ILLEGIBLE, &clerk, now_ms,
                                  &application);
    return application_sweep(&service, now_ms + DAY + MINUTE);
}

/* The first ending is killed from the upload on, the others at their end alone. */
static _Noreturn void run_victim(struct fixture *f, enum ending ending, int number)
{
    struct application_output output;
    int64_t now_ms = T0 + number * 2 * DAY; /* no bound on what is asked for in a day */
    start_program(f);
    if (ending == ENDING_ACCEPTED)
        fate->victim = getpid();
    ask(number, now_ms, &output);
    if (ending != ENDING_SWEPT)
        prove(output.id);
    fate->victim = getpid();
    must(turn_enter(service.turn) == CC_OK);
    must(end_alta(ending, output.id, now_ms) == CC_OK);
    turn_leave(service.turn, true);
    turn_flush(service.turn);
    end_program();
    _exit(EXIT_SUCCESS);
}

/* ---- what is left ---------------------------------------------------------------------------- */

struct found {
    size_t files;
    int64_t accepted;
};

static void check_copy(const struct application *application, size_t index)
{
    static char read[COPY_BYTES + 1];
    struct sealed_reader *reader = NULL;
    size_t len = 0;
    ssize_t got;
    assert_ok(application_files_read(&service, application, index, &reader));
    while ((got = sealed_reader_take(reader, read + len, sizeof(read) - len)) > 0)
        len += (size_t)got;
    sealed_reader_free(reader);
    assert_int_equal(got, 0);
    assert_int_equal(len, sizeof(content));
    assert_memory_equal(read, content, sizeof(content));
}

static void check_alta(const struct application *application, void *user)
{
    struct found *found = user;
    assert_int_equal(application->document_count, application->ended_ms == 0 ? DOCUMENTS_MAX : 0);
    for (size_t i = 0; i < application->document_count; i++)
        check_copy(application, i);
    found->files += application->document_count;
    found->accepted += application->state == APPLICATION_ACCEPTED;
}

static size_t count_files(void)
{
    size_t count = 0;
    DIR *folder = opendir(service.documents.folder);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* As the program starts again. */
static void check_house(struct fixture *f)
{
    int64_t citizens = 0;
    start_program(f);
    struct found found = {0};
    assert_ok(applications_each(&f->store, APPLICATION_STATES, 0, POINTS_MAX * ENDINGS, check_alta,
                                &found));
    assert_int_equal(count_files(), found.files);
    assert_ok(citizens_count(&f->store, &citizens));
    assert_int_equal(citizens, found.accepted);
    end_program();
}

/* False when the alta was over before the kill. */
static bool kill_at(struct fixture *f, enum ending ending, int point, int number)
{
    int status = 0;
    fate->victim = 0;
    fate->left = point;
    pid_t pid = fork();
    if (pid == 0)
        run_victim(f, ending, number);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    fate->victim = 0;
    if (!WIFSIGNALED(status) && status != EXIT_SUCCESS)
        fail_msg("ending %d, point %d: the program failed", (int)ending, point);
    check_house(f);
    return WIFSIGNALED(status);
}

static void test_nothing_is_left_half_done(void **state)
{
    static const int fewest[ENDINGS] = {20, 4, 4}; /* the kills fell into the acts */
    struct fixture *f = *state;
    int number = 1;
    store_close(&f->store);
    for (unsigned ending = 0; ending < ENDINGS; ending++) {
        int point = 1;
        while (kill_at(f, (enum ending)ending, point, number++))
            assert_in_range(++point, 1, POINTS_MAX);
        if (point < fewest[ending])
            fail_msg("ending %u: killed at %d points alone", ending, point);
    }
    assert_ok(store_open(f->db_path, f->key_path, &f->store));
}

static int remove_house(void **state)
{
    struct fixture *f = *state;
    char path[600];
    (void)snprintf(path, sizeof(path), "%s/documentos", f->dir);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    (void)rmdir(path);
    return fixture_close(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_is_left_half_done, fixture_open, remove_house),
    };
    fate = mmap(NULL, sizeof(*fate), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return fate == MAP_FAILED ? EXIT_FAILURE : cmocka_run_group_tests(tests, NULL, NULL);
}
