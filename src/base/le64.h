/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A number as eight bytes, the least significant first, on a machine of either order: tags
 * and sealed rows outlive the machine that made them.
 */
#ifndef CC_BASE_LE64_H
#define CC_BASE_LE64_H

#include <stddef.h>
#include <stdint.h>

enum { LE64_BYTES = 8 };

static inline void le64_put(uint8_t out[LE64_BYTES], uint64_t value)
{
    for (size_t i = 0; i < LE64_BYTES; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static inline uint64_t le64_get(const uint8_t bytes[LE64_BYTES])
{
    uint64_t value = 0;
    for (size_t i = LE64_BYTES; i > 0; i--)
        value = value << 8 | bytes[i - 1];
    return value;
}

#endif
