/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_command.h"

#include "app/ctl_http.h"
#include "app/ctl_table.h"
#include "base/clock.h"
#include "base/fsx.h"
#include "base/secret_old.h"
#include "cert/seal.h"
#include "http/json_canonical.h"
#include "store/store.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    EXIT_BAD = 1,
    DOCUMENT_MAX = 32 * 1024,
    PEM_MAX = 1024,
    FILE_MAX = 16 * 1024 * 1024,
    SEAL_MODE = 0644
};

/* ---- ver ------------------------------------------------------------------------------------- */

static int write_document(const json_t *answer)
{
    static char storage[DOCUMENT_MAX];
    struct buf form;
    char *text = json_dumps(answer, JSON_COMPACT);
    buf_init(&form, storage, sizeof(storage));
    enum cc_err err = text != NULL ? json_canonical(text, strlen(text), &form) : CC_ERR_MEMORY;
    free(text);
    if (err == CC_OK)
        (void)fwrite(form.data, 1, form.len, stdout);
    return err == CC_OK ? EXIT_SUCCESS : err_exit_code(err);
}

int ctl_evidence_show(const struct config *config, const char *const *values, bool json)
{
    char path[CTL_PATH_SIZE];
    json_t *answer = NULL;
    char *id = curl_easy_escape(NULL, values[CTL_FIELD_NAME], 0);
    (void)json; /* the document is JSON, in the form that is signed */
    if (id == NULL)
        abort();
    (void)snprintf(path, sizeof(path), "/v1/evidencias/%s", id);
    curl_free(id);
    int code = ctl_http_ask(config->http.control_path, "GET", path, NULL, &answer);
    if (code == EXIT_SUCCESS)
        code = write_document(answer);
    json_decref(answer);
    return code;
}

/* ---- verifica -------------------------------------------------------------------------------- */

/* The keys that may have signed, the newest first. */
struct signers {
    size_t count;
    uint8_t keys[SECRET_OLD_MAX + 1][SECRET_PUBLIC_BYTES];
};

static int read_public(const char *path, struct signers *ret)
{
    char pem[PEM_MAX];
    size_t len = 0;
    enum cc_err err = fsx_read(path, pem, sizeof(pem), &len);
    ret->count = 1;
    if (err == CC_OK && secret_public_read(pem, len, ret->keys[0]) == CC_OK)
        return EXIT_SUCCESS;
    fprintf(stderr,
            "contraclavectl: %s no es la clave pública que da contraclavectl evidencia clave\n",
            path);
    return EX_NOINPUT;
}

static void add_signers(const struct secret_keys *keys, struct signers *ret)
{
    size_t generation = secret_keys_generation(keys);
    secret_public_key(keys, ret->keys[0]);
    for (ret->count = 1; generation > 0; ret->count++)
        secret_old_public_key(keys, --generation, ret->keys[ret->count]);
}

/* The database has the keys of before a change of the master key. */
static int read_own(const struct config *config, struct signers *ret)
{
    struct store store;
    struct secret_keys *keys = NULL;
    bool has_database = store_is_on_server(config->database) || fsx_exists(config->database);
    enum cc_err err =
        has_database ? store_open_to_read(config->database, config->key, &store) : CC_ERR_NOT_FOUND;
    if (err == CC_OK) {
        add_signers(store.keys, ret);
        store_close(&store);
        return EXIT_SUCCESS;
    }
    if (has_database)
        fputs("contraclavectl: no se puede leer la base de datos: de haberse cambiado la clave "
              "maestra, lo que firmó una anterior se da por de otra clave\n",
              stderr);
    err = secret_keys_load(config->key, false, &keys);
    if (err != CC_OK) {
        fprintf(
            stderr,
            "contraclavectl: no se puede leer la clave de este equipo: %s Dé con --publica la que "
            "firmó.\n",
            err_text(err));
        return err_exit_code(err);
    }
    add_signers(keys, ret);
    secret_keys_free(keys);
    return EXIT_SUCCESS;
}

static enum cc_err check_line(const char *line, size_t len, const struct signers *signers)
{
    enum cc_err err = CC_ERR_KEY_WRONG;
    if (len > DOCUMENT_MAX)
        return CC_ERR_CORRUPT;
    for (size_t i = 0; i < signers->count && err == CC_ERR_KEY_WRONG; i++)
        err = json_signed_check(line, len, signers->keys[i]);
    return err;
}

static const char *say_verdict(enum cc_err err)
{
    switch ((int)err) {
    case CC_OK:
        return "auténtica";
    case CC_ERR_KEY_WRONG:
        return "NO VALE: la firma otra clave";
    case CC_ERR_ALTERED:
        return "NO VALE: se ha cambiado después de firmarla";
    default:
        return "NO VALE: no es una evidencia en su forma original";
    }
}

static void tell_document(size_t number, const char *text, enum cc_err err, bool json)
{
    json_t *document = err == CC_OK ? json_loads(text, 0, NULL) : NULL;
    const json_t *person = json_object_get(document, "persona");
    const json_t *entry = json_object_get(document, "verificacion");
    if (json)
        printf("{\"documento\":%zu,\"autentica\":%s}\n", number, err == CC_OK ? "true" : "false");
    else if (err != CC_OK)
        printf("%zu: %s\n", number, say_verdict(err));
    else
        printf("%zu: %s: %s entró el %s\n", number, say_verdict(err), ctl_text(person, "nif"),
               ctl_text(entry, "hora"));
    json_decref(document);
}

static int verify_lines(FILE *file, const struct signers *signers, bool json)
{
    char *line = NULL;
    size_t cap = 0, number = 0;
    ssize_t len;
    int code = EXIT_SUCCESS;
    while ((len = getline(&line, &cap, file)) > 0) {
        if (line[len - 1] == '\n')
            line[--len] = '\0';
        enum cc_err err = check_line(line, (size_t)len, signers);
        tell_document(++number, line, err, json);
        code = err == CC_OK ? code : EXIT_BAD;
    }
    free(line);
    if (number > 0 && ferror(file) == 0)
        return code;
    fputs("contraclavectl: no hay ninguna evidencia en el fichero\n", stderr);
    return EXIT_BAD;
}

/* ---- sella ----------------------------------------------------------------------------------- */

struct whole_file {
    char *bytes;
    size_t len;
};

/* Says on stderr what is wrong. Owns: free(ret->bytes). */
static bool read_whole(const char *path, struct whole_file *ret)
{
    ret->bytes = malloc(FILE_MAX);
    if (ret->bytes != NULL && fsx_read(path, ret->bytes, FILE_MAX, &ret->len) == CC_OK)
        return true;
    fprintf(stderr, "contraclavectl: no se puede leer %s\n", path);
    free(ret->bytes);
    ret->bytes = NULL;
    return false;
}

static void name_seal(const char *path, char ret[PATH_MAX])
{
    (void)snprintf(ret, PATH_MAX, "%s.p7s", path);
}

static int write_seal(const char *path, const struct whole_file *document,
                      const struct cert_seal_pem *pem)
{
    char seal_path[PATH_MAX];
    uint8_t *seal = NULL;
    size_t len = 0;
    name_seal(path, seal_path);
    enum cc_err err =
        cert_seal_make(pem, document->bytes, document->len, clock_wall_ms(), &seal, &len);
    if (err == CC_OK)
        err = fsx_replace(seal_path, seal, len, SEAL_MODE);
    free(seal);
    if (err == CC_OK)
        printf("%s\n", seal_path);
    else
        fprintf(stderr, "contraclavectl: no se ha podido sellar: %s\n", err_text(err));
    return err == CC_OK ? EXIT_SUCCESS : err_exit_code(err);
}

int ctl_evidence_seal(const struct config *config, const char *const *values, bool json)
{
    const char *path = values[CTL_FIELD_FILE];
    struct whole_file document = {NULL, 0}, certificate = {NULL, 0}, key = {NULL, 0};
    int code = EX_NOINPUT;
    (void)json;
    if (config->seal_certificate[0] == '\0' || config->seal_key[0] == '\0') {
        fputs("contraclavectl: indique en la configuración sello_certificado y sello_clave\n",
              stderr);
        return EX_NOINPUT;
    }
    if (read_whole(path, &document) && read_whole(config->seal_certificate, &certificate) &&
        read_whole(config->seal_key, &key)) {
        const struct cert_seal_pem pem = {certificate.bytes, certificate.len, key.bytes, key.len};
        code = write_seal(path, &document, &pem);
    }
    if (key.bytes != NULL)
        secret_wipe(key.bytes, key.len);
    free(key.bytes);
    free(certificate.bytes);
    free(document.bytes);
    return code;
}

/* Anybody can make a certificate with this name, and write what they like in it. */
static void say_seal(bool fits, const char *name)
{
    char line[CERT_SEAL_NAME_SIZE + 128];
    (void)snprintf(
        line, sizeof(line),
        "sello: corresponde al fichero; lo puso %s; quién emitió su certificado no se ha "
        "comprobado",
        name);
    ctl_print_line(fits ? line : "sello: NO VALE");
}

/* Of a file that has none beside it, nothing is said. */
static int verify_seal(const char *path, bool json)
{
    char seal_path[PATH_MAX], name[CERT_SEAL_NAME_SIZE] = "";
    struct whole_file document = {NULL, 0}, seal = {NULL, 0};
    name_seal(path, seal_path);
    if (!fsx_exists(seal_path))
        return EXIT_SUCCESS;
    bool fits = read_whole(path, &document) && read_whole(seal_path, &seal) &&
                cert_seal_check((const uint8_t *)seal.bytes, seal.len, document.bytes, document.len,
                                name) == CC_OK;
    free(document.bytes);
    free(seal.bytes);
    if (json)
        printf("{\"sello\":%s}\n", fits ? "true" : "false");
    else
        say_seal(fits, name);
    return fits ? EXIT_SUCCESS : EXIT_BAD;
}

int ctl_evidence_verify(const struct config *config, const char *const *values, bool json)
{
    struct signers signers;
    int code = config == NULL ? read_public(values[CTL_FIELD_PUBLIC], &signers)
                              : read_own(config, &signers);
    if (code != EXIT_SUCCESS)
        return code;
    FILE *file = fopen(values[CTL_FIELD_FILE], "re");
    if (file == NULL) {
        fprintf(stderr, "contraclavectl: no se puede leer %s\n", values[CTL_FIELD_FILE]);
        return EX_NOINPUT;
    }
    code = verify_lines(file, &signers, json);
    (void)fclose(file);
    int seal_code = verify_seal(values[CTL_FIELD_FILE], json);
    return code == EXIT_SUCCESS ? seal_code : code;
}
