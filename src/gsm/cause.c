/* SPDX-License-Identifier: EUPL-1.2 */
#include "gsm/cause.h"

#include "gsm/cause_table.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct table {
    const struct gsm_cause_row *rows;
    size_t count;
};

static struct table table_of(enum gsm_cause_kind kind)
{
    switch (kind) {
    case GSM_CAUSE_CMS:
        return (struct table){gsm_cause_cms, gsm_cause_cms_count};
    case GSM_CAUSE_CME:
        return (struct table){gsm_cause_cme, gsm_cause_cme_count};
    case GSM_CAUSE_STATUS:
        return (struct table){gsm_cause_status, gsm_cause_status_count};
    case GSM_CAUSE_NONE:
    case GSM_CAUSE_ERROR:
    case GSM_CAUSE_LOCAL:
        break;
    }
    return (struct table){0};
}

static const struct gsm_cause_row *find_row(struct gsm_cause cause)
{
    const struct table table = table_of(cause.kind);
    for (size_t i = 0; i < table.count; i++)
        if (table.rows[i].code == cause.code)
            return table.rows + i;
    return NULL;
}

enum gsm_status_class gsm_status_class(uint8_t tp_status)
{
    static const enum gsm_status_class classes[] = {
        GSM_STATUS_DELIVERED, GSM_STATUS_TRYING,   GSM_STATUS_FAILED,   GSM_STATUS_FAILED,
        GSM_STATUS_RESERVED,  GSM_STATUS_RESERVED, GSM_STATUS_RESERVED, GSM_STATUS_RESERVED};
    return classes[tp_status >> 5];
}

/*
 * A status outside the table goes by its range. What is delivered or still tried is not a failure:
 * "unknown" keeps a caller that asks from sending it again. A reserved one counts as "service
 * rejected", 0x63 (23.040 9.2.3.15): the centre has given up, a new try is sound.
 */
static enum gsm_class status_to_class(int code)
{
    const uint8_t status = (uint8_t)(code & 0xFF);
    switch (gsm_status_class(status)) {
    case GSM_STATUS_FAILED:
        return status < 0x60 ? GSM_CLASS_PERMANENT : GSM_CLASS_TEMPORARY;
    case GSM_STATUS_RESERVED:
        return GSM_CLASS_TEMPORARY;
    case GSM_STATUS_DELIVERED:
    case GSM_STATUS_TRYING:
        break;
    }
    return GSM_CLASS_UNKNOWN;
}

/*
 * A cause that no table lists (a vendor's code, a bare ERROR, our own time-out): before the PDU
 * nothing has gone out, so another try is sound; after it the message may be on its way, and only a
 * report can tell. Guessing "refused" there would send a duplicate, guessing "permanent" would lose
 * it.
 */
enum gsm_class gsm_cause_class(struct gsm_cause cause, bool after_pdu)
{
    if (cause.kind == GSM_CAUSE_STATUS)
        return status_to_class(cause.code);
    const struct gsm_cause_row *row = find_row(cause);
    if (row != NULL && row->class != GSM_CLASS_UNKNOWN)
        return row->class;
    return after_pdu ? GSM_CLASS_UNKNOWN : GSM_CLASS_TEMPORARY;
}

void gsm_cause_format(struct gsm_cause cause, char *out, size_t cap)
{
    static const char *const formats[] = {
        [GSM_CAUSE_NONE] = "-",        [GSM_CAUSE_CMS] = "CMS",     [GSM_CAUSE_CME] = "CME",
        [GSM_CAUSE_STATUS] = "estado", [GSM_CAUSE_ERROR] = "ERROR", [GSM_CAUSE_LOCAL] = "local",
    };
    const char *name = formats[cause.kind];
    if (cause.kind == GSM_CAUSE_STATUS)
        (void)snprintf(out, cap, "%s 0x%02X", name, (unsigned)cause.code & 0xFF);
    else if (cause.kind == GSM_CAUSE_CMS || cause.kind == GSM_CAUSE_CME)
        (void)snprintf(out, cap, "%s %d", name, cause.code);
    else
        (void)snprintf(out, cap, "%s", name);
}

/* For codes without a row: the first range that ends at or above the code. */
struct range {
    int last;
    const char *text;
};

static const char *range_text(const struct range *ranges, int code)
{
    while (ranges->last < code)
        ranges++;
    return ranges->text;
}

static const char *unlisted_text(struct gsm_cause cause)
{
    static const struct range cms[] = {{127, "rechazado por la red"},
                                       {255, "rechazado por el centro de mensajes"},
                                       {511, "error del módem"},
                                       {INT_MAX, "error propio del fabricante del módem"}};
    static const struct range status[] = {{0x1F, "entregado según el centro de mensajes"},
                                          {0x3F, "en intento"},
                                          {0x5F, "no se puede entregar"},
                                          {0x7F, "sin entregar: el centro no insiste más"},
                                          {INT_MAX, "servicio rechazado"}};
    switch (cause.kind) {
    case GSM_CAUSE_CMS:
        return range_text(cms, cause.code);
    case GSM_CAUSE_STATUS:
        return range_text(status, cause.code);
    case GSM_CAUSE_CME:
        return "error del módem";
    case GSM_CAUSE_ERROR:
        return "error del módem sin detalle";
    case GSM_CAUSE_LOCAL:
        return "el módem no ha respondido";
    case GSM_CAUSE_NONE:
        break;
    }
    return "sin error";
}

const char *gsm_cause_text(struct gsm_cause cause)
{
    const struct gsm_cause_row *row = find_row(cause);
    return row != NULL ? row->text : unlisted_text(cause);
}

bool gsm_cause_may_be_the_message(struct gsm_cause cause)
{
    static const int codes[] = {300, 302, 303}; /* 27.005 3.2.5 */
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (cause.kind == GSM_CAUSE_CMS && cause.code == codes[i])
            return true;
    return false;
}

bool gsm_cause_is_of_number(struct gsm_cause cause)
{
    static const int codes[] = {1, 30, 195, 196}; /* 24.011 annex E-2, 23.040 9.2.3.22 */
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (cause.kind == GSM_CAUSE_CMS && cause.code == codes[i]) {
            return true;
        }
    }
    return false;
}

/* 27.007 writes "(U)SIM" where older modems say "SIM": the mark is skipped. */
static bool is_same_name(const char *name, const char *text)
{
    const char *mark = strstr(text, "(U)");
    if (mark == NULL)
        return strcasecmp(name, text) == 0;
    const size_t before = (size_t)(mark - text);
    return strncasecmp(name, text, before) == 0 && strcasecmp(name + before, mark + 3) == 0;
}

int gsm_cause_from_text(enum gsm_cause_kind kind, const char *text)
{
    const struct table table = table_of(kind);
    for (size_t i = 0; i < table.count; i++)
        if (table.rows[i].name != NULL && is_same_name(table.rows[i].name, text))
            return table.rows[i].code;
    return -1;
}
