/* SPDX-License-Identifier: EUPL-1.2 */
/* The address of a server: what is given, and the defaults by which no wait is without an end. */
#include "store/pg/engine.h"
#include "store/pg/private.h"

#include "base/buf.h"
#include "base/log.h"

#include <string.h>

enum { ADDRESS_WORDS = sizeof(((struct pg_address *)NULL)->keywords) / sizeof(char *) - 1 };

bool pg_is_place(const char *place)
{
    static const char *const schemes[] = {"postgresql://", "postgres://"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strncmp(place, schemes[i], strlen(schemes[i])) == 0)
            return true;
    return false;
}

const char *pg_address_value(const struct pg_address *address, const char *keyword)
{
    for (size_t i = 0; address->keywords[i] != NULL; i++)
        if (strcmp(address->keywords[i], keyword) == 0)
            return address->values[i];
    return NULL;
}

/* Sets a word that the address does not have. */
static void add_word(struct pg_address *address, const char *keyword, const char *value)
{
    size_t count = 0;
    while (address->keywords[count] != NULL)
        count++;
    if (pg_address_value(address, keyword) != NULL || count == ADDRESS_WORDS)
        return;
    address->keywords[count] = keyword;
    address->values[count] = value;
}

/* Whether one host of a list, of this length, is this machine. */
static bool is_local_host(const char *host, size_t len)
{
    static const char *const names[] = {"", "localhost", "127.0.0.1", "::1"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == len && memcmp(names[i], host, len) == 0)
            return true;
    return len > 0 && host[0] == '/'; /* the folder of a socket */
}

static bool is_local(const char *hosts)
{
    const char *end = hosts;
    for (; hosts != NULL && *end != '\0'; hosts = *end == ',' ? end + 1 : end) {
        end = hosts + strcspn(hosts, ",");
        if (!is_local_host(hosts, (size_t)(end - hosts)))
            return false;
    }
    return true;
}

/* A service may be anywhere: libpq reads its file when it connects. */
bool pg_address_is_local(const struct pg_address *address)
{
    return pg_address_value(address, "service") == NULL &&
           is_local(pg_address_value(address, "host")) &&
           is_local(pg_address_value(address, "hostaddr"));
}

void pg_address_set(struct pg_address *address, const char *keyword, const char *value)
{
    for (size_t i = 0; address->keywords[i] != NULL; i++)
        if (strcmp(address->keywords[i], keyword) == 0)
            address->values[i] = value;
    add_word(address, keyword, value);
}

/*
 * Off this machine a server proves who it is, by an authority that this system trusts, unless the
 * address says otherwise. target_session_attrs passes by a replica that takes no writes.
 */
static void add_defaults(struct pg_address *address)
{
    if (!pg_address_is_local(address)) {
        add_word(address, "sslmode", "verify-full");
        add_word(address, "sslrootcert", "/etc/ssl/certs/ca-certificates.crt");
    }
    static const struct {
        const char *keyword, *value;
    } defaults[] = {
        {"application_name", "contraclaved"},
        {"client_encoding", "UTF8"},
        {"target_session_attrs", "read-write"},
        {"gssencmode", "disable"}, /* GSSAPI might ask other servers, and wait */
        {"tcp_user_timeout", "2000"},
        {"keepalives_idle", "5"},
        {"keepalives_interval", "2"},
        {"keepalives_count", "3"},
    };
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
        add_word(address, defaults[i].keyword, defaults[i].value);
}

static enum cc_err refuse_address(const char *why)
{
    log_error("base_datos: la dirección del servidor %s", why);
    return CC_ERR_CONFIG;
}

/* A list of numbers, one for each host. */
static bool is_port(const char *port)
{
    return port == NULL || port[strspn(port, "0123456789,")] == '\0';
}

/* The part of a list that belongs to the host of this number; a list of one part is of all. */
static const char *part_of(const char *list, size_t number, size_t *ret_len)
{
    const char *part = list;
    for (; number > 0 && strchr(part, ',') != NULL; number--)
        part = strchr(part, ',') + 1;
    *ret_len = strcspn(part, ",");
    return part;
}

/* A socket is told by its folder, which has no port that people know. */
static void put_server(struct buf *out, const char *host, size_t len, const char *port,
                       size_t port_len)
{
    if (len == 0)
        buf_str(out, "localhost");
    buf_put(out, host, len);
    if (len > 0 && host[0] == '/')
        return;
    buf_byte(out, ':');
    buf_put(out, port, port_len);
}

static void describe_servers(struct pg_address *address)
{
    const char *hosts = pg_address_value(address, "host");
    const char *port = pg_address_value(address, "port");
    const char *service = pg_address_value(address, "service");
    size_t len = 0, port_len = 0, number = 0;
    struct buf out;
    if (hosts == NULL)
        hosts = pg_address_value(address, "hostaddr");
    if (hosts == NULL)
        hosts = "";
    buf_init(&out, address->told, sizeof(address->told) - 1);
    if (hosts[0] == '\0' && service != NULL) /* whose file names them */
        buf_str(&out, service);
    else
        for (const char *end = ","; *end == ','; number++) {
            const char *host = part_of(hosts, number, &len);
            const char *its_port = part_of(port != NULL ? port : "5432", number, &port_len);
            buf_str(&out, number > 0 ? ", " : "");
            put_server(&out, host, len, its_port, port_len);
            end = host + len;
        }
    address->told[out.len] = '\0';
}

enum cc_err pg_address_read(const char *place, struct pg_address *ret)
{
    if (!pg_library_can_load()) {
        log_error("base_datos: falta la biblioteca con la que se habla con el servidor: instálela "
                  "(apt install libpq5)");
        return CC_ERR_CONFIG;
    }
    struct pg_address address = {.parsed = PQconninfoParse(place, NULL)};
    if (address.parsed == NULL) /* the words of libpq have the address in them, and its password */
        return refuse_address("no es válida, o tiene un parámetro que no existe: se escribe "
                              "postgresql://USUARIO@SERVIDOR:PUERTO/BASE?passfile=FICHERO");
    for (const PQconninfoOption *word = address.parsed; word->keyword != NULL; word++)
        if (word->val != NULL)
            add_word(&address, word->keyword, word->val);
    enum cc_err err = CC_OK;
    if (pg_address_value(&address, "password") != NULL)
        err = refuse_address("no lleva la contraseña: póngala en un fichero y diga "
                             "passfile=FICHERO");
    else if (!is_port(pg_address_value(&address, "port")))
        err = refuse_address("tiene un puerto que no es un número");
    if (err != CC_OK) {
        pg_address_done(&address);
        return err;
    }
    add_defaults(&address);
    describe_servers(&address);
    *ret = address;
    return CC_OK;
}

const char *pg_tell_failure(const PGconn *conn)
{
    return PQconnectionNeedsPassword(conn) == 0
               ? PQerrorMessage(conn)
               : "pide una contraseña, y passfile no nombra un fichero que la tenga para ese "
                 "servidor, base de datos y usuario, o lo pueden leer otros: chmod 600";
}

void pg_address_done(struct pg_address *address)
{
    if (address->parsed != NULL)
        PQconninfoFree(address->parsed);
    *address = (struct pg_address){0};
}
