/* SPDX-License-Identifier: EUPL-1.2 */
/* gsm/concat: the order of the parts does not matter, nothing is written outside the storage, and
   the text fits what the header promises. */
#include "fuzz.h"

#include "gsm/concat.h"
#include "gsm/userdata.h"

struct heap_set {
    struct gsm_concat_set set;
    struct gsm_concat_part *storage;
    uint8_t *text;
    struct buf out;
};

static void start(struct heap_set *h, uint8_t total, size_t cap)
{
    size_t text_size = total * (GSM_CONCAT_TEXT_MAX + sizeof(GSM_CONCAT_GAP) - 1);
    h->storage = malloc(cap > 0 ? cap * sizeof(*h->storage) : 1);
    h->text = malloc(text_size > 0 ? text_size : 1);
    REQUIRE(h->storage != NULL && h->text != NULL);
    gsm_concat_init(&h->set, total, h->storage, cap);
    buf_init(&h->out, h->text, text_size);
}

static void finish(struct heap_set *h)
{
    free(h->storage);
    free(h->text);
}

static struct gsm_concat_part read_part(const uint8_t **data, size_t *size)
{
    struct gsm_concat_part part = {.index = fuzz_byte(data, size)};
    part.alphabet = (enum gsm_alphabet)(fuzz_byte(data, size) % 3);
    part.len = fuzz_byte(data, size) % (GSM_CONCAT_DATA_MAX + 2);
    for (size_t i = 0; i < part.len && i < sizeof(part.data); i++) {
        uint8_t byte = fuzz_byte(data, size);
        part.data[i] = part.alphabet == GSM_ALPHABET_7BIT ? byte & 0x7F : byte;
    }
    return part;
}

static void check_verdict(const struct heap_set *h, const struct gsm_concat_part *part,
                          size_t before, enum gsm_concat_verdict verdict)
{
    bool is_usable =
        part->index >= 1 && part->index <= h->set.total && part->len <= GSM_CONCAT_DATA_MAX;
    REQUIRE(h->set.count == before + (verdict == GSM_CONCAT_NEW));
    REQUIRE(h->set.count <= h->set.cap && h->set.count <= h->set.total);
    REQUIRE(is_usable || verdict == GSM_CONCAT_REFUSED);
    REQUIRE(!is_usable || verdict != GSM_CONCAT_REFUSED || before == h->set.cap);
    for (size_t i = 1; i < h->set.count; i++)
        REQUIRE(h->storage[i - 1].index < h->storage[i].index);
}

static void check_text(struct heap_set *h)
{
    gsm_concat_text(&h->set, &h->out);
    REQUIRE(buf_ok(&h->out));
    REQUIRE(utf8_is_valid((const char *)h->text, h->out.len));
    REQUIRE(memchr(h->text, 0, h->out.len) == NULL);
}

/* All of one alphabet, and no half characters of 16 bits that a single part could not show either.
 */
static bool is_uniform(const struct gsm_concat_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->parts[i].alphabet != set->parts[0].alphabet ||
            (set->parts[i].alphabet == GSM_ALPHABET_UCS2 && set->parts[i].len % 2 != 0))
            return false;
    return gsm_concat_is_complete(set);
}

/* Where nothing is missing, the cuts cannot be seen: it reads as one long message. */
static void check_seamless(const struct heap_set *h)
{
    if (!is_uniform(&h->set))
        return;
    size_t len = 0, cap = h->out.cap;
    uint8_t *data = malloc(h->set.count * GSM_CONCAT_DATA_MAX), *text = malloc(cap);
    struct buf out;
    REQUIRE(data != NULL && text != NULL);
    for (size_t i = 0; i < h->set.count; i++) {
        memcpy(data + len, h->storage[i].data, h->storage[i].len);
        len += h->storage[i].len;
    }
    buf_init(&out, text, cap);
    gsm_userdata_text(h->storage[0].alphabet, h->storage[0].language, data, len, &out);
    REQUIRE(buf_ok(&out) && out.len == h->out.len && memcmp(text, h->text, out.len) == 0);
    free(data);
    free(text);
}

/* The same parts from the last to the first. */
static void check_other_order(const struct heap_set *h)
{
    struct heap_set other;
    start(&other, h->set.total, h->set.count);
    for (size_t i = h->set.count; i > 0; i--)
        REQUIRE(gsm_concat_add(&other.set, &h->storage[i - 1]) == GSM_CONCAT_NEW);
    for (size_t i = 0; i < h->set.count; i++)
        REQUIRE(gsm_concat_add(&other.set, &h->storage[i]) == GSM_CONCAT_AGAIN);
    check_text(&other);
    REQUIRE(gsm_concat_is_complete(&other.set) == gsm_concat_is_complete(&h->set));
    REQUIRE(other.out.len == h->out.len && memcmp(other.text, h->text, h->out.len) == 0);
    finish(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct heap_set h;
    uint8_t total = fuzz_byte(&data, &size);
    start(&h, total, fuzz_byte(&data, &size));
    while (size > 0) {
        struct gsm_concat_part part = read_part(&data, &size);
        size_t before = h.set.count;
        check_verdict(&h, &part, before, gsm_concat_add(&h.set, &part));
    }
    check_text(&h);
    check_seamless(&h);
    check_other_order(&h);
    finish(&h);
    return 0;
}
