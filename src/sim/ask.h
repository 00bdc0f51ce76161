/* SPDX-License-Identifier: EUPL-1.2 */
/* The other end of a control socket, for scripts: one command out, its answer on stdout. */
#ifndef CC_SIM_ASK_H
#define CC_SIM_ASK_H

/* Returns an exit code of sysexits(3); a failure is said on stderr. */
int sim_ask(const char *path, const char *command);

#endif
