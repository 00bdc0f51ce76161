/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/address.h"

#include "base/list.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { V4_OFFSET = 12, V4_BITS = 32, BITS = 8 * ADDRESS_BYTES, MAPPED_BITS = 96 };

struct network {
    struct address address;
    unsigned bits;
};

static const uint8_t mapped[V4_OFFSET] = {[10] = 0xff, [11] = 0xff};

bool address_is_v4(const struct address *address)
{
    return memcmp(address->bytes, mapped, V4_OFFSET) == 0;
}

enum cc_err address_parse(const char *text, struct address *ret)
{
    struct address parsed;
    memcpy(parsed.bytes, mapped, V4_OFFSET);
    int found = strchr(text, ':') != NULL ? inet_pton(AF_INET6, text, parsed.bytes)
                                          : inet_pton(AF_INET, text, parsed.bytes + V4_OFFSET);
    if (found != 1)
        return CC_ERR_IP_FORMAT;
    *ret = parsed;
    return CC_OK;
}

static struct address clear_behind(const struct address *address, unsigned bits)
{
    struct address kept = {{0}};
    memcpy(kept.bytes, address->bytes, bits / 8);
    if (bits % 8 != 0)
        kept.bytes[bits / 8] = address->bytes[bits / 8] & (uint8_t)(0xff << (8 - bits % 8));
    return kept;
}

struct address address_prefix(const struct address *address, unsigned bits)
{
    return address_is_v4(address) ? *address : clear_behind(address, bits);
}

static void format_prefix(const struct address *address, unsigned bits, char *out)
{
    char plain[INET6_ADDRSTRLEN] = "";
    struct address prefix = address_prefix(address, bits);
    (void)inet_ntop(AF_INET6, prefix.bytes, plain, sizeof(plain));
    (void)snprintf(out, ADDRESS_TEXT_SIZE, "%s/%u", plain, bits);
}

void address_format(const struct address *address, char ret[ADDRESS_TEXT_SIZE])
{
    bool is_v4 = address_is_v4(address);
    ret[0] = '\0';
    (void)inet_ntop(is_v4 ? AF_INET : AF_INET6, address->bytes + (is_v4 ? V4_OFFSET : 0), ret,
                    ADDRESS_TEXT_SIZE);
}

void address_make_keys(const struct address *address, struct address_keys *ret)
{
    ret->wide[0] = '\0';
    if (address_is_v4(address)) {
        address_format(address, ret->narrow);
        return;
    }
    format_prefix(address, ADDRESS_NARROW_BITS, ret->narrow);
    format_prefix(address, ADDRESS_WIDE_BITS, ret->wide);
}

/* "64": 1 to 3 digits, up to highest. */
static bool parse_bits(const char *text, unsigned highest, unsigned *ret)
{
    size_t len = strspn(text, "0123456789");
    if (len == 0 || len > 3 || text[len] != '\0')
        return false;
    *ret = (unsigned)strtoul(text, NULL, 10);
    return *ret <= highest;
}

static bool parse_network(const char *text, size_t len, struct network *ret)
{
    char copy[ADDRESS_TEXT_SIZE];
    if (len >= sizeof(copy))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    char *slash = strchr(copy, '/');
    if (slash != NULL)
        *slash = '\0';
    if (address_parse(copy, &ret->address) != CC_OK)
        return false;
    bool is_v4 = strchr(copy, ':') == NULL;
    unsigned bits = is_v4 ? V4_BITS : BITS;
    if (slash != NULL && !parse_bits(slash + 1, bits, &bits))
        return false;
    ret->bits = bits + (is_v4 ? MAPPED_BITS : 0);
    return true;
}

/* False: list is not a list of networks. Else *ret_count of them are in networks. */
static bool parse_list(const char *list, struct network networks[ADDRESS_NETWORKS_MAX],
                       size_t *ret_count)
{
    const char *item;
    size_t len;
    list += strspn(list, " ");
    for (*ret_count = 0; *list != '\0'; (*ret_count)++)
        if (*ret_count == ADDRESS_NETWORKS_MAX || !list_take(&list, &item, &len) ||
            !parse_network(item, len, &networks[*ret_count]))
            return false;
    return true;
}

bool address_are_networks(const char *list)
{
    struct network networks[ADDRESS_NETWORKS_MAX];
    size_t count;
    return parse_list(list, networks, &count);
}

bool address_is_in(const struct address *address, const char *list)
{
    struct network networks[ADDRESS_NETWORKS_MAX];
    size_t count;
    if (!parse_list(list, networks, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct address ours = clear_behind(address, networks[i].bits);
        struct address theirs = clear_behind(&networks[i].address, networks[i].bits);
        if (memcmp(ours.bytes, theirs.bytes, ADDRESS_BYTES) == 0)
            return true;
    }
    return false;
}
