/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/peer.h"

#include "base/list.h"

#include <arpa/inet.h>
#include <string.h>

enum { V4_OFFSET = 12, NETWORK_BYTES = 8 };

static struct in6_addr map_v4(struct in_addr v4)
{
    struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    memcpy(&mapped.s6_addr[V4_OFFSET], &v4, sizeof(v4));
    return mapped;
}

static bool parse_address(const char *text, size_t len, struct in6_addr *ret)
{
    char copy[INET6_ADDRSTRLEN];
    struct in_addr v4;
    if (len >= sizeof(copy))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET6, copy, ret) == 1)
        return true;
    if (inet_pton(AF_INET, copy, &v4) != 1)
        return false;
    *ret = map_v4(v4);
    return true;
}

bool peer_parse_proxies(const char *text, struct peer_proxies *ret)
{
    struct peer_proxies proxies = {0};
    const char *item;
    size_t len;
    text += strspn(text, " ");
    for (; *text != '\0'; proxies.count++)
        if (proxies.count == PEER_PROXIES_MAX || !list_take(&text, &item, &len) ||
            !parse_address(item, len, &proxies.addresses[proxies.count]))
            return false;
    *ret = proxies;
    return true;
}

static bool is_in(const struct peer_proxies *proxies, const struct in6_addr *address)
{
    for (size_t i = 0; i < proxies->count; i++)
        if (IN6_ARE_ADDR_EQUAL(address, &proxies->addresses[i]))
            return true;
    return false;
}

/* The proxy appends the address that it sees: what stands before the last comma is hearsay. */
static bool read_forwarded(const char *forwarded, struct in6_addr *ret)
{
    const char *comma = forwarded != NULL ? strrchr(forwarded, ',') : NULL;
    const char *last = comma != NULL ? comma + 1 : forwarded;
    if (last == NULL)
        return false;
    last += strspn(last, " \t");
    return parse_address(last, strcspn(last, " \t"), ret);
}

bool peer_read_address(const struct sockaddr *address, struct in6_addr *ret)
{
    if (address->sa_family == AF_INET)
        *ret = map_v4(((const struct sockaddr_in *)(const void *)address)->sin_addr);
    else if (address->sa_family == AF_INET6)
        *ret = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    else
        return false;
    return true;
}

bool peer_is_listed(const struct sockaddr *address, const struct peer_proxies *list)
{
    struct in6_addr from;
    return peer_read_address(address, &from) && is_in(list, &from);
}

/* inet_ntop() does it by sprintf(), which takes as long as a keyed hash. */
static void write_v4(const uint8_t bytes[4], char out[INET6_ADDRSTRLEN])
{
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            *out++ = '.';
        if (bytes[i] >= 100)
            *out++ = (char)('0' + bytes[i] / 100);
        if (bytes[i] >= 10)
            *out++ = (char)('0' + bytes[i] / 10 % 10);
        *out++ = (char)('0' + bytes[i] % 10);
    }
    *out = '\0';
}

void peer_format_address(const struct in6_addr *address, char out[INET6_ADDRSTRLEN])
{
    if (IN6_IS_ADDR_V4MAPPED(address))
        write_v4(&address->s6_addr[V4_OFFSET], out);
    else
        (void)inet_ntop(AF_INET6, address, out, INET6_ADDRSTRLEN);
}

void peer_write_address(const struct sockaddr *address, const struct peer_proxies *trusted,
                        const char *forwarded, char out[INET6_ADDRSTRLEN])
{
    struct in6_addr from;
    out[0] = '\0';
    if (!peer_read_address(address, &from))
        return;
    if (is_in(trusted, &from))
        (void)read_forwarded(forwarded, &from);
    peer_format_address(&from, out);
}

struct peer peer_of(const struct sockaddr *address, const struct peer_proxies *proxies)
{
    struct peer peer = {.is_counted = true};
    if (!peer_read_address(address, &peer.address) || is_in(proxies, &peer.address))
        return (struct peer){0};
    if (IN6_IS_ADDR_V4MAPPED(&peer.address) && peer.address.s6_addr[V4_OFFSET] == IN_LOOPBACKNET)
        memset(&peer.address.s6_addr[V4_OFFSET + 1], 0, 3);
    return peer;
}

bool peer_equal(const struct peer *a, const struct peer *b)
{
    return a->is_counted == b->is_counted && IN6_ARE_ADDR_EQUAL(&a->address, &b->address);
}

bool peer_is_near(const struct peer *a, const struct peer *b)
{
    bool has_v4 = IN6_IS_ADDR_V4MAPPED(&a->address) || IN6_IS_ADDR_V4MAPPED(&b->address);
    return has_v4 || !a->is_counted || !b->is_counted
               ? peer_equal(a, b)
               : memcmp(&a->address, &b->address, NETWORK_BYTES) == 0;
}
