/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/tls.h"

#include "base/alloc.h"
#include "base/fsx.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/span.h"
#include "cert/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { LOOK_US = 60 * 1000 * 1000, OWN_MODE = 0600, OTHERS = 0007, DATE_SIZE = 32 };

/* The verdict asks for a person 14 days before the end: by then the box has renewed its own. */
#define RENEW_MS (30 * DAY_MS)

const char tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:"
                              "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:"
                              "%SERVER_PRECEDENCE";

struct tls {
    struct loop *loop;
    struct service *service;
    struct loop_source *look;
    struct certificate *current;
    struct cert_trust *authorities; /* NULL = none */
    char *own_path;
    bool is_own;
    bool is_unkept; /* the box's own could not be written, and that was logged */
};

/* ---- files ------------------------------------------------------------------------------------*/

struct pem_file {
    char text[CERTIFICATE_PEM_MAX];
    size_t len;
};

static struct certificate_pem pem_of(const struct pem_file *file)
{
    return (struct certificate_pem){file->text, file->len};
}

static void free_pem_file(struct pem_file *file)
{
    secret_wipe(file, sizeof(*file));
    free(file);
}

/* Logs what is wrong with it; key: its name in the configuration. */
static bool read_named(const char *key, const char *path, struct pem_file *file)
{
    errno = 0;
    enum cc_err err = fsx_read(path, file->text, sizeof(file->text), &file->len);
    if (err == CC_OK)
        return true;
    if (err == CC_ERR_NO_SPACE)
        log_error("%s: %s es demasiado grande para ser un certificado o una clave", key, path);
    else
        log_error("%s: no se puede leer %s (%s); compruebe la ruta y que el usuario contraclaved "
                  "pueda leerlo",
                  key, path, err_system_text(errno));
    return false;
}

static bool is_private(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0 || (st.st_mode & OTHERS) == 0)
        return true;
    log_error("clave_tls: cualquier usuario de este equipo puede leer %s; quíteles el permiso con "
              "«chmod o= %s»",
              path, path);
    return false;
}

static enum cc_err load_configured(const struct tls_files *files, struct certificate **ret)
{
    if (files->certificate[0] == '\0' || files->key[0] == '\0') {
        log_error("%s: falta; certificado y clave_tls van juntas (o ninguna, y el equipo hace su "
                  "propio certificado)",
                  files->key[0] == '\0' ? "clave_tls" : "certificado");
        return CC_ERR_CONFIG;
    }
    struct pem_file *chain = alloc_or_abort(sizeof(struct pem_file)),
                    *key = alloc_or_abort(sizeof(struct pem_file));
    const char *why = NULL;
    enum cc_err err = CC_ERR_CONFIG;
    if (read_named("certificado", files->certificate, chain) && is_private(files->key) &&
        read_named("clave_tls", files->key, key))
        err = certificate_read(pem_of(chain), pem_of(key), ret, &why);
    if (why != NULL)
        log_error("%s", why);
    free_pem_file(chain);
    free_pem_file(key);
    return err;
}

/* Of what the programs show; NULL where the configuration names none. */
static enum cc_err load_authorities(const struct tls_files *files, struct cert_trust **ret)
{
    struct cert_trust *trust = NULL;
    *ret = NULL;
    if (files->authorities[0] == '\0')
        return CC_OK;
    struct pem_file *file = alloc_or_abort(sizeof(struct pem_file));
    bool is_read = read_named("autoridad_clientes", files->authorities, file);
    if (is_read && (trust = cert_trust_new()) == NULL)
        abort();
    if (is_read)
        cert_trust_add_roots(trust, file->text, file->len);
    free_pem_file(file);
    if (trust != NULL && trust->root_count > 0) {
        *ret = trust;
        return CC_OK;
    }
    if (is_read)
        log_error("autoridad_clientes: en %s no hay ningún certificado de autoridad en formato PEM",
                  files->authorities);
    cert_trust_free(trust);
    return CC_ERR_CONFIG;
}

/* ---- the box's own ----------------------------------------------------------------------------*/

static bool is_good_at(const struct certificate *certificate, int64_t now_ms, int64_t margin_ms)
{
    return certificate->begins_ms <= now_ms && now_ms + margin_ms < certificate->ends_ms;
}

/* Whether the box's own is good for long enough, and for the name and addresses of now. */
static bool is_own_good(const struct tls *tls, const struct certificate *certificate)
{
    struct names names;
    names_collect(&names);
    return is_good_at(certificate, loop_wall_ms(tls->loop), RENEW_MS) &&
           certificate_covers(certificate, &names);
}

/* Serves with a certificate that cannot be kept, too: the next start makes another. */
static void keep_own(struct tls *tls, const struct pem_file *file)
{
    bool is_kept = fsx_replace(tls->own_path, file->text, file->len, OWN_MODE) == CC_OK;
    if (!is_kept && !tls->is_unkept)
        log_error("http: no se puede guardar el certificado propio en %s (%s); se usa hasta "
                  "reiniciar",
                  tls->own_path, err_system_text(errno));
    tls->is_unkept = !is_kept;
}

static enum cc_err make_own(struct tls *tls, struct certificate **ret)
{
    struct pem_file *file = alloc_or_abort(sizeof(struct pem_file));
    struct names names;
    const char *why;
    names_collect(&names);
    enum cc_err err = certificate_make(&names, loop_wall_ms(tls->loop), file->text,
                                       sizeof(file->text), &file->len);
    if (err == CC_OK)
        err = certificate_read(pem_of(file), pem_of(file), ret, &why);
    if (err == CC_OK)
        keep_own(tls, file);
    else
        log_error("http: no se puede hacer un certificado propio; ponga uno en certificado y "
                  "clave_tls");
    free_pem_file(file);
    return err;
}

/* The one that is kept, while it is good; else a new one. */
static enum cc_err load_own(struct tls *tls, struct certificate **ret)
{
    struct pem_file *file = alloc_or_abort(sizeof(struct pem_file));
    struct certificate *kept = NULL;
    const char *why;
    enum cc_err err = fsx_read(tls->own_path, file->text, sizeof(file->text), &file->len);
    bool is_new = err == CC_ERR_NOT_FOUND;
    if (err == CC_OK)
        err = certificate_read(pem_of(file), pem_of(file), &kept, &why);
    free_pem_file(file);
    if (err == CC_OK && is_own_good(tls, kept)) {
        *ret = kept;
        return CC_OK;
    }
    if (err != CC_OK && !is_new)
        log_warning("http: el certificado propio %s no se puede leer o está dañado; se hace otro",
                    tls->own_path);
    certificate_release(kept);
    return make_own(tls, ret);
}

/* ---- the one in use ---------------------------------------------------------------------------*/

static void write_date(int64_t at_ms, char out[DATE_SIZE])
{
    struct tm tm;
    time_t at_s = (time_t)(at_ms / 1000);
    if (localtime_r(&at_s, &tm) == NULL || strftime(out, DATE_SIZE, "%d/%m/%Y", &tm) == 0)
        out[0] = '\0';
}

/* Logs a certificate whose time is not now, which no browser accepts; key names it. */
static bool is_timely(const struct certificate *certificate, int64_t now_ms)
{
    char date[DATE_SIZE];
    bool has_ended = certificate->ends_ms <= now_ms;
    if (is_good_at(certificate, now_ms, 0))
        return true;
    write_date(has_ended ? certificate->ends_ms : certificate->begins_ms, date);
    log_error(has_ended ? "certificado: caducó el %s; ponga el nuevo en certificado y clave_tls, y "
                          "«systemctl reload contraclaved»"
                        : "certificado: no vale hasta el %s; compruebe la hora de este equipo, o "
                          "ponga otro en certificado y clave_tls",
              date);
    return false;
}

static void use_certificate(struct tls *tls, struct certificate *certificate, bool is_own)
{
    struct service_certificate *told = &tls->service->certificate;
    char date[DATE_SIZE];
    bool is_same =
        tls->current != NULL && strcmp(tls->current->fingerprint, certificate->fingerprint) == 0;
    certificate_release(tls->current);
    tls->current = certificate;
    tls->is_own = is_own;
    *told = (struct service_certificate){
        .begins_ms = certificate->begins_ms, .ends_ms = certificate->ends_ms, .is_own = is_own};
    (void)snprintf(told->fingerprint, sizeof(told->fingerprint), "%s", certificate->fingerprint);
    if (!is_own)
        (void)snprintf(told->name, sizeof(told->name), "%s", certificate->name);
    write_date(certificate->ends_ms, date);
    if (!is_same)
        log_notice("http: certificado %s, válido hasta el %s, huella SHA-256 %s",
                   is_own ? "propio" : "de la configuración", date, certificate->fingerprint);
}

static bool is_configured(const struct tls_files *files)
{
    return files->certificate[0] != '\0' || files->key[0] != '\0';
}

static enum cc_err load_certificate(struct tls *tls, const struct tls_files *files,
                                    struct certificate **ret)
{
    return is_configured(files) ? load_configured(files, ret) : load_own(tls, ret);
}

static void on_look(void *user)
{
    struct tls *tls = user;
    struct certificate *renewed;
    loop_timer_in(tls->look, LOOK_US);
    if (!tls->is_own || is_own_good(tls, tls->current))
        return;
    if (make_own(tls, &renewed) == CC_OK)
        use_certificate(tls, renewed, true);
}

enum cc_err tls_check(const struct tls_files *files)
{
    struct certificate *certificate = NULL;
    struct cert_trust *authorities;
    enum cc_err err = load_authorities(files, &authorities);
    cert_trust_free(authorities);
    if (err == CC_OK && is_configured(files))
        err = load_configured(files, &certificate);
    certificate_release(certificate);
    return err;
}

enum cc_err tls_new(struct loop *loop, const struct tls_files *files, struct service *service,
                    struct tls **ret)
{
    struct tls *tls = alloc_or_abort(sizeof(*tls));
    struct certificate *certificate;
    tls->own_path = strdup(files->own);
    if (tls->own_path == NULL)
        abort();
    tls->loop = loop;
    tls->service = service;
    enum cc_err err = load_authorities(files, &tls->authorities);
    if (err == CC_OK)
        err = load_certificate(tls, files, &certificate);
    if (err != CC_OK) {
        tls_free(tls);
        return err;
    }
    (void)is_timely(certificate, loop_wall_ms(loop));
    use_certificate(tls, certificate, !is_configured(files));
    tls->look = loop_add_timer(loop, LOOP_PRIORITY_IDLE, on_look, tls);
    loop_timer_loosen(tls->look);
    loop_timer_in(tls->look, LOOK_US);
    *ret = tls;
    return CC_OK;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL)
        return;
    loop_source_free(tls->look);
    certificate_release(tls->current);
    cert_trust_free(tls->authorities);
    free(tls->own_path);
    free(tls);
}

enum cc_err tls_reload(struct tls *tls, const struct tls_files *files)
{
    struct certificate *certificate = NULL;
    struct cert_trust *authorities;
    enum cc_err err = load_authorities(files, &authorities);
    if (err == CC_OK)
        err = load_certificate(tls, files, &certificate);
    if (err == CC_OK && !is_timely(certificate, loop_wall_ms(tls->loop)))
        err = CC_ERR_CONFIG;
    if (err == CC_OK) {
        use_certificate(tls, certificate, !is_configured(files));
        cert_trust_free(tls->authorities);
        tls->authorities = authorities;
        return CC_OK;
    }
    certificate_release(certificate);
    cert_trust_free(authorities);
    log_error("http: se mantiene el certificado anterior");
    return err;
}

/* ---- the other side's -------------------------------------------------------------------------*/

/* Before its signature is checked: a key may be made so that this takes a second. */
static int refuse_heavy(gnutls_session_t session)
{
    unsigned count = 0;
    const gnutls_datum_t *ders = gnutls_certificate_get_peers(session, &count);
    return ders == NULL || cert_client_is_light(ders, count) ? 0 : -1;
}

struct certificate *tls_begin(struct tls *tls, void *session, bool asks_certificate)
{
    /* the session of libmicrohttpd has no certificate */
    if (gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, tls->current->credentials) < 0)
        log_error("http: no se puede dar el certificado a una conexión");
    if (asks_certificate) {
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
        gnutls_session_set_verify_function(session, refuse_heavy);
    }
    return certificate_take(tls->current);
}

enum cc_err tls_judge_client(const struct tls *tls, void *session, const struct pins *pins,
                             int64_t *ret_ends_ms)
{
    unsigned count = 0;
    const gnutls_datum_t *ders = gnutls_certificate_get_peers(session, &count);
    return cert_client_judge(ders, ders != NULL ? count : 0, pins, tls->authorities,
                             loop_wall_ms(tls->loop), ret_ends_ms);
}
