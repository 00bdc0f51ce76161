/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/pack.h"

#include <stdlib.h>
#define ZLIB_CONST /* the input is read only */
#include <zlib.h>

enum {
    LEVEL = 3,        /* 256 KiB in about 2 ms */
    WINDOW_BITS = 12, /* 4 KiB: rows repeat what is near */
    GZIP = 16,        /* a gzip header instead of zlib's */
    MEMORY_LEVEL = 5, /* 16 KiB */
    WORTH = 1024      /* bytes: less fits one packet with its headers */
};

bool pack_gzip(const void *bytes, size_t len, void **ret, size_t *ret_len)
{
    z_stream z = {.next_in = bytes, .avail_in = (uInt)len, .avail_out = (uInt)len};
    if (len < WORTH || deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_BITS + GZIP, MEMORY_LEVEL,
                                    Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    Bytef *packed = malloc(len);
    z.next_out = packed;
    bool is_shorter = packed != NULL && deflate(&z, Z_FINISH) == Z_STREAM_END;
    *ret_len = z.total_out;
    (void)deflateEnd(&z);
    if (!is_shorter)
        free(packed);
    else
        *ret = packed;
    return is_shorter;
}
