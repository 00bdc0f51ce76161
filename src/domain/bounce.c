/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/bounce.h"

#include "base/hex.h"
#include "domain/mail.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FIELD_SIZE = 1024, BOUNDARY_SIZE = 72 }; /* RFC 2046 5.1.1: 70 */

struct slice {
    const char *at;
    size_t len;
};

/* ---- lines and fields -------------------------------------------------------------------------*/

static bool take_line(struct slice *text, struct slice *ret)
{
    const char *end = text->len > 0 ? memchr(text->at, '\n', text->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - text->at) : text->len;
    if (text->len == 0)
        return false;
    *ret = (struct slice){text->at, len > 0 && text->at[len - 1] == '\r' ? len - 1 : len};
    len += end != NULL;
    text->at += len;
    text->len -= len;
    return true;
}

/* Up to the empty line that ends it, which is taken too. */
static struct slice take_block(struct slice *text)
{
    struct slice block = {text->at, 0}, line;
    while (take_line(text, &line) && line.len > 0)
        block.len = (size_t)(line.at + line.len - block.at);
    return block;
}

static bool is_folded(const struct slice *text)
{
    return text->len > 0 && (text->at[0] == ' ' || text->at[0] == '\t');
}

/* The first field of this name, unfolded and cut to its room; "" if there is none. */
static void find_field(struct slice block, const char *name, char ret[FIELD_SIZE])
{
    size_t name_len = strlen(name), len = 0;
    struct slice line;
    bool is_it = false;
    while (!is_it && take_line(&block, &line))
        is_it = line.len > name_len && strncasecmp(line.at, name, name_len) == 0 &&
                line.at[name_len] == ':';
    for (size_t from = name_len + 1; is_it; from = 0) {
        for (size_t i = from; i < line.len && len < FIELD_SIZE - 1; i++)
            ret[len++] = line.at[i] != '\0' ? line.at[i] : ' ';
        is_it = is_folded(&block) && take_line(&block, &line);
    }
    ret[len] = '\0';
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* The value of a parameter of a Content-Type, with or without quotes. */
static bool find_parameter(const char *field, const char *name, char ret[BOUNDARY_SIZE])
{
    size_t name_len = strlen(name);
    for (const char *at = strchr(field, ';'); at != NULL; at = strchr(at, ';')) {
        at = skip_blanks(at + 1);
        if (strncasecmp(at, name, name_len) != 0 || at[name_len] != '=')
            continue;
        at += name_len + 1;
        bool is_quoted = at[0] == '"';
        size_t len = strcspn(at + is_quoted, is_quoted ? "\"" : "; \t");
        if (len == 0 || len >= BOUNDARY_SIZE)
            return false;
        memcpy(ret, at + is_quoted, len);
        ret[len] = '\0';
        return true;
    }
    return false;
}

/* ---- what they tell ---------------------------------------------------------------------------*/

/* "<" of service/mail_form.h: 32 digits, "@". */
static bool read_id(struct slice block, uint8_t ret[BOUNCE_ID_BYTES])
{
    char field[FIELD_SIZE];
    size_t len = 0;
    find_field(block, "Message-ID", field);
    const char *at = skip_blanks(field);
    const size_t digits = (size_t)2 * BOUNCE_ID_BYTES;
    return at[0] == '<' && strcspn(at + 1, "@") == digits && at[1 + digits] == '@' &&
           hex_decode(at + 1, digits, ret, BOUNCE_ID_BYTES, &len);
}

/* "rfc822; ana@example.com", or the address alone; in "<>" as Exchange may write it. */
static void add_recipient(const char *field, struct bounce *ret)
{
    const char *type_end = strchr(field, ';');
    const char *at = skip_blanks(type_end != NULL ? type_end + 1 : field);
    at += at[0] == '<';
    struct email email;
    if (ret->count < BOUNCE_RECIPIENTS && email_parse(at, strcspn(at, "> \t,"), &email) == CC_OK)
        ret->recipients[ret->count++] = email;
}

/* As a server's refusal of the recipient: a status of no subject leaves it to its reply. */
static bool is_dead(const char *status, const char *diagnostic)
{
    enum { NO_HOST = 4 };
    char *end = NULL;
    if (strncmp(status, "5.", 2) != 0)
        return false;
    long subject = strtol(status + 2, &end, 10);
    if (end == status + 2 || *end != '.' || subject < 0 || subject > 999)
        return false;
    if (subject == NO_HOST && strtol(end + 1, NULL, 10) == NO_HOST)
        subject = 1;
    const char *reply = strchr(diagnostic, ';');
    long code = reply != NULL ? strtol(reply + 1, NULL, 10) : 0;
    struct mail_trace trace = {.phase = MAIL_TO,
                               .reply = code >= 200 && code <= 599 ? (int)code : 550,
                               .subject = subject == 0 ? -1 : (int)subject};
    return mail_judge(&trace).state == MAIL_DEAD;
}

static void read_group(struct slice group, struct bounce *ret)
{
    char action[FIELD_SIZE], status[FIELD_SIZE], other[FIELD_SIZE];
    find_field(group, "Action", action);
    find_field(group, "Status", status);
    find_field(group, "Diagnostic-Code", other);
    const char *word = skip_blanks(action);
    if (strncasecmp(word, "failed", 6) != 0 ||
        (word[6] != '\0' && strchr(" \t(", word[6]) == NULL) ||
        !is_dead(skip_blanks(status), other))
        return;
    find_field(group, "Original-Recipient", other);
    add_recipient(other, ret);
    find_field(group, "Final-Recipient", other);
    add_recipient(other, ret);
}

/* ---- the two forms ----------------------------------------------------------------------------*/

static bool is_boundary(const struct slice *line, const char *boundary)
{
    size_t len = strlen(boundary);
    return line->len >= len + 2 && memcmp(line->at, "--", 2) == 0 &&
           memcmp(line->at + 2, boundary, len) == 0;
}

/* The rest of the text, up to the next line of the boundary. */
static struct slice take_part(struct slice *text, const char *boundary)
{
    struct slice part = {text->at, 0}, line;
    while (take_line(text, &line) && !is_boundary(&line, boundary))
        part.len = (size_t)(text->at - part.at);
    return part;
}

static bool has_type(const char *field, const char *const *types)
{
    const char *at = skip_blanks(field);
    for (size_t len = strcspn(at, "; \t"); *types != NULL; types++)
        if (strlen(*types) == len && strncasecmp(at, *types, len) == 0)
            return true;
    return false;
}

static bool read_report(struct slice text, const char *boundary, struct bounce *ret)
{
    static const char *const statuses[] = {"message/delivery-status",
                                           "message/global-delivery-status", NULL};
    static const char *const returned[] = {"message/rfc822",         "text/rfc822-headers",
                                           "message/rfc822-headers", "message/global",
                                           "message/global-headers", NULL};
    bool has_id = false;
    (void)take_part(&text, boundary);
    while (text.len > 0) {
        char type[FIELD_SIZE];
        struct slice part = take_part(&text, boundary);
        find_field(take_block(&part), "Content-Type", type);
        if (has_type(type, returned) && !has_id)
            has_id = read_id(take_block(&part), ret->id);
        while (has_type(type, statuses) && part.len > 0)
            read_group(take_block(&part), ret);
    }
    return has_id;
}

/* Exim's before 4.80, and of who took its form over: the text returned stands below. */
static bool read_plain(struct slice text, char *failed, struct bounce *ret)
{
    for (char *at = failed, *end = NULL; at != NULL; at = end) {
        end = strchr(at, ',');
        if (end != NULL)
            *end++ = '\0';
        add_recipient(at, ret);
    }
    while (text.len > 0)
        if (read_id(take_block(&text), ret->id))
            return true;
    return false;
}

bool bounce_read(const char *text, size_t len, struct bounce *ret)
{
    static const char *const reports[] = {"multipart/report", NULL};
    char type[FIELD_SIZE], failed[FIELD_SIZE], kind[BOUNDARY_SIZE], boundary[BOUNDARY_SIZE];
    struct slice rest = {text, len};
    struct slice head = take_block(&rest);
    struct bounce read = {.count = 0};
    bool has_id = false;
    find_field(head, "Content-Type", type);
    find_field(head, "X-Failed-Recipients", failed);
    if (has_type(type, reports) && find_parameter(type, "report-type", kind) &&
        strcasecmp(kind, "delivery-status") == 0 && find_parameter(type, "boundary", boundary))
        has_id = read_report(rest, boundary, &read);
    else if (failed[0] != '\0')
        has_id = read_plain(rest, failed, &read);
    if (!has_id || read.count == 0)
        return false;
    *ret = read;
    return true;
}

/* A server on the way may have changed the case. */
bool bounce_names(const struct bounce *bounce, const struct email *address)
{
    for (size_t i = 0; i < bounce->count; i++)
        if (strcasecmp(bounce->recipients[i].text, address->text) == 0)
            return true;
    return false;
}
