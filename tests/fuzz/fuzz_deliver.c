/* SPDX-License-Identifier: EUPL-1.2 */
/* gsm/deliver: a PDU is decoded or refused; what was decoded is text, and survives being encoded
   again. */
#include "fuzz.h"

#include "gsm/userdata.h"
#include "sim/tpdu.h"

/* Tells whether our encoder could write the PDU: an 8-bit reference, and whole UCS-2 characters. */
static bool is_writable(const struct gsm_deliver *deliver)
{
    struct gsm_part part = {
        .alphabet = deliver->alphabet, .concat = deliver->concat, .data_len = deliver->data_len};
    return gsm_userdata_fits(&part) && deliver->language.shift == 0 &&
           deliver->language.locking == 0;
}

static void check_text(const struct gsm_deliver *deliver)
{
    uint8_t storage[3 * sizeof(deliver->data) + 1];
    struct buf text;
    buf_init(&text, storage, sizeof(storage));
    gsm_deliver_text(deliver, &text);
    REQUIRE(buf_ok(&text));
    REQUIRE(utf8_is_valid((const char *)storage, text.len));
    REQUIRE(memchr(storage, 0, text.len) == NULL);
}

static void check_same(const struct gsm_deliver *a, const struct gsm_deliver *b)
{
    REQUIRE(strcmp(a->smsc.text, b->smsc.text) == 0);
    REQUIRE(strcmp(a->from.text, b->from.text) == 0);
    REQUIRE(!fuzz_is_stamp(a->sent_ms) || a->sent_ms == b->sent_ms);
    REQUIRE(a->pid == b->pid && a->alphabet == b->alphabet);
    REQUIRE(a->concat.present == b->concat.present && a->concat.reference == b->concat.reference);
    REQUIRE(a->concat.total == b->concat.total && a->concat.index == b->concat.index);
    REQUIRE(a->data_len == b->data_len && memcmp(a->data, b->data, a->data_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gsm_deliver deliver, again;
    uint8_t storage[GSM_PDU_MAX];
    struct buf pdu;
    size_t tpdu_len = 0;
    if (!gsm_deliver_decode(data, size, &deliver))
        return 0;
    REQUIRE(deliver.data_len <= sizeof(deliver.data));
    REQUIRE(utf8_is_valid(deliver.from.text, strlen(deliver.from.text)));
    check_text(&deliver);
    buf_init(&pdu, storage, sizeof(storage));
    if (!sim_deliver_encode(&deliver, &pdu, &tpdu_len)) {
        REQUIRE(!is_writable(&deliver));
        return 0;
    }
    REQUIRE(tpdu_len > 0 && tpdu_len < pdu.len);
    REQUIRE(gsm_deliver_decode(pdu.data, pdu.len, &again));
    check_same(&deliver, &again);
    for (size_t len = 0; len < pdu.len; len++) /* cut anywhere, it is refused or said to be cut */
        REQUIRE(!gsm_deliver_decode(pdu.data, len, &again) || again.is_cut ||
                strcmp(again.from.text, deliver.from.text) != 0);
    return 0;
}
