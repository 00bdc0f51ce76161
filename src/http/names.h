/* SPDX-License-Identifier: EUPL-1.2 */
/* The names and addresses by which a browser may reach this computer. */
#ifndef CC_HTTP_NAMES_H
#define CC_HTTP_NAMES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

enum { NAMES_ADDRESSES_MAX = 32, NAMES_TEXT_SIZE = 256 };

struct names {
    char host[NAMES_TEXT_SIZE]; /* of the computer; "" = none that DNS could have */
    size_t count;
    /* Of its interfaces, loopback ones first; IPv4 mapped into IPv6, link-local ones left out. */
    struct in6_addr addresses[NAMES_ADDRESSES_MAX];
};

void names_collect(struct names *ret);
/* The first address that other computers reach, an IPv4 one if is_v4; NULL if there is none. */
const struct in6_addr *names_find_outer(const struct names *names, bool is_v4);

#endif
