/* SPDX-License-Identifier: EUPL-1.2 */
/* Sends one alert at a time from a child process, which ends within a minute (alert_post.h). */
#ifndef CC_SERVICE_ALERT_SENDER_H
#define CC_SERVICE_ALERT_SENDER_H

#include "base/loop.h"
#include "service/alert_post.h"
#include "service/alert_text.h"

#include <stdbool.h>

struct alert_sender;

/* From the loop, once for each alert_sender_start(). detail: why it was not sent, "" = it was. */
typedef void (*alert_sent_fn)(bool is_sent, const char *detail, void *user);

/* Ends the program without memory: at its start only. Owns: alert_sender_free(). */
struct alert_sender *alert_sender_new(struct loop *loop, alert_sent_fn on_sent, void *user);
/* Ends what is under way, of which nothing is heard any more. Takes NULL. */
void alert_sender_free(struct alert_sender *sender);
bool alert_sender_is_busy(const struct alert_sender *sender);
/* Not while it is busy. settings and told are not used after the call. A test (ALERT_TEST) fails if
 * one of the recipients is refused; another alert is for those who can be reached. */
void alert_sender_start(struct alert_sender *sender, const struct alert_settings *settings,
                        enum alert_channel channel, const struct alert_told *told);

#endif
