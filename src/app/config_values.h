/* SPDX-License-Identifier: EUPL-1.2 */
/* Readers and checks of single values of the configuration, for the table of keys. */
#ifndef CC_APP_CONFIG_VALUES_H
#define CC_APP_CONFIG_VALUES_H

#include "app/config_keys.h"

struct alert_settings;
struct mail_settings;

/* Into a const char * that shares value's life, if key->is_valid says so. */
bool config_read_text(const struct config_key *key, const char *value, void *out);
/* A whole number within min and max, into an int64_t. */
bool config_read_int(const struct config_key *key, const char *value, void *out);
/* Seconds, with decimals, into an int64_t of milliseconds. */
bool config_read_seconds(const struct config_key *key, const char *value, void *out);
/* si/no, true/false, into a bool. */
bool config_read_flag(const struct config_key *key, const char *value, void *out);
/* Reads one of key->words into an enum. */
bool config_read_word(const struct config_key *key, const char *value, void *out);
/* si, no or dates, into a struct period. */
bool config_read_period(const struct config_key *key, const char *value, void *out);

/* UTF-8 without control characters: holds for every text. */
bool config_is_line(const char *value);

bool config_is_any(const char *value);
bool config_is_title(const char *value); /* 1 to 120 bytes */
bool config_is_sms_name(const char *value);
bool config_is_zone(const char *value);
bool config_is_profile(const char *value);
bool config_is_box_name(const char *value); /* "" too */
bool config_is_path(const char *value);
bool config_is_database(const char *value);
bool config_is_socket(const char *value);
bool config_is_listen(const char *value);
/* A config_key.explain: an address off the loopback needs TLS. */
const char *config_explain_listen(const char *value);
bool config_is_proxies(const char *value);
bool config_is_networks(const char *value);      /* address_are_networks() */
bool config_is_seal(const char *value);          /* "" too */
bool config_is_copies_target(const char *value); /* "" too */
bool config_is_domain(const char *value);
bool config_is_town_phone(const char *value);   /* "" too */
bool config_are_sms_numbers(const char *value); /* "" too */
bool config_are_questions(const char *value);   /* "" too */
bool config_are_identities(const char *value);  /* "" too */

/* config_modem_values.c: of a modem section. */
bool config_is_device(const char *value);
/* A config_key.explain: the simulated modem has no device of its own. */
const char *config_explain_device(const char *value);
bool config_is_pin(const char *value);
bool config_is_iccid(const char *value);
bool config_is_smsc(const char *value);
bool config_is_ussd(const char *value);
bool config_is_pattern(const char *value);
bool config_is_balance_sender(const char *value);
bool config_is_gpio(const char *value);
/* The NAME of `modem NAME { … }`. */
bool config_is_modem_name(const char *value);

/* config_alert_values.c: of the sections avisos and correo. "" is good for all of them. */
bool config_is_mail_address(const char *value);
bool config_is_recipients(const char *value);  /* up to 10 addresses, ", " between them */
bool config_is_mail_server(const char *value); /* "host:port" */
bool config_is_webhook(const char *value);     /* http or https, without user and password */
bool config_is_mail_link(const char *value);   /* the same, up to 200 bytes */
bool config_is_maildir(const char *value);     /* whole path of a folder */
bool config_is_webhook_secret(const char *value);
/* Whole minutes, into an int64_t of milliseconds. */
bool config_read_minutes(const struct config_key *key, const char *value, void *out);
/* "KEY: what to write" where the values do not go together; NULL where they do. */
const char *config_explain_alerts(const struct alert_settings *alerts,
                                  const struct mail_settings *mail);

#endif
