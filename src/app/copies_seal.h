/* SPDX-License-Identifier: EUPL-1.2 */
/* Seals copies of the database with the configuration's `sello`, and opens them again. */
#ifndef CC_APP_COPIES_SEAL_H
#define CC_APP_COPIES_SEAL_H

#include "app/config.h"
#include "base/envelope.h"

#include <stdbool.h>

/* Seals the file `plain` into the new file `to` (0600, durable), which counts only once it was
 * opened again and found equal. Errors: CC_ERR_IO, CC_ERR_COPY_EXISTS, CC_ERR_MEMORY. */
enum cc_err copies_seal(const struct envelope *envelope, const char *plain,
                        const char *to) CC_MUST_CHECK;

/* The means by which a person opens a sealed copy. */
struct copies_opener {
    bool has_phrase;          /* asked for at the terminal */
    const char *private_path; /* file of the private key; NULL = none */
};

/* Whether the file is a sealed copy or a plain one. Errors: CC_ERR_DB_NOT_OURS (neither),
 * CC_ERR_NOT_FOUND, CC_ERR_IO. */
enum cc_err copies_find_seal(const char *path, bool *ret) CC_MUST_CHECK;
/* Opens the sealed copy `from` into the new file `plain`; leaves none behind when it fails. Errors:
 * CC_ERR_COPY_SEALED (neither was given), CC_ERR_COPY_SECRET, CC_ERR_COPY_BROKEN, CC_ERR_IO,
 * CC_ERR_MEMORY, CC_ERR_KEY_FORMAT (no private key in that file). */
enum cc_err copies_unseal(const char *from, const struct copies_opener *opener,
                          const char *plain) CC_MUST_CHECK;

/* contraclavectl copia sello: makes a seal and says where to write it; returns the exit code. */
int copies_make_seal(const struct config *config, const char *const *values, bool json);

#endif
