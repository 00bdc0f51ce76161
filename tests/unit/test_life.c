/* SPDX-License-Identifier: EUPL-1.2 */
/* Every act from every state: which edges there are, and what they bring with them (DOMAIN 1). */
#include "domain/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

static void each_edge(void **state)
{
    /* by the state before: the one after, "-" where there is no edge */
    static const struct {
        const char *act;
        const char *after[LIFE_STATES];
    } rows[] = {
        {"alta", {"-", "-", "activa", "activa", "-"}},
        {"suspension", {"suspendida", "-", "-", "-", "-"}},
        {"reactivacion", {"-", "activa", "-", "-", "-"}},
        {"movil", {"activa", "suspendida", "-", "-", "pendiente_movil"}},
        {"renuncia", {"baja", "baja", "-", "-", "baja"}},
        {"defuncion", {"baja", "baja", "-", "-", "baja"}},
        {"anulacion", {"baja", "baja", "-", "-", "baja"}},
        {"rectificacion", {"activa", "suspendida", "-", "-", "pendiente_movil"}},
        {"bloqueo", {"-", "-", "bloqueada", "-", "-"}},
        {"consulta", {"-", "-", "-", "bloqueada", "-"}},
        {"cambio_nif", {"baja", "baja", "-", "-", "-"}},
        {"alta_pendiente", {"-", "-", "pendiente_movil", "pendiente_movil", "-"}},
        {"comprobacion", {"-", "-", "-", "-", "activa"}},
        {"clave", {"activa", "-", "-", "-", "-"}},
        {"movil_pendiente", {"pendiente_movil", "pendiente_movil", "-", "-", "pendiente_movil"}},
    };
    (void)state;
    assert_int_equal(sizeof(rows) / sizeof(rows[0]), LIFE_ACTS);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum life_act act;
        assert_int_equal(life_act_parse(rows[i].act, &act), CC_OK);
        assert_string_equal(life_act_token(act), rows[i].act);
        for (unsigned from = 0; from < LIFE_STATES; from++) {
            enum life_state to = (enum life_state)from;
            enum cc_err err = life_next(act, (enum life_state)from, &to);
            const char *after = err == CC_OK ? life_state_token(to) : "-";
            if (strcmp(after, rows[i].after[from]) != 0)
                fail_msg("%s from %u: %s", rows[i].act, from, after);
            assert_true(err == CC_OK || err == CC_ERR_LIFE_STATE);
        }
    }
}

static void what_an_act_brings(void **state)
{
    static const struct {
        enum life_act act;
        bool ends_codes, tells;
    } rows[] = {
        {LIFE_ENROL, false, false},      {LIFE_SUSPEND, true, true},
        {LIFE_REACTIVATE, false, true},  {LIFE_CHANGE_PHONE, true, true},
        {LIFE_RENOUNCE, true, true},     {LIFE_DIE, true, false},
        {LIFE_ANNUL, true, false},       {LIFE_CORRECT, false, false},
        {LIFE_CHANGE_NIF, true, false},  {LIFE_BLOCK, false, false},
        {LIFE_LOOK, false, false},       {LIFE_ENROL_PENDING, false, false},
        {LIFE_PROVE_PHONE, false, true}, {LIFE_CHANGE_PHONE_PENDING, true, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum text_id text;
        assert_int_equal(life_ends_codes(rows[i].act), rows[i].ends_codes);
        assert_int_equal(life_tells_phone(rows[i].act, LIFE_ACTIVE, &text), rows[i].tells);
    }
}

/* DOMAIN 1: who telephones has shown no document. */
static void what_a_telephone_may_ask(void **state)
{
    static const enum life_act rows[] = {LIFE_ENROL, LIFE_SUSPEND, LIFE_PROVE_PHONE, LIFE_SEND_KEY};
    (void)state;
    for (unsigned act = 0; act < LIFE_ACTS; act++) {
        bool is_listed = false;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
            is_listed = is_listed || rows[i] == (enum life_act)act;
        assert_int_equal(life_is_for_telephone((enum life_act)act), is_listed);
    }
}

/* Only its own proof reaches a phone that may still be anybody's. */
static void a_phone_that_is_not_proven_is_told_nothing(void **state)
{
    (void)state;
    for (unsigned act = 0; act < LIFE_ACTS; act++) {
        enum text_id text;
        assert_int_equal(life_tells_phone((enum life_act)act, LIFE_PENDING, &text),
                         act == LIFE_PROVE_PHONE);
    }
}

static void words_that_are_none(void **state)
{
    enum life_act act;
    enum life_state to;
    (void)state;
    assert_int_equal(life_act_parse("altas", &act), CC_ERR_NOT_FOUND);
    assert_int_equal(life_act_parse("", &act), CC_ERR_NOT_FOUND);
    assert_string_equal(life_act_token((enum life_act)99), "desconocido");
    assert_string_equal(life_state_token((enum life_state)99), "desconocido");
    assert_int_equal(life_next((enum life_act)99, LIFE_ACTIVE, &to), CC_ERR_LIFE_STATE);
    assert_int_equal(life_next(LIFE_SUSPEND, (enum life_state)99, &to), CC_ERR_LIFE_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_edge),
        cmocka_unit_test(what_an_act_brings),
        cmocka_unit_test(what_a_telephone_may_ask),
        cmocka_unit_test(a_phone_that_is_not_proven_is_told_nothing),
        cmocka_unit_test(words_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
