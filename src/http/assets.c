/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/assets.h"

#include "http/answer.h"
#include "http/header.h"
#include "http/language.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { TAG_SIZE = 64 };

/* The rows are made by the build: ASSET(number, path, language or "", suffix, hash, Link header or
 * ""). */
#define ASSET(number, path, language, suffix, hash, links)                                         \
    extern const uint8_t asset_plain_##number[], asset_plain_##number##_end[];                     \
    extern const uint8_t asset_gzip_##number[], asset_gzip_##number##_end[];
#include "web/assets.inc"
#undef ASSET

struct asset {
    const char *path, *language, *suffix, *hash, *links;
    const uint8_t *plain, *plain_end, *gzip, *gzip_end;
};

static const struct asset assets[] = {
#define ASSET(number, path, language, suffix, hash, links)                                         \
    {path,                                                                                         \
     language,                                                                                     \
     suffix,                                                                                       \
     hash,                                                                                         \
     links,                                                                                        \
     asset_plain_##number,                                                                         \
     asset_plain_##number##_end,                                                                   \
     asset_gzip_##number,                                                                          \
     asset_gzip_##number##_end},
#include "web/assets.inc"
#undef ASSET
};

/* A document can be opened by itself: only there do policies hold. */
struct asset_type {
    const char *suffix, *type;
    bool is_document;
};

static const struct asset_type types[] = {
    {"html", "text/html; charset=utf-8", true},
    {"css", "text/css; charset=utf-8", false},
    {"js", "text/javascript; charset=utf-8", false},
    {"svg", "image/svg+xml", true},
    {"json", "application/json", true},
    {"txt", "text/plain; charset=utf-8", true},
};
static const struct asset_type unknown_type = {"", "application/octet-stream", true};

struct asset_header {
    const char *name, *value;
};

static const struct asset_header of_all[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {NULL, NULL},
};
static const struct asset_header of_documents[] = {
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
     "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
    {NULL, NULL},
};

static const char document_varies[] = "Accept-Encoding, Accept-Language, Cookie";

/* The row of the path in the language, or in the first one where the file has no language. */
static const struct asset *find_asset(const char *path, enum text_lang lang)
{
    for (size_t i = 0; i < sizeof(assets) / sizeof(assets[0]); i++) {
        const struct asset *asset = &assets[i];
        if (strcmp(asset->path, path) == 0 &&
            (asset->language[0] == '\0' || strcmp(asset->language, text_lang_token(lang)) == 0))
            return asset;
    }
    return NULL;
}

bool assets_has(const char *path)
{
    return strcmp(path, "/") == 0 || find_asset(path, TEXT_LANG_ES) != NULL;
}

/* The query's, then the cookie's that the page keeps for its operator, then the browser's. */
static enum text_lang choose_language(const struct asset_wish *wish)
{
    enum text_lang lang = TEXT_LANG_COUNT;
    const char *value;
    size_t len;
    if (wish->language != NULL)
        lang = language_of_tag(wish->language, strlen(wish->language));
    if (lang == TEXT_LANG_COUNT && header_find_cookie(wish->cookie, "idioma", &value, &len))
        lang = language_of_tag(value, len);
    return lang != TEXT_LANG_COUNT ? lang : language_of_header(wish->accept_language);
}

static const struct asset_type *type_of(const struct asset *asset)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].suffix, asset->suffix) == 0)
            return &types[i];
    return &unknown_type;
}

static bool add_headers(struct MHD_Response *response, const struct asset_header *headers)
{
    bool ok = true;
    for (; ok && headers->name != NULL; headers++)
        ok = answer_put_header(response, headers->name, headers->value);
    return ok;
}

/* The bytes are the program's own: they are neither copied nor changed. */
static struct MHD_Response *make_response(const uint8_t *data, size_t len)
{
    return MHD_create_response_from_buffer(len, (void *)(uintptr_t)data, MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *redirect_to_language(unsigned *ret_status)
{
    struct MHD_Response *response = make_response((const uint8_t *)"", 0);
    *ret_status = MHD_HTTP_FOUND;
    return answer_take_whole(response, response != NULL && add_headers(response, of_all) &&
                                           add_headers(response, of_documents) &&
                                           answer_put_header(response, "Vary", document_varies) &&
                                           answer_put_header(response, "Location", "/estado"));
}

/* What goes with the page and with the word that the browser's copy is still good. */
static bool add_validators(struct MHD_Response *response, const struct asset *asset,
                           const char *tag)
{
    /* The path of what a page loads changes with its bytes, the other paths stay. */
    bool is_loaded = strncmp(asset->path, "/web/", 5) == 0;
    const char *kept = is_loaded ? "max-age=31536000, immutable" : "no-cache";
    const char *varies = type_of(asset)->is_document ? document_varies : "Accept-Encoding";
    return answer_put_header(response, "Vary", varies) &&
           answer_put_header(response, "ETag", tag) &&
           answer_put_header(response, "Cache-Control", kept) &&
           (asset->links[0] == '\0' || answer_put_header(response, "Link", asset->links));
}

/* RFC 9110, 15.4.5: a 304 goes without these, which the browser keeps with its copy. */
static bool add_entity(struct MHD_Response *response, const struct asset *asset, bool is_gzip)
{
    const struct asset_type *type = type_of(asset);
    return add_headers(response, of_all) &&
           (!type->is_document || add_headers(response, of_documents)) &&
           answer_put_header(response, "Content-Type", type->type) &&
           (!is_gzip || answer_put_header(response, "Content-Encoding", "gzip"));
}

struct MHD_Response *assets_answer(const char *path, const struct asset_wish *wish,
                                   unsigned *ret_status)
{
    const struct asset *asset = find_asset(path, choose_language(wish));
    if (asset == NULL)
        return redirect_to_language(ret_status);
    bool is_gzip = header_takes_gzip(wish->accept_encoding);
    const uint8_t *data = is_gzip ? asset->gzip : asset->plain;
    const uint8_t *end = is_gzip ? asset->gzip_end : asset->plain_end;
    char tag[TAG_SIZE];
    (void)snprintf(tag, sizeof(tag), "\"%s%s\"", asset->hash, is_gzip ? "-gz" : "");
    bool is_known = header_has_tag(wish->if_none_match, tag);
    struct MHD_Response *response = make_response(data, (size_t)(end - data));
    *ret_status = is_known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK;
    return answer_take_whole(response, response != NULL && add_validators(response, asset, tag) &&
                                           (is_known || add_entity(response, asset, is_gzip)));
}
