/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The body of an online alta as libmicrohttpd's parser and http/upload read it, over a connection
 * of a daemon of this process. The first byte of the input says in pieces of what length it comes.
 */
#include "fuzz.h"

#include "http/exchange.h"
#include "http/upload.h"

#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILES_MAX = 2, FILE_BYTES_MAX = 512, INPUT_MAX = 4096 };

static const struct json_shape shape = {
    .fields = {{"nif", .max_bytes = 16},
               {"nombre", .max_bytes = 64},
               {"contraste", .optional = true, .max_bytes = 8}}};

/* As http/exchange.c has it, which would bring the whole transport with it. */
const char *exchange_header(const struct exchange *x, const char *name)
{
    return MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name);
}

/* What the sink was told. */
static struct {
    size_t begun, ended, bytes;
    bool is_open;
} told;

static enum cc_err open_files(struct service *service, void **ret_user)
{
    (void)service;
    REQUIRE(!told.is_open);
    told.is_open = true;
    *ret_user = &told;
    return CC_OK;
}

static enum cc_err begin_file(void *user)
{
    (void)user;
    REQUIRE(told.begun == told.ended && told.begun < FILES_MAX);
    told.begun++;
    told.bytes = 0;
    return CC_OK;
}

static enum cc_err add_bytes(void *user, const void *bytes, size_t len)
{
    (void)user;
    (void)bytes;
    told.bytes += len;
    REQUIRE(told.begun == told.ended + 1 && told.bytes <= FILE_BYTES_MAX);
    return CC_OK;
}

static enum cc_err end_file(void *user)
{
    (void)user;
    told.ended++;
    REQUIRE(told.begun == told.ended);
    return CC_OK;
}

static void close_files(void *user)
{
    (void)user;
    told.is_open = false;
}

static const struct upload_sink sink = {.field = "documento",
                                        .files_max = FILES_MAX,
                                        .file_bytes_max = FILE_BYTES_MAX,
                                        .body_bytes_max = INPUT_MAX,
                                        .open = open_files,
                                        .begin = begin_file,
                                        .add = add_bytes,
                                        .end = end_file,
                                        .close = close_files};

static void check_end(struct upload *upload)
{
    struct json_value in[JSON_FIELDS_MAX];
    char field[JSON_FIELD_NAME_SIZE] = "";
    uint8_t digest[UPLOAD_DIGEST_BYTES];
    enum cc_err err = upload_end(upload, in, field);
    upload_digest(upload, digest);
    REQUIRE(memchr(field, '\0', sizeof(field)) != NULL);
    for (size_t i = 0; shape.fields[i].name != NULL && err == CC_OK; i++) {
        REQUIRE(in[i].text != NULL || shape.fields[i].optional);
        REQUIRE(in[i].text == NULL ||
                (in[i].len <= shape.fields[i].max_bytes && strlen(in[i].text) == in[i].len &&
                 utf8_is_valid(in[i].text, in[i].len)));
    }
    REQUIRE(err != CC_OK || (told.begun == told.ended && told.begun > 0));
}

static size_t piece = 1;
static bool is_done;

/* An error stays: whatever comes behind it is refused with the same. */
static void take_pieces(struct upload *upload, const char *bytes, size_t len)
{
    char field[JSON_FIELD_NAME_SIZE] = "";
    for (size_t at = 0; at < len; at += piece) {
        uint8_t *part = fuzz_copy((const uint8_t *)bytes + at, len - at < piece ? len - at : piece);
        enum cc_err err =
            upload_take(upload, (const char *)part, len - at < piece ? len - at : piece, field);
        REQUIRE(err == CC_OK || upload_take(upload, "x", 1, field) == err);
        free(part);
    }
}

static struct store store; /* for its keys */

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *len, void **request)
{
    static const struct route route = {.method = "POST", .path = "/", .shape = &shape};
    static struct service service = {.store = &store};
    struct exchange x = {.service = &service, .connection = connection, .route = &route};
    (void)user, (void)url, (void)method, (void)version;
    if (*request == NULL) {
        struct upload *upload = NULL;
        REQUIRE(upload_new(&x, &sink, &upload) == CC_OK);
        *request = upload;
        return MHD_YES;
    }
    if (*len > 0) {
        take_pieces(*request, data, *len);
        *len = 0;
        return MHD_YES;
    }
    check_end(*request);
    is_done = true;
    return MHD_NO;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode code)
{
    (void)user, (void)connection, (void)code;
    upload_free(*request);
    is_done = true;
}

static struct MHD_Daemon *start(void)
{
    static const uint8_t master[SECRET_KEY_BYTES] = {1};
    REQUIRE(sodium_init() >= 0);
    store.keys = secret_keys_from(master);
    REQUIRE(store.keys != NULL);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, on_request, NULL,
                         MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
    REQUIRE(daemon != NULL);
    return daemon;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct MHD_Daemon *daemon;
    static const struct sockaddr address = {.sa_family = AF_UNIX};
    char head[256];
    int ends[2];
    if (daemon == NULL)
        daemon = start();
    piece = 1 + fuzz_byte(&data, &size);
    size = size < INPUT_MAX ? size : INPUT_MAX;
    memset(&told, 0, sizeof(told));
    is_done = false;
    int len = snprintf(head, sizeof(head),
                       "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; "
                       "boundary=frontera\r\nContent-Length: %zu\r\n\r\n",
                       size);
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    REQUIRE(write(ends[0], head, (size_t)len) == len);
    REQUIRE(size == 0 || write(ends[0], data, size) == (ssize_t)size);
    REQUIRE(shutdown(ends[0], SHUT_WR) == 0);
    REQUIRE(MHD_add_connection(daemon, ends[1], &address, sizeof(address)) == MHD_YES);
    for (int i = 0; i < 64 && !is_done; i++)
        REQUIRE(MHD_run(daemon) == MHD_YES);
    REQUIRE(is_done);
    while (told.is_open)
        REQUIRE(MHD_run(daemon) == MHD_YES);
    close(ends[0]);
    return 0;
}
