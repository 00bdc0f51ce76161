/* SPDX-License-Identifier: EUPL-1.2 */
/* The search of one modem for its device. Private to modem/find. */
#ifndef CC_MODEM_FIND_PRIVATE_H
#define CC_MODEM_FIND_PRIVATE_H

#include "link/watch.h"
#include "modem/core.h"
#include "modem/find/find.h"

struct modem_find {
    struct find_wish wish;
    struct find_port now;     /* open port, or the last one; vid 0 = a port that was not found */
    size_t count;             /* ports to try, at the last look */
    struct find_port best;    /* first of them */
    unsigned tries;           /* in vain, since a port answered */
    unsigned empties;         /* ports that answered, and only OK */
    bool is_crowded;          /* there are more modems than sections for them */
    int64_t storage_since_us; /* since then the stick has been a disk; 0 = it is none */
    int64_t absent_since_us;  /* 0 = the device is there */
    int64_t holder_asked_us;  /* time of the last search for who holds the port; 0 = none */
    struct link_watch *watch; /* NULL = devices come and go unheard */
    bool has_news;            /* a device has come or gone since the last look */
    int64_t news_us;          /* the first of them, or since when they are waited for */
    int64_t look_us;          /* time of the next look */
};

/* say.c: sentences for people on why no port is open */
extern const char find_crowded_advice[];
void find_say_closed(struct modem *modem, enum cc_err err, const char *device);
void find_say_none(struct modem *modem, enum find_reason reason,
                   const struct link_usb_device *device);
void find_say_mute(struct modem *modem);

#endif
