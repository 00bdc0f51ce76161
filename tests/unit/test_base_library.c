/* SPDX-License-Identifier: EUPL-1.2 */
/* Libraries that are loaded when they are first used, and a machine that lacks them. */
#include "base/curl.h"
#include "base/library.h"
#include "service/alert_post.h"
#include "store/db.h"
#include "store/engines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_missing; /* every library, for the wrapped dlopen() */

void *__real_dlopen(const char *name, int flags);
void *__wrap_dlopen(const char *name, int flags);

void *__wrap_dlopen(const char *name, int flags)
{
    return is_missing ? NULL : __real_dlopen(name, flags);
}

static void test_no_program_loads_them_before(void **state)
{
    (void)state;
    assert_null(dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_NOLOAD));
    assert_null(dlopen("libpq.so.5", RTLD_NOW | RTLD_NOLOAD));
}

static void test_each_name_is_tried(void **state)
{
    (void)state;
    struct library none = {.names = {"libno-existe.so.1"}};
    struct library second = {.names = {"libno-existe.so.1", "libz.so.1"}};
    assert_false(library_can_load(&none));
    assert_true(library_can_load(&second));
    assert_non_null(library_find_function(&second, "crc32"));
}

static void test_a_function_that_is_missing_ends_the_program(void **state)
{
    (void)state;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct library library = {.names = {"libz.so.1"}};
        (void)!freopen("/dev/null", "w", stderr);
        (void)signal(SIGABRT, SIG_DFL);
        (void)library_find_function(&library, "no_such_function");
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void test_without_libcurl_nothing_is_sent(void **state)
{
    (void)state;
    const struct alert_settings settings = {.recipients = "a@example.org",
                                            .server = "127.0.0.1:9",
                                            .sender = "b@example.org",
                                            .webhook = "http://127.0.0.1:9/"};
    char detail[ALERT_DETAIL_SIZE] = "";
    struct mail_trace trace = {.is_taken = true};
    is_missing = true;
    assert_false(alert_post_mail(&settings, "x", 1, true, &trace, detail));
    assert_non_null(strstr(detail, "libcurl"));
    assert_false(trace.is_taken);
    detail[0] = '\0';
    assert_false(alert_post_webhook(&settings, "{}", 0, detail));
    assert_non_null(strstr(detail, "libcurl"));
    is_missing = false;
}

static void test_without_libpq_a_server_is_refused(void **state)
{
    (void)state;
    struct db *db = NULL;
    is_missing = true;
    const char place[] = "postgresql:///x";
    const struct db_identity ours = {.application_id = 1, .newest_version = 1};
    assert_int_equal(db_open(store_engine_of(place), place, &ours, &db), CC_ERR_CONFIG);
    assert_null(db);
    is_missing = false;
}

/* Options of each type reach libcurl: a long, a text, a function, an offset of 64 bits. */
static void test_options_of_each_type(void **state)
{
    (void)state;
    CURL *curl = curl_easy_init();
    char *told = NULL, byte = 'x';
    assert_non_null(curl);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_LOCALPORT, 1000L), CURLE_OK);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_LOCALPORT, 70000L),
                     CURLE_BAD_FUNCTION_ARGUMENT);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)1 << 40),
                     CURLE_OK);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)-2),
                     CURLE_BAD_FUNCTION_ARGUMENT);
    assert_int_equal(curl_easy_setopt(curl, CURLOPT_PRIVATE, &byte), CURLE_OK);
    assert_int_equal(curl_easy_getinfo(curl, CURLINFO_PRIVATE, &told), CURLE_OK);
    assert_ptr_equal(told, &byte);
    curl_easy_cleanup(curl);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_program_loads_them_before),
        cmocka_unit_test(test_each_name_is_tried),
        cmocka_unit_test(test_a_function_that_is_missing_ends_the_program),
        cmocka_unit_test(test_without_libcurl_nothing_is_sent),
        cmocka_unit_test(test_without_libpq_a_server_is_refused),
        cmocka_unit_test(test_options_of_each_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
