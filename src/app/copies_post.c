/* SPDX-License-Identifier: EUPL-1.2 */
/* Sends a sealed copy to another machine by libcurl, and reads it back: it counts only when what
 * is there is what was sent. */
#include "app/copies.h"

#include "base/fsx.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { CONNECT_S = 30, ALL_S = 3600, SLOW_BYTES = 1, SLOW_S = 60, PIECE = 2048 };

static const struct {
    CURLcode code;
    const char *text;
} sentences[] = {
    /* libcurl asks for the kind of key that the list has first, and for an RSA one as servers no
     * longer sign it */
    {CURLE_FAILED_INIT, "la sesión SSH no empieza: deje en sftp_conocidos la clave ssh-ed25519 del "
                        "servidor, sin la ssh-rsa"},
    {CURLE_COULDNT_RESOLVE_HOST, "no se encuentra el servidor: revise destino y el DNS del equipo"},
    {CURLE_COULDNT_CONNECT, "no se puede conectar: revise destino y que el equipo pueda salir"},
    {CURLE_OPERATION_TIMEDOUT, "el servidor no ha contestado a tiempo"},
    {CURLE_PEER_FAILED_VERIFICATION,
     "el servidor no es el que se conoce: revise sftp_conocidos, o con https autoridad"},
    {CURLE_SSL_CACERT_BADFILE, "no se puede leer el fichero de autoridad: revise su ruta"},
    {CURLE_LOGIN_DENIED, "no acepta el usuario: revise usuario, contrasena y sftp_clave"},
    {CURLE_REMOTE_ACCESS_DENIED, "no deja escribir en esa carpeta"},
    {CURLE_REMOTE_FILE_NOT_FOUND, "no tiene esa carpeta"},
    {CURLE_REMOTE_DISK_FULL, "no le queda sitio"},
    {CURLE_HTTP_RETURNED_ERROR, "la rechaza: revise la carpeta, el usuario y sus permisos"},
    {CURLE_WRITE_ERROR, "lo que se lee allí no es lo que se ha enviado"},
    {CURLE_PARTIAL_FILE, "lo que se lee allí no es lo que se ha enviado"},
};

static size_t read_file(char *out, size_t size, size_t count, void *user)
{
    const int *fd = user;
    ssize_t len = fsx_read_up_to(*fd, out, size * count);
    return len < 0 ? CURL_READFUNC_ABORT : (size_t)len;
}

/* Compares what comes with the file; anything else ends the transfer. */
static size_t compare_file(char *bytes, size_t size, size_t count, void *user)
{
    const int *fd = user;
    char ours[PIECE];
    size_t len = size * count, done = 0;
    while (done < len) {
        size_t step = len - done < sizeof(ours) ? len - done : sizeof(ours);
        if (fsx_read_up_to(*fd, ours, step) != (ssize_t)step ||
            memcmp(ours, bytes + done, step) != 0)
            return 0;
        done += step;
    }
    return len;
}

static size_t drop_bytes(char *bytes, size_t size, size_t count, void *user)
{
    (void)bytes, (void)user;
    return size * count;
}

static void set_text(CURL *curl, CURLoption option, const char *value)
{
    if (value[0] != '\0')
        curl_easy_setopt(curl, option, value);
}

static void set_common(CURL *curl, const struct config_copies *copies, const char *url)
{
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,sftp");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ALL_S);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
    set_text(curl, CURLOPT_USERNAME, copies->user);
    set_text(curl, CURLOPT_PASSWORD, copies->password);
    set_text(curl, CURLOPT_CAINFO, copies->authority);
    set_text(curl, CURLOPT_SSH_PRIVATE_KEYFILE, copies->ssh_key);
    /* without a list libcurl would take any host for the right one */
    curl_easy_setopt(curl, CURLOPT_SSH_KNOWNHOSTS, copies->known_hosts);
}

static CURLcode send_file(CURL *curl, const struct config_copies *copies, int fd, const char *url)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || lseek(fd, 0, SEEK_SET) < 0)
        return CURLE_READ_ERROR;
    set_common(curl, copies, url);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)st.st_size);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_file);
    curl_easy_setopt(curl, CURLOPT_READDATA, &fd);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_bytes);
    return curl_easy_perform(curl);
}

static CURLcode read_back(CURL *curl, const struct config_copies *copies, int fd, const char *url)
{
    char more;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return CURLE_READ_ERROR;
    set_common(curl, copies, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, compare_file);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &fd);
    CURLcode code = curl_easy_perform(curl);
    return code == CURLE_OK && fsx_read_up_to(fd, &more, 1) != 0 ? CURLE_PARTIAL_FILE : code;
}

static int say_failure(CURLcode code, const char *url)
{
    const char *text = "no se ha podido enviar";
    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
        if (sentences[i].code == code)
            text = sentences[i].text;
    fprintf(stderr, "contraclavectl: no se ha enviado la copia a %s: %s (curl %d: %s)\n", url, text,
            (int)code, curl_easy_strerror(code));
    return EX_TEMPFAIL;
}

int copies_post(const struct config_copies *copies, const char *path, const char *url)
{
    CURL *curl = curl_easy_init();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CURLcode code = CURLE_READ_ERROR;
    if (curl == NULL)
        abort();
    if (fd >= 0)
        code = send_file(curl, copies, fd, url);
    if (code == CURLE_OK)
        code = read_back(curl, copies, fd, url);
    if (fd >= 0)
        close(fd);
    curl_easy_cleanup(curl);
    return code == CURLE_OK ? EXIT_SUCCESS : say_failure(code, url);
}
