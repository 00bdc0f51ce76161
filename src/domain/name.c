/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/name.h"

#include <string.h>

bool name_part_surnames(struct person_name *name, const char *second)
{
    size_t len = strlen(name->first_surname), second_len = strlen(second);
    if (second_len == 0 || len < second_len + 2)
        return false;
    char *rest = name->first_surname + len - second_len;
    if (rest[-1] != ' ' || strcmp(rest, second) != 0)
        return false;
    memcpy(name->second_surname, rest, second_len + 1);
    rest[-1] = '\0';
    return true;
}
