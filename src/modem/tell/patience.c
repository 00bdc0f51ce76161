/* SPDX-License-Identifier: EUPL-1.2 */
#include "modem/tell/patience.h"

#include <stdio.h>
#include <string.h>

enum {
    REFUSALS_MAX = 3,
    MUTES_MAX = 2, /* a question that hangs its modem each time is not asked a third time */
};

bool patience_is_over(const struct patience *patience, int question)
{
    return patience->refusals[question] >= REFUSALS_MAX;
}

void patience_note_mute(struct patience *patience, int question)
{
    patience->refusals[question] = REFUSALS_MAX;
    if (patience->mutes[question] < MUTES_MAX)
        patience->mutes[question]++;
}

void patience_note_refusal(struct patience *patience, int question)
{
    patience->refusals[question]++;
}

void patience_note_answer(struct patience *patience, int question)
{
    patience->refusals[question] = patience->mutes[question] = 0;
}

bool patience_note_setting(struct patience *patience, int question, bool is_right)
{
    unsigned bit = 1U << (question - QUESTION_FUNCTION);
    bool was_wrong = (patience->wrong_settings & bit) != 0;
    patience->wrong_settings &= ~bit;
    if (!is_right)
        patience->wrong_settings |= bit;
    return !is_right && !was_wrong;
}

bool patience_note_nonsense(struct patience *patience, int question)
{
    bool is_first = !patience->told[question];
    patience->told[question] = true;
    return is_first;
}

void patience_restart(struct patience *patience)
{
    for (int i = 0; i < QUESTION_ALL; i++)
        patience->refusals[i] = patience->mutes[i] < MUTES_MAX ? 0 : REFUSALS_MAX;
}

void patience_meet(struct patience *patience, const struct driver *driver, const char *imei)
{
    if (patience->driver == driver && strcmp(patience->imei, imei) == 0)
        return;
    *patience = (struct patience){.driver = driver};
    (void)snprintf(patience->imei, sizeof(patience->imei), "%s", imei);
}
