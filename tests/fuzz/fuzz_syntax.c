/* SPDX-License-Identifier: EUPL-1.2 */
/* at/syntax: whatever the chunks in which the bytes come, the tokens are the same. */
#include "fuzz.h"

#include "at/syntax.h"

enum { TOKENS_SIZE = 1 << 16 };

/* The tokens one behind the other, as text. */
struct tokens {
    char text[TOKENS_SIZE];
    size_t len, count;
};

static void check_line(const struct at_syntax *s)
{
    REQUIRE(s->len > 0 && s->len <= AT_LINE_MAX && strlen(s->line) == s->len);
    for (size_t i = 0; i < s->len; i++)
        REQUIRE(s->line[i] >= 0x20 && s->line[i] <= 0x7E);
    REQUIRE(s->line[0] != ' ');
}

static void note(struct tokens *tokens, enum at_token token, const struct at_syntax *s)
{
    static const char marks[] = {[AT_TOKEN_PROMPT] = '>', [AT_TOKEN_TOO_LONG] = '!'};
    if (token == AT_TOKEN_NONE)
        return;
    if (token == AT_TOKEN_LINE)
        check_line(s);
    const char *text = token == AT_TOKEN_LINE ? s->line : &marks[token];
    size_t len = token == AT_TOKEN_LINE ? s->len : 1;
    tokens->count++;
    if (sizeof(tokens->text) - tokens->len < len + 1)
        return;
    memcpy(tokens->text + tokens->len, text, len);
    tokens->text[tokens->len + len] = '\n';
    tokens->len += len + 1;
}

/* prompts: after how many tokens one is expected again, as a command does. */
static void read_in_chunks(const uint8_t *data, size_t size, size_t chunk, unsigned prompts,
                           struct tokens *ret)
{
    struct at_syntax s;
    at_syntax_init(&s);
    at_syntax_expect_prompt(&s, prompts > 0);
    ret->len = ret->count = 0;
    for (size_t at = 0; at < size;) {
        size_t len = size - at < chunk ? size - at : chunk;
        for (size_t used = 0; used < len;) {
            enum at_token token = AT_TOKEN_NONE;
            size_t taken = at_syntax_feed(&s, data + at + used, len - used, &token);
            REQUIRE(taken > 0 && taken <= len - used);
            REQUIRE(token != AT_TOKEN_NONE || used + taken == len);
            used += taken;
            note(ret, token, &s);
            if (token != AT_TOKEN_NONE && prompts > 0)
                at_syntax_expect_prompt(&s, ret->count % prompts == 0);
        }
        at += len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tokens whole, parts;
    size_t chunk = 1 + fuzz_byte(&data, &size) % 64U;
    unsigned prompts = fuzz_byte(&data, &size) % 4U;
    read_in_chunks(data, size, size > 0 ? size : 1, prompts, &whole);
    read_in_chunks(data, size, chunk, prompts, &parts);
    REQUIRE(whole.count == parts.count && whole.len == parts.len);
    REQUIRE(memcmp(whole.text, parts.text, whole.len) == 0);
    return 0;
}
