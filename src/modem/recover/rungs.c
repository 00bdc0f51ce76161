/* SPDX-License-Identifier: EUPL-1.2 */
/* Actions of each rung of the ladder, and the rungs that this modem and this box have. */
#include "base/loop.h"
#include "link/usb.h"
#include "modem/find/open.h"
#include "modem/recover/private.h"

#include <string.h>
#include <unistd.h>

enum {
    RESET_MS = 3000,      /* ATZ */
    RESTART_MS = 5000,    /* until the OK of AT+CFUN=1,1 (MODEMS 3) */
    REFUSED_MS = 1000,    /* from a refused way to the next */
    GRACE_MS = 2000,      /* between the farewell lines of a restarting modem and the next AT */
    USB_RESET_MS = 25000, /* link/usb.h */
};

/* ---- what this modem and box can do ---------------------------------------------------------- */

/* A port that was only guessed is not reset: it may be another thing's (a GPS, an Arduino). */
bool recover_is_known(const struct modem *modem)
{
    enum find_kind kind = modem_find_kind(modem);
    bool is_guessed = kind == FIND_AUTO || kind == FIND_IMEI;
    return !is_guessed || (modem->recover->has_answered &&
                           strcmp(modem->recover->answered_usb, modem->identity.usb_device) == 0);
}

static bool has_power_key(const struct modem *modem)
{
    return modem->config.power_key != NULL && modem->config.power_key[0] != '\0';
}

/* Another device may be in its socket by now, and is left alone; an empty one may be the modem's
 * that has hung itself up. */
static enum link_usb_there find_usb_presence(const struct modem *modem)
{
    const struct find_port *was = modem_find_port(modem);
    return link_usb_who(modem->identity.usb_device, was->vid, was->pid, was->serial);
}

unsigned recover_available_rungs(const struct modem *modem)
{
    bool has_line = modem->chat != NULL && modem->state != MODEM_OPENING;
    bool has_usb = modem->identity.usb_device[0] != '\0' && recover_is_known(modem);
    enum link_usb_there there = has_usb ? find_usb_presence(modem) : LINK_USB_NOTHING;
    bool has_power =
        has_power_key(modem) || (has_usb && there != LINK_USB_OTHER &&
                                 modem->config.may_cut_power && access(POWER_UHUBCTL, X_OK) == 0);
    unsigned rungs = 1U << LADDER_REOPEN;
    if (has_line)
        rungs |= 1U << LADDER_ESCAPE | 1U << LADDER_INIT | 1U << LADDER_RESTART;
    if (there == LINK_USB_SAME)
        rungs |= 1U << LADDER_USB_RESET;
    if (has_power)
        rungs |= 1U << LADDER_POWER;
    return rungs;
}

/* ---- what is done on each -------------------------------------------------------------------- */

static void do_escape(struct modem *modem)
{
    at_chat_escape(modem->chat);
    modem_enter(modem, MODEM_PROBING);
}

static void do_command(struct modem *modem)
{
    at_chat_escape(modem->chat);
    at_chat_end_text(modem->chat);
    modem->recover->command.is_due = true;
    modem_enter(modem, MODEM_PROBING);
}

static void do_reopen(struct modem *modem)
{
    modem_enter(modem, MODEM_ABSENT);
}

/* Nothing to wait for where it could not be done; else the rung's deadline runs on. */
static void on_work_end(bool worked, void *user)
{
    struct modem *modem = user;
    enum ladder_rung rung = modem->recover->ladder.rung;
    if (worked)
        return;
    log_warning("módem %s: no se ha podido hacer (%s)", modem->config.name,
                ladder_steps[rung].token);
    recover_fail_rung(modem);
}

static void on_work_started(struct modem *modem, enum cc_err err)
{
    if (err == CC_OK)
        return;
    log_warning("módem %s: %s", modem->config.name, err_text(err));
    recover_set_timer(modem, 0); /* the next rung, from the loop */
}

static bool reset_port(void *arg)
{
    return link_usb_reset(arg) == CC_OK;
}

static void do_usb_reset(struct modem *modem)
{
    modem_enter(modem, MODEM_ABSENT);
    on_work_started(modem, child_start(modem->loop, reset_port, modem->identity.usb_device,
                                       USB_RESET_MS, on_work_end, modem, &modem->recover->child));
}

static void do_power(struct modem *modem)
{
    struct power **power = &modem->recover->power;
    modem_enter(modem, MODEM_ABSENT);
    on_work_started(modem, has_power_key(modem)
                               ? power_press_key(modem->loop, modem->config.power_key,
                                                 &power_kernel_gpio, on_work_end, modem, power)
                               : power_cut_usb(modem->loop, modem->identity.usb_device,
                                               POWER_UHUBCTL, on_work_end, modem, power));
}

static const char *const reset_ways[] = {"ATZ", "AT&F", NULL};
static const char *const restart_ways[] = {"AT+CFUN=1,1", NULL}; /* 27.007 8.2 */

static const struct {
    void (*act)(struct modem *modem);
    const char *const *ways; /* of do_command(), behind those of the driver for a restart */
    unsigned command_ms;
} actions[LADDER_RUNG_COUNT] = {
    [LADDER_ESCAPE] = {.act = do_escape},
    [LADDER_INIT] = {.act = do_command, .ways = reset_ways, .command_ms = RESET_MS},
    [LADDER_RESTART] = {.act = do_command, .ways = restart_ways, .command_ms = RESTART_MS},
    [LADDER_REOPEN] = {.act = do_reopen},
    [LADDER_USB_RESET] = {.act = do_usb_reset},
    [LADDER_POWER] = {.act = do_power},
    [LADDER_ALARM] = {.act = do_reopen},
};

void recover_act(struct modem *modem, enum ladder_rung rung)
{
    actions[rung].act(modem);
}

/* The command of the rung's `way`; NULL when there is no further one. */
static const char *command_of(const struct modem *modem, unsigned way)
{
    enum ladder_rung rung = modem->recover->ladder.rung;
    const char *const *own = rung == LADDER_RESTART ? modem->driver->restart_ways : NULL;
    for (; own != NULL && *own != NULL; own++, way--)
        if (way == 0)
            return *own;
    const char *const *standard = actions[rung].ways;
    for (; *standard != NULL && way > 0; standard++)
        way--;
    return *standard;
}

static bool send_way(struct modem *modem);

static void next_way(struct modem *modem)
{
    modem->recover->command.way++;
    if (send_way(modem))
        return;
    if (modem->recover->ladder.rung == LADDER_RESTART)
        recover_fail_rung(modem);
    else
        modem->recover->command.ask_at(modem); /* AT tells, after any answer */
}

static void on_command(const struct at_reply *reply, void *user)
{
    struct modem *modem = user;
    if (reply->result == AT_RESULT_LOST)
        return;
    if (reply->result == AT_RESULT_ERROR) {
        modem_set_timer(modem, REFUSED_MS, next_way);
    } else if (modem->recover->ladder.rung != LADDER_RESTART) {
        modem->recover->command.ask_at(modem);
    } else if (reply->result != AT_RESULT_OK) {
        recover_fail_rung(modem);
    } else {
        modem_forget(modem, MODEM_FORGET_ANSWERS);
        restarts_expect(&modem->signs.restarts, ladder_steps[LADDER_RESTART].deadline_ms,
                        loop_now_us(modem->loop));
        modem_set_timer(modem, GRACE_MS, modem->recover->command.ask_at);
    }
}

static bool send_way(struct modem *modem)
{
    const char *command = command_of(modem, modem->recover->command.way);
    if (command == NULL)
        return false;
    modem_command(modem,
                  &(struct at_request){.command = command,
                                       .numeric = true,
                                       .final_ms = actions[modem->recover->ladder.rung].command_ms,
                                       .fn = on_command,
                                       .user = modem});
    return true;
}

bool modem_recover_send_command(struct modem *modem, void (*ask_at)(struct modem *modem))
{
    if (!modem->recover->command.is_due)
        return false;
    modem->recover->command.is_due = false;
    modem->recover->command.way = 0;
    modem->recover->command.ask_at = ask_at;
    return send_way(modem);
}
