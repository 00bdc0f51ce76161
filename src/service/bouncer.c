/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/bouncer.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/fsx.h"
#include "base/log.h"
#include "domain/bounce.h"
#include "service/clock.h"
#include "service/mail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LOOKED_MAX = 256, /* files of a pass */
    FOUND_MAX = 16,   /* bounces of a pass, which are written in one turn */
    TEXT_SIZE = 64 * 1024,
    CHILD_MS = 20000,
    NAME_SIZE = NAME_MAX + 1,
    MOVED_SIZE = NAME_SIZE + 8,
};

#define MINUTE_US INT64_C(60000000)

struct found {
    char name[NAME_SIZE];
    struct bounce bounce;
    bool is_ours; /* noted and committed: the next pass moves it to cur/ */
};

/* In memory that the child shares. */
struct pass {
    char after[NAME_SIZE]; /* where the next one goes on; "" = from the first */
    char names[LOOKED_MAX][NAME_SIZE];
    size_t looked;
    struct found found[FOUND_MAX];
    size_t count;
    int problem; /* errno; 0 = none */
    char text[TEXT_SIZE];
};

struct bouncer {
    struct service *service;
    struct loop_source *timer;
    struct child *child;
    struct pass *pass;
    int told; /* the problem that the log has already */
};

/* ---- the child ------------------------------------------------------------------------------- */

static void move_ours(struct pass *pass, int from, int to)
{
    for (size_t i = 0; i < pass->count; i++) {
        char moved[MOVED_SIZE];
        (void)snprintf(moved, sizeof(moved), "%.*s:2,S", (int)strcspn(pass->found[i].name, ":"),
                       pass->found[i].name);
        if (pass->found[i].is_ours && renameat(from, pass->found[i].name, to, moved) != 0 &&
            errno != ENOENT)
            pass->problem = errno;
    }
}

/* Keeps the first LOOKED_MAX names behind pass->after, in their order. */
static void list_name(struct pass *pass, const char *name)
{
    size_t at = pass->looked;
    if (name[0] == '.' || strcmp(name, pass->after) <= 0)
        return;
    while (at > 0 && strcmp(name, pass->names[at - 1]) < 0)
        at--;
    if (at == LOOKED_MAX)
        return;
    size_t kept = pass->looked < LOOKED_MAX ? pass->looked : LOOKED_MAX - 1;
    memmove(pass->names[at + 1], pass->names[at], (kept - at) * NAME_SIZE);
    (void)snprintf(pass->names[at], NAME_SIZE, "%s", name);
    pass->looked = kept + 1;
}

static void list_files(struct pass *pass, int folder)
{
    DIR *dir = fdopendir(dup(folder));
    const struct dirent *entry = NULL;
    if (dir == NULL) {
        pass->problem = errno;
        return;
    }
    while ((entry = readdir(dir)) != NULL)
        list_name(pass, entry->d_name);
    (void)closedir(dir);
}

/* No link is followed: a sender of mail must not make us read anything else. */
static void read_file(struct pass *pass, int folder, const char *name)
{
    struct found *found = &pass->found[pass->count];
    struct stat st;
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        if (errno == EACCES)
            pass->problem = errno;
        return;
    }
    ssize_t len =
        fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fsx_read_up_to(fd, pass->text, TEXT_SIZE) : -1;
    (void)close(fd);
    if (len > 0 && bounce_read(pass->text, (size_t)len, &found->bounce)) {
        (void)snprintf(found->name, sizeof(found->name), "%s", name);
        found->is_ours = false;
        pass->count++;
    }
}

/* `after` goes before the file: one that kills the child holds up no other. */
static void look_into(struct pass *pass, int folder)
{
    size_t i = 0;
    list_files(pass, folder);
    for (; i < pass->looked && pass->count < FOUND_MAX; i++) {
        memcpy(pass->after, pass->names[i], NAME_SIZE);
        read_file(pass, folder, pass->names[i]);
    }
    if (i == pass->looked && pass->looked < LOOKED_MAX)
        pass->after[0] = '\0';
    explicit_bzero(pass->text, TEXT_SIZE);
}

static bool run_pass(void *arg)
{
    struct bouncer *bouncer = arg;
    struct pass *pass = bouncer->pass;
    int folder = open(bouncer->service->settings->mail.bounces, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int from = folder >= 0 ? openat(folder, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int to = from >= 0 ? openat(folder, "cur", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    pass->problem = to < 0 ? errno : 0;
    if (to >= 0)
        move_ours(pass, from, to);
    pass->count = pass->looked = 0;
    if (to >= 0)
        look_into(pass, from);
    return true; /* its end closes them */
}

/* ---- what it found --------------------------------------------------------------------------- */

/*
 * Only the mail's own address, written before the mail and not proven since: who once had another
 * one of the same person knows no more than the Message-ID of a mail to that.
 */
static bool is_about(const struct bounce *bounce, const struct mail *mail,
                     const struct email_row *row)
{
    bool has_left =
        mail->state == MAIL_SENT || mail->state == MAIL_UNKNOWN || mail->state == MAIL_DEAD;
    return has_left && mail->kind != MAIL_CHANGED && row->created_ms <= mail->created_ms &&
           row->proven_ms <= mail->created_ms && bounce_names(bounce, &row->address);
}

static enum cc_err note_bounce(struct service *service, struct found *found, int64_t now_ms)
{
    CC_WIPED(mail) mail;
    CC_WIPED(email_row) row;
    enum cc_err err = mails_find(service->store, found->bounce.id, &mail);
    if (err == CC_OK)
        err = emails_find(service->store, mail.owner, &row);
    found->is_ours = err == CC_OK && is_about(&found->bounce, &mail, &row);
    err = err_allow_altered(err);
    if (found->is_ours && mail.state != MAIL_DEAD) {
        mail.to = row.address;
        err = mails_return(service->store, mail.id, now_ms);
        if (err == CC_OK)
            err = mail_note_dead(service, &mail, now_ms);
        log_warning("el correo %" PRId64 " ha vuelto: su dirección no existe", mail.id);
    }
    return err;
}

/* At once where files are to be moved. */
static void on_noted(bool committed, void *user)
{
    struct bouncer *bouncer = user;
    struct pass *pass = bouncer->pass;
    bool has_ours = false;
    for (size_t i = 0; i < pass->count; i++) {
        pass->found[i].is_ours = pass->found[i].is_ours && committed;
        has_ours = has_ours || pass->found[i].is_ours;
    }
    loop_timer_in(bouncer->timer, has_ours && pass->problem == 0 ? 0 : MINUTE_US);
}

static void note_all(struct bouncer *bouncer)
{
    struct service *service = bouncer->service;
    struct pass *pass = bouncer->pass;
    int64_t now_ms = service_now_ms(service);
    enum cc_err err = turn_enter(service->turn);
    if (err == CC_OK) {
        for (size_t i = 0; err == CC_OK && i < pass->count; i++)
            err = note_bounce(service, &pass->found[i], now_ms);
        turn_leave(service->turn, err == CC_OK);
    }
    if (err == CC_OK) {
        turn_after(service->turn, on_noted, bouncer);
    } else {
        pass->count = 0;
        loop_timer_in(bouncer->timer, MINUTE_US);
    }
}

static void tell_problem(struct bouncer *bouncer)
{
    int problem = bouncer->pass->problem;
    if (problem != 0 && bouncer->told == 0)
        log_warning("no se pueden mirar los correos que vuelven (rebotes, sección correo): %s",
                    err_system_text(problem));
    else if (problem == 0 && bouncer->told != 0)
        log_notice("los correos que vuelven se miran otra vez");
    bouncer->told = problem;
}

static void on_end(bool has_worked, void *user)
{
    struct bouncer *bouncer = user;
    child_free(bouncer->child);
    bouncer->child = NULL;
    if (!has_worked) {
        bouncer->pass->problem = ETIMEDOUT;
        bouncer->pass->count = 0;
    }
    tell_problem(bouncer);
    if (bouncer->pass->count > 0)
        note_all(bouncer);
    else
        loop_timer_in(bouncer->timer, MINUTE_US);
}

static void on_timer(void *user)
{
    struct bouncer *bouncer = user;
    const struct service *service = bouncer->service;
    if (service->settings->mail.bounces[0] == '\0' ||
        child_start(service->loop, run_pass, bouncer, CHILD_MS, on_end, bouncer, &bouncer->child) !=
            CC_OK)
        loop_timer_in(bouncer->timer, MINUTE_US);
}

struct bouncer *bouncer_new(struct service *service)
{
    struct bouncer *bouncer = alloc_or_abort(sizeof(*bouncer));
    bouncer->service = service;
    bouncer->pass = child_share(sizeof(struct pass));
    bouncer->timer = loop_add_timer(service->loop, LOOP_PRIORITY_NORMAL, on_timer, bouncer);
    loop_timer_loosen(bouncer->timer);
    loop_timer_in(bouncer->timer, MINUTE_US);
    return bouncer;
}

void bouncer_free(struct bouncer *bouncer)
{
    if (bouncer == NULL)
        return;
    child_end(bouncer->child);
    loop_source_free(bouncer->timer);
    child_unshare(bouncer->pass, sizeof(struct pass));
    free(bouncer);
}
