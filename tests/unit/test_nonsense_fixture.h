/* SPDX-License-Identifier: EUPL-1.2 */
/* A modem that talks nonsense, and what the daemon counts and says of it: test_house_nonsense.c and
 * test_house_mutants.c. */
#ifndef CC_TEST_NONSENSE_FIXTURE_H
#define CC_TEST_NONSENSE_FIXTURE_H

#include "tests/unit/test_script_fixture.h"

#include <errno.h>

#define ONCE "no se repetirá este aviso"

enum { WAIT_MS = 30000, KINDS_MAX = 64 };

static inline struct script *quick_script(script_hook hook)
{
    struct script *s = script_new(hook);
    s->line->config.prompt_ms = s->line->config.final_ms = SECOND;
    log_init(LOG_LEVEL_DEBUG);
    return s;
}

static inline void await_states(struct script *s, const char *states)
{
    house_await(s->house, house_is(s->house, states), 10 * SECOND);
}

static inline unsigned long count_garbage(const struct script *s)
{
    return house_status(s->line).counters.garbage;
}

static inline void await_garbage(struct script *s, unsigned long count)
{
    house_await(s->house, count_garbage(s) >= count, WAIT_MS);
}

/* All of it, as fast as the daemon reads. Not for a hook. */
static inline void pour(struct script *s, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        assert_true(s->fd >= 0);
        ssize_t written = write(s->fd, at, len);
        if (written < 0) {
            assert_int_equal(errno, EAGAIN);
            assert_true(house_step(s->house, loop_now_us(s->house->loop) + 1000 * 1000));
            continue;
        }
        at += written;
        len -= (size_t)written;
    }
}

/* The first round of questions is over: what comes now comes by itself. */
static inline void await_settled(struct script *s)
{
    house_await(s->house, script_count(s, "AT+C5GREG?") > 0, WAIT_MS);
    house_live(s->house, 5 * SECOND);
}

/* What the log says of the modem; messages that can be read are no nonsense. */
struct told {
    size_t lines, matches;
    char kinds[KINDS_MAX][256]; /* what was told once */
    size_t kind_count;
};

static inline void look_at(const char *line, const char *words, struct told *told)
{
    const char *text = strstr(line, "módem ");
    if (text == NULL || strstr(line, "SMS recibido") != NULL)
        return;
    told->lines++;
    if (strstr(line, ONCE) == NULL)
        return;
    told->matches += words == NULL || strstr(line, words) != NULL;
    assert_true(told->kind_count < KINDS_MAX);
    (void)snprintf(told->kinds[told->kind_count++], sizeof(told->kinds[0]), "%s", text);
}

/* words: of those lines that are told once; NULL = any. Until the next look. */
static inline const struct told *look(const struct script *s, const char *words)
{
    static struct told told;
    char line[2048];
    memset(&told, 0, sizeof(told));
    rewind(s->house->log);
    while (fgets(line, sizeof(line), s->house->log) != NULL)
        look_at(line, words, &told);
    (void)fseek(s->house->log, 0, SEEK_END);
    return &told;
}

#endif
