/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/credential.h"

#include <string.h>

bool credential_compares(const struct limits_per_citizen *limits,
                         const struct credential_failures *counted, bool has_contrast)
{
    int64_t limit =
        has_contrast ? limits->secret_contrast_failures_day : limits->secret_failures_day;
    int64_t count = has_contrast ? counted->with_contrast : counted->open;
    return limit == 0 || count < limit;
}

bool credential_code_is_alive(enum credential_purpose purpose, int64_t sent_ms, int64_t tries,
                              int64_t now_ms)
{
    return purpose != CREDENTIAL_NO_CODE && tries < CREDENTIAL_CODE_TRIES && now_ms >= sent_ms &&
           now_ms - sent_ms < CREDENTIAL_CODE_LIFE_MS;
}

static const char *const kinds[CREDENTIAL_KINDS] = {[CREDENTIAL_NONE] = "",
                                                    [CREDENTIAL_PASSWORD] = "contrasena",
                                                    [CREDENTIAL_TOWN_KEY] = "clave_ayto"};

const char *credential_kind_token(enum credential_kind kind)
{
    return kinds[kind];
}

enum cc_err credential_parse_kind(const char *token, enum credential_kind *ret)
{
    for (enum credential_kind kind = CREDENTIAL_NONE + 1; kind < CREDENTIAL_KINDS; kind++)
        if (strcmp(token, kinds[kind]) == 0) {
            *ret = kind;
            return CC_OK;
        }
    return CC_ERR_RANGE;
}

bool credential_is_document(const char *token)
{
    static const char *const documents[] = {"dni", "nie", "pasaporte", "permiso_conducir", "otro"};
    bool is_any = false;
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
        is_any = is_any || strcmp(token, documents[i]) == 0;
    return is_any;
}

void credential_write_key(const uint32_t numbers[CREDENTIAL_KEY_CHARS],
                          char ret[CREDENTIAL_KEY_SIZE])
{
    static const char letters[] = "23456789abcdefghjkmnpqrstvwxyz";
    enum { GROUP = 4 };
    _Static_assert(sizeof(letters) - 1 == CREDENTIAL_KEY_LETTERS, "letters of a key");
    for (size_t i = 0; i < CREDENTIAL_KEY_CHARS; i++) {
        if (i > 0 && i % GROUP == 0)
            *ret++ = '-';
        *ret++ = letters[numbers[i]];
    }
    *ret = '\0';
}

const char *credential_state_token(enum credential_state state)
{
    static const char *const tokens[CREDENTIAL_STATES] = {
        [CREDENTIAL_PENDING] = "sin_autorizar", [CREDENTIAL_ACTIVE] = "activa"};
    return tokens[state];
}
