/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_http.h"

#include "app/ctl_table.h"
#include "base/err.h"
#include "base/secret.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { ANSWER_MAX = 1024 * 1024, EVERY_MS = 500, HTTP_OK = 200, HTTP_OK_LAST = 299 };

static const long timeout_s = 30;

struct answer {
    char *text;
    size_t len;
};

static size_t on_bytes(char *bytes, size_t size, size_t count, void *user)
{
    struct answer *answer = user;
    size_t len = size * count;
    if (len > ANSWER_MAX - answer->len)
        return 0;
    memcpy(answer->text + answer->len, bytes, len);
    answer->len += len;
    return len;
}

static int say_failure(CURL *curl, CURLcode code, const char *socket_path)
{
    long os_error = 0;
    if (code != CURLE_COULDNT_CONNECT) {
        fprintf(stderr, "contraclavectl: el servicio no ha contestado en %s: %s\n", socket_path,
                curl_easy_strerror(code));
        return EX_UNAVAILABLE;
    }
    if (curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error) == CURLE_OK && os_error == EACCES) {
        fprintf(stderr,
                "contraclavectl: sin permiso para usar %s; pruebe con sudo o con el usuario del "
                "servicio\n",
                socket_path);
        return EX_NOPERM;
    }
    fprintf(stderr,
            "contraclavectl: contraclaved no está en marcha (nadie atiende en %s); arránquelo o "
            "indique su configuración con -c\n",
            socket_path);
    return EX_UNAVAILABLE;
}

static json_t *parse_answer(const struct answer *answer)
{
    json_error_t error;
    return json_loadb(answer->text, answer->len, JSON_REJECT_DUPLICATES, &error);
}

/* What is sent: a text, the parts of a form, or nothing. */
struct question {
    const char *socket_path;
    const char *method;
    const char *path;
    const char *body;
    curl_mime *form;
};

static CURLcode perform_call(CURL *curl, const struct question *question,
                             struct curl_slist *headers, struct answer *answer)
{
    char url[1024];
    snprintf(url, sizeof(url), "http://localhost%s", question->path);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, question->socket_path);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* a name may be ".." */
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, question->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout_s);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (question->body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, question->body);
    if (question->form != NULL)
        curl_easy_setopt(curl, CURLOPT_MIMEPOST, question->form);
    return curl_easy_perform(curl);
}

static long take_answer(CURL *curl, const struct question *question, CURLcode code,
                        const struct answer *answer, json_t **ret_answer, int *ret_exit)
{
    long status = 0;
    json_t *object = code == CURLE_OK ? parse_answer(answer) : NULL;
    if (code != CURLE_OK) {
        *ret_exit = say_failure(curl, code, question->socket_path);
    } else if (object == NULL) {
        fprintf(stderr, "contraclavectl: lo que contesta en %s no es contraclaved\n",
                question->socket_path);
        *ret_exit = EX_PROTOCOL;
    } else {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        *ret_answer = object;
    }
    return status;
}

/* type: of the body; NULL leaves it to the form. */
static long call(CURL *curl, const struct question *question, const char *type, json_t **ret_answer,
                 int *ret_exit)
{
    struct answer answer = {.text = malloc(ANSWER_MAX)};
    struct curl_slist *headers = type != NULL ? curl_slist_append(NULL, type) : NULL;
    if (answer.text == NULL || (type != NULL && headers == NULL))
        abort();
    CURLcode code = perform_call(curl, question, headers, &answer);
    long status = take_answer(curl, question, code, &answer, ret_answer, ret_exit);
    secret_wipe(answer.text, answer.len);
    free(answer.text);
    curl_slist_free_all(headers);
    return status;
}

long ctl_http_call(const char *socket_path, const char *method, const char *path,
                   const json_t *body, json_t **ret_answer, int *ret_exit)
{
    CURL *curl = curl_easy_init();
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    if (curl == NULL || (body != NULL && text == NULL))
        abort();
    const struct question question = {
        .socket_path = socket_path, .method = method, .path = path, .body = text};
    long status = call(curl, &question, "Content-Type: application/json", ret_answer, ret_exit);
    free(text);
    curl_easy_cleanup(curl);
    return status;
}

/* Why a file cannot be sent, as errno says it; 0 = it can. */
static int find_trouble(const char *file)
{
    struct stat facts;
    if (access(file, R_OK) != 0 || stat(file, &facts) != 0)
        return errno;
    return S_ISDIR(facts.st_mode) ? EISDIR : 0;
}

long ctl_http_upload(const char *socket_path, const char *path, const char *field, const char *file,
                     json_t **ret_answer, int *ret_exit)
{
    int trouble = find_trouble(file);
    if (trouble != 0) {
        fprintf(stderr, "contraclavectl: no se puede leer %s: %s\n", file,
                err_system_text(trouble));
        *ret_exit = EX_NOINPUT;
        return 0;
    }
    CURL *curl = curl_easy_init();
    curl_mime *form = curl != NULL ? curl_mime_init(curl) : NULL;
    curl_mimepart *part = form != NULL ? curl_mime_addpart(form) : NULL;
    if (part == NULL || curl_mime_name(part, field) != CURLE_OK ||
        curl_mime_filedata(part, file) != CURLE_OK)
        abort();
    const struct question question = {
        .socket_path = socket_path, .method = "POST", .path = path, .form = form};
    long status = call(curl, &question, NULL, ret_answer, ret_exit);
    curl_mime_free(form);
    curl_easy_cleanup(curl);
    return status;
}

int ctl_http_ask(const char *socket_path, const char *method, const char *path, const json_t *body,
                 json_t **ret_answer)
{
    int code = EXIT_SUCCESS;
    *ret_answer = NULL;
    long status = ctl_http_call(socket_path, method, path, body, ret_answer, &code);
    return status == 0 || ctl_http_is_good(status) ? code : ctl_http_tell_problem(*ret_answer);
}

int ctl_http_await(const char *socket_path, const char *path, const json_t *answer,
                   const char *state, json_t **ret_told)
{
    int code = EXIT_SUCCESS;
    *ret_told = json_deep_copy(answer);
    while (code == EXIT_SUCCESS && strcmp(ctl_text(*ret_told, "estado"), state) == 0) {
        json_decref(*ret_told);
        (void)poll(NULL, 0, EVERY_MS);
        code = ctl_http_ask(socket_path, "GET", path, NULL, ret_told);
    }
    return code;
}

bool ctl_http_is_good(long status)
{
    return status >= HTTP_OK && status <= HTTP_OK_LAST;
}

int ctl_http_tell_problem(const json_t *answer)
{
    const char *field = ctl_text(answer, "campo");
    fprintf(stderr, "contraclavectl: %s", ctl_text(answer, "title"));
    if (field[0] != '\0')
        fprintf(stderr, " (%s)", field);
    fputc('\n', stderr);
    return err_exit_code(err_from_token(ctl_text(answer, "type")));
}
