/* SPDX-License-Identifier: EUPL-1.2 */
/* Values of the sections avisos and correo. */
#include "app/config_values.h"
#include "base/list.h"
#include "service/service.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    RECIPIENTS_MAX = 10,
    ADDRESS_MAX = 90, /* ten of them in one header line of 998 (RFC 5322 2.1.1) */
    URL_MAX = 500,
    LINK_MAX = 200, /* the longest that a mail has room for in each form */
    SECRET_MIN = 16,
    SECRET_MAX = 128,
    PORT_MAX = 65535
};

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* Letters, digits and `others` only. */
static bool is_made_of(const char *text, size_t len, const char *others)
{
    for (size_t i = 0; i < len; i++)
        if (strchr(letters, text[i]) == NULL && strchr(others, text[i]) == NULL)
            return false;
    return true;
}

/* local@domain without quotes or comments: what town halls use. */
static bool is_address(const char *text, size_t len)
{
    const char *at = memchr(text, '@', len);
    if (at == NULL || len > ADDRESS_MAX || at == text)
        return false;
    size_t local = (size_t)(at - text), domain = len - local - 1;
    return is_made_of(text, local, "!#$%&'*+-/=?^_`{|}~.") && domain > 0 &&
           is_made_of(at + 1, domain, ".-") && at[1] != '.' && at[1] != '-' && text[len - 1] != '.';
}

bool config_is_mail_address(const char *value)
{
    return value[0] == '\0' || is_address(value, strlen(value));
}

bool config_is_recipients(const char *value)
{
    const char *address;
    size_t len;
    for (size_t count = 0; *value != '\0'; count++)
        if (count == RECIPIENTS_MAX || !list_take(&value, &address, &len) ||
            !is_address(address, len))
            return false;
    return true;
}

bool config_is_mail_server(const char *value)
{
    const char *colon = strrchr(value, ':');
    if (value[0] == '\0')
        return true;
    if (colon == NULL || colon == value || strlen(value) > ADDRESS_MAX)
        return false;
    size_t digits = strspn(colon + 1, "0123456789"), host = (size_t)(colon - value);
    long port = strtol(colon + 1, NULL, 10);
    bool is_v6 = value[0] == '[' && colon[-1] == ']';
    return digits > 0 && digits <= 5 && colon[1 + digits] == '\0' && port > 0 && port <= PORT_MAX &&
           is_made_of(value, host, is_v6 ? "[]:." : ".-");
}

bool config_is_webhook(const char *value)
{
    const char *rest = strstr(value, "://");
    if (value[0] == '\0')
        return true;
    bool is_http = strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0;
    if (!is_http || rest == NULL || strlen(value) > URL_MAX)
        return false;
    rest += 3;
    size_t host = strcspn(rest, "/?#");
    for (const char *c = value; *c != '\0'; c++)
        if (!isgraph((unsigned char)*c))
            return false;
    return host > 0 && rest[0] != ':' && is_made_of(rest, host, ".-:[]");
}

bool config_is_mail_link(const char *value)
{
    return strlen(value) <= LINK_MAX && config_is_webhook(value);
}

bool config_is_maildir(const char *value)
{
    return value[0] == '\0' || value[0] == '/';
}

bool config_is_webhook_secret(const char *value)
{
    size_t len = strlen(value);
    return len == 0 || (len >= SECRET_MIN && len <= SECRET_MAX);
}

bool config_read_minutes(const struct config_key *key, const char *value, void *out)
{
    int64_t minutes = 0;
    if (!config_read_int(key, value, &minutes))
        return false;
    minutes *= INT64_C(60000);
    memcpy(out, &minutes, sizeof(minutes));
    return true;
}

/* On this computer a password crosses no network. */
static bool is_loopback(const char *server)
{
    return strncmp(server, "127.", 4) == 0 || strncmp(server, "localhost:", 10) == 0 ||
           strncmp(server, "[::1]:", 6) == 0;
}

static bool lacks_server(const struct alert_settings *alerts, const struct mail_settings *mail)
{
    bool has_server = alerts->server[0] != '\0' && alerts->sender[0] != '\0';
    bool has_mail = mail->town[0] != '\0' || mail->link[0] != '\0' || mail->bounces[0] != '\0';
    return has_mail && !has_server;
}

const char *config_explain_alerts(const struct alert_settings *alerts,
                                  const struct mail_settings *mail)
{
    if (lacks_server(alerts, mail))
        return "correo: hacen falta también smtp_servidor y remitente, en la sección avisos";
    if (alerts->recipients[0] != '\0' && alerts->server[0] == '\0')
        return "smtp_servidor: con correo hace falta; escriba por ejemplo "
               "\"smtp.alpedrete.es:587\"";
    if (alerts->recipients[0] != '\0' && alerts->sender[0] == '\0')
        return "remitente: con correo hace falta; escriba la dirección desde la que se envía";
    if (alerts->webhook[0] != '\0' && alerts->secret[0] == '\0')
        return "webhook_secreto: con webhook hace falta; escriba un texto al azar de 16 a 128 "
               "caracteres";
    if (alerts->password[0] != '\0' && alerts->security == ALERT_PLAIN &&
        !is_loopback(alerts->server))
        return "smtp_seguridad: con smtp_clave no vale \"ninguna\", porque la clave iría sin "
               "cifrar; escriba \"starttls\" o \"tls\"";
    return NULL;
}
