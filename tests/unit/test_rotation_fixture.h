/* SPDX-License-Identifier: EUPL-1.2 */
/* A change of the master key up to its last step. */
#ifndef CC_TEST_ROTATION_FIXTURE_H
#define CC_TEST_ROTATION_FIXTURE_H

#include "tests/unit/test_store_fixture.h"

#include "store/rotation.h"

/* All rows are copied; what is left is rotation_finish(). */
static inline struct rotation *rotation_copied(struct fixture *f)
{
    const struct store_place place = {.db_path = f->db_path, .key_path = f->key_path};
    struct rotation *rotation = NULL;
    bool is_ready = false;
    assert_ok(rotation_begin(&f->store, &place, T0, &rotation));
    while (!is_ready)
        assert_ok(rotation_step(rotation, 16, &is_ready));
    return rotation;
}

#endif
