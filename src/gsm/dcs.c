/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/dcs.h"

enum {
    HAS_CLASS = 0x10,
    CLASS_MASK = 0x03,
    COMPRESSED = 0x20,
};

uint8_t gsm_dcs_encode(enum gsm_alphabet alphabet, bool flash)
{
    static const uint8_t codes[] = {
        [GSM_ALPHABET_7BIT] = 0x00, [GSM_ALPHABET_8BIT] = 0x04, [GSM_ALPHABET_UCS2] = 0x08};
    return flash ? codes[alphabet] | HAS_CLASS : codes[alphabet];
}

/* Coding groups 00xx and 01xx, where each bit has its meaning. */
static struct gsm_dcs decode_general(uint8_t dcs)
{
    static const enum gsm_alphabet alphabets[] = {GSM_ALPHABET_7BIT, GSM_ALPHABET_8BIT,
                                                  GSM_ALPHABET_UCS2, GSM_ALPHABET_7BIT};
    const unsigned alphabet = dcs >> 2 & 3U;
    const bool is_compressed = (dcs & COMPRESSED) != 0;
    return (struct gsm_dcs){
        /* compressed text cannot be expanded here: kept as bytes, it is not lost */
        .alphabet = is_compressed ? GSM_ALPHABET_8BIT : alphabets[alphabet],
        .is_flash = (dcs & (HAS_CLASS | CLASS_MASK)) == HAS_CLASS,
        .is_readable = !is_compressed && alphabet != 3,
    };
}

/* Groups 8-F; a receiver takes a reserved one (8-B) for the default alphabet (23.038 4). */
static struct gsm_dcs decode_special(uint8_t dcs)
{
    switch (dcs >> 4) {
    case 0xF:
        return (struct gsm_dcs){
            .alphabet = dcs & 0x04 ? GSM_ALPHABET_8BIT : GSM_ALPHABET_7BIT,
            .is_flash = (dcs & CLASS_MASK) == 0,
            .is_readable = true,
        };
    case 0xE: /* message waiting, stored, in UCS-2 */
        return (struct gsm_dcs){.alphabet = GSM_ALPHABET_UCS2, .is_readable = true};
    default: /* C and D: message waiting */
        return (struct gsm_dcs){.alphabet = GSM_ALPHABET_7BIT, .is_readable = dcs >= 0xC0};
    }
}

struct gsm_dcs gsm_dcs_decode(uint8_t dcs)
{
    return dcs < 0x80 ? decode_general(dcs) : decode_special(dcs);
}
