/* SPDX-License-Identifier: EUPL-1.2 */
/* A load generator: keep-alive connections on the loopback, one request in flight on each. */
#ifndef CC_TESTS_LOAD_H
#define CC_TESTS_LOAD_H

#include <stddef.h>

struct load {
    unsigned port;
    size_t connections;
    double seconds;
    /* Writes request number n, whole, and returns its length. */
    size_t (*compose)(size_t n, char *out, size_t cap, void *user);
    const char *expect; /* must stand in every answer */
    void *user;
};

/* Requests answered per second. Ends the program with a message when an answer is not as expected.
 */
double load_run(const struct load *load);

#endif
