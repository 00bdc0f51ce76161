/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/upload.h"

#include "base/secret_old.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PARSER_BYTES = 16 * 1024, DIGEST_BLOCK = 4096, NO_FIELD = JSON_FIELDS_MAX };

struct digest {
    uint8_t tag[UPLOAD_DIGEST_BYTES];
    size_t len;
    uint8_t block[DIGEST_BLOCK];
};

struct upload {
    const struct service *service;
    const struct upload_sink *sink;
    const struct json_shape *shape;
    struct MHD_PostProcessor *parser;
    void *user; /* the sink's */
    enum cc_err err;
    char *field; /* where the error's field is named, during upload_take() */
    size_t parts, files;
    bool is_in_file;
    size_t file_len;
    size_t open; /* the text that is coming in; NO_FIELD = none */
    struct json_value in[JSON_FIELDS_MAX];
    size_t used; /* of texts */
    char texts[UPLOAD_TEXTS_MAX];
    struct digest digest;
};

static void close_block(const struct upload *upload, struct digest *digest)
{
    secret_root_tag(upload->service->store->keys, SECRET_USE_IDEMPOTENCY, digest->tag,
                    sizeof(digest->tag), digest->block, digest->len, digest->tag);
    digest->len = 0;
}

static void add_digest(struct upload *upload, const void *bytes, size_t len)
{
    struct digest *digest = &upload->digest;
    const uint8_t *at = bytes;
    while (len > 0) {
        size_t room = sizeof(digest->block) - digest->len, take = len < room ? len : room;
        memcpy(digest->block + digest->len, at, take);
        digest->len += take;
        at += take;
        len -= take;
        if (digest->len == sizeof(digest->block))
            close_block(upload, digest);
    }
}

static enum cc_err blame_field(struct upload *upload, const char *field, enum cc_err err)
{
    json_name_field(upload->field,
                    json_is_name(field) || json_shape_find(upload->shape, field) != NO_FIELD ? field
                                                                                             : "");
    return err;
}

static enum cc_err end_part(struct upload *upload)
{
    bool was_file = upload->is_in_file;
    if (upload->open != NO_FIELD)
        upload->texts[upload->used++] = '\0';
    upload->open = NO_FIELD;
    upload->is_in_file = false;
    enum cc_err err = was_file ? upload->sink->end(upload->user) : CC_OK;
    return err == CC_OK ? CC_OK : blame_field(upload, upload->sink->field, err);
}

static enum cc_err begin_file(struct upload *upload)
{
    if (upload->files == upload->sink->files_max)
        return blame_field(upload, upload->sink->field, CC_ERR_FILE_COUNT);
    upload->files++;
    upload->file_len = 0;
    upload->is_in_file = true;
    return upload->sink->begin(upload->user);
}

static enum cc_err begin_text(struct upload *upload, const char *key)
{
    size_t field = json_shape_find(upload->shape, key);
    if (field == NO_FIELD)
        return blame_field(upload, key, CC_ERR_FIELD_UNKNOWN);
    if (upload->in[field].text != NULL)
        return blame_field(upload, key, CC_ERR_JSON_DUPLICATE);
    if (upload->used == sizeof(upload->texts))
        return blame_field(upload, key, CC_ERR_FIELD_LENGTH);
    upload->in[field] = (struct json_value){.text = upload->texts + upload->used, .is_given = true};
    upload->open = field;
    return CC_OK;
}

/* The parser names the encoding of a part only where the part does: bodies of HTTP have none. */
static enum cc_err begin_part(struct upload *upload, const char *key, const char *encoding)
{
    enum cc_err err = end_part(upload);
    if (err != CC_OK)
        return err;
    if (++upload->parts > UPLOAD_PARTS_MAX)
        return CC_ERR_MULTIPART;
    if (encoding != NULL && strcasecmp(encoding, "binary") != 0 &&
        strcasecmp(encoding, "8bit") != 0 && strcasecmp(encoding, "7bit") != 0)
        return CC_ERR_MULTIPART;
    add_digest(upload, key, strlen(key) + 1);
    return strcmp(key, upload->sink->field) == 0 ? begin_file(upload) : begin_text(upload, key);
}

static enum cc_err add_to_file(struct upload *upload, const char *bytes, size_t len)
{
    if (len > upload->sink->file_bytes_max - upload->file_len)
        return blame_field(upload, upload->sink->field, CC_ERR_FILE_TOO_LARGE);
    upload->file_len += len;
    enum cc_err err = len > 0 ? upload->sink->add(upload->user, bytes, len) : CC_OK;
    return err == CC_OK ? CC_OK : blame_field(upload, upload->sink->field, err);
}

static enum cc_err add_to_text(struct upload *upload, const char *bytes, size_t len)
{
    const struct json_field *field = &upload->shape->fields[upload->open];
    struct json_value *value = &upload->in[upload->open];
    if (len > field->max_bytes - value->len || len >= sizeof(upload->texts) - upload->used)
        return blame_field(upload, field->name, CC_ERR_FIELD_LENGTH);
    memcpy(upload->texts + upload->used, bytes, len);
    upload->used += len;
    value->len += len;
    return CC_OK;
}

/* The parser may begin a part with a call without bytes before the first that has some. */
static bool is_same_part(const struct upload *upload, const char *key, uint64_t offset)
{
    if (offset > 0)
        return true;
    if (upload->is_in_file)
        return upload->file_len == 0 && strcmp(key, upload->sink->field) == 0;
    return upload->open != NO_FIELD && upload->in[upload->open].len == 0 &&
           strcmp(key, upload->shape->fields[upload->open].name) == 0;
}

static enum MHD_Result on_part(void *user, enum MHD_ValueKind kind, const char *key,
                               const char *filename, const char *type, const char *encoding,
                               const char *bytes, uint64_t offset, size_t len)
{
    struct upload *upload = user;
    enum cc_err err = key != NULL ? CC_OK : CC_ERR_MULTIPART;
    (void)kind;
    (void)filename;
    (void)type;
    if (err == CC_OK && !is_same_part(upload, key, offset))
        err = begin_part(upload, key, encoding);
    if (err == CC_OK) {
        add_digest(upload, bytes, len);
        err =
            upload->is_in_file ? add_to_file(upload, bytes, len) : add_to_text(upload, bytes, len);
    }
    upload->err = err;
    return err == CC_OK ? MHD_YES : MHD_NO;
}

enum cc_err upload_new(struct exchange *x, const struct upload_sink *sink, struct upload **ret)
{
    static const char type[] = "multipart/form-data;";
    const char *given = exchange_header(x, MHD_HTTP_HEADER_CONTENT_TYPE);
    if (given == NULL || strncasecmp(given, type, sizeof(type) - 1) != 0)
        return CC_ERR_MULTIPART_TYPE;
    struct upload *upload = calloc(1, sizeof(*upload));
    if (upload == NULL)
        return CC_ERR_MEMORY;
    upload->service = x->service;
    upload->sink = sink;
    upload->shape = x->route->shape;
    upload->open = NO_FIELD;
    upload->parser = MHD_create_post_processor(x->connection, PARSER_BYTES, on_part, upload);
    enum cc_err err = upload->parser != NULL ? sink->open(x->service, &upload->user)
                                             : CC_ERR_MULTIPART_TYPE; /* it has no boundary */
    if (err == CC_OK)
        *ret = upload;
    else
        upload_free(upload);
    return err;
}

enum cc_err upload_take(struct upload *upload, const char *bytes, size_t len,
                        char ret_field[JSON_FIELD_NAME_SIZE])
{
    upload->field = ret_field;
    if (upload->err == CC_OK && MHD_post_process(upload->parser, bytes, len) != MHD_YES &&
        upload->err == CC_OK)
        upload->err = CC_ERR_MULTIPART;
    return upload->err;
}

static enum cc_err check_texts(struct upload *upload)
{
    for (size_t i = 0; upload->shape->fields[i].name != NULL; i++) {
        const struct json_field *field = &upload->shape->fields[i];
        const struct json_value *value = &upload->in[i];
        if (value->text == NULL && !field->optional)
            return blame_field(upload, field->name, CC_ERR_FIELD_MISSING);
        if (value->text != NULL &&
            (!utf8_is_valid(value->text, value->len) || strlen(value->text) != value->len))
            return blame_field(upload, field->name, CC_ERR_JSON_UTF8);
    }
    return upload->files > 0 || upload->sink->may_lack
               ? CC_OK
               : blame_field(upload, upload->sink->field, CC_ERR_FIELD_MISSING);
}

static void end_parser(struct upload *upload)
{
    enum MHD_Result result = MHD_destroy_post_processor(upload->parser);
    upload->parser = NULL;
    if (upload->err == CC_OK && result != MHD_YES)
        upload->err = CC_ERR_MULTIPART;
    if (upload->err == CC_OK && upload->parts == 0)
        upload->err = CC_ERR_MULTIPART; /* no form at all, although its header says so */
    if (upload->err == CC_OK)
        upload->err = end_part(upload);
    if (upload->err == CC_OK)
        upload->err = check_texts(upload);
}

enum cc_err upload_end(struct upload *upload, struct json_value ret_in[JSON_FIELDS_MAX],
                       char ret_field[JSON_FIELD_NAME_SIZE])
{
    upload->field = ret_field;
    if (upload->parser != NULL)
        end_parser(upload);
    memcpy(ret_in, upload->in, sizeof(upload->in));
    return upload->err;
}

void *upload_user(const struct upload *upload)
{
    return upload->user;
}

void upload_digest(const struct upload *upload, uint8_t ret[UPLOAD_DIGEST_BYTES])
{
    struct digest digest = upload->digest;
    close_block(upload, &digest);
    memcpy(ret, digest.tag, sizeof(digest.tag));
    secret_wipe(&digest, sizeof(digest));
}

void upload_free(struct upload *upload)
{
    if (upload == NULL)
        return;
    if (upload->parser != NULL)
        (void)MHD_destroy_post_processor(upload->parser);
    if (upload->user != NULL)
        upload->sink->close(upload->user);
    secret_wipe(upload, sizeof(*upload));
    free(upload);
}
