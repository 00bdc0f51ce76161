/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Texts of the migrations, in the order of schema.c. A text that was released never changes.
 *
 * Times are UTC ms, states the numbers of the enums in the headers, 0 stands for "none" in times
 * and ids. Rows that outlive what they point to (failures, messages, audit) have no foreign key.
 * Words in braces are each engine's (struct engine_word): {id} is a number that the engine draws
 * and never gives twice, for what the audit trail names; {row} may be given again when its row is
 * gone.
 */
#ifndef CC_STORE_SCHEMA_TEXTS_H
#define CC_STORE_SCHEMA_TEXTS_H

extern const char schema_first_sql[];
extern const char schema_pool_sql[];
extern const char schema_watch_sql[];
extern const char schema_inbox_sql[];
extern const char schema_limits_sql[];
extern const char schema_lean_sql[];
extern const char schema_tags_sql[];
extern const char schema_address_sql[];
extern const char schema_box_sql[];
extern const char schema_pause_sql[];
extern const char schema_people_sql[];
extern const char schema_withheld_sql[];
extern const char schema_events_sql[];
extern const char schema_alerts_sql[];
extern const char schema_more_tags_sql[];
extern const char schema_box_samples_sql[];
extern const char schema_life_sql[];
extern const char schema_entries_sql[];
extern const char schema_lists_sql[];
extern const char schema_resend_sql[];
extern const char schema_applications_sql[];
extern const char schema_retention_sql[];
extern const char schema_last_use_sql[];
extern const char schema_phone_codes_sql[];
extern const char schema_imports_sql[];
extern const char schema_evidence_sql[];
extern const char schema_monthly_sql[];
extern const char schema_application_lists_sql[];
extern const char schema_active_sql[];
extern const char schema_client_bounds_sql[];
extern const char schema_addresses_sql[];
extern const char schema_mails_sql[];
extern const char schema_client_pins_sql[];
extern const char schema_credentials_sql[];
extern const char schema_boxes_sql[];
extern const char schema_old_keys_sql[];
extern const char schema_box_states_sql[];
extern const char schema_audit_ip_sql[];

/*
 * A new database begins with all of that version at once: the migrations make most tables several
 * times over, which takes ten times as long. test_store_whole holds it to them. What comes later is
 * a migration alone; this stays.
 */
enum { SCHEMA_WHOLE = 37 };
extern const char *const schema_whole[]; /* NULL ends it */

#endif
