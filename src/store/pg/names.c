/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The servers' names, looked up beside the loop: libpq would wait for a name server, for as long as
 * that takes. What libpq is given are the addresses, with the name of each, which its certificate
 * and the file of passwords go by. Source: getaddrinfo_a(3), PostgreSQL manual 34.1.1.3.
 */
#include "store/pg/private.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { HOSTS_MAX = 8, PLACE_SIZE = 256, LIST_SIZE = 4 * HOSTS_MAX * PLACE_SIZE };

struct pg_host {
    char name[PLACE_SIZE], port[16];
    bool is_name;
    bool is_asked; /* request is the resolver's until it says that it is done */
    struct addrinfo hints;
    struct gaicb request;
};

struct pg_names {
    struct pg_host hosts[HOSTS_MAX];
    size_t count;
    char host[LIST_SIZE], hostaddr[LIST_SIZE], port[LIST_SIZE];
};

/* The next part of a list, whose rest is then *list_io; the last one stays for all that follow. */
static void take_part(const char **list_io, char *ret, size_t size)
{
    const char *list = *list_io;
    size_t len = strcspn(list, ",");
    (void)snprintf(ret, size, "%.*s", (int)len, list);
    if (list[len] == ',')
        *list_io = list + len + 1;
}

static bool is_number(const char *host)
{
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    bool is_known = getaddrinfo(host, NULL, &hints, &found) == 0;
    if (is_known)
        freeaddrinfo(found);
    return is_known;
}

static void read_hosts(struct pg_names *names, const char *hosts, const char *ports)
{
    const char *before = NULL;
    while (hosts != before && names->count < HOSTS_MAX) {
        struct pg_host *host = &names->hosts[names->count++];
        before = hosts;
        take_part(&hosts, host->name, sizeof(host->name));
        take_part(&ports, host->port, sizeof(host->port));
        host->is_name = host->name[0] != '\0' && host->name[0] != '/' && !is_number(host->name);
    }
}

bool pg_names_read(struct pg_db *pg)
{
    const char *hosts = pg_address_value(&pg->address, "host");
    const char *ports = pg_address_value(&pg->address, "port");
    if (hosts == NULL || pg_address_value(&pg->address, "hostaddr") != NULL)
        return true;
    struct pg_names *names = calloc(1, sizeof(*names));
    if (names == NULL)
        return false;
    read_hosts(names, hosts, ports != NULL ? ports : "");
    bool has_name = false;
    for (size_t i = 0; i < names->count; i++)
        has_name |= names->hosts[i].is_name;
    if (has_name)
        pg->names_of = names;
    else
        free(names);
    return true;
}

void pg_names_ask(struct pg_db *pg)
{
    struct pg_names *names = pg->names_of;
    for (size_t i = 0; names != NULL && i < names->count; i++) {
        struct pg_host *host = &names->hosts[i];
        struct gaicb *list[] = {&host->request};
        if (!host->is_name || (host->is_asked && gai_error(&host->request) == EAI_INPROGRESS))
            continue;
        if (host->request.ar_result != NULL)
            freeaddrinfo(host->request.ar_result);
        host->hints = (struct addrinfo){.ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_STREAM};
        host->request = (struct gaicb){.ar_name = host->name, .ar_request = &host->hints};
        host->is_asked = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) == 0;
    }
}

static bool is_open(const struct pg_host *host)
{
    return host->is_asked && gai_error((struct gaicb *)(uintptr_t)&host->request) == EAI_INPROGRESS;
}

bool pg_names_are_known(const struct pg_db *pg)
{
    for (size_t i = 0; pg->names_of != NULL && i < pg->names_of->count; i++)
        if (is_open(&pg->names_of->hosts[i]))
            return false;
    return true;
}

void pg_names_wait(const struct pg_db *pg, int timeout_ms)
{
    const struct gaicb *list[HOSTS_MAX] = {NULL};
    const struct timespec timeout = {.tv_sec = timeout_ms / 1000,
                                     .tv_nsec = timeout_ms % 1000 * 1000000L};
    int count = 0;
    for (size_t i = 0; pg->names_of != NULL && i < pg->names_of->count; i++)
        if (is_open(&pg->names_of->hosts[i]))
            list[count++] = &pg->names_of->hosts[i].request;
    if (count > 0)
        (void)gai_suspend(list, count, &timeout);
}

/* Of those that a name server makes up without end, the first: libpq is given no part of a place.
 */
static bool has_room(const char list[LIST_SIZE], const char *part)
{
    return strlen(list) + strlen(part) + sizeof(",") <= LIST_SIZE;
}

static void add_part(char list[LIST_SIZE], const char *part, bool is_first)
{
    size_t len = strlen(list);
    (void)snprintf(list + len, LIST_SIZE - len, "%s%s", is_first ? "" : ",", part);
}

static void add_place(struct pg_names *names, const struct pg_host *host, const char *address,
                      size_t *count_io)
{
    bool is_first = *count_io == 0;
    if (!has_room(names->host, host->name) || !has_room(names->hostaddr, address) ||
        !has_room(names->port, host->port))
        return;
    (*count_io)++;
    add_part(names->host, host->name, is_first);
    add_part(names->hostaddr, address, is_first);
    add_part(names->port, host->port, is_first);
}

static void add_addresses(struct pg_names *names, const struct pg_host *host, size_t *count_io)
{
    char text[PLACE_SIZE];
    if (!host->is_asked || gai_error((struct gaicb *)(uintptr_t)&host->request) != 0)
        return;
    for (const struct addrinfo *a = host->request.ar_result; a != NULL; a = a->ai_next)
        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) ==
            0)
            add_place(names, host, text, count_io);
}

bool pg_names_apply(struct pg_db *pg, struct pg_address *address_io)
{
    struct pg_names *names = pg->names_of;
    size_t count = 0;
    if (names == NULL)
        return true;
    names->host[0] = names->hostaddr[0] = names->port[0] = '\0';
    for (size_t i = 0; i < names->count; i++)
        if (names->hosts[i].is_name)
            add_addresses(names, &names->hosts[i], &count);
        else
            add_place(names, &names->hosts[i],
                      names->hosts[i].name[0] == '/' ? "" : names->hosts[i].name, &count);
    pg_address_set(address_io, "host", names->host);
    pg_address_set(address_io, "hostaddr", names->hostaddr);
    if (pg_address_value(address_io, "port") != NULL)
        pg_address_set(address_io, "port", names->port);
    return count > 0;
}

/* The resolver keeps what it still works on: that is left to it. */
void pg_names_free(struct pg_db *pg)
{
    struct pg_names *names = pg->names_of;
    bool is_free = true;
    for (size_t i = 0; names != NULL && i < names->count; i++) {
        struct pg_host *host = &names->hosts[i];
        if (host->is_asked && gai_cancel(&host->request) == EAI_NOTCANCELED)
            is_free = false;
        else if (host->request.ar_result != NULL)
            freeaddrinfo(host->request.ar_result);
    }
    if (is_free)
        free(names);
    pg->names_of = NULL;
}
