/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/find/claims.h"

#include "base/alloc.h"
#include "modem/modem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct claim {
    const void *owner; /* NULL = free */
    struct find_spec spec;
    const char *device;
    char usb_device[64]; /* "" = it has none */
};

struct find_claims {
    struct claim slots[MODEM_MAX];
};

struct find_claims *find_claims_new(void)
{
    struct find_claims *claims = alloc_or_abort(sizeof(*claims));
    return claims;
}

void find_claims_free(struct find_claims *claims)
{
    free(claims);
}

static struct claim *claim_of(struct find_claims *claims, const void *owner)
{
    for (size_t i = 0; claims != NULL && i < MODEM_MAX; i++)
        if (claims->slots[i].owner == owner)
            return &claims->slots[i];
    return NULL;
}

void find_claims_join(struct find_claims *claims, const void *owner, const struct find_spec *spec,
                      const char *device)
{
    struct claim *claim = claim_of(claims, NULL);
    if (claim != NULL)
        *claim = (struct claim){.owner = owner, .spec = *spec, .device = device};
}

void find_claims_leave(struct find_claims *claims, const void *owner)
{
    struct claim *claim = claim_of(claims, owner);
    if (claim != NULL)
        *claim = (struct claim){0};
}

void find_claims_set(struct find_claims *claims, const void *owner, const char *usb_device)
{
    struct claim *claim = claim_of(claims, owner);
    if (claim != NULL)
        (void)snprintf(claim->usb_device, sizeof(claim->usb_device), "%s", usb_device);
}

/* The more exact wish goes first; a wish by IMEI shows only when the modem has been asked. */
static int exactness_of(const struct find_spec *spec)
{
    static const int levels[] = {
        [FIND_DIRECT] = 3, [FIND_AUTO] = 0, [FIND_USB] = 1, [FIND_IMEI] = 0};
    return levels[spec->kind] + (spec->serial[0] != '\0');
}

/* real: where the path of a FIND_DIRECT leads; NULL = nowhere. */
static bool is_wanted_by(const struct claim *claim, const char *real, const struct link_port *port)
{
    if (claim->spec.kind == FIND_DIRECT)
        return real != NULL && strcmp(real, port->path) == 0;
    return find_spec_matches(&claim->spec, port);
}

static void mark_device(struct find_view *view, const char *usb_device)
{
    for (size_t i = 0; i < view->port_count; i++)
        if (view->ports[i].is_usb && strcmp(view->ports[i].usb_device, usb_device) == 0)
            view->taken[i] = true;
}

static void mark_wanted(const struct claim *claim, struct find_view *view)
{
    char *real = NULL;
    if (claim->spec.kind == FIND_DIRECT && claim->device[0] == '/')
        real = realpath(claim->device, NULL);
    for (size_t i = 0; i < view->port_count; i++)
        if (view->ports[i].is_usb && is_wanted_by(claim, real, &view->ports[i]))
            mark_device(view, view->ports[i].usb_device);
    free(real);
}

void find_claims_mark(const struct find_claims *claims, const void *owner, struct find_view *view)
{
    memset(view->taken, 0, sizeof(view->taken));
    int mine = 0;
    for (size_t i = 0; claims != NULL && i < MODEM_MAX; i++)
        if (claims->slots[i].owner == owner)
            mine = exactness_of(&claims->slots[i].spec);
    for (size_t i = 0; claims != NULL && i < MODEM_MAX; i++) {
        const struct claim *claim = &claims->slots[i];
        if (claim->owner == NULL || claim->owner == owner)
            continue;
        if (claim->usb_device[0] != '\0')
            mark_device(view, claim->usb_device);
        else if (exactness_of(&claim->spec) > mine)
            mark_wanted(claim, view);
    }
}

size_t find_claims_waiting(const struct find_claims *claims)
{
    size_t count = 0;
    if (claims == NULL)
        return 1;
    for (size_t i = 0; i < MODEM_MAX; i++)
        count += claims->slots[i].owner != NULL && claims->slots[i].spec.kind != FIND_DIRECT &&
                 claims->slots[i].usb_device[0] == '\0';
    return count;
}

bool find_claims_has_imei(const struct find_claims *claims, const void *owner, const char *imei)
{
    for (size_t i = 0; claims != NULL && i < MODEM_MAX; i++) {
        const struct claim *claim = &claims->slots[i];
        if (claim->owner != NULL && claim->owner != owner && claim->spec.kind == FIND_IMEI &&
            strcmp(claim->spec.imei, imei) == 0)
            return true;
    }
    return false;
}
