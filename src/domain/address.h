/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The address of an end user as the limits of DOMAIN 5 count it: IPv4 as it is, of IPv6 the /64,
 * because one subscriber draws as many addresses from it as he likes, and also the /48, because one
 * site may have 65536 of them. Pure.
 */
#ifndef CC_DOMAIN_ADDRESS_H
#define CC_DOMAIN_ADDRESS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    ADDRESS_BYTES = 16,
    ADDRESS_TEXT_SIZE = 50,
    ADDRESS_NETWORKS_MAX = 16,
    ADDRESS_NARROW_BITS = 64,
    ADDRESS_WIDE_BITS = 48
};

/* IPv4 is mapped into IPv6 (RFC 4291, 2.5.5.2). */
struct address {
    uint8_t bytes[ADDRESS_BYTES];
};

/* Keys of the counters of one address; "" = not counted. */
struct address_keys {
    char narrow[ADDRESS_TEXT_SIZE]; /* "192.0.2.1", "2001:db8:1:2::/64" */
    char wide[ADDRESS_TEXT_SIZE];   /* "" for IPv4, "2001:db8:1::/48" */
};

/* Errors: CC_ERR_IP_FORMAT. */
enum cc_err address_parse(const char *text, struct address *ret) CC_MUST_CHECK;
bool address_is_v4(const struct address *address);
/* The address with every bit behind the first `bits` cleared; IPv4 stays as it is. */
struct address address_prefix(const struct address *address, unsigned bits);
/* "192.0.2.1", "2001:db8::1". */
void address_format(const struct address *address, char ret[ADDRESS_TEXT_SIZE]);
void address_make_keys(const struct address *address, struct address_keys *ret);

/* "10.0.0.0/8, 2001:db8::/32, 192.0.2.7": at most ADDRESS_NETWORKS_MAX, "" = none. */
bool address_are_networks(const char *list);
/* Whether the address is in one of the networks of a list that address_are_networks() accepts. */
bool address_is_in(const struct address *address, const char *list);

#endif
