/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

/* A stream on the socket, or NULL with errno. */
static FILE *connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return NULL;
    FILE *stream = NULL;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        stream = fdopen(fd, "r+");
    if (stream == NULL)
        close(fd);
    return stream;
}

int sim_ask(const char *path, const char *command)
{
    FILE *stream = connect_to(path);
    char *line = NULL;
    size_t size = 0;
    if (stream == NULL) {
        fprintf(stderr, "simmodem: %s: %s\n", path, strerror(errno));
        return EX_UNAVAILABLE;
    }
    int code = EX_PROTOCOL;
    if (fprintf(stream, "%s\n", command) > 0 && fflush(stream) == 0 &&
        getline(&line, &size, stream) > 0) {
        fputs(line, stdout);
        code = EX_OK;
    } else {
        fprintf(stderr, "simmodem: %s: no answer\n", path);
    }
    free(line);
    fclose(stream);
    return code;
}
