/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Orders of contraclavectl that are more than one request to the daemon, as the table of
 * ctl_command.c names them. Each says what it did, or on stderr what went wrong, and returns the
 * exit code. values: see enum ctl_field.
 */
#ifndef CC_APP_CTL_ORDERS_H
#define CC_APP_CTL_ORDERS_H

#include "app/config.h"

#include <jansson.h>
#include <stdbool.h>

typedef int ctl_run(const struct config *config, const char *const *values, bool json);
typedef int ctl_gather(const char *socket_path, const char *path, json_t *body, json_t *answer);
typedef int ctl_follow(const char *socket_path, const json_t *answer);
typedef int ctl_stream(const char *socket_path, const char *path, json_t *body, bool json);

/* ctl_audit.c: the whole database against its key, read here from one snapshot, so that the daemon
 * is not held up, and so that it works while the daemon is stopped; 1 if something was changed. */
ctl_run ctl_audit_check;
/* ctl_base.c: looks at the server that is to hold the database, and takes a database from a file to
 * a server or back, with the service stopped. */
ctl_run ctl_base_check, ctl_base_transfer;
/* ctl_dossier.c: all that the box holds on a person: the pages of every other part than the first,
 * each as a list under its name. */
ctl_gather ctl_dossier_gather;
void ctl_dossier_print(const json_t *answer);
/* ctl_evidence.c: the document of the id in --nombre, byte by byte as it is signed. */
ctl_run ctl_evidence_show;
/*
 * Verifies the documents in --fichero, one a line, without the daemon: with the key in --publica,
 * or with that of this box, and the town's seal where there is one beside the file. config: NULL
 * where --publica is given. Ends with 1 where something does not fit.
 */
ctl_run ctl_evidence_verify;
/* Seals the file in --fichero with the town's seal: a detached signature in a file beside it. */
ctl_run ctl_evidence_seal;
/* ctl_export.c: the registry. */
ctl_run ctl_export_run;
/* ctl_follow.c: what the daemon goes on with after its answer, asked for until there is an end. */
ctl_follow ctl_follow_trial, ctl_follow_balance, ctl_follow_centre, ctl_follow_alert_trial;
/* ctl_import.c: sends a file of people, shows what is wrong with it, and registers them. */
ctl_run ctl_import_run;
/*
 * ctl_key.c: the master key as words for a paper, in contraclavectl's own process, for the day on
 * which the box is lost. Recovered from the standard input, it makes the file of a key that is
 * missing, and never replaces one; with --ensayo it makes none and tells whether the paper has this
 * box's key.
 */
ctl_run ctl_key_export, ctl_key_recover;
/* The wait for the end of a change of the master key, which the service makes. */
ctl_follow ctl_key_follow_change;
/* ctl_retention.c: waits for the end of the run and says what went; counts it, in the database
 * itself, which is only read. */
ctl_follow ctl_retention_follow;
ctl_run ctl_retention_drill;
/* ctl_trail.c: the audit trail, asked of the daemon page by page. */
ctl_gather ctl_trail_gather;
void ctl_trail_print(const json_t *answer);
ctl_stream ctl_trail_export;
/* copies.c, copies_seal.c: copies of the database, and a seal for them. */
ctl_run copies_make, copies_restore, copies_make_seal;
/* doctor.c: the whole; 0 = nothing is bad. doctor_usb.c: the udev rule of each USB modem in use. */
ctl_run doctor_run, doctor_print_rules;

/*
 * setup.c, instala: from an empty configuration to a box that has sent its first SMS. It asks,
 * writes the configuration, starts the service, waits for the modem, sends a test SMS, makes the
 * token of the sede and the link for the first administrator. Each step that is done already is
 * left as it is, so that it may be run again. given: the options, by the names of request members.
 */
int setup_run(const char *config_path, const json_t *given, bool json);

#endif
