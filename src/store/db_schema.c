/* SPDX-License-Identifier: EUPL-1.2 */
/* The schema's words in braces, replaced by what the engine has for them. */
#include "store/engine.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The engine's text for the word of this length; NULL if it has none. */
static const char *find_word(const struct store_engine *engine, const char *word, size_t len)
{
    for (const struct engine_word *row = engine->dialect; row->word != NULL; row++)
        if (strlen(row->word) == len && memcmp(row->word, word, len) == 0)
            return row->text;
    return NULL;
}

/* False: a word that the engine does not have, or a brace that is not closed. */
static bool write_expanded(const struct store_engine *engine, const char *sql, FILE *out)
{
    for (const char *open = strchr(sql, '{'); open != NULL; open = strchr(sql, '{')) {
        const char *close = strchr(open, '}');
        const char *text =
            close != NULL ? find_word(engine, open + 1, (size_t)(close - open - 1)) : NULL;
        if (text == NULL)
            return false;
        (void)fprintf(out, "%.*s%s", (int)(open - sql), sql, text);
        sql = close + 1;
    }
    (void)fputs(sql, out);
    return true;
}

enum cc_err db_exec_schema(struct db *db, const char *sql)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL)
        return CC_ERR_MEMORY;
    bool is_known = write_expanded(db->engine, sql, out);
    enum cc_err err = fclose(out) == 0 ? CC_OK : CC_ERR_MEMORY;
    if (!is_known) {
        log_error("base de datos: el motor %s no conoce una palabra de: %s", db->engine->name, sql);
        err = CC_ERR_DB;
    }
    if (err == CC_OK)
        err = db_exec(db, text);
    free(text);
    return err;
}
