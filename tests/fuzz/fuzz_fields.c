/* SPDX-License-Identifier: EUPL-1.2 */
/* at/fields and at/command: walking a line ends, all ways of walking agree, and a read that fails
   moves nothing. */
#include "fuzz.h"

#include "at/command.h"
#include "at/fields.h"

enum { DEPTH_MAX = 8 };

/* Reads a field in all ways; each leaves the walk at the same place or where it was. */
static void read_one(struct at_fields *f)
{
    struct at_fields skipped = *f, number = *f, hex = *f, text = *f, tiny = *f;
    char small[4];
    int value = 0;
    uint32_t bits = 0;
    REQUIRE(at_fields_skip(&skipped));
    REQUIRE(skipped.at >= f->at);
    bool is_number = at_fields_int(&number, &value), is_hex = at_fields_hex(&hex, &bits);
    REQUIRE(number.at == (is_number ? skipped.at : f->at));
    REQUIRE(hex.at == (is_hex ? skipped.at : f->at));
    REQUIRE(at_fields_text(&tiny, small, sizeof(small)) && tiny.at == skipped.at);
    REQUIRE(strlen(small) < sizeof(small));
    REQUIRE(!at_fields_text(&text, small, 0) && text.at == f->at);
    *f = skipped;
}

static void walk(const char *line, const char *prefix, int depth)
{
    struct at_fields f;
    if (!at_fields_init(&f, line, prefix))
        return;
    size_t count = at_fields_count(&f);
    REQUIRE(count <= strlen(line) + 1);
    for (size_t i = 0; i < count; i++) {
        struct at_fields inner = f;
        char *text = malloc(strlen(line) + 1);
        REQUIRE(text != NULL && at_fields_text(&inner, text, strlen(line) + 1));
        if (depth < DEPTH_MAX)
            walk(text, "(", depth + 1);
        free(text);
        REQUIRE(at_fields_count(&f) == count - i);
        read_one(&f);
    }
    REQUIRE(!at_fields_skip(&f) && at_fields_count(&f) == 0);
    int value = 0;
    REQUIRE(!at_fields_int(&f, &value));
}

/* Without quotes and brackets, each comma parts two fields. */
static void check_plain(const char *line)
{
    struct at_fields f;
    size_t commas = 0;
    if (strpbrk(line, "\"()") != NULL || line[strspn(line, " ")] == '\0')
        return;
    for (const char *at = line; *at != '\0'; at++)
        commas += *at == ',';
    REQUIRE(at_fields_init(&f, line, "") && at_fields_count(&f) == commas + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const prefixes[] = {"", "+CREG:", "+CPMS:", "(", "+CDS:"};
    struct gsm_cause cause = {.kind = GSM_CAUSE_NONE};
    char *line = malloc(size + 1);
    REQUIRE(line != NULL);
    if (size > 0)
        memcpy(line, data, size);
    line[size] = '\0'; /* and so does a NUL inside: that is what the chat hands out */
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        walk(line, prefixes[i], 0);
    check_plain(line);
    enum at_result result = at_final(line, &cause);
    REQUIRE((result == AT_RESULT_ERROR) == (cause.kind != GSM_CAUSE_NONE));
    REQUIRE(result == AT_RESULT_NONE || !at_line_has_pdu(line));
    REQUIRE(cause.code >= 0);
    free(line);
    return 0;
}
