/* SPDX-License-Identifier: EUPL-1.2 */
/* Checks of the values of a modem section. "" = none, where a key may be left out. */
#include "app/config_values.h"
#include "domain/phone.h"
#include "gsm/addr.h"
#include "link/link.h"
#include "modem/find/find.h"
#include "modem/modem.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIN_MIN = 4,
    PIN_MAX = 8,
    ICCID_MIN = 18, /* ITU-T E.118: 19 with the check digit, which some cards do not print… */
    ICCID_MAX = 22, /* …and 20 as stored, with room for those who count more */
    USSD_MAX = 32,
    GPIO_DIGITS = 3,
};

static const char digits[] = "0123456789";
static const char name_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/* From min to max digits and nothing else. */
static bool is_number(const char *text, size_t min, size_t max)
{
    size_t len = strlen(text);
    return len >= min && len <= max && strspn(text, digits) == len;
}

bool config_is_device(const char *value)
{
    struct find_spec spec;
    if (!find_spec_parse(value, &spec))
        return false;
    return spec.kind != FIND_DIRECT || link_spec_is_valid(value);
}

const char *config_explain_device(const char *value)
{
    if (strncmp(value, "sim:", strlen("sim:")) != 0)
        return NULL;
    return "el módem simulado es un programa aparte: arranque simmodem --unix RUTA y escriba "
           "\"unix:RUTA\"";
}

bool config_is_pin(const char *value)
{
    return value[0] == '\0' || is_number(value, PIN_MIN, PIN_MAX);
}

bool config_is_iccid(const char *value)
{
    return value[0] == '\0' || is_number(value, ICCID_MIN, ICCID_MAX);
}

bool config_is_smsc(const char *value)
{
    return value[0] == '\0' || phone_is_centre(value);
}

/* 3GPP TS 22.030 6.5.2: begins with * or #, ends with #. */
bool config_is_ussd(const char *value)
{
    size_t len = strlen(value);
    return len == 0 || (len >= 3 && len <= USSD_MAX && strspn(value, "0123456789*#") == len &&
                        (value[0] == '*' || value[0] == '#') && value[len - 1] == '#');
}

/* To find out whether one fits, a text from outside may cost any time and memory. */
static bool has_backreference(const char *pattern)
{
    for (const char *c = strchr(pattern, '\\'); c != NULL; c = strchr(c + 2, '\\')) {
        if (c[1] >= '1' && c[1] <= '9')
            return true;
        if (c[1] == '\0')
            return false;
    }
    return false;
}

bool config_is_pattern(const char *value)
{
    regex_t compiled;
    if (value[0] == '\0')
        return true;
    if (has_backreference(value) ||
        regcomp(&compiled, value, REG_EXTENDED | REG_ICASE | REG_NOSUB) != 0)
        return false;
    regfree(&compiled);
    return true;
}

/* An alphanumeric sender has at most 11 characters, a number 20 digits (23.040 9.1.2.5). */
bool config_is_balance_sender(const char *value)
{
    return strlen(value) < GSM_ADDR_SIZE;
}

bool config_is_gpio(const char *value)
{
    static const char prefix[] = "gpiochip";
    const char *chip = value + strlen(prefix);
    if (value[0] == '\0')
        return true;
    if (strncmp(value, prefix, strlen(prefix)) != 0)
        return false;
    size_t len = strspn(chip, digits);
    return len >= 1 && len <= GPIO_DIGITS && chip[len] == ':' &&
           is_number(chip + len + 1, 1, GPIO_DIGITS);
}

bool config_is_modem_name(const char *value)
{
    size_t len = strlen(value);
    return len >= 1 && len < MODEM_NAME_SIZE && strspn(value, name_chars) == len;
}
