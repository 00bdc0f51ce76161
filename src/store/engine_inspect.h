/* SPDX-License-Identifier: EUPL-1.2 */
/* Findings about a place that is to hold the database, for a technician. */
#ifndef CC_STORE_ENGINE_INSPECT_H
#define CC_STORE_ENGINE_INSPECT_H

enum engine_grade { ENGINE_GOOD, ENGINE_WARNING, ENGINE_BAD };

/* Called for each finding: what it is about, and how that is, in a sentence. */
typedef void (*engine_say_fn)(enum engine_grade grade, const char *subject, const char *sentence,
                              void *user);

#endif
