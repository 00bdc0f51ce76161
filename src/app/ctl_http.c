/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_http.h"

#include "base/secret.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 1024 * 1024, EXIT_UNAVAILABLE = 69, EXIT_PROTOCOL = 76, EXIT_DENIED = 77 };

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
        return EXIT_UNAVAILABLE;
    }
    if (curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error) == CURLE_OK && os_error == EACCES) {
        fprintf(stderr,
                "contraclavectl: sin permiso para usar %s; pruebe con sudo o con el usuario del "
                "servicio\n",
                socket_path);
        return EXIT_DENIED;
    }
    fprintf(stderr,
            "contraclavectl: contraclaved no está en marcha (nadie atiende en %s); arránquelo o "
            "indique su configuración con -c\n",
            socket_path);
    return EXIT_UNAVAILABLE;
}

static json_t *parse_answer(const struct answer *answer)
{
    json_error_t error;
    return json_loadb(answer->text, answer->len, JSON_REJECT_DUPLICATES, &error);
}

static CURLcode perform_call(CURL *curl, struct curl_slist *headers, const char *socket_path,
                             const char *method, const char *url, const char *body,
                             struct answer *answer)
{
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_path);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* a name may be ".." */
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout_s);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    return curl_easy_perform(curl);
}

long ctl_http_call(const char *socket_path, const char *method, const char *path,
                   const json_t *body, json_t **ret_answer, int *ret_exit)
{
    char url[1024];
    long status = 0;
    struct answer answer = {.text = malloc(ANSWER_MAX)};
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    if (answer.text == NULL || curl == NULL || headers == NULL || (body != NULL && text == NULL))
        abort();
    snprintf(url, sizeof(url), "http://localhost%s", path);
    CURLcode code = perform_call(curl, headers, socket_path, method, url, text, &answer);
    json_t *object = code == CURLE_OK ? parse_answer(&answer) : NULL;
    if (code != CURLE_OK) {
        *ret_exit = say_failure(curl, code, socket_path);
    } else if (object == NULL) {
        fprintf(stderr, "contraclavectl: lo que contesta en %s no es contraclaved\n", socket_path);
        *ret_exit = EXIT_PROTOCOL;
    } else {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        *ret_answer = object;
    }
    secret_wipe(answer.text, answer.len);
    free(answer.text);
    free(text);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}
