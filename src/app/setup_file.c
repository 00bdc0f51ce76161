/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/setup_file.h"

#include "app/setup_text.h"
#include "base/alloc.h"
#include "base/fsx.h"
#include "base/secret.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 256 * 1024, FILE_MODE = 0640, PATH_SIZE = 1024 };

static const char service_group[] = "contraclaved";
/* Where make install and the package put the example. */
static const char *const examples[] = {"/usr/share/contraclaved/contraclaved.conf",
                                       "/usr/local/share/contraclaved/contraclaved.conf"};

char *setup_file_read(const char *path)
{
    char *text = alloc_or_abort(FILE_MAX_BYTES + 1);
    size_t len = 0;
    enum cc_err err = fsx_read(path, text, FILE_MAX_BYTES, &len);
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]) && err == CC_ERR_NOT_FOUND; i++)
        err = fsx_read(examples[i], text, FILE_MAX_BYTES, &len);
    if (err == CC_OK || err == CC_ERR_NOT_FOUND)
        return text;
    fprintf(stderr, "contraclavectl: no se puede leer la configuración %s: %s\n", path,
            err == CC_ERR_IO ? err_system_text(errno) : err_text(err));
    free(text);
    return NULL;
}

/* Puts the answer into *text if it is not there already. False: the text is no configuration. */
static bool put_answer(enum setup_answer answer, const char *value, char **text, json_t *changed)
{
    const char *section = NULL, *key = NULL;
    char had[CONFIG_WORD_MAX] = "";
    if (!setup_answer_key(answer, &section, &key))
        return true;
    bool is_read = setup_text_get(*text, section, key, had);
    bool is_same = is_read && strcmp(had, value) == 0;
    if (had[0] == '\0' && setup_answer_is_default(answer, value)) /* no line is needed for it */
        is_same = strcmp(section, "modem") != 0 || setup_text_has(*text, section);
    secret_wipe(had, sizeof(had));
    if (!is_read || is_same)
        return is_read;
    char *made = setup_text_put(*text, section, key, value);
    if (made == NULL)
        return false;
    secret_wipe(*text, strlen(*text));
    free(*text);
    *text = made;
    json_array_append_new(changed, json_string(key));
    return true;
}

/* The service reads it by its group; a file that is there keeps its owners. */
static bool give_owners(const char *fresh, const char *path)
{
    struct stat st;
    const struct group *group = getgrnam(service_group);
    if (stat(path, &st) == 0)
        return chown(fresh, st.st_uid, st.st_gid) == 0 &&
               chmod(fresh, (st.st_mode & FILE_MODE) | 0600) == 0;
    return (group == NULL || geteuid() != 0 || chown(fresh, 0, group->gr_gid) == 0) &&
           chmod(fresh, FILE_MODE) == 0;
}

/* The file of before stays under its second name. */
static bool exchange_files(const char *fresh, const char *path)
{
    char before[PATH_SIZE];
    if (snprintf(before, sizeof(before), "%s.anterior", path) >= (int)sizeof(before))
        return false;
    if (fsx_exists(path) && ((unlink(before) != 0 && errno != ENOENT) || link(path, before) != 0))
        return false;
    return rename(fresh, path) == 0 && fsx_sync(path) == CC_OK;
}

/* Not before it was read as the service will read it. */
static int replace_file(const char *path, const char *text)
{
    char fresh[PATH_SIZE];
    struct config *config = NULL;
    if (snprintf(fresh, sizeof(fresh), "%s.nuevo", path) >= (int)sizeof(fresh))
        return EX_IOERR;
    (void)unlink(fresh);
    int code = fsx_create(fresh, text, strlen(text), 0600) == CC_OK ? EXIT_SUCCESS : EX_IOERR;
    if (code == EXIT_SUCCESS && config_load(fresh, CONFIG_TO_STDERR, &config) != CC_OK)
        code = EX_CONFIG;
    config_free(config);
    if (code == EXIT_SUCCESS && (!give_owners(fresh, path) || !exchange_files(fresh, path)))
        code = EX_IOERR;
    if (code == EX_IOERR)
        fprintf(stderr, "contraclavectl: no se puede escribir la configuración %s: %s\n", path,
                err_system_text(errno));
    if (code != EXIT_SUCCESS)
        (void)unlink(fresh);
    return code;
}

int setup_file_write(const char *path, const char *text, const struct setup_answers *answers,
                     json_t *ret_changed, struct config **ret_config)
{
    char *made = strdup(text);
    bool is_good = made != NULL;
    int code = EXIT_SUCCESS;
    for (int i = 0; i < SETUP_ANSWERS && is_good; i++)
        is_good = put_answer((enum setup_answer)i, answers->text[i], &made, ret_changed);
    if (!is_good) {
        fprintf(stderr,
                "contraclavectl: no se entiende la configuración %s: mire «contraclaved "
                "--comprobar»\n",
                path);
        code = EX_CONFIG;
    }
    if (code == EXIT_SUCCESS && json_array_size(ret_changed) > 0)
        code = replace_file(path, made);
    if (made != NULL)
        secret_wipe(made, strlen(made));
    free(made);
    if (code == EXIT_SUCCESS)
        code = config_load(path, CONFIG_TO_STDERR, ret_config) == CC_OK ? EXIT_SUCCESS : EX_CONFIG;
    return code;
}
