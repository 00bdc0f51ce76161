/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/copies.h"

#include "app/ctl_ask.h"
#include "app/ctl_command.h"
#include "base/fsx.h"
#include "base/sealed_file.h"
#include "base/secret.h"
#include "domain/password.h"
#include "store/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { PIECE_BYTES = 2048, LINE_SIZE = 1024, PRIVATE_MODE = 0400 };

/* ---- sealing -------------------------------------------------------------------------------- */

static enum cc_err pour_in(int from, struct sealed_writer *writer)
{
    uint8_t piece[PIECE_BYTES], key[SEALED_FILE_KEY_BYTES];
    ssize_t len = 0;
    enum cc_err err = CC_OK;
    while (err == CC_OK && (len = fsx_read_up_to(from, piece, sizeof(piece))) > 0)
        err = sealed_writer_add(writer, piece, (size_t)len);
    if (err == CC_OK)
        err = len == 0 ? sealed_writer_finish(writer, key) : CC_ERR_IO;
    secret_wipe(key, sizeof(key));
    return err;
}

/* Reads what was written as the one who restores it will, against the copy that it is of. */
static enum cc_err compare_sealed(int plain, const char *sealed,
                                  const uint8_t key[SEALED_FILE_KEY_BYTES])
{
    uint8_t ours[PIECE_BYTES], theirs[PIECE_BYTES];
    struct sealed_reader *reader = NULL;
    ssize_t len = 0;
    enum cc_err err = sealed_reader_new_after(sealed, key, ENVELOPE_HEAD_BYTES, &reader);
    if (err == CC_OK && lseek(plain, 0, SEEK_SET) < 0)
        err = CC_ERR_IO;
    while (err == CC_OK && (len = sealed_reader_take(reader, theirs, sizeof(theirs))) > 0)
        if (fsx_read_up_to(plain, ours, (size_t)len) != len ||
            memcmp(ours, theirs, (size_t)len) != 0)
            err = CC_ERR_IO;
    if (err == CC_OK && (len < 0 || fsx_read_up_to(plain, ours, 1) != 0))
        err = CC_ERR_IO;
    sealed_reader_free(reader);
    return err;
}

static enum cc_err seal_into(const struct envelope *envelope, int plain, const char *path)
{
    uint8_t key[SEALED_FILE_KEY_BYTES], head[ENVELOPE_HEAD_BYTES];
    struct sealed_writer *writer = NULL;
    secret_random(key, sizeof(key));
    envelope_close(envelope, key, head);
    enum cc_err err = sealed_writer_new_after(path, key, head, sizeof(head), &writer);
    if (err == CC_OK)
        err = pour_in(plain, writer);
    sealed_writer_free(writer);
    if (err == CC_OK)
        err = compare_sealed(plain, path, key);
    secret_wipe(key, sizeof(key));
    return err;
}

enum cc_err copies_seal(const struct envelope *envelope, const char *plain, const char *to)
{
    char part[COPY_PATH_SIZE];
    if (fsx_exists(to))
        return CC_ERR_COPY_EXISTS;
    if (snprintf(part, sizeof(part), "%s" COPY_PART, to) >= (int)sizeof(part))
        return CC_ERR_NO_SPACE;
    (void)unlink(part); /* of a copy that a power cut ended */
    int fd = open(plain, O_RDONLY | O_CLOEXEC);
    enum cc_err err = fd >= 0 ? seal_into(envelope, fd, part) : CC_ERR_IO;
    if (err == CC_OK)
        err = fsx_move_new(part, to);
    if (err == CC_ERR_IO)
        fprintf(stderr, "contraclavectl: no se puede escribir la copia %s: %s\n", to,
                err_system_text(errno));
    if (err != CC_OK)
        (void)unlink(part);
    if (fd >= 0)
        close(fd);
    return err;
}

/* ---- opening -------------------------------------------------------------------------------- */

static enum cc_err read_head(const char *path, uint8_t head[ENVELOPE_HEAD_BYTES])
{
    memset(head, 0, ENVELOPE_HEAD_BYTES);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? CC_ERR_NOT_FOUND : CC_ERR_IO;
    ssize_t len = fsx_read_up_to(fd, head, ENVELOPE_HEAD_BYTES);
    close(fd);
    return len < 0 ? CC_ERR_IO : CC_OK;
}

enum cc_err copies_find_seal(const char *path, bool *ret)
{
    static const char engine_mark[] = "SQLite format 3";
    uint8_t head[ENVELOPE_HEAD_BYTES];
    enum cc_err err = read_head(path, head);
    if (err != CC_OK)
        return err;
    *ret = envelope_is_head(head);
    return *ret || memcmp(head, engine_mark, sizeof(engine_mark)) == 0 ? CC_OK : CC_ERR_DB_NOT_OURS;
}

static enum cc_err read_private(const char *path, uint8_t ret[ENVELOPE_PRIVATE_BYTES])
{
    char text[ENVELOPE_TEXT_SIZE + 2] = "";
    size_t len = 0;
    enum cc_err err = fsx_read(path, text, sizeof(text) - 1, &len);
    text[strcspn(text, "\r\n")] = '\0';
    if (err == CC_ERR_NO_SPACE || (err == CC_OK && !envelope_parse_private(text, ret)))
        err = CC_ERR_COPY_SECRET;
    if (err != CC_OK)
        fprintf(stderr, "contraclavectl: %s no es el fichero de una clave privada de copias\n",
                path);
    secret_wipe(text, sizeof(text));
    return err;
}

static enum cc_err ask_private(const struct envelope *envelope, uint8_t ret[ENVELOPE_PRIVATE_BYTES])
{
    char line[LINE_SIZE], phrase[PASSWORD_SIZE];
    enum cc_err err = CC_ERR_COPY_SECRET;
    if (ctl_ask_secret("Frase de la copia", line, sizeof(line)))
        err = password_normalize(line, strlen(line), phrase);
    if (err == CC_OK)
        err = envelope_private_of_phrase(envelope, phrase, ret);
    secret_wipe(line, sizeof(line));
    secret_wipe(phrase, sizeof(phrase));
    return err;
}

/* The key of the file, from what the person has. */
static enum cc_err find_key(const uint8_t head[ENVELOPE_HEAD_BYTES],
                            const struct copies_opener *opener,
                            uint8_t ret_key[SEALED_FILE_KEY_BYTES])
{
    uint8_t private_key[ENVELOPE_PRIVATE_BYTES];
    struct envelope envelope;
    enum cc_err err = envelope_read(head, &envelope);
    if (err == CC_OK && opener->private_path != NULL)
        err = read_private(opener->private_path, private_key);
    else if (err == CC_OK && opener->has_phrase)
        err = ask_private(&envelope, private_key);
    else if (err == CC_OK)
        err = CC_ERR_COPY_SEALED;
    if (err == CC_OK)
        err = envelope_open(head, private_key, ret_key);
    secret_wipe(private_key, sizeof(private_key));
    return err;
}

static enum cc_err pour_out(struct sealed_reader *reader, int to)
{
    uint8_t piece[PIECE_BYTES];
    ssize_t len = 0;
    while ((len = sealed_reader_take(reader, piece, sizeof(piece))) > 0)
        if (!fsx_write_all(to, piece, (size_t)len))
            return CC_ERR_IO;
    return len == 0 ? CC_OK : CC_ERR_COPY_BROKEN;
}

static enum cc_err open_into(const char *from, const uint8_t key[SEALED_FILE_KEY_BYTES],
                             const char *plain)
{
    struct sealed_reader *reader = NULL;
    enum cc_err err = sealed_reader_new_after(from, key, ENVELOPE_HEAD_BYTES, &reader);
    if (err == CC_ERR_CORRUPT)
        err = CC_ERR_COPY_BROKEN;
    int fd = open(plain, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (err == CC_OK)
        err = fd >= 0 ? pour_out(reader, fd) : CC_ERR_IO;
    if (err == CC_ERR_IO)
        fprintf(stderr, "contraclavectl: no se puede abrir la copia en %s: %s\n", plain,
                err_system_text(errno));
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && err != CC_OK)
        (void)unlink(plain);
    sealed_reader_free(reader);
    return err;
}

enum cc_err copies_unseal(const char *from, const struct copies_opener *opener, const char *plain)
{
    uint8_t head[ENVELOPE_HEAD_BYTES], key[SEALED_FILE_KEY_BYTES];
    enum cc_err err = read_head(from, head);
    if (err == CC_OK)
        err = find_key(head, opener, key);
    if (err == CC_OK)
        err = open_into(from, key, plain);
    secret_wipe(key, sizeof(key));
    return err;
}

/* ---- contraclavectl copia sello ------------------------------------------------------------- */

static enum cc_err ask_new_phrase(char phrase[PASSWORD_SIZE])
{
    char line[LINE_SIZE], again[LINE_SIZE];
    enum cc_err err = CC_ERR_PASSWORD_FORMAT;
    if (ctl_ask_secret("Frase nueva para las copias", line, sizeof(line)))
        err = password_normalize(line, strlen(line), phrase);
    if (err == CC_OK)
        err = password_check(phrase, &(struct password_own){{NULL}});
    if (err == CC_OK && isatty(STDIN_FILENO) &&
        (!ctl_ask_secret("Otra vez", again, sizeof(again)) || strcmp(line, again) != 0))
        err = CC_ERR_COPY_SECRET;
    secret_wipe(line, sizeof(line));
    secret_wipe(again, sizeof(again));
    return err;
}

static enum cc_err make_of_phrase(struct envelope *ret)
{
    char phrase[PASSWORD_SIZE];
    enum cc_err err = ask_new_phrase(phrase);
    if (err == CC_OK)
        err = envelope_for_phrase(phrase, ret);
    secret_wipe(phrase, sizeof(phrase));
    return err;
}

static enum cc_err make_of_pair(const char *path, struct envelope *ret)
{
    uint8_t private_key[ENVELOPE_PRIVATE_BYTES];
    char text[ENVELOPE_TEXT_SIZE];
    envelope_new_pair(ret, private_key);
    envelope_write_private(private_key, text);
    enum cc_err err = fsx_create(path, text, strlen(text), PRIVATE_MODE);
    if (err != CC_OK)
        fprintf(stderr, "contraclavectl: no se puede escribir %s: %s\n", path,
                err_system_text(errno));
    secret_wipe(private_key, sizeof(private_key));
    secret_wipe(text, sizeof(text));
    return err;
}

static void say_seal(const char *text, const char *private_path)
{
    printf("Escriba en la configuración, y las copias quedarán selladas:\n\n"
           "    copias { sello = \"%s\" }\n\n",
           text);
    if (private_path != NULL)
        printf("La clave privada está en %s: llévela fuera de este equipo y guárdela con cuidado. "
               "Sin ella nadie abre las copias.\n",
               private_path);
    else
        puts("La frase no queda en este equipo: guárdela escrita en otro sitio. Sin ella nadie "
             "abre las copias.");
    puts("Para leer una copia hace falta además la clave maestra.");
}

int copies_make_seal(const struct config *config, const char *const *values, bool json)
{
    const char *private_path = values[CTL_FIELD_PRIVATE];
    bool has_phrase = values[CTL_FIELD_PHRASE] != NULL;
    char text[ENVELOPE_TEXT_SIZE];
    struct envelope envelope;
    copies_prepare(config);
    if (has_phrase == (private_path != NULL)) {
        fputs("contraclavectl: diga con qué se abrirán las copias: --frase o --privada FICHERO\n",
              stderr);
        return EX_USAGE;
    }
    enum cc_err err =
        has_phrase ? make_of_phrase(&envelope) : make_of_pair(private_path, &envelope);
    if (err != CC_OK) {
        fprintf(stderr, "contraclavectl: no se ha hecho el sello: %s\n", err_text(err));
        return err_exit_code(err);
    }
    envelope_write(&envelope, text);
    if (json)
        printf("{\"sello\":\"%s\"}\n", text);
    else
        say_seal(text, private_path);
    return EXIT_SUCCESS;
}
