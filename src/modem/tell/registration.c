/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/tell/registration.h"

enum { STAT_IDLE = 0, STAT_SEARCHING = 2, STAT_DENIED = 3, STAT_EMERGENCY = 8, STAT_LIMITED = 11 };

const char *const registration_prefixes[NETWORK_COUNT] = {[NETWORK_CS] = "+CREG:",
                                                          [NETWORK_PS] = "+CGREG:",
                                                          [NETWORK_EPS] = "+CEREG:",
                                                          [NETWORK_5GS] = "+C5GREG:"};

void registration_clear(struct registration *registration)
{
    for (int i = 0; i < NETWORK_COUNT; i++)
        registration->stat[i] = -1;
}

bool registration_take(struct registration *registration, enum registration_network network,
                       const char *line)
{
    struct reading_registration told;
    if (!reading_registration(line, registration_prefixes[network], &told))
        return false;
    registration->stat[network] = told.stat;
    registration->places[network] = told;
    return true;
}

bool registration_is_good(const struct registration *registration)
{
    for (int i = 0; i < NETWORK_COUNT; i++)
        if (reading_can_send(registration->stat[i]))
            return true;
    return false;
}

/* A card without 5G is refused there, and goes on to look for LTE. */
bool registration_is_denied(const struct registration *registration)
{
    const int *stat = registration->stat;
    return stat[NETWORK_CS] == STAT_DENIED || stat[NETWORK_EPS] == STAT_DENIED ||
           (stat[NETWORK_PS] == STAT_DENIED && stat[NETWORK_CS] < 0) || /* which is not told */
           (stat[NETWORK_5GS] == STAT_DENIED && stat[NETWORK_EPS] != STAT_SEARCHING);
}

bool registration_is_emergency(const struct registration *registration)
{
    for (int i = 0; i < NETWORK_COUNT; i++)
        if (registration->stat[i] == STAT_EMERGENCY || registration->stat[i] == STAT_LIMITED)
            return true;
    return false;
}

bool registration_is_idle(const struct registration *registration)
{
    for (int i = 0; i < NETWORK_COUNT; i++)
        if (registration->stat[i] > STAT_IDLE)
            return false;
    return true;
}

/* How much the word of a network counts: a network that messages can go by before any other, and
 * among those a network that tells its cell. */
static int weight_of(const struct registration *registration, enum registration_network network)
{
    int stat = registration->stat[network];
    if (!reading_can_send(stat))
        return stat > 0 ? 2 : stat == 0;
    return registration->places[network].area != MODEM_SAMPLE_UNKNOWN ? 4 : 3;
}

static enum registration_network find_best(const struct registration *registration)
{
    static const enum registration_network others[] = {NETWORK_5GS, NETWORK_CS, NETWORK_PS};
    enum registration_network best = NETWORK_EPS;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (weight_of(registration, others[i]) > weight_of(registration, best))
            best = others[i];
    return best;
}

void registration_fill(const struct registration *registration, struct modem_sample *sample)
{
    static const int roaming[] = {5, 7, 10};
    enum registration_network network = find_best(registration);
    int stat = registration->stat[network];
    const struct reading_registration *place = &registration->places[network];
    sample->registration = stat >= 0 ? stat : MODEM_SAMPLE_UNKNOWN;
    sample->is_roaming = reading_can_send(stat) ? 0 : MODEM_SAMPLE_UNKNOWN;
    for (size_t i = 0; i < sizeof(roaming) / sizeof(roaming[0]); i++)
        if (stat == roaming[i])
            sample->is_roaming = 1;
    if (stat < 0)
        return;
    sample->area = place->area;
    sample->cell = place->cell;
    if (place->rat != MODEM_SAMPLE_UNKNOWN)
        sample->rat = place->rat;
}
