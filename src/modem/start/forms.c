/* SPDX-License-Identifier: EUPL-1.2 */
/* Asks a question that every maker has its own command for: the forms are tried until one is
 * answered. A form that a modem does not know is refused at once, so that all of them cost
 * little. */
#include "modem/recover/recover.h"
#include "modem/start/private.h"

#include <string.h>

enum { ASK_MS = 5000, BUSY_RETRY_MS = 1000, BUSY_TRIES = 20 };

/* The table that the modem is asked from `rank`th: its family's, the generic one, then those of all
 * families. NULL = there is no further one. */
static const struct driver *table_at(const struct modem *modem, unsigned rank)
{
    const struct driver_table *drivers = modem->config.drivers;
    if (rank == 0)
        return modem->driver;
    return rank == 1 ? drivers->generic : drivers->families[rank - 2];
}

/* NULL = there is no further one. */
static const struct driver_form *form_at(const struct modem *modem, unsigned at)
{
    const struct driver *driver = NULL;
    for (unsigned rank = 0; (driver = table_at(modem, rank)) != NULL; rank++) {
        const struct driver_form *form = modem->start->forms.of(driver);
        for (; form != NULL && form->command != NULL; form++, at--)
            if (at == 0)
                return form;
    }
    return NULL;
}

/* Never answered, or the same command once more. */
static bool is_left_out(const struct modem *modem, unsigned at)
{
    const struct start_forms *forms = &modem->start->forms;
    if ((*forms->mute & UINT64_C(1) << at) != 0)
        return true;
    for (unsigned i = 0; i < at; i++)
        if (strcmp(form_at(modem, i)->command, form_at(modem, at)->command) == 0)
            return true;
    return false;
}

static void ask_form(struct modem *modem);

static void on_answer(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    struct start_forms *forms = &modem->start->forms;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_TIMEOUT) {
        if (!modem->doubts.is_restarted) /* else the question was forgotten in the restart */
            *forms->mute |= UINT64_C(1) << forms->at;
        modem_resync(modem);
        return;
    }
    for (size_t i = 0; i < reply->line_count; i++) {
        if (forms->read(modem, form_at(modem, forms->at), reply->lines[i])) {
            forms->done(modem, true);
            return;
        }
    }
    if (modem_reply_is_busy(reply) && ++forms->tries < BUSY_TRIES) {
        modem_set_timer(modem, BUSY_RETRY_MS, ask_form);
        return;
    }
    forms->at++;
    ask_form(modem);
}

static void ask_form(struct modem *modem)
{
    struct start_forms *forms = &modem->start->forms;
    const struct driver_form *form = form_at(modem, forms->at);
    while (form != NULL && is_left_out(modem, forms->at))
        form = form_at(modem, ++forms->at);
    if (form == NULL) {
        forms->done(modem, false);
        return;
    }
    modem_command(modem, &(struct at_request){.command = form->command,
                                              .prefix = form->prefix,
                                              .final_ms = ASK_MS,
                                              .fn = on_answer,
                                              .user = modem});
}

void start_ask_forms(struct modem *modem, const struct start_forms *forms)
{
    modem->start->forms = *forms;
    ask_form(modem);
}
