/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Makes the passwords of a real program cheap: preloaded, each new hash takes a 64th of the memory
 * that is asked for, and so much less time. A test of what a hash costs does without.
 */
#include <dlfcn.h>
#include <string.h>

#include <sodium.h>

enum { CHEAPER = 64 };

static size_t cheap(size_t bytes)
{
    return bytes / CHEAPER > crypto_pwhash_MEMLIMIT_MIN ? bytes / CHEAPER
                                                        : crypto_pwhash_MEMLIMIT_MIN;
}

static void find(const char *name, void *ret) /* POSIX's way from object to function */
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(ret, &symbol, sizeof(symbol));
}

int crypto_pwhash_str(char out[crypto_pwhash_STRBYTES], const char *password,
                      unsigned long long len, unsigned long long passes, size_t bytes)
{
    int (*real)(char *, const char *, unsigned long long, unsigned long long, size_t);
    find("crypto_pwhash_str", &real);
    return real(out, password, len, passes, cheap(bytes));
}

int crypto_pwhash_str_needs_rehash(const char hash[crypto_pwhash_STRBYTES],
                                   unsigned long long passes, size_t bytes)
{
    int (*real)(const char *, unsigned long long, size_t);
    find("crypto_pwhash_str_needs_rehash", &real);
    return real(hash, passes, cheap(bytes));
}
