/* SPDX-License-Identifier: EUPL-1.2 */
/* The rooms put together into one daemon: start in order, reread the settings, end in order. */
#ifndef CC_APP_WIRING_H
#define CC_APP_WIRING_H

#include "app/config.h"
#include "base/err.h"

struct wiring;

/*
 * Opens and starts everything; what fails is said on stderr. Errors: those of store_open(),
 * dispatch_new() and http_new(). Owns: config, also when it fails; free with wiring_free().
 */
enum cc_err wiring_start(struct config *config, const char *config_path,
                         struct wiring **ret) CC_MUST_CHECK;
/* Serves until SIGTERM or SIGINT has been answered; returns the exit code. */
int wiring_run(struct wiring *wiring);
void wiring_free(struct wiring *wiring);

#endif
