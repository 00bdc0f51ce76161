/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/config_parse.h"
#include "app/config_lex.h"
#include "app/config_values.h"
#include "base/alloc.h"
#include "base/fsx.h"
#include "base/secret.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX_BYTES = 256 * 1024 };

struct parser {
    struct config_file *file;
    struct config_lexer lexer;
    const char *section;       /* "root", or as in config_keys */
    struct config_value *open; /* of the section: its beginning, NULL for "root"… */
    int opened;                /* …and the line of that */
};

/* At the line of the token just read. */
#define REFUSE(p, ...) config_refuse((p)->file, (p)->lexer.line, __VA_ARGS__)

bool config_refuse(const struct config_file *file, int line, const char *format, ...)
{
    char text[600], where[32] = "";
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (line > 0)
        (void)snprintf(where, sizeof(where), ":%d", line);
    if (file->voice == CONFIG_TO_LOG)
        log_error("%s%s: %s", file->path, where, text);
    else
        fprintf(stderr, "%s%s: %s\n", file->path, where, text);
    return false;
}

/* Refuses a token that does not belong here. key: of the value, or NULL. */
static bool refuse_token(struct parser *p, const struct config_key *key, enum config_token token)
{
    const char *text = config_lex_text(&p->lexer);
    if (token == CONFIG_BAD && key == NULL)
        return REFUSE(p, "%s", p->lexer.wrong);
    if (token == CONFIG_BAD)
        return REFUSE(p, "%s: %s", key->name, p->lexer.wrong);
    if (token == CONFIG_END)
        return REFUSE(p, "el fichero termina a medias; falta un valor");
    if (token == CONFIG_QUOTED || isdigit((unsigned char)text[0]))
        text = "…"; /* may be part of a PIN */
    return REFUSE(p, "sobra '%s'; escriba: clave = \"valor\"", text);
}

static bool is_modem(const char *section)
{
    return strcmp(section, "modem") == 0;
}

static struct config_value *add_value(struct parser *p, const struct config_key *key,
                                      const char *text)
{
    size_t size = strlen(text) + 1;
    struct config_value *value = alloc_or_abort(sizeof(*value) + size);
    *value = (struct config_value){.next = p->file->values, .key = key, .section = p->section};
    if (is_modem(p->section))
        value->modem = p->file->modem_count - 1;
    memcpy(value->text, text, size);
    p->file->values = value;
    return value;
}

/* ---- key = value ---------------------------------------------------------------------------- */

static bool is_repeated(const struct parser *p, const struct config_key *key)
{
    size_t modem = is_modem(p->section) ? p->file->modem_count - 1 : 0;
    for (const struct config_value *v = p->file->values; v != NULL; v = v->next)
        if (v->key == key && v->modem == modem)
            return true;
    return false;
}

/* Checks the value while its line is known; config.c reads it later into its place. */
static bool take_value(struct parser *p, const struct config_key *key, const char *text)
{
    union {
        int64_t number;
        const char *text;
    } scratch;
    const char *why = NULL;
    if (is_repeated(p, key))
        why = "la clave está repetida; deje solo una";
    else if (text == NULL)
        why = "el valor es demasiado largo; acórtelo";
    else if (!config_is_line(text) || !key->read(key, text, &scratch))
        why = key->explain != NULL && key->explain(text) != NULL ? key->explain(text) : key->wanted;
    if (why != NULL)
        return REFUSE(p, "%s: %s", key->name, why);
    add_value(p, key, text);
    return true;
}

/* Appends the items between { and }, with ", " between them. */
static bool parse_list(struct parser *p, const struct config_key *key, struct buf *out)
{
    enum config_token token;
    do {
        token = config_lex_next(&p->lexer);
        if (token != CONFIG_WORD && token != CONFIG_QUOTED)
            break;
        buf_str(out, out->len > 0 ? ", " : "");
        buf_str(out, config_lex_text(&p->lexer));
        token = config_lex_next(&p->lexer);
    } while (token == CONFIG_COMMA);
    return token == CONFIG_CLOSE || refuse_token(p, key, token);
}

static bool parse_value(struct parser *p, const struct config_key *key)
{
    char storage[CONFIG_WORD_MAX];
    struct buf value;
    enum config_token token = config_lex_next(&p->lexer);
    if (token == CONFIG_STRAY && strcmp(config_lex_text(&p->lexer), "+") == 0)
        return REFUSE(p, "use = en vez de += en '%s'", key->name);
    if (token != CONFIG_EQUALS)
        return REFUSE(p, "falta el signo = detrás de '%s'", key->name);
    int line = p->lexer.line;
    token = config_lex_next(&p->lexer);
    if (token == CONFIG_WORD && p->lexer.line != line) /* the key of the next line */
        return config_refuse(p->file, line, "%s: falta el valor detrás de =", key->name);
    buf_init(&value, storage, sizeof(storage));
    if (token == CONFIG_WORD || token == CONFIG_QUOTED)
        buf_str(&value, config_lex_text(&p->lexer));
    else if (token != CONFIG_OPEN || !key->is_list)
        return refuse_token(p, key, token);
    else if (!parse_list(p, key, &value))
        return false; /* lists hold no secret */
    bool good = take_value(p, key, buf_cstr(&value));
    secret_wipe(storage, sizeof(storage));
    return good;
}

/* ---- section { … } -------------------------------------------------------------------------- */

/* The name as config_keys has it; NULL = there is no such section. */
static const char *find_section(const char *name)
{
    for (const struct config_key *key = config_keys; key->name != NULL; key++)
        if (strcmp(key->section, name) == 0 && strcmp(name, "root") != 0)
            return key->section;
    return NULL;
}

static bool open_section(struct parser *p, const char *section)
{
    char title[CONFIG_WORD_MAX] = "";
    p->opened = p->lexer.line;
    enum config_token token = config_lex_next(&p->lexer);
    if (is_modem(section)) {
        if (token != CONFIG_WORD && token != CONFIG_QUOTED)
            return REFUSE(p, "a la sección modem le falta un nombre; escriba por ejemplo: "
                             "modem principal {");
        (void)snprintf(title, sizeof(title), "%s", config_lex_text(&p->lexer));
        token = config_lex_next(&p->lexer);
        if (++p->file->modem_count > POOL_MAX)
            return config_refuse(p->file, p->opened, "modem: hay más de 16 módems; quite alguno");
    }
    if (token != CONFIG_OPEN)
        return REFUSE(p, "falta { detrás de la sección '%s'", section);
    p->section = section;
    p->open = add_value(p, NULL, title);
    return true;
}

static bool is_section_repeated(const struct parser *p)
{
    for (const struct config_value *v = p->open->next; v != NULL; v = v->next)
        if (v->key == NULL && strcmp(v->section, p->section) == 0 &&
            strcmp(v->text, p->open->text) == 0)
            return true;
    return false;
}

static bool close_section(struct parser *p)
{
    if (p->open == NULL)
        return REFUSE(p, "sobra una }");
    const char *name = p->open->text;
    if (is_modem(p->section) && !config_is_modem_name(name))
        return REFUSE(p, "modem: el nombre del módem debe tener de 1 a 32 letras sin tilde, "
                         "cifras, - o _");
    if (is_section_repeated(p) && is_modem(p->section))
        return REFUSE(p, "la sección modem '%s' está repetida; dé a cada módem un nombre distinto",
                      name);
    if (is_section_repeated(p))
        return REFUSE(p, "%s: la sección está repetida; deje solo una", p->section);
    p->section = "root";
    p->open = NULL;
    return true;
}

/* ---- the file ------------------------------------------------------------------------------- */

static bool parse_name(struct parser *p)
{
    const char *name = config_lex_text(&p->lexer);
    const struct config_key *key = config_key_find(p->section, name);
    const char *section = find_section(name);
    if (key != NULL)
        return parse_value(p, key);
    if (section != NULL && p->open == NULL)
        return open_section(p, section);
    if (section != NULL)
        return config_refuse(p->file, p->opened, "falta cerrar con } la sección que empieza aquí");
    if (isdigit((unsigned char)name[0]))
        return refuse_token(p, NULL, CONFIG_WORD);
    return REFUSE(p,
                  "no se conoce la clave '%s'; compruebe cómo está escrita en el fichero de "
                  "ejemplo",
                  name);
}

static bool parse_text(struct config_file *file, const char *text)
{
    struct parser p = {.file = file, .section = "root"};
    enum config_token token;
    bool good = true;
    config_lex_init(&p.lexer, text);
    while (good && (token = config_lex_next(&p.lexer)) != CONFIG_END)
        if (token == CONFIG_WORD)
            good = parse_name(&p);
        else if (token == CONFIG_CLOSE)
            good = close_section(&p);
        else
            good = refuse_token(&p, NULL, token);
    if (good && p.open != NULL)
        good = config_refuse(file, p.opened, "falta cerrar con } la sección que empieza aquí");
    file->lines = p.lexer.line;
    secret_wipe(&p.lexer, sizeof(p.lexer));
    return good;
}

/* Refuses a file that is no UTF-8 text: the lexer relies on it. */
static bool check_text(const struct config_file *file, const char *text, size_t len)
{
    int line = 1;
    for (size_t at = 0; at < len;) {
        int32_t code = utf8_next(text, len, &at);
        if (code < 0)
            return config_refuse(file, line,
                                 "el fichero no está en UTF-8 en esta línea; guárdelo como UTF-8");
        if ((code < 0x20 && code != '\t' && code != '\r' && code != '\n') || code == 0x7F)
            return config_refuse(file, line,
                                 "el fichero tiene caracteres de control; escríbalo como texto en "
                                 "UTF-8");
        line += code == '\n';
    }
    return true;
}

static bool read_file(const struct config_file *file, char *text, size_t *ret_len)
{
    struct stat info;
    enum cc_err err = fsx_read(file->path, text, FILE_MAX_BYTES, ret_len);
    if (err == CC_OK)
        return true;
    const char *why = "no se puede leer; compruebe los permisos del fichero";
    if (err == CC_ERR_NOT_FOUND)
        why = "el fichero de configuración no existe; indique otro con -c";
    else if (err == CC_ERR_NO_SPACE)
        why = "el fichero es demasiado grande para ser una configuración";
    else if (stat(file->path, &info) == 0 && S_ISDIR(info.st_mode))
        why = "es una carpeta; indique un fichero";
    return config_refuse(file, 0, "%s", why);
}

bool config_parse(const char *path, enum config_voice voice, struct config_file *file)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* editors of Windows begin UTF-8 files with it */
    char *text = alloc_or_abort(FILE_MAX_BYTES + 1);
    size_t len = 0;
    *file = (struct config_file){.path = path, .voice = voice};
    bool good = read_file(file, text, &len) && check_text(file, text, len);
    if (good)
        good = parse_text(file, text + (strncmp(text, mark, strlen(mark)) == 0 ? strlen(mark) : 0));
    secret_wipe(text, FILE_MAX_BYTES); /* len is 0 of a file that was refused halfway */
    free(text);
    return good;
}

void config_file_done(struct config_file *file)
{
    for (struct config_value *v = file->values, *next; v != NULL; v = next) {
        next = v->next;
        secret_wipe(v->text, strlen(v->text));
        free(v);
    }
    file->values = NULL;
}
