/* SPDX-License-Identifier: EUPL-1.2 */
#include "cert/trust.h"

#include "base/fsx.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void add_fn(struct cert_trust *trust, const void *bytes, size_t len);

static const char begin_mark[] = "-----BEGIN";

struct cert_trust *cert_trust_new(void)
{
    return calloc(1, sizeof(struct cert_trust));
}

static gnutls_x509_crt_fmt_t format_of(const void *bytes, size_t len)
{
    return memmem(bytes, len, begin_mark, sizeof(begin_mark) - 1) != NULL ? GNUTLS_X509_FMT_PEM
                                                                          : GNUTLS_X509_FMT_DER;
}

void cert_trust_add_roots(struct cert_trust *trust, const void *bytes, size_t len)
{
    const gnutls_datum_t data = {(unsigned char *)(uintptr_t)bytes, (unsigned)len};
    gnutls_x509_crt_t found[CERT_ROOTS_MAX];
    unsigned count = CERT_ROOTS_MAX - trust->root_count;
    int result = gnutls_x509_crt_list_import(found, &count, &data, format_of(bytes, len), 0);
    for (int i = 0; i < result; i++)
        if (gnutls_x509_crt_get_ca_status(found[i], NULL) == 1)
            trust->roots[trust->root_count++] = found[i];
        else
            gnutls_x509_crt_deinit(found[i]);
}

void cert_trust_add_list(struct cert_trust *trust, const void *bytes, size_t len)
{
    const gnutls_datum_t data = {(unsigned char *)(uintptr_t)bytes, (unsigned)len};
    gnutls_x509_crl_t list;
    if (trust->list_count == CERT_LISTS_MAX || gnutls_x509_crl_init(&list) < 0)
        return;
    if (gnutls_x509_crl_import(list, &data, format_of(bytes, len)) == 0)
        trust->lists[trust->list_count++] = list;
    else
        gnutls_x509_crl_deinit(list);
}

static void add_file(struct cert_trust *trust, const char *path, size_t max, add_fn *add)
{
    size_t len = 0;
    void *bytes = malloc(max);
    if (bytes != NULL && fsx_read(path, bytes, max, &len) == CC_OK)
        add(trust, bytes, len);
    free(bytes);
}

static void add_folder(struct cert_trust *trust, const char *dir, size_t max, add_fn *add)
{
    char path[PATH_MAX];
    DIR *folder = opendir(dir);
    if (folder == NULL)
        return;
    for (int i = 0; i < CERT_FILES_MAX; i++) {
        const struct dirent *entry = readdir(folder);
        if (entry == NULL)
            break;
        int len = snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.' && len < (int)sizeof(path))
            add_file(trust, path, max, add);
    }
    (void)closedir(folder);
}

enum cc_err cert_trust_load(const char *root_dir, const char *list_dir, struct cert_trust *trust)
{
    add_folder(trust, root_dir, CERT_ROOT_FILE_MAX, cert_trust_add_roots);
    if (trust->root_count == 0)
        return CC_ERR_CERT_NO_TRUST;
    if (list_dir[0] != '\0')
        add_folder(trust, list_dir, CERT_LIST_FILE_MAX, cert_trust_add_list);
    return CC_OK;
}

void cert_trust_free(struct cert_trust *trust)
{
    if (trust == NULL)
        return;
    while (trust->root_count > 0)
        gnutls_x509_crt_deinit(trust->roots[--trust->root_count]);
    while (trust->list_count > 0)
        gnutls_x509_crl_deinit(trust->lists[--trust->list_count]);
    free(trust);
}
