/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/names.h"

#include "http/peer.h"

#include <ifaddrs.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { V4_OFFSET = 12 };

static bool read_address(const struct sockaddr *from, struct in6_addr *ret)
{
    return from != NULL && peer_read_address(from, ret) && !IN6_IS_ADDR_LINKLOCAL(ret);
}

static bool is_loopback(const struct in6_addr *address)
{
    return IN6_IS_ADDR_LOOPBACK(address) ||
           (IN6_IS_ADDR_V4MAPPED(address) && address->s6_addr[V4_OFFSET] == IN_LOOPBACKNET);
}

static bool has_address(const struct names *names, const struct in6_addr *address)
{
    for (size_t i = 0; i < names->count; i++)
        if (IN6_ARE_ADDR_EQUAL(&names->addresses[i], address))
            return true;
    return false;
}

/* Adds the loopback addresses of the list, or the others. */
static void add_addresses(const struct ifaddrs *list, bool of_loopback, struct names *names)
{
    struct in6_addr address;
    for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next)
        if (names->count < NAMES_ADDRESSES_MAX && read_address(at->ifa_addr, &address) &&
            is_loopback(&address) == of_loopback && !has_address(names, &address))
            names->addresses[names->count++] = address;
}

static bool is_dns_name(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789.-") == len;
}

void names_collect(struct names *ret)
{
    struct ifaddrs *list = NULL;
    *ret = (struct names){.count = 0};
    if (gethostname(ret->host, sizeof(ret->host) - 1) != 0 || !is_dns_name(ret->host))
        ret->host[0] = '\0';
    if (getifaddrs(&list) != 0)
        return;
    add_addresses(list, true, ret);
    add_addresses(list, false, ret);
    freeifaddrs(list);
}

const struct in6_addr *names_find_outer(const struct names *names, bool is_v4)
{
    for (size_t i = 0; i < names->count; i++) {
        const struct in6_addr *address = &names->addresses[i];
        if (!is_loopback(address) && (bool)IN6_IS_ADDR_V4MAPPED(address) == is_v4)
            return address;
    }
    return NULL;
}
