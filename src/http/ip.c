/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { PREFIX_BYTES = 8 };

enum cc_err ip_canonical(const char *text, char ret[IP_TEXT_SIZE])
{
    struct in6_addr v6;
    struct in_addr v4;
    char plain[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET6, text, &v6) != 1) {
        if (inet_pton(AF_INET, text, &v4) != 1)
            return CC_ERR_IP_FORMAT;
    } else if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        memcpy(&v4, &v6.s6_addr[sizeof(v6) - sizeof(v4)], sizeof(v4));
    } else {
        memset(&v6.s6_addr[PREFIX_BYTES], 0, sizeof(v6) - PREFIX_BYTES);
        if (inet_ntop(AF_INET6, &v6, plain, sizeof(plain)) == NULL)
            return CC_ERR_IP_FORMAT;
        (void)snprintf(ret, IP_TEXT_SIZE, "%s/64", plain);
        return CC_OK;
    }
    if (inet_ntop(AF_INET, &v4, plain, sizeof(plain)) == NULL)
        return CC_ERR_IP_FORMAT;
    (void)snprintf(ret, IP_TEXT_SIZE, "%s", plain);
    return CC_OK;
}
