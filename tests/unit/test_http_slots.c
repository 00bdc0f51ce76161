/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/slots.h"

#include <arpa/inet.h>

#define S INT64_C(1000000)

static const struct slot_limits limits = {.total = 4,
                                          .phase_us = {[SLOT_HEADER] = 10 * S,
                                                       [SLOT_BODY] = 10 * S,
                                                       [SLOT_ANSWER] = 10 * S,
                                                       [SLOT_IDLE] = 30 * S},
                                          .grace_us = S};

static struct peer peer_at(const char *address, const char *proxies)
{
    struct peer_proxies parsed;
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    assert_true(peer_parse_proxies(proxies, &parsed));
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
        return peer_of((const struct sockaddr *)&v4, &parsed);
    assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
    return peer_of((const struct sockaddr *)&v6, &parsed);
}

static void test_deadlines(void **state)
{
    static const struct {
        enum slot_phase phase;
        int64_t last_us; /* the last instant at which it has not expired; 0 = never expires */
    } rows[] = {
        {SLOT_HEADER, 10 * S - 1}, {SLOT_BODY, 10 * S - 1}, {SLOT_SERVING, 0},
        {SLOT_ANSWER, 10 * S - 1}, {SLOT_IDLE, 30 * S - 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slot slot = {0};
        slot_enter(&slot, rows[i].phase, 7 * S);
        assert_false(slot_is_expired(&slot, &limits, 7 * S));
        if (rows[i].last_us == 0) {
            assert_false(slot_is_expired(&slot, &limits, INT64_MAX - 1));
            continue;
        }
        assert_false(slot_is_expired(&slot, &limits, 7 * S + rows[i].last_us));
        assert_true(slot_is_expired(&slot, &limits, 7 * S + rows[i].last_us + 1));
        slot.is_closing = true;
        assert_false(slot_is_expired(&slot, &limits, INT64_MAX - 1));
    }
    slot_enter(NULL, SLOT_BODY, 0);
}

static void test_the_victim_is_the_wait_nearest_to_its_deadline(void **state)
{
    struct slots slots = {.limits = limits};
    struct slot idle = {0}, header = {0}, serving = {0}, young = {0};
    (void)state;
    slots_add(&slots, &idle, 0);
    slot_enter(&idle, SLOT_IDLE, 0);
    slots_add(&slots, &header, 5 * S);
    slots_add(&slots, &serving, 0);
    slot_enter(&serving, SLOT_SERVING, 0);
    slots_add(&slots, &young, 20 * S - 1);
    assert_int_equal(slots.count, 4);
    assert_ptr_equal(slots_find_victim(&slots, NULL, 20 * S), &header);
    header.is_closing = true;
    assert_ptr_equal(slots_find_victim(&slots, NULL, 20 * S), &idle);
    slots_remove(&slots, &idle);
    assert_null(slots_find_victim(&slots, NULL, 20 * S));
    assert_ptr_equal(slots_find_victim(&slots, NULL, 21 * S), &young);
    slots_remove(&slots, &young);
    slots_remove(&slots, &header);
    slots_remove(&slots, &serving);
    assert_int_equal(slots.count, 0);
    assert_true(LIST_EMPTY(&slots.list));
}

static void test_a_peer_s_victim_is_its_own(void **state)
{
    struct slots slots = {.limits = limits};
    struct slot a = {.peer = peer_at("127.0.0.9", "")}, b = {.peer = peer_at("::1", "")};
    const struct peer home = peer_at("127.0.0.1", ""), six = peer_at("::1", "");
    (void)state;
    slots_add(&slots, &a, 0);
    slots_add(&slots, &b, S);
    assert_int_equal(slots_count_peer(&slots, &home), 1);
    assert_ptr_equal(slots_find_victim(&slots, &six, 5 * S), &b);
    assert_ptr_equal(slots_find_victim(&slots, &home, 5 * S), &a);
    a.is_closing = true;
    assert_int_equal(slots_count_peer(&slots, &home), 0);
    assert_null(slots_find_victim(&slots, &home, 5 * S));
}

static void test_handshakes_of_a_peer(void **state)
{
    (void)state;
    struct slots slots = {.limits = limits};
    const struct peer home = peer_at("192.0.2.1", ""), other = peer_at("192.0.2.2", "");
    const struct peer proxy = peer_at("192.0.2.1", "192.0.2.1");
    struct slot a = {.peer = home, .is_handshaking = true}, b = a, c = a, done = {.peer = home};
    struct slot *victim = &done;
    slots.limits.handshakes = 2;
    slots_add(&slots, &done, 0);
    slots_add(&slots, &a, 3 * S);
    assert_false(slots_are_handshakes_full(&slots, &home, 3 * S, &victim));
    slots_add(&slots, &b, 4 * S);
    assert_true(slots_are_handshakes_full(&slots, &home, 3 * S + 1, &victim));
    assert_null(victim); /* none has had its time yet */
    assert_true(slots_are_handshakes_full(&slots, &home, 9 * S, &victim));
    assert_ptr_equal(victim, &a);
    assert_false(slots_are_handshakes_full(&slots, &other, 9 * S, &victim));
    assert_false(slots_are_handshakes_full(&slots, &proxy, 9 * S, &victim));
    a.is_closing = true;
    assert_false(slots_are_handshakes_full(&slots, &home, 9 * S, &victim));
    slots_add(&slots, &c, 5 * S);
    b.is_handshaking = false;
    assert_false(slots_are_handshakes_full(&slots, &home, 9 * S, &victim));
    slots.limits.handshakes = 0;
    b.is_handshaking = true;
    assert_false(slots_are_handshakes_full(&slots, &home, 9 * S, &victim));
}

/* One host takes as many addresses of its IPv6 network as it likes. */
static void test_handshakes_of_a_network(void **state)
{
    (void)state;
    struct slots slots = {.limits = limits};
    const struct peer third = peer_at("2001:db8::3", ""), other = peer_at("2001:db8:0:1::1", "");
    struct slot a = {.peer = peer_at("2001:db8::1", ""), .is_handshaking = true};
    struct slot b = {.peer = peer_at("2001:db8::2", ""), .is_handshaking = true};
    struct slot *victim = NULL;
    slots.limits.handshakes = 2;
    slots_add(&slots, &a, 3 * S);
    slots_add(&slots, &b, 4 * S);
    assert_true(slots_are_handshakes_full(&slots, &third, 9 * S, &victim));
    assert_ptr_equal(victim, &a);
    assert_false(slots_are_handshakes_full(&slots, &other, 9 * S, &victim));
    assert_int_equal(slots_count_peer(&slots, &third), 0); /* connections count by address */
}

static void test_peers(void **state)
{
    static const struct {
        const char *a, *b, *proxies;
        bool same, counted, near;
    } rows[] = {
        {"127.0.0.1", "127.255.3.2", "", true, true, true},
        {"127.0.0.1", "::ffff:127.0.0.7", "", true, true, true},
        {"127.0.0.1", "::1", "", false, true, false},
        {"192.0.2.1", "192.0.2.2", "", false, true, false},
        {"2001:db8::1", "2001:db8::1", "", true, true, true},
        {"2001:db8::1", "2001:db8::ffff:0:0:2", "", false, true, true},
        {"2001:db8::1", "2001:db8:0:1::1", "", false, true, false},
        {"2001:db8::1", "2001:db8::2", "2001:db8::1", false, false, false},
        {"127.0.0.2", "127.0.0.1", "127.0.0.2", false, false, false},
        {"127.0.0.2", "::1", "127.0.0.2 ,::1", true, false, true},
        {"::ffff:127.0.0.2", "127.0.0.2", "127.0.0.2", true, false, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct peer a = peer_at(rows[i].a, rows[i].proxies),
                    b = peer_at(rows[i].b, rows[i].proxies);
        assert_int_equal(peer_equal(&a, &b), rows[i].same);
        assert_int_equal(a.is_counted, rows[i].counted);
        assert_int_equal(peer_is_near(&a, &b), rows[i].near);
        assert_int_equal(peer_is_near(&b, &a), rows[i].near);
    }
    struct sockaddr_storage local = {.ss_family = AF_UNIX};
    assert_false(peer_of((const struct sockaddr *)&local, &(struct peer_proxies){0}).is_counted);
}

static void test_the_list_of_proxies(void **state)
{
    static const struct {
        const char *text;
        int count; /* -1 = refused */
    } rows[] = {
        {"", 0},
        {"  ", 0},
        {"127.0.0.1", 1},
        {"127.0.0.1, ::1", 2},
        {" 127.0.0.1 ,::1,2001:db8::7 ", 3},
        {"1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
         "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1",
         16},
        {"1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
         "1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1",
         -1},
        {",", -1},
        {"127.0.0.1,", -1},
        {"127.0.0.1,,::1", -1},
        {"127.0.0.1 ::1", -1},
        {"127.0.0.0/8", -1},
        {"[::1]", -1},
        {"localhost", -1},
        {"1111:2222:3333:4444:5555:6666:7777:8888:9999:1111:2222", -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct peer_proxies proxies = {.count = 99};
        assert_int_equal(peer_parse_proxies(rows[i].text, &proxies), rows[i].count >= 0);
        assert_int_equal(proxies.count, rows[i].count >= 0 ? rows[i].count : 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_the_victim_is_the_wait_nearest_to_its_deadline),
        cmocka_unit_test(test_a_peer_s_victim_is_its_own),
        cmocka_unit_test(test_handshakes_of_a_peer),
        cmocka_unit_test(test_handshakes_of_a_network),
        cmocka_unit_test(test_peers),
        cmocka_unit_test(test_the_list_of_proxies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
