/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/password.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

enum {
    FOLDED_SIZE = 2 * PASSWORD_SIZE,
    LEFT_LEAST = 4,   /* letters that are not part of a common word */
    SHORT_NUMBER = 4, /* digits in a row that add nothing: a year, 123 */
    STEADY_LEAST = 4, /* steps that are not those of a sequence */
    NAME_LEAST = 3,   /* a shorter name is found in too many words */
    PERIOD_MAX = 6,
};

/* Folded: no case, no accents. Found anywhere in the password; the longest of them counts. */
static const char *const words[] = {
    "password",     "passwort",      "passw0rd",      "p4ssword",       "p@ssword",
    "contrasena",   "contrasenya",   "contrasinal",   "pasahitza",      "contraclave",
    "contraclaved", "clave",         "secreto",       "secreta",        "secret",
    "admin",        "administrador", "administrator", "administracion", "operador",
    "usuario",      "supervisor",    "tecnico",       "auditor",        "registro",
    "lector",       "root",          "toor",          "default",        "changeme",
    "cambiame",     "temporal",      "prueba",        "testing",        "test",
    "letmein",      "welcome",       "bienvenido",    "bienvenida",     "iloveyou",
    "tequiero",     "teamo",         "hola",          "adios",          "ayuntamiento",
    "ajuntament",   "concello",      "udala",         "alcalde",        "alcaldesa",
    "espana",       "madrid",        "barcelona",     "realmadrid",     "barca",
    "atletico",     "futbol",        "football",      "princesa",       "princess",
    "dragon",       "monkey",        "sunshine",      "superman",       "batman",
    "pokemon",      "starwars",      "master",        "qwertyuiop",     "qwerty",
    "asdfghjkl",    "asdfgh",        "zxcvbnm",       "qazwsxedc",      "qazwsx",
    "1q2w3e4r5t",   "1q2w3e4r",      "1qaz2wsx",      "abcdefghijkl",   "abcdef",
    "abc",          "verano",        "invierno",      "primavera",      "otono",
    "enero",        "febrero",       "marzo",         "abril",          "mayo",
    "junio",        "julio",         "agosto",        "septiembre",     "octubre",
    "noviembre",    "diciembre",     "lunes",         "martes",         "miercoles",
    "jueves",       "viernes",       "sabado",        "domingo",        "jesus",
    "maria",        "carlos",        "antonio",       "mohamed",        "alejandro",
    "daniel",       "estrella",      "corazon",       "mariposa",       "carino",
    "bonita",       "barcelona",     "sevilla",       "valencia",       "valladolid",
};

enum cc_err password_normalize(const char *text, size_t len, char out[PASSWORD_SIZE])
{
    size_t at = 0;
    if (len == 0 || !utf8_compose(text, len, out, PASSWORD_SIZE))
        return CC_ERR_PASSWORD_FORMAT;
    size_t out_len = strlen(out);
    while (at < out_len) {
        int32_t code = utf8_next(out, out_len, &at);
        if (code < 0 || utf8_is_unsafe(code)) {
            explicit_bzero(out, PASSWORD_SIZE);
            return CC_ERR_PASSWORD_FORMAT;
        }
    }
    return CC_OK;
}

static size_t count_characters(const char *text)
{
    size_t count = 0, at = 0, len = strlen(text);
    while (utf8_next(text, len, &at) >= 0)
        count++;
    return count;
}

/* The length of the longest common word, or of the name, that text begins with; 0 = none. */
static size_t word_at(const char *text, const char *name)
{
    size_t longest = 0, name_len = strlen(name);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t len = strlen(words[i]);
        if (len > longest && strncmp(text, words[i], len) == 0)
            longest = len;
    }
    if (name_len >= NAME_LEAST && name_len > longest && strncmp(text, name, name_len) == 0)
        longest = name_len;
    return longest;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static size_t count_left(const char *text, const char *name)
{
    size_t left = 0;
    while (*text != '\0') {
        size_t word = word_at(text, name);
        size_t digits = strspn(text, "0123456789");
        if (word > 0) {
            text += word;
        } else if (digits > 0) {
            left += digits > SHORT_NUMBER ? digits - SHORT_NUMBER : 0;
            text += digits;
        } else {
            left += is_letter(*text);
            text++;
        }
    }
    return left;
}

/* "aaaa", "4321", "9012": each character follows from the one before. */
static bool is_sequence(const char *text)
{
    size_t others = 0;
    for (size_t i = 1; text[i] != '\0'; i++) {
        int step = text[i] - text[i - 1];
        if (step < -1 || step > 1)
            others +=
                !((text[i] == '0' && text[i - 1] == '9') || (text[i] == '9' && text[i - 1] == '0'));
    }
    return others < STEADY_LEAST;
}

/* "abab": the whole is one short piece again and again. */
static bool is_repetition(const char *text)
{
    size_t len = strlen(text);
    for (size_t period = 1; period <= PERIOD_MAX; period++) {
        if (strncmp(text + period, text, len - period) == 0)
            return true;
    }
    return false;
}

enum cc_err password_check(const char *password, const char *name)
{
    char folded[FOLDED_SIZE], folded_name[FOLDED_SIZE];
    if (count_characters(password) < PASSWORD_LEAST)
        return CC_ERR_PASSWORD_SHORT;
    if (!utf8_fold(password, strlen(password), folded, sizeof(folded)) ||
        !utf8_fold(name, strlen(name), folded_name, sizeof(folded_name)))
        return CC_ERR_PASSWORD_FORMAT;
    bool is_common = count_left(folded, folded_name) < LEFT_LEAST || is_sequence(folded) ||
                     is_repetition(folded);
    explicit_bzero(folded, sizeof(folded));
    return is_common ? CC_ERR_PASSWORD_COMMON : CC_OK;
}
