/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Helpers of the fuzz targets. Each file fuzz_NAME.c is a target: libFuzzer finds inputs for it
 * (`make fuzz T=NAME`), and replay.c plays the inputs that we keep (tests/fuzz/corpus/NAME) in
 * `make check`.
 */
#ifndef CC_TESTS_FUZZ_H
#define CC_TESTS_FUZZ_H

#include "base/utf8.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* libFuzzer's: aborts when the input breaks what the target promises; always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * A stamp has two digits for its year, which mean 1990 to 2089: only a moment of those years, as
 * UTC, comes back when it is written again.
 */
static inline bool fuzz_is_stamp(int64_t at_ms)
{
    const int64_t from_ms = 631152000000, to_ms = 3786912000000; /* 1990-01-01, 2090-01-01 */
    return at_ms >= from_ms && at_ms < to_ms;
}

/* Takes one byte off the front of the input; 0 when it is used up. */
static inline uint8_t fuzz_byte(const uint8_t **data, size_t *size)
{
    if (*size == 0)
        return 0;
    (*size)--;
    return *(*data)++;
}

/* A copy that ends where its storage does, so that the sanitizer sees a read behind it. */
static inline uint8_t *fuzz_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    REQUIRE(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

#endif
