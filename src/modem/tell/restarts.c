/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/tell/restarts.h"

#define SECONDS(n) (INT64_C(n) * 1000 * 1000)

#define SAME_START_US SECONDS(30) /* from the first word of a start to the last */
#define WINDOW_US SECONDS(180)
#define OVER_US SECONDS(600)

static const char supply_advice[] =
    "El módem avisa de que le falta o le sobra tensión. Cámbiele el alimentador (2 A de pico), el "
    "cable o el concentrador USB por uno con alimentación propia.";
static const char again_advice[] =
    "El módem se reinicia solo una y otra vez: le falta alimentación. Cámbiele el alimentador (2 A "
    "de pico), el cable o el concentrador USB por uno con alimentación propia.";

const char *restarts_advice(const struct restarts *restarts, int64_t now_us)
{
    if (restarts_are_often(restarts, now_us))
        return again_advice;
    bool is_told = restarts->supply_us != 0 && now_us - restarts->supply_us < OVER_US;
    return is_told ? supply_advice : "";
}

void restarts_note_supply(struct restarts *restarts, int64_t now_us)
{
    restarts->supply_us = now_us;
}

bool restarts_are_often(const struct restarts *restarts, int64_t now_us)
{
    return restarts->on_us != 0 && now_us - restarts->on_us < OVER_US;
}

void restarts_expect(struct restarts *restarts, int64_t ms, int64_t now_us)
{
    restarts->asked_us = now_us + ms * 1000;
}

void restarts_note(struct restarts *restarts, const char *word, int64_t now_us)
{
    size_t last = (restarts->next + RESTARTS_OFTEN - 1) % RESTARTS_OFTEN;
    int64_t last_us = restarts->counted_us[last];
    bool is_same_start = last_us != 0 && restarts->word != word && now_us - last_us < SAME_START_US;
    if (now_us < restarts->asked_us || is_same_start)
        return;
    restarts->word = word;
    restarts->counted_us[restarts->next] = now_us;
    restarts->next = (restarts->next + 1) % RESTARTS_OFTEN;
    int64_t first_us = restarts->counted_us[restarts->next];
    bool is_many = first_us != 0 && now_us - first_us < WINDOW_US;
    if (is_many || restarts_are_often(restarts, now_us))
        restarts->on_us = now_us;
}
