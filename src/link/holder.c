/* SPDX-License-Identifier: EUPL-1.2 */
#include "link/holder.h"

#include "base/fsx.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMM_MAX = 16, PROC_PATH_MAX = 320 };

/* Walk through /proc, a process at a time. */
struct walk {
    DIR *proc;
    char pid[16];
};

static bool walk_next(struct walk *walk)
{
    for (struct dirent *entry; (entry = readdir(walk->proc)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0]) &&
            snprintf(walk->pid, sizeof(walk->pid), "%s", entry->d_name) < (int)sizeof(walk->pid))
            return true;
    return false;
}

/* Empty if it has ended meanwhile. */
static void read_comm(const char *pid, char out[COMM_MAX])
{
    char path[PROC_PATH_MAX];
    (void)snprintf(path, sizeof(path), "/proc/%s/comm", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, out, COMM_MAX - 1);
    if (fd >= 0)
        close(fd);
    out[len > 0 ? len : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

/*
 * By the device's number, so that any name for it will do. Only what is open below /dev is asked
 * for it: stat() of a file on a dead network share would never return.
 */
static bool is_open_as(const char *link, dev_t device)
{
    char target[8];
    struct stat info;
    ssize_t len = readlink(link, target, sizeof(target));
    return len > 5 && memcmp(target, "/dev/", 5) == 0 && stat(link, &info) == 0 &&
           S_ISCHR(info.st_mode) && info.st_rdev == device;
}

static bool holds_device(const char *pid, dev_t device)
{
    char path[PROC_PATH_MAX];
    bool found = false;
    (void)snprintf(path, sizeof(path), "/proc/%s/fd", pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(folder)) != NULL;) {
        (void)snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, entry->d_name);
        found = is_open_as(path, device);
    }
    closedir(folder);
    return found;
}

bool link_holder(const char *device, char *ret_name, size_t cap, int *ret_pid)
{
    struct stat info;
    bool found = false;
    struct walk walk = {.proc = opendir("/proc")};
    if (walk.proc == NULL)
        return false;
    if (stat(device, &info) == 0 && S_ISCHR(info.st_mode))
        while (!found && walk_next(&walk))
            found = holds_device(walk.pid, info.st_rdev);
    closedir(walk.proc);
    if (found) {
        char comm[COMM_MAX];
        read_comm(walk.pid, comm);
        (void)snprintf(ret_name, cap, "%s", comm);
        *ret_pid = (int)strtol(walk.pid, NULL, 10);
    }
    return found;
}

/* systemd makes the group when it starts the service, and removes it with the last process. */
static bool service_runs(const char *name)
{
    char path[PROC_PATH_MAX];
    (void)snprintf(path, sizeof(path), "/sys/fs/cgroup/system.slice/%s.service", name);
    return fsx_exists(path);
}

bool link_process_runs(const char *comm)
{
    char name[COMM_MAX];
    bool found = service_runs(comm);
    struct walk walk = {.proc = opendir("/proc")};
    if (walk.proc == NULL)
        return found;
    while (!found && walk_next(&walk)) {
        read_comm(walk.pid, name);
        found = strncmp(name, comm, COMM_MAX - 1) == 0;
    }
    closedir(walk.proc);
    return found;
}
