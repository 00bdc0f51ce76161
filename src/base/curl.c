/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/curl.h"

#include "base/library.h"

#include <stdarg.h>

/* As Debian names the one that uses GnuTLS, and as the rest do; their ABI is the same. */
static struct library libcurl = {.names = {"libcurl-gnutls.so.4", "libcurl.so.4"}};

bool curl_can_load(void)
{
    return library_can_load(&libcurl);
}

/* clang-format off */
#define PASS(type, name, parameters, arguments) LIBRARY_FUNCTION(&libcurl, return, type, name, parameters, arguments)
#define PASS_VOID(name, parameters, arguments) LIBRARY_FUNCTION(&libcurl, , void, name, parameters, arguments)

PASS(CURL *, curl_easy_init, (void), ())
PASS(CURLcode, curl_easy_perform, (CURL *curl), (curl))
PASS(const char *, curl_easy_strerror, (CURLcode code), (code))
PASS(char *, curl_easy_escape, (CURL *curl, const char *text, int len), (curl, text, len))
PASS(struct curl_slist *, curl_slist_append, (struct curl_slist *list, const char *text), (list, text))
PASS(curl_mime *, curl_mime_init, (CURL *curl), (curl))
PASS(curl_mimepart *, curl_mime_addpart, (curl_mime *mime), (mime))
PASS(CURLcode, curl_mime_name, (curl_mimepart *part, const char *name), (part, name))
PASS(CURLcode, curl_mime_filedata, (curl_mimepart *part, const char *file), (part, file))
PASS_VOID(curl_easy_reset, (CURL *curl), (curl))
PASS_VOID(curl_easy_cleanup, (CURL *curl), (curl))
PASS_VOID(curl_slist_free_all, (struct curl_slist *list), (list))
PASS_VOID(curl_mime_free, (curl_mime *mime), (mime))
PASS_VOID(curl_free, (void *memory), (memory))
/* clang-format on */

/* The parameter of an option has the type that the option's number tells. */
CURLcode(curl_easy_setopt)(CURL *curl, CURLoption option, ...)
{
    static __typeof__(curl_easy_setopt) *function;
    va_list list;
    CURLcode code;
    if (function == NULL)
        function =
            __extension__(__typeof__(function)) library_find_function(&libcurl, "curl_easy_setopt");
    va_start(list, option);
    if (option < CURLOPTTYPE_OBJECTPOINT)
        code = function(curl, option, va_arg(list, long));
    else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB)
        code = function(curl, option, va_arg(list, curl_off_t));
    else
        code = function(curl, option, va_arg(list, void *));
    va_end(list);
    return code;
}

/* What is told goes to where the pointer says. */
CURLcode(curl_easy_getinfo)(CURL *curl, CURLINFO info, ...)
{
    static __typeof__(curl_easy_getinfo) *function;
    va_list list;
    if (function == NULL)
        function = __extension__(__typeof__(function))
            library_find_function(&libcurl, "curl_easy_getinfo");
    va_start(list, info);
    CURLcode code = function(curl, info, va_arg(list, void *));
    va_end(list);
    return code;
}
