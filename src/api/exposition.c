/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/exposition.h"

#include <inttypes.h>

void exposition_open(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_escaped(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\' || *text == '"')
            buf_byte(out, '\\');
        if (*text == '\n')
            buf_str(out, "\\n");
        else
            buf_byte(out, (uint8_t)*text);
    }
}

static void put_name(struct buf *out, const char *name, const struct exposition_label *labels)
{
    buf_str(out, name);
    for (size_t i = 0; labels != NULL && labels[i].name != NULL; i++) {
        buf_fmt(out, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name);
        put_escaped(out, labels[i].value);
        buf_byte(out, '"');
    }
    buf_str(out, labels != NULL ? "} " : " ");
}

void exposition_put(struct buf *out, const char *name, const struct exposition_label *labels,
                    int64_t value)
{
    put_name(out, name, labels);
    buf_fmt(out, "%" PRId64 "\n", value);
}

void exposition_put_milli(struct buf *out, const char *name, const struct exposition_label *labels,
                          int64_t thousandths)
{
    int64_t size = thousandths < 0 ? -thousandths : thousandths;
    put_name(out, name, labels);
    buf_fmt(out, "%s%" PRId64 ".%03" PRId64 "\n", thousandths < 0 ? "-" : "", size / 1000,
            size % 1000);
}
