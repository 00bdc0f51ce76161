/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/tell/reading.h"

#include "at/fields.h"
#include "base/buf.h"
#include "base/hex.h"
#include "gsm/gsm7.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    STAT_MAX = 11, /* 27.007 7.2: 11 is emergency bearers only */
    RAT_MAX = 13,
    LATER_RAT_MAX = 31, /* a technology of later years; more is noise */
    STAT_DIGITS = 2,
    STAT_ASKED_DIGITS = 3, /* a longer one is an area */
    AREA_UNKNOWN = 0xFFFF,
    STORAGE_MAX = 1000000,
    FIRST_YEAR = 2024,   /* a modem's clock that says less was never set by a network */
    FIRST_OF_1900S = 70, /* clocks begin in 1970 or 1980 when nobody has set them */
    QUARTERS_MAX = 96,
    QUARTER_S = 15 * 60,
    DATE_PARTS = 6,
    SMSC_INTERNATIONAL = 145,
    TEXT_SIZE = READING_TEXT_SIZE,
    UCS2_DIGITS_MIN = 8,
};

static const int unknown = MODEM_SAMPLE_UNKNOWN;

/* ---- registration --------------------------------------------------------------------------- */

bool reading_can_send(int stat)
{
    static const int good[] = {1, 5, 6, 7, 9, 10};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (good[i] == stat)
            return true;
    return false;
}

/* A field as it is written, quotes and all. */
struct raw {
    const char *at;
    size_t len;
};

static struct raw raw_field(struct at_fields fields, size_t index)
{
    for (; index > 0; index--)
        (void)at_fields_skip(&fields);
    const char *at = fields.at + strspn(fields.at, " ");
    return (struct raw){at, fields.done ? 0 : strcspn(at, ", ")};
}

static bool is_quoted(struct raw field)
{
    return field.len > 2 && *field.at == '"' && field.at[field.len - 1] == '"';
}

/* Bare decimal digits, and no more than so many. */
static bool is_short_number(struct raw field, size_t max)
{
    return field.len > 0 && field.len <= max && strspn(field.at, "0123456789") >= field.len;
}

/* "001", +1: some write each small number with three digits (Iridium). */
static struct raw small_number(struct raw field, bool has_quotes)
{
    if (has_quotes && is_quoted(field))
        field = (struct raw){field.at + 1, field.len - 2};
    if (field.len > 1 && *field.at == '+')
        field = (struct raw){field.at + 1, field.len - 1};
    if (field.len != STAT_ASKED_DIGITS || !is_short_number(field, STAT_ASKED_DIGITS))
        return field;
    size_t zeros = strspn(field.at, "0");
    zeros = zeros < field.len ? zeros : field.len - 1;
    return (struct raw){field.at + zeros, field.len - zeros};
}

/*
 * <n>,<stat>[,<lac>,<ci>[,<AcT>]] against <stat>[,<lac>,<ci>[,<AcT>]], with areas that makers write
 * with or without quotes and zeros (Huawei: 1,9,81DE). A bare <stat> before a quoted area tells it;
 * then the number of fields; then whether an AcT stands where an answer has its cell.
 */
static bool is_answer(struct at_fields fields)
{
    size_t count = at_fields_count(&fields);
    bool has_quotes = is_quoted(raw_field(fields, 0)); /* then the second is no area by its own */
    struct raw first = small_number(raw_field(fields, 0), has_quotes);
    struct raw second = small_number(raw_field(fields, 1), has_quotes);
    struct raw third = raw_field(fields, 2), fourth = raw_field(fields, 3);
    if (count == 2)
        return is_short_number(second, STAT_ASKED_DIGITS);
    if (count < 2 || !is_short_number(second, STAT_DIGITS))
        return false;
    if (third.len == 0 || *third.at == '"')
        return true;
    bool is_ours = first.len == 1 && *first.at >= '2' && *first.at <= '4'; /* we ask for <n> 2 */
    bool has_rat = fourth.len == 0 || is_short_number(fourth, STAT_DIGITS);
    return count > 3 && (is_ours || !has_rat);
}

/* Tells whether the second field of an event is an area code. */
static bool second_is_area(struct at_fields fields)
{
    char text[TEXT_SIZE];
    uint32_t area = 0;
    struct at_fields rest;
    if (!at_fields_skip(&fields) || fields.done)
        return true;
    rest = fields;
    return at_fields_hex(&fields, &area) ||
           (at_fields_text(&rest, text, sizeof(text)) && text[0] == '\0');
}

static bool take_bounded(struct at_fields *fields, int min, int max, int *ret)
{
    int value = 0;
    if (!at_fields_int(fields, &value) || value < min || value > max)
        return false;
    *ret = value;
    return true;
}

static int take_place(struct at_fields *fields, uint32_t not_known)
{
    uint32_t value = 0;
    if (!at_fields_hex(fields, &value)) {
        (void)at_fields_skip(fields);
        return unknown;
    }
    return value == not_known || value > INT_MAX ? unknown : (int)value;
}

bool reading_registration(const char *line, const char *prefix, struct reading_registration *ret)
{
    struct at_fields fields;
    struct reading_registration told = {.area = unknown, .cell = unknown, .rat = unknown};
    if (!at_fields_init(&fields, line, prefix))
        return false;
    told.is_answer = is_answer(fields);
    if (told.is_answer)
        (void)at_fields_skip(&fields);
    else if (!second_is_area(fields))
        return false;
    if (!take_bounded(&fields, 0, STAT_MAX, &told.stat))
        return false;
    told.area = take_place(&fields, AREA_UNKNOWN);
    told.cell = take_place(&fields, UINT32_MAX);
    (void)take_bounded(&fields, 0, RAT_MAX, &told.rat);
    *ret = told;
    return true;
}

/* ---- signal --------------------------------------------------------------------------------- */

/* A coded level: from `first` on one unit each, `none` where the modem does not know. */
struct scale {
    int first, last, none;
    int zero, step; /* value = zero + step * code */
};

static bool take_scaled(struct at_fields *fields, const struct scale *scale, int *ret)
{
    int code = 0;
    if (!at_fields_int(fields, &code))
        return false;
    if (code == scale->none) {
        *ret = unknown;
        return true;
    }
    if (code < scale->first || code > scale->last)
        return false;
    *ret = scale->zero + scale->step * code;
    return true;
}

bool reading_signal(struct modem_sample *sample, const char *line, int64_t now_ms)
{
    static const struct scale scales[] = {
        {0, 31, 99, -113, 2},
        {100, 191, 199, -216, 1},
    };
    (void)now_ms;
    for (size_t i = 0; i < sizeof(scales) / sizeof(scales[0]); i++) {
        struct at_fields fields;
        int dbm = unknown;
        if (!at_fields_init(&fields, line, "+CSQ:") || !take_scaled(&fields, &scales[i], &dbm))
            continue;
        if (dbm != unknown)
            sample->signal_dbm = dbm;
        return true;
    }
    return false;
}

bool reading_extended_signal(struct modem_sample *sample, const char *line, int64_t now_ms)
{
    enum { RXLEV, BER, RSCP, ECNO, RSRQ, RSRP, COUNT };
    static const struct scale scales[COUNT] = {
        [RXLEV] = {0, 63, 99, -111, 1}, [BER] = {0, 7, 99, 0, 1},
        [RSCP] = {0, 96, 255, -121, 1}, [ECNO] = {0, 49, 255, 0, 1},
        [RSRQ] = {0, 34, 255, -200, 5}, [RSRP] = {0, 97, 255, -141, 1},
    };
    int told[COUNT] = {[RSRQ] = unknown, [RSRP] = unknown};
    struct at_fields fields;
    (void)now_ms;
    if (!at_fields_init(&fields, line, "+CESQ:"))
        return false;
    for (int i = 0; i < COUNT; i++) {
        if (i == RSRQ && fields.done) /* one without LTE */
            break;
        if (!take_scaled(&fields, &scales[i], &told[i]))
            return false;
    }
    sample->rsrp_dbm = told[RSRP];
    sample->rsrq_cb = told[RSRQ];
    const int levels[] = {told[RXLEV], told[RSCP], told[RSRP]};
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
        if (sample->signal_dbm == unknown)
            sample->signal_dbm = levels[i];
    return true;
}

/* ---- the network and the card --------------------------------------------------------------- */

/* UCS-2: every other octet is the 00 of a Latin letter. A control (C0, C1) is none: it would reach
 * a terminal. */
void reading_letters(char text[READING_TEXT_SIZE])
{
    uint8_t bytes[TEXT_SIZE / 2];
    size_t len = 0, digits = strlen(text);
    struct buf plain;
    bool is_latin = digits >= UCS2_DIGITS_MIN && digits % 4 == 0;
    for (size_t i = 0; is_latin && i < digits; i += 4)
        is_latin = text[i] == '0' && text[i + 1] == '0' && strchr("0189", text[i + 2]) == NULL;
    if (!is_latin || !hex_decode(text, digits, bytes, sizeof(bytes), &len))
        return;
    buf_init(&plain, text, TEXT_SIZE - 1);
    ucs2_to_utf8(bytes, len, &plain);
    text[plain.len] = '\0';
}

/* A short text in quotes or not, as letters. */
static bool take_text(struct at_fields *fields, char text[TEXT_SIZE])
{
    if (!at_fields_text(fields, text, TEXT_SIZE))
        return false;
    reading_letters(text);
    return true;
}

bool reading_operator(struct modem_sample *sample, const char *line, int64_t now_ms)
{
    struct at_fields fields;
    char name[TEXT_SIZE] = "";
    int number = 0, rat = unknown;
    (void)now_ms;
    if (!at_fields_init(&fields, line, "+COPS:") || !take_bounded(&fields, 0, 4, &number))
        return false;
    if (!fields.done && (!take_bounded(&fields, 0, 2, &number) || !take_text(&fields, name)))
        return false;
    name[MODEM_OPERATOR_SIZE - 1] = '\0';
    for (char *at = name; *at != '\0'; at++)
        if (iscntrl((unsigned char)*at))
            *at = ' ';
    if (!fields.done && !take_bounded(&fields, 0, LATER_RAT_MAX, &rat))
        return false;
    memcpy(sample->operator, name, MODEM_OPERATOR_SIZE);
    sample->rat = rat <= RAT_MAX ? rat : unknown;
    return true;
}

/* Drops what people put between digits and the filler of the card behind them, and writes 00 as +.
 */
static void tidy_number(char *number)
{
    char *to = number;
    for (const char *at = number; *at != '\0'; at++)
        if (strchr(" -()", *at) == NULL)
            *to++ = *at;
    while (to > number && toupper((unsigned char)to[-1]) == 'F')
        to--;
    *to = '\0';
    if (strncmp(number, "00", 2) == 0) {
        number[0] = '+';
        memmove(number + 1, number + 2, strlen(number + 2) + 1);
    }
}

bool reading_is_same_centre(const char *one, const char *other)
{
    return strcmp(one + (*one == '+'), other + (*other == '+')) == 0;
}

bool reading_smsc(struct modem_sample *sample, const char *line, int64_t now_ms)
{
    struct at_fields fields;
    char number[TEXT_SIZE] = "";
    int type = 0;
    (void)now_ms;
    if (!at_fields_init(&fields, line, "+CSCA:") || !take_text(&fields, number))
        return false;
    tidy_number(number);
    size_t plus = number[0] == '+';
    size_t len = strlen(number);
    if (strspn(number + plus, "0123456789") != len - plus || (plus && len == 1) ||
        len + 1 >= MODEM_SMSC_SIZE)
        return false;
    if (plus || !at_fields_int(&fields, &type) || len == 0)
        type = 0;
    (void)snprintf(sample->smsc, sizeof(sample->smsc), "%s%s",
                   type == SMSC_INTERNATIONAL ? "+" : "", number);
    return true;
}

bool reading_sms_service(struct modem_sample *sample, const char *line, int64_t now_ms)
{
    struct at_fields fields;
    (void)now_ms;
    return at_fields_init(&fields, line, "+CGSMS:") &&
           take_bounded(&fields, 0, 3, &sample->sms_service);
}

bool reading_storage(struct modem_sample *sample, const char *line, int64_t now_ms)
{
    struct at_fields fields, first;
    int used = 0, total = 0;
    (void)now_ms;
    if (!at_fields_init(&fields, line, "+CPMS:"))
        return false;
    first = fields;
    bool has_names = !at_fields_int(&first, &used); /* as in the answer to AT+CPMS= */
    size_t of_two = has_names ? 6 : 4;
    if (at_fields_count(&fields) > of_two) /* the third memory is the one that receives */
        for (size_t i = 0; i < of_two; i++)
            (void)at_fields_skip(&fields);
    if ((has_names && !at_fields_skip(&fields)) || !take_bounded(&fields, 0, STORAGE_MAX, &used) ||
        !take_bounded(&fields, 1, STORAGE_MAX, &total) || used > total)
        return false;
    sample->storage_used = used;
    sample->storage_total = total;
    return true;
}

/* ---- the clock ------------------------------------------------------------------------------ */

/* timegm() takes 31 February for 3 March: a date is one that comes back as it went in. */
static bool to_utc(const int date[DATE_PARTS], int64_t *ret_s)
{
    const struct tm given = {.tm_year = date[0] - 1900,
                             .tm_mon = date[1] - 1,
                             .tm_mday = date[2],
                             .tm_hour = date[3],
                             .tm_min = date[4],
                             .tm_sec = date[5]};
    struct tm scratch = given, back;
    time_t at = timegm(&scratch);
    if (gmtime_r(&at, &back) == NULL || back.tm_mon != given.tm_mon ||
        back.tm_mday != given.tm_mday || back.tm_hour != given.tm_hour ||
        back.tm_min != given.tm_min || back.tm_sec != given.tm_sec)
        return false;
    *ret_s = (int64_t)at;
    return true;
}

static const char *take_digits(const char *at, int max_digits, int *ret)
{
    int value = 0, digits = 0;
    for (; isdigit((unsigned char)*at) && digits < max_digits; at++, digits++)
        value = value * 10 + (*at - '0');
    *ret = value;
    return digits > 0 ? at : NULL;
}

/* The two digits of the zone, with their sign; false when there is none. */
static bool parse_zone(const char *at, int *ret_quarters)
{
    int quarters = 0;
    if ((*at != '+' && *at != '-') || take_digits(at + 1, 2, &quarters) == NULL)
        return false;
    *ret_quarters = *at == '-' ? -quarters : quarters;
    return true;
}

/* "26/08/14,12:34:56"; some write the year with four digits. Returns what is behind, or NULL. */
static const char *parse_date(const char *at, int date[DATE_PARTS])
{
    static const char separators[DATE_PARTS] = {'/', '/', ',', ':', ':', '\0'};
    for (int i = 0; i < DATE_PARTS; i++) {
        at = take_digits(at, i == 0 ? 4 : 2, &date[i]);
        if (at == NULL || (separators[i] != '\0' && *at++ != separators[i]))
            return NULL;
    }
    if (date[0] < 100)
        date[0] += date[0] < FIRST_OF_1900S ? 2000 : 1900;
    return at;
}

bool reading_clock(struct modem_sample *sample, const char *line, int64_t now_ms)
{
    struct at_fields fields;
    int date[DATE_PARTS], quarters = 0;
    int64_t at_s = 0;
    if (!at_fields_init(&fields, line, "+CCLK:"))
        return false;
    const char *at = fields.at + strspn(fields.at, " \"");
    if (*at == '\0' && strchr(fields.at, '"') != NULL) { /* it knows of none */
        sample->clock_offset_s = unknown;
        return true;
    }
    const char *zone = parse_date(at, date);
    if (zone == NULL || !to_utc(date, &at_s))
        return false;
    bool has_zone = parse_zone(zone, &quarters);
    int64_t offset_s = at_s - quarters * QUARTER_S - now_ms / 1000;
    bool is_believed = has_zone && quarters >= -QUARTERS_MAX && quarters <= QUARTERS_MAX &&
                       date[0] >= FIRST_YEAR && offset_s > -INT_MAX && offset_s < INT_MAX;
    sample->clock_offset_s = is_believed ? (int)offset_s : unknown;
    sample->clock_read_ms = now_ms;
    return true;
}

/* ---- the vendor's own ----------------------------------------------------------------------- */

/* "3.799V", "-12", "28 C": in thousandths. */
static bool read_decimal(const char *at, int64_t *ret_thousandths)
{
    enum { DIGITS_MAX = 9 };
    int whole = 0, part = 0, scale = 100;
    bool is_negative = *at == '-';
    at = take_digits(at + (*at == '-' || *at == '+'), DIGITS_MAX, &whole);
    if (at == NULL || isdigit((unsigned char)*at))
        return false;
    if (*at == '.')
        for (at++; isdigit((unsigned char)*at); at++, scale /= 10)
            part += scale * (*at - '0');
    int64_t value = (int64_t)whole * 1000 + part;
    *ret_thousandths = is_negative ? -value : value;
    return true;
}

/* Of two that say the same thing, the worse one counts; where there is none, the first. */
static void keep_value(int *kept, int value, int worse)
{
    if (*kept == unknown || (worse > 0 && value > *kept) || (worse < 0 && value < *kept))
        *kept = value;
}

bool reading_driver(struct modem_sample *sample, const struct driver_reading *row, const char *line)
{
    static const struct {
        size_t offset;
        int worse;
    } places[DRIVER_QUANTITY_COUNT] = {
        [DRIVER_TEMPERATURE_C] = {offsetof(struct modem_sample, temperature_c), 1},
        [DRIVER_SUPPLY_MV] = {offsetof(struct modem_sample, supply_mv), -1},
        [DRIVER_SIGNAL_DBM] = {offsetof(struct modem_sample, signal_dbm), 0},
        [DRIVER_IMS] = {offsetof(struct modem_sample, ims), 0},
    };
    struct at_fields fields;
    char text[TEXT_SIZE] = "";
    int64_t thousandths = 0;
    if (!at_fields_init(&fields, line, row->prefix))
        return false;
    if (row->field > 0 && at_fields_count(&fields) <= row->field)
        return true; /* models of a family that do not tell it */
    for (unsigned i = 0; i < row->field; i++)
        (void)at_fields_skip(&fields);
    if (!at_fields_text(&fields, text, sizeof(text)) || !read_decimal(text, &thousandths))
        return false;
    int64_t mul = row->mul != 0 ? row->mul : 1, div = row->div != 0 ? row->div : 1;
    int64_t value = thousandths * mul / (div * 1000) + row->offset;
    if (value >= row->min && value <= row->max)
        keep_value((int *)(void *)((char *)sample + places[row->what].offset), (int)value,
                   places[row->what].worse);
    return true;
}
