/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/copies.h"
#include "base/span.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { STAMP_SIZE = 32 };

static const char stamp_form[] = "00000000T000000Z"; /* UTC: an hour that is repeated sorts too */
static const char prefix[] = "contraclaved-", suffix[] = ".copia", sending_suffix[] = "-envio";

static bool is_address(const char *text)
{
    return strstr(text, "://") != NULL;
}

bool copies_is_target(const char *text)
{
    bool is_known = strncmp(text, "https://", 8) == 0 || strncmp(text, "sftp://", 7) == 0;
    if (strlen(text) >= COPIES_URL_SIZE - 128)
        return false;
    return is_address(text) ? is_known && strpbrk(text, "@?# ") == NULL : text[0] == '/';
}

void copies_name_box(const char *name, char ret[COPIES_BOX_SIZE])
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.";
    (void)snprintf(ret, COPIES_BOX_SIZE, "%s", name);
    for (char *c = ret; *c != '\0'; c++)
        if (strchr(plain, *c) == NULL)
            *c = '-';
}

static bool is_stamp(const char *text)
{
    for (size_t i = 0; stamp_form[i] != '\0'; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (stamp_form[i] == '0' ? !is_digit : text[i] != stamp_form[i])
            return false;
    }
    return strcmp(text + sizeof(stamp_form) - 1, suffix) == 0;
}

bool copies_is_named(const char *name, const char *box)
{
    size_t len = strlen(prefix), box_len = strlen(box);
    return strncmp(name, prefix, len) == 0 && strncmp(name + len, box, box_len) == 0 &&
           name[len + box_len] == '-' && is_stamp(name + len + box_len + 1);
}

bool copies_is_leftover(const char *name, const char *box)
{
    static const char *const ends[] = {COPY_PART, COPY_PART "-journal", COPY_PART "-wal",
                                       COPY_PART "-shm"};
    char copy[NAME_MAX + 1];
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && len < sizeof(copy); i++) {
        size_t end_len = strlen(ends[i]);
        if (len < end_len || strcmp(name + len - end_len, ends[i]) != 0)
            continue;
        (void)snprintf(copy, sizeof(copy), "%.*s", (int)(len - end_len), name);
        return copies_is_named(copy, box);
    }
    return false;
}

/* ---- one at a time -------------------------------------------------------------------------- */

/* The folder of the database, which nobody else locks; the kernel gives it back however the process
 * ends. */
int copies_lock(const char *database)
{
    char *copy = strdup(database);
    int fd = copy != NULL ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(copy);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return EXIT_SUCCESS;
    fputs("contraclavectl: ya se está haciendo o restaurando una copia: espere a que termine\n",
          stderr);
    close(fd);
    return EX_TEMPFAIL;
}

/* ---- finding the place ---------------------------------------------------------------------- */

static void find_box(const struct config *config, char ret[COPIES_BOX_SIZE])
{
    char machine[COPIES_BOX_SIZE] = "";
    if (config->box[0] == '\0' && gethostname(machine, sizeof(machine) - 1) != 0)
        machine[0] = '\0';
    copies_name_box(config->box[0] != '\0' ? config->box : machine, ret);
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Whether the folder is on the disk of the database: as a stick is that is not mounted. */
static bool is_same_disk(const char *folder, const char *database)
{
    struct stat one, other;
    char *copy = strdup(database);
    bool is_same = copy != NULL && stat(folder, &one) == 0 && stat(dirname(copy), &other) == 0 &&
                   one.st_dev == other.st_dev;
    free(copy);
    return is_same;
}

static int fail_target(const char *target, const char *why)
{
    fprintf(stderr, "contraclavectl: no se hace la copia en %s: %s\n", target, why);
    return EX_CONFIG;
}

/* A file for each time. */
static int find_in_folder(const char *folder, int64_t now_ms, struct copies_target *ret)
{
    char stamp[STAMP_SIZE];
    struct tm tm;
    time_t now_s = (time_t)(now_ms / 1000);
    if (gmtime_r(&now_s, &tm) == NULL || strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm) == 0)
        return EX_SOFTWARE;
    int len = snprintf(ret->path, sizeof(ret->path), "%s/%s%s-%s%s", folder, prefix, ret->box,
                       stamp, suffix);
    (void)snprintf(ret->folder, sizeof(ret->folder), "%s", folder);
    return len < (int)sizeof(ret->path) ? EXIT_SUCCESS : EX_SOFTWARE;
}

/* A place for each of the days that are kept, which comes round again: what is there already need
 * not be listed. */
static int find_address(const struct config *config, const char *url, int64_t now_ms,
                        struct copies_target *ret)
{
    int64_t place = now_ms / DAY_MS % config->copies.keep;
    if (!copies_is_target(url))
        return fail_target(url, "escriba https:// o sftp://, sin usuario ni clave");
    if (config->copies.seal[0] == '\0')
        return fail_target(url, "fuera de este equipo solo se envía sellada; haga un sello con "
                                "«contraclavectl copia sello»");
    const char *slash = url[strlen(url) - 1] == '/' ? "" : "/";
    int len = snprintf(ret->url, sizeof(ret->url), "%s%s%s%s-%03" PRId64 "%s", url, slash, prefix,
                       ret->box, place, suffix);
    int path_len = snprintf(ret->path, sizeof(ret->path), "%s%s", config->database, sending_suffix);
    if (len >= (int)sizeof(ret->url) || path_len >= (int)sizeof(ret->path))
        return EX_SOFTWARE;
    (void)unlink(ret->path); /* of a copy that a power cut ended */
    return EXIT_SUCCESS;
}

int copies_target_find(const struct config *config, const char *given, int64_t now_ms,
                       struct copies_target *ret)
{
    const char *target = given != NULL ? given : config->copies.target;
    *ret = (struct copies_target){.path = ""};
    find_box(config, ret->box);
    if (target[0] == '\0') {
        fputs(
            "contraclavectl: diga dónde se hace la copia: contraclavectl copia DESTINO, o destino "
            "en la sección copias de la configuración\n",
            stderr);
        return EX_USAGE;
    }
    if (is_address(target))
        return find_address(config, target, now_ms, ret);
    if (given == NULL && !is_folder(target))
        return fail_target(target, "no es una carpeta: ¿falta montar la memoria USB?");
    if (given == NULL && config->copies.other_disk && is_same_disk(target, config->database))
        return fail_target(target, "está en el mismo disco que la base de datos: ¿falta montar la "
                                   "memoria USB? Si es así como se quiere, ponga otro_disco = no");
    if (is_folder(target))
        return find_in_folder(target, now_ms, ret);
    int len = snprintf(ret->path, sizeof(ret->path), "%s", target);
    return len < (int)sizeof(ret->path) ? EXIT_SUCCESS : EX_SOFTWARE;
}

/* ---- giving way ----------------------------------------------------------------------------- */

static const char *wanted_box; /* scandir(3) hands nothing on to its filter */

static int filter_copies(const struct dirent *entry)
{
    return copies_is_named(entry->d_name, wanted_box);
}

static int filter_leftovers(const struct dirent *entry)
{
    return copies_is_leftover(entry->d_name, wanted_box);
}

/* All but the last `keep` of those that the filter takes, by name. */
static void remove_oldest(const struct copies_target *target,
                          int (*filter)(const struct dirent *entry), int64_t keep)
{
    struct dirent **names = NULL;
    if (target->folder[0] == '\0')
        return;
    wanted_box = target->box;
    int count = scandir(target->folder, &names, filter, alphasort);
    for (int i = 0; i < count; i++) {
        char path[COPY_PATH_SIZE + 1 + NAME_MAX + 1];
        (void)snprintf(path, sizeof(path), "%s/%s", target->folder, names[i]->d_name);
        if (i < count - keep && strcmp(path, target->path) != 0 && unlink(path) != 0)
            fprintf(stderr, "contraclavectl: no se puede borrar la copia antigua %s: %s\n", path,
                    err_system_text(errno));
        free(names[i]);
    }
    free(names);
}

void copies_sweep(const struct copies_target *target)
{
    remove_oldest(target, filter_leftovers, 0);
}

void copies_prune(const struct copies_target *target, int64_t keep)
{
    remove_oldest(target, filter_copies, keep);
}
