/* SPDX-License-Identifier: EUPL-1.2 */
/* The file through libConfuse: every value checked as it is read, every mistake said with its line.
 */
#ifndef CC_APP_CONFIG_GRAMMAR_H
#define CC_APP_CONFIG_GRAMMAR_H

#include "app/config.h"

#include <confuse.h>

/* NULL when the file cannot be read or taken; said already. Owns: config_forget(). */
cfg_t *config_parse(const char *path, enum config_voice voice);
/* Wipes the PINs and frees. */
void config_forget(cfg_t *cfg);
/* Says `FILE:LINE: NAME: WHAT` where the section or file ends. */
void config_complain(cfg_t *cfg, const char *name, const char *what);

#endif
