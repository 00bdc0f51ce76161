/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/framing.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

enum {
    NAME_MAX_LEN = 64, /* longer ones are none of those that matter here */
    LINE_END = 2,      /* CR and LF, which libmicrohttpd overwrites with NUL */
    HEADER_END = 2 * LINE_END
};

/* Its letters alone, so that another spelling of a name is found: "Transfer_Encoding". */
static void keep_letters(const char *name, char out[NAME_MAX_LEN])
{
    size_t len = 0;
    for (; *name != '\0' && len < NAME_MAX_LEN - 1; name++) {
        char lower = (char)(*name | 0x20);
        if (lower >= 'a' && lower <= 'z')
            out[len++] = lower;
    }
    out[len] = '\0';
}

/* Counts the name where it is exact; breaks where only its letters are the same. */
static void count_name(struct framing *framing, const char *name, const char *value)
{
    const struct {
        const char *exact, *letters;
        unsigned *count;
    } rows[] = {
        {MHD_HTTP_HEADER_CONTENT_LENGTH, "contentlength", &framing->lengths},
        {MHD_HTTP_HEADER_TRANSFER_ENCODING, "transferencoding", &framing->encodings},
        {MHD_HTTP_HEADER_HOST, "host", &framing->hosts},
    };
    char letters[NAME_MAX_LEN];
    keep_letters(name, letters);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(letters, rows[i].letters) != 0)
            continue;
        ++*rows[i].count;
        if (strcasecmp(name, rows[i].exact) != 0)
            framing->is_broken = true;
    }
    if (strcmp(letters, "transferencoding") == 0 && strcasecmp(value, "chunked") != 0)
        framing->is_broken = true;
}

/* RFC 9110 section 5.6.2: no spaces, no separators, ASCII. */
static bool is_token(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char lower = (char)(name[i] | 0x20);
        bool is_alnum = (lower >= 'a' && lower <= 'z') || (name[i] >= '0' && name[i] <= '9');
        if (!is_alnum && (name[i] == '\0' || strchr("-!#$%&'*+.^_`|~", name[i]) == NULL))
            return false;
    }
    return len > 0;
}

/* No control characters but the tab. */
static bool is_value(const char *value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)value[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* Whether more than a line end stands between two lines: a NUL and what was behind it. */
static bool is_gap(const char *end, const char *next, uintptr_t line_end)
{
    return (uintptr_t)next < (uintptr_t)end || (uintptr_t)next - (uintptr_t)end > line_end;
}

void framing_add(struct framing *framing, const char *name, size_t name_len, const char *value,
                 size_t value_len)
{
    if (!is_token(name, name_len) || !is_value(value, value_len) ||
        (framing->end != NULL && is_gap(framing->end, name, LINE_END)))
        framing->is_broken = true;
    count_name(framing, name, value);
    framing->end = value + value_len;
}

enum cc_err framing_verdict(const struct framing *framing, const char *version, const char *end)
{
    bool is_http_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    bool is_one_way = !framing->is_broken && framing->lengths + framing->encodings <= 1 &&
                      framing->hosts <= 1 && (framing->hosts == 1 || is_http_1_0) &&
                      (framing->encodings == 0 || !is_http_1_0);
    if (end != NULL && framing->end != NULL && is_gap(framing->end, end, HEADER_END))
        is_one_way = false;
    return is_one_way ? CC_OK : CC_ERR_HEADER_FORMAT;
}

static enum MHD_Result on_line(void *user, enum MHD_ValueKind kind, const char *name,
                               size_t name_len, const char *value, size_t value_len)
{
    (void)kind;
    framing_add(user, name, name_len, value != NULL ? value : "", value_len);
    return MHD_YES;
}

bool framing_line_is_whole(const struct framing_line *line)
{
    return line->uri == line->method + strlen(line->method) + 1 &&
           line->version == line->uri_end + 1;
}

enum cc_err framing_check(struct MHD_Connection *connection, const struct framing_line *line)
{
    struct framing framing = {
        .is_broken = !framing_line_is_whole(line),
        .end = line->version + strlen(line->version),
    };
    (void)MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_line, &framing);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const char *end =
        info != NULL && info->header_size > 0 ? line->method + info->header_size : NULL;
    return framing_verdict(&framing, line->version, end);
}
