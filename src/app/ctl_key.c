/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/ctl_orders.h"

#include "app/copies.h"
#include "app/ctl_command.h"
#include "app/ctl_http.h"
#include "app/ctl_table.h"
#include "base/fsx.h"
#include "base/key_words.h"
#include "store/store.h"

#include <errno.h>
#include <jansson.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { KEY_MODE = 0400, PATH_SIZE = 1024, IN_LINE = 4, EVERY_MS = 200, SHOWN_STEP = 10 };

static int fail_key(const char *what, const char *path, enum cc_err err)
{
    fprintf(stderr, "contraclavectl: no se ha podido %s %s: %s\n", what, path,
            err == CC_ERR_IO ? err_system_text(errno) : err_text(err));
    return err_exit_code(err);
}

/* ---- exporta -------------------------------------------------------------------------------- */

static void print_words(char words[KEY_WORDS][KEY_WORD_SIZE])
{
    puts("Clave maestra de contraclaved. Quien tiene este papel y una copia de la base de datos lo "
         "lee todo.\n");
    for (int i = 0; i < KEY_WORDS; i++)
        printf("%6d. %s%s", i + 1, words[i],
               (i + 1) % IN_LINE == 0 || i + 1 == KEY_WORDS ? "\n" : "");
    puts("\nCópielas en un papel, en este orden, guárdelo en un sobre cerrado lejos de las copias "
         "y borre la pantalla.\nCompruebe el papel: contraclavectl clave recupera --ensayo. En un "
         "equipo nuevo: contraclavectl clave recupera.");
}

static void print_words_json(char words[KEY_WORDS][KEY_WORD_SIZE])
{
    for (size_t i = 0; i < KEY_WORDS; i++)
        printf("%s\"%s\"", i == 0 ? "{\"palabras\":[" : ",", words[i]);
    puts("]}");
}

int ctl_key_export(const struct config *config, const char *const *values, bool json)
{
    uint8_t key[SECRET_KEY_BYTES];
    char words[KEY_WORDS][KEY_WORD_SIZE];
    (void)values;
    copies_prepare(config);
    enum cc_err err = secret_key_read(config->key, key);
    if (err != CC_OK)
        return fail_key("leer la clave maestra", config->key, err);
    key_words_write(key, words);
    if (json)
        print_words_json(words);
    else
        print_words(words);
    secret_wipe(key, sizeof(key));
    secret_wipe(words, sizeof(words));
    return EXIT_SUCCESS;
}

/* ---- recupera ------------------------------------------------------------------------------- */

/* Until the end of the input or, at a terminal, an empty line. False: too much. */
static bool read_words(char text[KEY_WORDS_TEXT_MAX])
{
    size_t len = 0;
    bool is_terminal = isatty(STDIN_FILENO) != 0;
    if (is_terminal)
        fprintf(stderr, "Escriba las %d palabras, en su orden, y una línea vacía al acabar:\n",
                KEY_WORDS);
    text[0] = '\0';
    while (len < KEY_WORDS_TEXT_MAX - 1 &&
           fgets(text + len, (int)(KEY_WORDS_TEXT_MAX - len), stdin) != NULL) {
        if (is_terminal && text[len] == '\n')
            return true;
        len += strlen(text + len);
    }
    return feof(stdin) != 0;
}

static int say_fault(const struct key_words_verdict *verdict)
{
    fputs("contraclavectl: ", stderr);
    switch (verdict->fault) {
    case KEY_WORDS_COUNT:
        fprintf(stderr, "son %d palabras y se han leído %zu\n", KEY_WORDS, verdict->first);
        break;
    case KEY_WORDS_WORD:
        fprintf(stderr, "la palabra %zu no puede ser esa: mírela otra vez en el papel\n",
                verdict->first);
        break;
    case KEY_WORDS_SWAPPED:
        fprintf(stderr, "las palabras %zu y %zu están cada una en el lugar de la otra\n",
                verdict->first, verdict->second);
        break;
    case KEY_WORDS_MOVED:
        fprintf(stderr, "la palabra %zu va en el lugar %zu\n", verdict->first, verdict->second);
        break;
    case KEY_WORDS_WHOLE:
    case KEY_WORDS_GOOD:
        fputs("las palabras no son de una misma clave: mírelas otra vez en el papel\n", stderr);
        break;
    }
    return EX_DATAERR;
}

/* Whether the box has this key already. Errors: CC_ERR_KEY_MISSING, CC_ERR_KEY_WRONG (another),
 * those of secret_key_read(). */
static enum cc_err compare_key(const char *path, const uint8_t key[SECRET_KEY_BYTES])
{
    uint8_t own[SECRET_KEY_BYTES];
    enum cc_err err = secret_key_read(path, own);
    if (err == CC_OK && memcmp(own, key, sizeof(own)) != 0)
        err = CC_ERR_KEY_WRONG;
    secret_wipe(own, sizeof(own));
    return err;
}

/* The file belongs to the folder's owner: root writes it and the service reads it. */
static enum cc_err make_key(const char *path, const uint8_t key[SECRET_KEY_BYTES])
{
    char folder[PATH_SIZE];
    struct stat st;
    (void)snprintf(folder, sizeof(folder), "%s", path);
    enum cc_err err = stat(dirname(folder), &st) == 0
                          ? fsx_create(path, key, SECRET_KEY_BYTES, KEY_MODE)
                          : CC_ERR_IO;
    if (err == CC_OK && geteuid() == 0 && chown(path, st.st_uid, st.st_gid) != 0)
        err = CC_ERR_IO;
    return err;
}

/* Whether the database that is there, if one is, opens with the key that was made. */
static enum cc_err try_key(const struct config *config)
{
    struct store store;
    if (!store_is_on_server(config->database) && !fsx_exists(config->database))
        return CC_ERR_NOT_FOUND;
    enum cc_err err = store_open_to_read(config->database, config->key, &store);
    if (err == CC_OK)
        store_close(&store);
    return err;
}

static int make_and_say(const struct config *config, const uint8_t key[SECRET_KEY_BYTES])
{
    enum cc_err err = make_key(config->key, key);
    if (err != CC_OK) {
        (void)fail_key("escribir la clave maestra", config->key, err);
        return EX_CANTCREAT;
    }
    err = try_key(config);
    if (err == CC_ERR_KEY_WRONG) {
        (void)unlink(config->key);
        fprintf(stderr,
                "contraclavectl: las palabras son buenas, pero no son de la clave de la base de "
                "datos %s; no se ha escrito nada\n",
                config->database);
        return err_exit_code(err);
    }
    printf(
        "La clave maestra está en %s%s\n", config->key,
        err == CC_OK ? " y abre la base de datos."
        : store_is_on_server(config->database)
            ? ". No se ha podido ver si abre la base de datos: mire contraclavectl base comprueba."
            : ". Ponga ahora la base de datos: contraclavectl restaura FICHERO.");
    return EXIT_SUCCESS;
}

static int recover(const struct config *config, const uint8_t key[SECRET_KEY_BYTES], bool is_drill)
{
    enum cc_err err = compare_key(config->key, key);
    if (err == CC_OK) {
        puts("Las palabras son las de la clave maestra de este equipo.");
        return EXIT_SUCCESS;
    }
    if (err == CC_ERR_KEY_WRONG) {
        fprintf(stderr,
                "contraclavectl: las palabras son buenas, pero son de otra clave que la de este "
                "equipo (%s), que no se toca\n",
                config->key);
        return err_exit_code(err);
    }
    if (err != CC_ERR_KEY_MISSING)
        return fail_key("leer la clave maestra", config->key, err);
    if (!is_drill)
        return make_and_say(config, key);
    puts("Las palabras son buenas. En este equipo no hay clave maestra con que compararlas.");
    return EXIT_SUCCESS;
}

int ctl_key_recover(const struct config *config, const char *const *values, bool json)
{
    char text[KEY_WORDS_TEXT_MAX];
    uint8_t key[SECRET_KEY_BYTES];
    struct key_words_verdict verdict = {KEY_WORDS_COUNT, 0, 0};
    (void)json;
    copies_prepare(config);
    if (read_words(text))
        verdict = key_words_read(text, key);
    int code = verdict.fault == KEY_WORDS_GOOD
                   ? recover(config, key, values[CTL_FIELD_DRILL] != NULL)
                   : say_fault(&verdict);
    secret_wipe(text, sizeof(text));
    secret_wipe(key, sizeof(key));
    return code;
}

/* ---- rota ----------------------------------------------------------------------------------- */

static bool is_state(const json_t *answer, const char *state)
{
    return strcmp(ctl_text(answer, "estado"), state) == 0;
}

static int say_end(const json_t *answer)
{
    if (is_state(answer, "hecho")) {
        puts("Hecho: la clave maestra es otra, y la anterior se ha destruido. Las copias de antes "
             "ya\nno se pueden leer: haga una ahora (contraclavectl copia) y otro sobre "
             "(contraclavectl\nclave exporta). Las que el servicio guardaba junto a la base de "
             "datos (antes de\nactualizarla o de restaurar otra) se han borrado.");
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "contraclavectl: no se ha cambiado la clave maestra: %s\n",
            is_state(answer, "ninguno") ? "el servicio se ha parado" : ctl_text(answer, "motivo"));
    return err_exit_code(err_from_token(ctl_text(answer, "error")));
}

/* Shows how far it is each time that it has gone on. The daemon may be stopped meanwhile: it goes
 * on by itself at its next start. */
int ctl_key_follow_change(const char *socket_path, const json_t *answer)
{
    int code = EXIT_SUCCESS;
    json_int_t shown = -1;
    json_t *told = json_deep_copy(answer);
    while (code == EXIT_SUCCESS && is_state(told, "en_curso")) {
        json_int_t percent = json_integer_value(json_object_get(told, "porcentaje"));
        if (percent >= shown + SHOWN_STEP)
            printf("%" JSON_INTEGER_FORMAT " %%\n", shown = percent);
        json_decref(told);
        (void)poll(NULL, 0, EVERY_MS);
        code = ctl_http_ask(socket_path, "GET", "/v1/clave/cambio", NULL, &told);
    }
    if (code == EXIT_SUCCESS)
        code = say_end(told);
    json_decref(told);
    return code;
}
