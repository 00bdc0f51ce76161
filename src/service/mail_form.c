/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mail_form.h"

#include "base/span.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

enum {
    WORD_BYTES = 14, /* of UTF-8 in an encoded word: 3 characters each, within 75 (RFC 2047 2) */
    QUOTED_LINE_MAX = 72, /* of quoted-printable, which allows 76 (RFC 2045 6.7) */
};

void mime_put_encoded(struct buf *out, const char *text)
{
    size_t bytes = 0;
    buf_str(out, "=?UTF-8?Q?");
    for (; *text != '\0'; text++) {
        if (bytes >= WORD_BYTES && ((unsigned char)*text & 0xC0) != 0x80) {
            buf_str(out, "?=\r\n =?UTF-8?Q?");
            bytes = 0;
        }
        buf_fmt(out, "=%02X", (unsigned)(unsigned char)*text);
        bytes++;
    }
    buf_str(out, "?=");
}

void mime_put_quoted(struct buf *out, const char *text)
{
    size_t column = 0;
    for (; *text != '\0'; text++) {
        bool is_plain = *text > ' ' && *text < 0x7F && *text != '=' && *text != '.';
        bool is_blank = *text == ' ' && text[1] != '\n';
        if (*text == '\n') {
            buf_str(out, "\r\n");
            column = 0;
            continue;
        }
        if (column >= QUOTED_LINE_MAX) {
            buf_str(out, "=\r\n");
            column = 0;
        }
        if (is_plain || is_blank)
            buf_byte(out, (uint8_t)*text);
        else
            buf_fmt(out, "=%02X", (unsigned)(unsigned char)*text);
        column += is_plain || is_blank ? 1 : 3;
    }
}

void mime_put_date(int64_t at_ms, struct buf *out)
{
    char text[64];
    struct tm tm;
    time_t at_s = (time_t)(at_ms / MS_PER_S);
    if (localtime_r(&at_s, &tm) != NULL &&
        strftime(text, sizeof(text), "Date: %a, %d %b %Y %H:%M:%S %z", &tm) > 0)
        buf_str(out, text);
}

static void put_header(const struct mail_form *form, struct buf *out)
{
    char storage[MAIL_WORDS_SIZE];
    struct buf subject;
    const char *domain = strrchr(form->from, '@');
    buf_init(&subject, storage, sizeof(storage));
    mail_write_subject(form->lang, form->kind, &form->values, &subject);
    mime_put_date(form->at_ms, out);
    buf_str(out, "\r\nFrom: ");
    mime_put_encoded(out, form->values.entity);
    buf_fmt(out, " <%s>\r\nTo: <%s>\r\nSubject: ", form->from, form->to);
    mime_put_encoded(out, buf_cstr(&subject) != NULL ? storage : "");
    buf_fmt(out,
            "\r\nMessage-ID: <%s@%s>\r\nAuto-Submitted: auto-generated\r\n"
            "Content-Language: %s\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/alternative; boundary=\"=_%s\"\r\n",
            form->id, domain != NULL ? domain + 1 : "contraclaved.invalid",
            text_lang_token(form->lang), form->id);
}

static void begin_part(const struct mail_form *form, const char *type, struct buf *out)
{
    buf_fmt(out,
            "\r\n--=_%s\r\nContent-Type: %s; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
            form->id, type);
}

static void put_escaped(const char *text, size_t len, struct buf *out)
{
    static const struct {
        char mark;
        const char *entity;
    } marks[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
    for (size_t i = 0; i < len; i++) {
        const char *entity = NULL;
        for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++)
            if (text[i] == marks[m].mark)
                entity = marks[m].entity;
        if (entity != NULL)
            buf_str(out, entity);
        else
            buf_byte(out, (uint8_t)text[i]);
    }
}

static void put_paragraph(const char *text, size_t len, struct buf *out)
{
    bool is_link = len > 8 && strncmp(text, "http", 4) == 0;
    buf_str(out, "<p>");
    if (is_link) {
        buf_str(out, "<a href=\"");
        put_escaped(text, len, out);
        buf_str(out, "\">");
    }
    put_escaped(text, len, out);
    buf_str(out, is_link ? "</a></p>\n" : "</p>\n");
}

/* The same paragraphs, without pictures, styles or anything that is fetched. */
static void write_html(const struct mail_form *form, const char *words, struct buf *out)
{
    buf_fmt(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<meta charset=\"utf-8\">\n<body>\n",
            text_lang_token(form->lang));
    for (;;) {
        const char *end = strstr(words, "\n\n");
        put_paragraph(words, end != NULL ? (size_t)(end - words) : strlen(words), out);
        if (end == NULL)
            break;
        words = end + 2;
    }
    buf_str(out, "</body>\n</html>\n");
}

void mail_form_write(const struct mail_form *form, struct buf *out)
{
    char storage[MAIL_WORDS_SIZE], html_storage[2 * MAIL_WORDS_SIZE];
    struct buf words, html;
    buf_init(&words, storage, sizeof(storage));
    buf_init(&html, html_storage, sizeof(html_storage));
    mail_write_words(form->lang, form->kind, &form->values, &words);
    const char *text = buf_cstr(&words);
    write_html(form, text != NULL ? text : "", &html);
    const char *page = buf_cstr(&html);
    out->overflow = out->overflow || text == NULL || page == NULL;
    if (out->overflow)
        return;
    put_header(form, out);
    begin_part(form, "text/plain", out);
    mime_put_quoted(out, text);
    buf_str(out, "\r\n");
    begin_part(form, "text/html", out);
    mime_put_quoted(out, page);
    buf_fmt(out, "\r\n--=_%s--\r\n", form->id);
}
