/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Texts of the schema.
 *
 * Times are UTC ms, states the numbers of the enums in the headers, 0 stands for "none" in times
 * and ids. Rows that outlive what they point to (failures, messages, audit) have no foreign key.
 * Words in braces are each engine's (struct engine_word): {id} is a number that the engine draws
 * and never gives twice, for what the audit trail names; {row} may be given again when its row is
 * gone.
 */
#ifndef CC_STORE_SCHEMA_TEXTS_H
#define CC_STORE_SCHEMA_TEXTS_H

extern const char *const schema_steps[]; /* NULL ends them */

/*
 * A new database begins with all of that version at once: the migrations make most tables several
 * times over, which takes ten times as long. test_store_whole holds it to them. What comes later is
 * a migration alone; this stays.
 */
enum { SCHEMA_WHOLE = 37 };
extern const char *const schema_whole[]; /* NULL ends it */

#endif
