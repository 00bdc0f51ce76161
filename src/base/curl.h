/* SPDX-License-Identifier: EUPL-1.2 */
/* libcurl, loaded by what sends: contraclavectl, and the child processes of the daemon. */
#ifndef CC_BASE_CURL_H
#define CC_BASE_CURL_H

#include <curl/curl.h>
#include <stdbool.h>

/* Whether libcurl can be used; loads it. Where it cannot, calls of its functions end the program.
 */
bool curl_can_load(void);

#endif
