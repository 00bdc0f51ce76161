/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/evidence_form.h"

#include "store/seal.h"

#include <stddef.h>
#include <string.h>

/* A field of struct evidence or of a message; a number is an int64_t, an enum or a bool. */
struct field {
    bool is_text;
    size_t offset, size;
};

#define TEXT(type, member)                                                                         \
    {                                                                                              \
        true, offsetof(struct type, member), sizeof(((struct type *)0)->member)                    \
    }
#define NUMBER(type, member)                                                                       \
    {                                                                                              \
        false, offsetof(struct type, member), sizeof(((struct type *)0)->member)                   \
    }

/* Stored in this order: append only, before message_count. */
static const struct field fields[] = {
    TEXT(evidence, nif.text),
    NUMBER(evidence, nif.kind),
    TEXT(evidence, name.given),
    TEXT(evidence, name.first_surname),
    TEXT(evidence, name.second_surname),
    TEXT(evidence, phone.e164),
    NUMBER(evidence, alta.grade),
    NUMBER(evidence, alta.channel),
    NUMBER(evidence, alta.at_ms),
    TEXT(evidence, alta.actor),
    TEXT(evidence, alta.document),
    NUMBER(evidence, request.id),
    NUMBER(evidence, request.created_ms),
    NUMBER(evidence, request.expires_ms),
    NUMBER(evidence, request.tries),
    NUMBER(evidence, request.uses),
    NUMBER(evidence, request.with_contrast),
    NUMBER(evidence, with_contrast),
    NUMBER(evidence, is_substantial),
    NUMBER(evidence, network),
    NUMBER(evidence, is_synchronised),
    TEXT(evidence, client),
    TEXT(evidence, client_address),
    TEXT(evidence, address),
    TEXT(evidence, config),
    NUMBER(evidence, at_ms),
    NUMBER(evidence, is_settled),
    TEXT(evidence, method),
    NUMBER(evidence, message_count),
};

static const struct field message_fields[] = {
    NUMBER(evidence_message, state),    NUMBER(evidence_message, created_ms),
    NUMBER(evidence_message, sent_ms),  NUMBER(evidence_message, delivered_ms),
    NUMBER(evidence_message, attempts), TEXT(evidence_message, modem),
};

enum {
    FIELDS = sizeof fields / sizeof fields[0],
    OLD_FIELDS = FIELDS - 2, /* before there were several methods, the last but one was not there */
    MESSAGE_FIELDS = sizeof message_fields / sizeof message_fields[0]
};

/* Seven bits a byte, the least significant first. */
void evidence_put_number(struct buf *b, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buf_byte(b, (uint8_t)(value | 0x80));
    buf_byte(b, (uint8_t)value);
}

bool evidence_take_number(const char **at, const char *end, uint64_t *ret)
{
    uint64_t value = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = (uint8_t) * (*at)++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *ret = value;
            return true;
        }
    }
    return false;
}

static uint64_t load_number(const char *from, size_t size)
{
    int64_t wide = 0;
    int narrow = 0;
    if (size == sizeof wide)
        memcpy(&wide, from, sizeof wide);
    else if (size == sizeof narrow)
        memcpy(&narrow, from, sizeof narrow);
    else
        narrow = *from;
    return size == sizeof wide ? (uint64_t)wide : (uint64_t)narrow;
}

static void store_number(uint64_t value, char *to, size_t size)
{
    const int64_t wide = (int64_t)value;
    const int narrow = (int)value;
    if (size == sizeof wide)
        memcpy(to, &wide, sizeof wide);
    else if (size == sizeof narrow)
        memcpy(to, &narrow, sizeof narrow);
    else
        *to = value != 0;
}

static void put_fields(struct buf *b, const struct field *list, size_t count, const void *from)
{
    for (size_t i = 0; i < count; i++) {
        const char *at = (const char *)from + list[i].offset;
        if (list[i].is_text)
            buf_put(b, at, strlen(at) + 1);
        else
            evidence_put_number(b, load_number(at, list[i].size));
    }
}

static bool take_fields(const char **text, const char *end, const struct field *list, size_t count,
                        void *to)
{
    uint64_t number = 0;
    bool fits = true;
    for (size_t i = 0; i < count && fits; i++) {
        char *at = (char *)to + list[i].offset;
        if (list[i].is_text) {
            fits = seal_take_text(text, end, at, list[i].size);
        } else {
            fits = evidence_take_number(text, end, &number);
            store_number(number, at, list[i].size);
        }
    }
    return fits;
}

void evidence_put(struct buf *b, const struct evidence *evidence)
{
    put_fields(b, fields, FIELDS, evidence);
    for (size_t i = 0; i < evidence->message_count; i++)
        put_fields(b, message_fields, MESSAGE_FIELDS, &evidence->messages[i]);
}

bool evidence_take(const char **at, const char *end, bool has_method, struct evidence *ret)
{
    struct evidence read = {.method = "pin24h"};
    bool fits = has_method ? take_fields(at, end, fields, FIELDS, &read)
                           : take_fields(at, end, fields, OLD_FIELDS, &read) &&
                                 take_fields(at, end, fields + FIELDS - 1, 1, &read);
    fits = fits && read.message_count <= EVIDENCE_MESSAGES_MAX;
    for (size_t i = 0; fits && i < read.message_count; i++)
        fits = take_fields(at, end, message_fields, MESSAGE_FIELDS, &read.messages[i]);
    if (fits)
        *ret = read;
    secret_wipe(&read, sizeof read);
    return fits;
}
