/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * A person's name as the procedure law asks for it: name and surnames apart (Ley 39/2015, art.
 * 9.1). One surname or none is right: not every country has two. Pure.
 */
#ifndef CC_DOMAIN_NAME_H
#define CC_DOMAIN_NAME_H

#include <stdbool.h>

enum { NAME_PART_SIZE = 121 };
/* Names from before the parts were kept apart stand whole in `given`. */
struct person_name {
    char given[NAME_PART_SIZE];
    char first_surname[NAME_PART_SIZE];  /* "" = none */
    char second_surname[NAME_PART_SIZE]; /* "" = none; only behind a first one */
};

/*
 * Parts first_surname, which holds both surnames with one space between, before the second one.
 * false, and nothing changed: it does not end in that surname, or nothing would be left of it.
 */
bool name_part_surnames(struct person_name *name, const char *second);

#endif
