/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/alert_post.h"

#include "base/buf.h"
#include "base/curl.h"
#include "base/list.h"
#include "base/span.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ANSWER_MAX = 64 * 1024, ADDRESS_SIZE = 256 };

struct upload {
    const char *at;
    size_t left;
};

static size_t read_upload(char *out, size_t size, size_t count, void *user)
{
    struct upload *upload = user;
    size_t len = size * count < upload->left ? size * count : upload->left;
    memcpy(out, upload->at, len);
    upload->at += len;
    upload->left -= len;
    return len;
}

/* Drops what is answered; what answers without end is left. */
static size_t drop_answer(char *bytes, size_t size, size_t count, void *user)
{
    size_t *total = user;
    (void)bytes;
    *total += size * count;
    return *total > ANSWER_MAX ? 0 : size * count;
}

/* ---- what went wrong, in words --------------------------------------------------------------- */

static const struct {
    CURLcode code;
    const char *text;
} sentences[] = {
    {CURLE_COULDNT_RESOLVE_HOST,
     "no se encuentra el servidor: revise cómo está escrito y el DNS del equipo"},
    {CURLE_COULDNT_CONNECT,
     "no se puede conectar: revise la dirección y el puerto, y que el servicio pueda salir "
     "(IPAddressAllow)"},
    {CURLE_OPERATION_TIMEDOUT, "el servidor no ha contestado a tiempo: se intentará otra vez"},
    {CURLE_USE_SSL_FAILED, "el servidor no ofrece STARTTLS: revise smtp_seguridad y el puerto"},
    {CURLE_PEER_FAILED_VERIFICATION,
     "su certificado no es de confianza o es de otro nombre: revise la dirección, o ponga en "
     "autoridad el fichero de quien lo firma"},
    {CURLE_SSL_CACERT_BADFILE, "no se puede leer el fichero de autoridad: revise su ruta"},
    {CURLE_SSL_CONNECT_ERROR, "no se puede cifrar la conexión: revise smtp_seguridad y el puerto"},
    {CURLE_LOGIN_DENIED, "no acepta el usuario o la clave: revise smtp_usuario y smtp_clave"},
    {CURLE_WEIRD_SERVER_REPLY, "contesta lo que no es SMTP: revise la dirección y el puerto"},
    {CURLE_SEND_ERROR, "no acepta el remitente o un destinatario: revise remitente y correo"},
    {CURLE_RECV_ERROR, "ha cortado la conexión: revise la dirección y el puerto"},
    {CURLE_GOT_NOTHING, "ha cortado la conexión: revise la dirección y el puerto"},
    {CURLE_UNSUPPORTED_PROTOCOL, "contesta lo que no se entiende: revise la dirección"},
    {CURLE_OUT_OF_MEMORY, "el equipo no tiene memoria: se intentará otra vez"},
};

static void say_failure(CURLcode code, long answer, char detail[ALERT_DETAIL_SIZE])
{
    const char *text = "no se ha podido enviar: revise la sección avisos de la configuración";
    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
        if (sentences[i].code == code)
            text = sentences[i].text;
    if (answer > 0)
        (void)snprintf(detail, ALERT_DETAIL_SIZE, "%s (respuesta %ld)", text, answer);
    else
        (void)snprintf(detail, ALERT_DETAIL_SIZE, "%s (curl %d: %s)", text, (int)code,
                       curl_easy_strerror(code));
}

/* ---- both ------------------------------------------------------------------------------------ */

static bool can_send(char detail[ALERT_DETAIL_SIZE])
{
    bool is_there = curl_can_load();
    if (!is_there)
        (void)snprintf(detail, ALERT_DETAIL_SIZE,
                       "falta en el equipo la biblioteca libcurl: instálela");
    return is_there;
}

static CURL *open_handle(const struct alert_settings *settings, const char *schemes, size_t *total)
{
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        return NULL;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, schemes);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)ALERT_CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)ALERT_POST_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, total);
    if (settings->authority[0] != '\0')
        curl_easy_setopt(curl, CURLOPT_CAINFO, settings->authority);
    return curl;
}

/* ---- mail ------------------------------------------------------------------------------------ */

/* Owns: the caller. */
static struct curl_slist *split_recipients(const char *list)
{
    struct curl_slist *result = NULL;
    const char *item;
    size_t len;
    while (list_take(&list, &item, &len)) {
        char address[ADDRESS_SIZE];
        (void)snprintf(address, sizeof(address), "%.*s", (int)len, item);
        result = curl_slist_append(result, address);
    }
    return result;
}

/* "550-5.1.1 …": the enhanced status is for replies that refuse. Source: RFC 3463 2. */
static void trace_reply(const char *line, size_t len, struct mail_trace *trace)
{
    char text[16];
    int code = 0, class = 0, subject = 0, detail = 0;
    (void)snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : sizeof(text)),
                   line);
    if (text[strspn(text, "0123456789")] == '-')
        text[3] = ' ';
    int count = sscanf(text, "%3d %1d.%3d.%3d", &code, &class, &subject, &detail);
    if (count < 1 || code < 200)
        return;
    trace->reply = code;
    trace->subject = count == 4 && class == code / 100 ? subject : -1;
}

/* Commands and replies of the talk, of which nothing is kept but how far it came. */
static int trace_talk(CURL *curl, curl_infotype type, char *bytes, size_t len, void *user)
{
    static const struct {
        const char *verb;
        enum mail_phase phase;
    } verbs[] = {{"MAIL", MAIL_FROM}, {"RCPT", MAIL_TO}, {"DATA", MAIL_DATA}};
    struct mail_trace *trace = user;
    (void)curl;
    if (type == CURLINFO_HEADER_IN && !trace->is_over)
        trace_reply(bytes, len, trace);
    if (type == CURLINFO_HEADER_OUT && len >= 4 && strncasecmp(bytes, "QUIT", 4) == 0)
        trace->is_over = true;
    for (size_t i = 0; type == CURLINFO_HEADER_OUT && i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (len >= 4 && strncasecmp(bytes, verbs[i].verb, 4) == 0)
            trace->phase = verbs[i].phase;
    return 0;
}

bool alert_post_mail(const struct alert_settings *settings, const char *mail, size_t len,
                     bool must_reach_all, struct mail_trace *ret_trace,
                     char detail[ALERT_DETAIL_SIZE])
{
    struct mail_trace unread, *trace = ret_trace != NULL ? ret_trace : &unread;
    char url[ADDRESS_SIZE + 16];
    size_t total = 0;
    *trace = (struct mail_trace){.subject = -1};
    if (!can_send(detail))
        return false;
    long answer = 0;
    struct upload upload = {mail, len};
    struct curl_slist *recipients = split_recipients(settings->recipients);
    CURL *curl = open_handle(settings, "smtp,smtps", &total);
    bool is_tls = settings->security == ALERT_TLS;
    (void)snprintf(url, sizeof(url), "%s://%s", is_tls ? "smtps" : "smtp", settings->server);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(settings->security == ALERT_PLAIN ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (settings->user[0] != '\0') {
        curl_easy_setopt(curl, CURLOPT_USERNAME, settings->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->password);
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, settings->sender);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, must_reach_all ? 0L : 1L);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_upload);
    curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, trace_talk);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, trace);
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    CURLcode code = curl != NULL ? curl_easy_perform(curl) : CURLE_OUT_OF_MEMORY;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    if (code != CURLE_OK)
        say_failure(code, answer >= 400 ? answer : 0, detail);
    trace->is_taken = code == CURLE_OK;
    trace->is_whole = upload.left == 0;
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    return code == CURLE_OK;
}

/* ---- webhook --------------------------------------------------------------------------------- */

/* NULL without memory. Owns: the caller. */
static struct curl_slist *make_headers(const struct alert_settings *settings, const char *body,
                                       int64_t now_ms)
{
    char *text = NULL, digits[SECRET_HMAC_HEX_SIZE], header[160];
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    int len = asprintf(&text, "%" PRId64 ".%s", now_ms / MS_PER_S, body);
    if (len < 0 || headers == NULL) {
        curl_slist_free_all(headers);
        return NULL;
    }
    secret_hmac_hex(settings->secret, text, (size_t)len, digits);
    free(text);
    (void)snprintf(header, sizeof(header), "X-Contraclaved-Firma: t=%" PRId64 ",v1=%s",
                   now_ms / MS_PER_S, digits);
    return curl_slist_append(headers, header);
}

/* The answer's number decides, also where the answer itself went on without end. */
static bool judge_answer(CURLcode code, long answer, char detail[ALERT_DETAIL_SIZE])
{
    bool is_answered = code == CURLE_OK || code == CURLE_WRITE_ERROR;
    if (!is_answered)
        say_failure(code, answer, detail);
    else if (answer >= 300 && answer < 400)
        (void)snprintf(detail, ALERT_DETAIL_SIZE,
                       "redirige a otra dirección, y no se sigue: escriba en webhook la definitiva "
                       "(respuesta %ld)",
                       answer);
    else if (answer < 200 || answer >= 300)
        (void)snprintf(detail, ALERT_DETAIL_SIZE,
                       "no lo acepta: revise webhook y webhook_secreto (respuesta %ld)", answer);
    return is_answered && answer >= 200 && answer < 300;
}

bool alert_post_webhook(const struct alert_settings *settings, const char *body, int64_t now_ms,
                        char detail[ALERT_DETAIL_SIZE])
{
    size_t total = 0;
    long answer = 0;
    if (!can_send(detail))
        return false;
    struct curl_slist *headers = make_headers(settings, body, now_ms);
    CURL *curl = open_handle(settings, "http,https", &total);
    curl_easy_setopt(curl, CURLOPT_URL, settings->webhook);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "contraclaved/" CC_VERSION);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    bool is_ready = curl != NULL && headers != NULL; /* never unsigned */
    CURLcode code = is_ready ? curl_easy_perform(curl) : CURLE_OUT_OF_MEMORY;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    bool is_taken = judge_answer(code, answer, detail);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return is_taken;
}
