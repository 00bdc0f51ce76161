/* SPDX-License-Identifier: EUPL-1.2 */
/* contraclavectl evidencia: documents of evidence, shown and verified. */
#ifndef CC_APP_CTL_EVIDENCE_H
#define CC_APP_CTL_EVIDENCE_H

#include "app/config.h"
#include "app/ctl_command.h"

/* Writes the document of the id in --nombre, byte by byte as it is signed. */
int ctl_evidence_show(const struct config *config, const char *const *values, bool json);
/*
 * Verifies the documents in --fichero, one a line, without the daemon: with the key in --publica,
 * or with that of this box, and the town's seal where there is one beside the file. config: NULL
 * where --publica is given. Ends with 1 where something does not fit.
 */
int ctl_evidence_verify(const struct config *config, const char *const *values, bool json);
/* Seals the file in --fichero with the town's seal: a detached signature in a file beside it. */
int ctl_evidence_seal(const struct config *config, const char *const *values, bool json);

#endif
