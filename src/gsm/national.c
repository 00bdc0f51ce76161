/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/national.h"

#include <stddef.h>

struct cell {
    uint8_t septet;
    char16_t character;
};

/* Each table holds its differences from the default one, by septet; 0 ends it (no table changes
 * septet 0). */
static const struct cell turkish_shift[] = {
    {0x47, u'Ğ'}, {0x49, u'İ'}, {0x53, u'Ş'}, {0x63, u'ç'},
    {0x67, u'ğ'}, {0x69, u'ı'}, {0x73, u'ş'}, {0, 0},
};

static const struct cell spanish_shift[] = {
    {0x09, u'ç'}, {0x41, u'Á'}, {0x49, u'Í'}, {0x4F, u'Ó'}, {0x55, u'Ú'},
    {0x61, u'á'}, {0x69, u'í'}, {0x6F, u'ó'}, {0x75, u'ú'}, {0, 0},
};

static const struct cell portuguese_shift[] = {
    {0x05, u'ê'}, {0x09, u'ç'}, {0x0B, u'Ô'}, {0x0C, u'ô'}, {0x0E, u'Á'}, {0x0F, u'á'},
    {0x12, u'Φ'}, {0x13, u'Γ'}, {0x15, u'Ω'}, {0x16, u'Π'}, {0x17, u'Ψ'}, {0x18, u'Σ'},
    {0x19, u'Θ'}, {0x1F, u'Ê'}, {0x41, u'À'}, {0x49, u'Í'}, {0x4F, u'Ó'}, {0x55, u'Ú'},
    {0x5B, u'Ã'}, {0x5C, u'Õ'}, {0x61, u'Â'}, {0x69, u'í'}, {0x6F, u'ó'}, {0x75, u'ú'},
    {0x7B, u'ã'}, {0x7C, u'õ'}, {0x7F, u'â'}, {0, 0},
};

static const struct cell turkish_locking[] = {
    {0x04, u'€'}, {0x07, u'ı'}, {0x0B, u'Ğ'}, {0x0C, u'ğ'}, {0x1C, u'Ş'},
    {0x1D, u'ş'}, {0x40, u'İ'}, {0x60, u'ç'}, {0, 0},
};

static const struct cell portuguese_locking[] = {
    {0x04, u'ê'}, {0x06, u'ú'}, {0x07, u'í'},  {0x08, u'ó'}, {0x09, u'ç'}, {0x0B, u'Ô'},
    {0x0C, u'ô'}, {0x0E, u'Á'}, {0x0F, u'á'},  {0x12, u'ª'}, {0x13, u'Ç'}, {0x14, u'À'},
    {0x15, u'∞'}, {0x16, u'^'}, {0x17, u'\\'}, {0x18, u'€'}, {0x19, u'Ó'}, {0x1A, u'|'},
    {0x1C, u'Â'}, {0x1D, u'â'}, {0x1E, u'Ê'},  {0x24, u'º'}, {0x40, u'Í'}, {0x5B, u'Ã'},
    {0x5C, u'Õ'}, {0x5D, u'Ú'}, {0x60, u'~'},  {0x7B, u'ã'}, {0x7C, u'õ'}, {0x7D, u'`'},
    {0, 0},
};

uint8_t gsm_language_known(uint8_t id)
{
    return id < GSM_LANGUAGE_COUNT ? id : GSM_LANGUAGE_DEFAULT;
}

static bool find_table(const struct cell *table, uint8_t septet, char16_t *ret)
{
    for (; table != NULL && table->septet != 0; table++) {
        if (table->septet != septet)
            continue;
        *ret = table->character;
        return true;
    }
    return false;
}

bool gsm_national_locking(uint8_t id, uint8_t septet, char16_t *ret)
{
    static const struct cell *const tables[GSM_LANGUAGE_COUNT] = {
        [GSM_LANGUAGE_TURKISH] = turkish_locking, [GSM_LANGUAGE_PORTUGUESE] = portuguese_locking};
    return find_table(tables[gsm_language_known(id)], septet, ret);
}

bool gsm_national_shift(uint8_t id, uint8_t septet, char16_t *ret)
{
    static const struct cell *const tables[GSM_LANGUAGE_COUNT] = {
        [GSM_LANGUAGE_TURKISH] = turkish_shift,
        [GSM_LANGUAGE_SPANISH] = spanish_shift,
        [GSM_LANGUAGE_PORTUGUESE] = portuguese_shift,
    };
    return find_table(tables[gsm_language_known(id)], septet, ret);
}
