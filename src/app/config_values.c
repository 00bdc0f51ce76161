/* SPDX-License-Identifier: EUPL-1.2 */
#include "app/config_values.h"
#include "app/copies.h"
#include "base/envelope.h"
#include "base/list.h"
#include "base/log.h"
#include "base/utf8.h"
#include "domain/address.h"
#include "domain/expiry.h"
#include "domain/limits.h"
#include "domain/period.h"
#include "domain/text.h"
#include "http/listen.h"
#include "http/peer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    TITLE_MAX = 120,
    SMS_NAME_SEPTETS = 30,
    SOCKET_PATH_MAX = 107, /* sun_path of unix(7), without its terminator */
    DOMAIN_MAX = 63,
    BOX_NAME_MAX = 63,
    SMS_NUMBERS_MAX = 60,
    QUESTIONS_MAX = 180,
    TOWN_PHONE_MAX = 30,
    IDENTITIES_MAX = 16,
    IDENTITY_MAX = 32
};

static const char digits[] = "0123456789";
static const char box_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
static const char domain_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";

bool config_read_text(const struct config_key *key, const char *value, void *out)
{
    if (!key->is_valid(value))
        return false;
    memcpy(out, &value, sizeof(value));
    return true;
}

bool config_read_int(const struct config_key *key, const char *value, void *out)
{
    /* strtoll would also take blanks, signs and nothing at all */
    size_t len = strlen(value);
    if (len == 0 || len > 18 || strspn(value, digits) != len)
        return false;
    int64_t number = strtoll(value, NULL, 10);
    if ((double)number < key->min || (double)number > key->max)
        return false;
    memcpy(out, &number, sizeof(number));
    return true;
}

bool config_read_seconds(const struct config_key *key, const char *value, void *out)
{
    size_t len = strlen(value);
    char *end;
    double seconds = strtod(value, &end);
    if (len == 0 || strspn(value, "0123456789.") != len || *end != '\0')
        return false;
    if (!(seconds >= key->min && seconds <= key->max))
        return false;
    int64_t ms = (int64_t)(seconds * 1000 + 0.5);
    memcpy(out, &ms, sizeof(ms));
    return true;
}

bool config_read_flag(const struct config_key *key, const char *value, void *out)
{
    static const struct {
        const char *word;
        bool flag;
    } words[] = {{"si", true},  {"sí", true},  {"true", true},
                 {"yes", true}, {"no", false}, {"false", false}};
    (void)key;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].word, value) == 0) {
            memcpy(out, &words[i].flag, sizeof(bool));
            return true;
        }
    }
    return false;
}

bool config_read_word(const struct config_key *key, const char *value, void *out)
{
    for (const struct config_word *row = key->words; row->word != NULL; row++) {
        if (strcmp(row->word, value) == 0) {
            memcpy(out, &row->value, sizeof(row->value));
            return true;
        }
    }
    return false;
}

bool config_read_period(const struct config_key *key, const char *value, void *out)
{
    struct period period;
    (void)key;
    if (period_parse(value, &period) != CC_OK)
        return false;
    memcpy(out, &period, sizeof(period));
    return true;
}

bool config_is_line(const char *value)
{
    for (const char *c = value; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return false;
    return utf8_is_valid(value, strlen(value));
}

bool config_is_any(const char *value)
{
    (void)value;
    return true;
}

bool config_is_title(const char *value)
{
    return value[0] != '\0' && strlen(value) <= TITLE_MAX;
}

bool config_is_sms_name(const char *value)
{
    size_t septets = 0;
    return value[0] != '\0' && text_fits_gsm7(value, strlen(value), &septets, NULL) == CC_OK &&
           septets <= SMS_NAME_SEPTETS;
}

bool config_is_zone(const char *value)
{
    return expiry_zone_exists(value);
}

bool config_is_profile(const char *value)
{
    return limits_profile(value) != NULL;
}

bool config_is_path(const char *value)
{
    return value[0] != '\0';
}

/* An address of a server that is misspelt, or of another kind of one, is no file. */
bool config_is_database(const char *value)
{
    return config_is_path(value) && (store_is_on_server(value) || strstr(value, ":/") == NULL);
}

bool config_is_socket(const char *value)
{
    return value[0] != '\0' && strlen(value) <= SOCKET_PATH_MAX;
}

bool config_is_networks(const char *value)
{
    return address_are_networks(value);
}

bool config_is_proxies(const char *value)
{
    struct peer_proxies proxies;
    return peer_parse_proxies(value, &proxies);
}

bool config_is_listen(const char *value)
{
    struct listen_list list;
    return listen_parse(value, &list) == CC_OK;
}

const char *config_explain_listen(const char *value)
{
    return listen_is_exposed(value) ? "sin cifrar solo se puede atender a este mismo equipo "
                                      "(127.0.0.1 o [::1]); escriba "
                                      "https:// delante de la dirección, como "
                                      "\"https://0.0.0.0:8443\", para atender con "
                                      "TLS a otros"
                                    : NULL;
}

bool config_is_box_name(const char *value)
{
    size_t len = strlen(value);
    return len <= BOX_NAME_MAX && strspn(value, box_chars) == len;
}

bool config_is_seal(const char *value)
{
    struct envelope envelope;
    return value[0] == '\0' || envelope_parse(value, &envelope);
}

bool config_is_copies_target(const char *value)
{
    return value[0] == '\0' || copies_is_target(value);
}

bool config_is_domain(const char *value)
{
    size_t len = strlen(value);
    return len == 0 ||
           (len <= DOMAIN_MAX && strspn(value, domain_chars) == len && strchr(value, '.') != NULL &&
            value[0] != '.' && value[len - 1] != '.' && strstr(value, "..") == NULL);
}

bool config_are_identities(const char *value)
{
    const char *name;
    size_t len;
    value += strspn(value, " ");
    for (size_t count = 0; *value != '\0'; count++)
        if (count == IDENTITIES_MAX || !list_take(&value, &name, &len) || len > IDENTITY_MAX ||
            strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") < len)
            return false;
    return true;
}

/* Those that a person has answered are kept as a reason: all of them fit in one. */
bool config_are_questions(const char *value)
{
    bool is_good = strlen(value) <= QUESTIONS_MAX;
    while (is_good && *value != '\0') {
        value += strspn(value, " ");
        size_t len = strcspn(value, ",");
        is_good = len > 0 && !(value[len] == ',' && value[len + 1] == '\0');
        value += len + (value[len] == ',');
    }
    return is_good;
}

bool config_is_town_phone(const char *value)
{
    size_t len = strlen(value);
    return len == 0 || (len >= 3 && len <= TOWN_PHONE_MAX && strspn(value, "+ 0123456789") == len);
}

bool config_are_sms_numbers(const char *value)
{
    size_t len = strlen(value);
    return len <= SMS_NUMBERS_MAX && strspn(value, "+ 0123456789,") == len;
}
