/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/password.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

enum {
    JUDGED_MAX = 256, /* characters: what begins so well needs no more */
    FOLDED_SIZE = 2 * 4 * JUDGED_MAX + 1,
    WORD_SIZE = 256,
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
    "bonita",       "sevilla",       "valencia",      "valladolid",
};

enum cc_err password_normalize(const char *text, size_t len, char out[PASSWORD_SIZE])
{
    size_t at = 0;
    if (len == 0 || memchr(text, '\0', len) != NULL || !utf8_compose(text, len, out, PASSWORD_SIZE))
        return CC_ERR_PASSWORD_FORMAT;
    size_t out_len = strlen(out), count = 0;
    while (at < out_len) {
        int32_t code = utf8_next(out, out_len, &at);
        if (code < 0 || utf8_is_unsafe(code) || ++count > PASSWORD_MOST) {
            explicit_bzero(out, PASSWORD_SIZE);
            return CC_ERR_PASSWORD_FORMAT;
        }
    }
    return CC_OK;
}

/* The bytes of the first characters of a text, `most` at most; *ret_count is their number. */
static size_t measure_text(const char *text, size_t most, size_t *ret_count)
{
    size_t count = 0, at = 0, len = strlen(text);
    while (count < most && utf8_next(text, len, &at) >= 0)
        count++;
    *ret_count = count;
    return at;
}

/* The two sides of a comparison: the password, and the words of its owner, without case and
 * accents. */
struct folded {
    char text[FOLDED_SIZE];
    char own[PASSWORD_OWN_MAX][WORD_SIZE]; /* "" = none */
};

/* The longer of two lengths, where text begins with the word of the second. */
static size_t longer_at(const char *text, const char *word, size_t len, size_t longest)
{
    return len > longest && strncmp(text, word, len) == 0 ? len : longest;
}

/* Likewise of each word of a name. */
static size_t longest_own_at(const char *text, const char *own, size_t longest)
{
    while (*own != '\0') {
        size_t len = strcspn(own, " ");
        if (len >= NAME_LEAST)
            longest = longer_at(text, own, len, longest);
        own += len + (own[len] != '\0');
    }
    return longest;
}

/* The length of the longest common word, or of the owner's, that text begins with; 0 = none. */
static size_t word_at(const struct folded *folded, const char *text)
{
    size_t longest = 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (words[i][0] == *text) /* most do not begin alike: no more of them is looked at */
            longest = longer_at(text, words[i], strlen(words[i]), longest);
    for (size_t i = 0; i < PASSWORD_OWN_MAX; i++)
        longest = longest_own_at(text, folded->own[i], longest);
    return longest;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static size_t count_left(const struct folded *folded)
{
    const char *text = folded->text;
    size_t left = 0;
    while (*text != '\0') {
        size_t word = word_at(folded, text);
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

enum cc_err password_check(const char *password, const struct password_own *own)
{
    struct folded folded = {.text = ""};
    enum cc_err err = CC_OK;
    size_t count = 0, len = measure_text(password, JUDGED_MAX, &count);
    if (count < PASSWORD_LEAST)
        return CC_ERR_PASSWORD_SHORT;
    bool fits = utf8_fold(password, len, folded.text, sizeof(folded.text));
    for (size_t i = 0; fits && i < PASSWORD_OWN_MAX && own->words[i] != NULL; i++)
        fits = utf8_fold(own->words[i], strlen(own->words[i]), folded.own[i], WORD_SIZE);
    if (!fits)
        err = CC_ERR_PASSWORD_FORMAT;
    else if (count_left(&folded) < LEFT_LEAST || is_sequence(folded.text) ||
             is_repetition(folded.text))
        err = CC_ERR_PASSWORD_COMMON;
    explicit_bzero(&folded, sizeof(folded));
    return err;
}

struct password_cost password_choose_cost(int64_t pass_us, int64_t memory_kib, int64_t wanted_us)
{
    enum { PASSES_MAX = 40 };
    enum { LEAST_KIB = 19 * 1024, ONCE_KIB = 46 * 1024 };
    struct password_cost cost = {1, PASSWORD_COST_KIB};
    int64_t us = pass_us > 0 ? pass_us : 1;
    while (cost.kib / 2 >= LEAST_KIB && (cost.kib > memory_kib || us * 3 > wanted_us * 5)) {
        cost.kib /= 2;
        us /= 2;
    }
    if (cost.kib > memory_kib && cost.kib > LEAST_KIB) {
        us = us * LEAST_KIB / cost.kib;
        cost.kib = LEAST_KIB;
    }
    cost.passes = (wanted_us + us / 2) / (us > 0 ? us : 1);
    if (cost.passes > PASSES_MAX)
        cost.passes = PASSES_MAX;
    if (cost.passes < (cost.kib < ONCE_KIB ? 2 : 1))
        cost.passes = cost.kib < ONCE_KIB ? 2 : 1;
    return cost;
}
