/* SPDX-License-Identifier: EUPL-1.2 */
/* A configuration file in a folder of its own, and what loading it says. */
#ifndef CC_TEST_CONFIG_FIXTURE_H
#define CC_TEST_CONFIG_FIXTURE_H

#include "app/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOWN "entidad = \"Ayuntamiento de Alpedrete\"\nnombre_sms = \"Ayto. de Alpedrete\"\n"
#define MODEM "modem principal {\n  dispositivo = \"unix:m.sock\"\n}\n"
#define GOOD TOWN MODEM

struct fixture {
    char folder[64];
    char file[96];
    char said_path[96];
    char said[2000];
};

static inline int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    const char *tmp = getenv("TMPDIR");
    snprintf(f->folder, sizeof(f->folder), "%.40s/config.XXXXXX", tmp != NULL ? tmp : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->file, sizeof(f->file), "%s/c.conf", f->folder);
    snprintf(f->said_path, sizeof(f->said_path), "%s/said", f->folder);
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;
    unlink(f->file);
    unlink(f->said_path);
    rmdir(f->folder);
    free(f);
    return 0;
}

static inline void write_file(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    close(fd);
}

/* Loads path; what it says on stderr comes in f->said. */
static inline enum cc_err load_path(struct fixture *f, const char *path, enum config_voice voice,
                                    struct config **ret)
{
    fflush(stderr);
    int kept = dup(STDERR_FILENO);
    int fd = open(f->said_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(kept >= 0 && fd >= 0);
    dup2(fd, STDERR_FILENO);
    enum cc_err err = config_load(path, voice, ret);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    ssize_t got = pread(fd, f->said, sizeof(f->said) - 1, 0);
    assert_true(got >= 0);
    f->said[got] = '\0';
    close(fd);
    return err;
}

static inline enum cc_err load_text(struct fixture *f, const char *text, struct config **ret)
{
    write_file(f->file, text, strlen(text));
    return load_path(f, f->file, CONFIG_TO_STDERR, ret);
}

#endif
