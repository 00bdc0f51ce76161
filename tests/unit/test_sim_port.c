/* SPDX-License-Identifier: EUPL-1.2 */
/* Where simmodem can be reached: pty, TCP and Unix socket, and its control socket. */
#include "test_sim_fixture.h"

#include "sim/console.h"
#include "sim/port.h"
#include "sim/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>

#define ECHOED "AT\r\r\nOK\r\n"

struct place {
    struct bench bench;
    struct sim_port *port;
    char folder[64];
    char path[96];
    char spec[128];
};

static bool place_open(struct place *place, enum sim_port_kind kind)
{
    struct sim_config config;
    sim_config_default(&config);
    *place = (struct place){.folder = "/tmp/test_sim_port.XXXXXX"};
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof(place->path), "%s/modem", place->folder);
    place->bench.loop = loop_new();
    place->bench.sim = sim_new(place->bench.loop, &config);
    if (sim_port_open(place->bench.loop, place->bench.sim, kind,
                      kind == SIM_PORT_TCP ? "0" : place->path, &place->port) != CC_OK)
        return false;
    sim_port_spec(place->port, place->spec, sizeof(place->spec));
    return true;
}

static void place_close(struct place *place)
{
    struct stat st;
    sim_port_free(place->port);
    sim_free(place->bench.sim);
    loop_free(place->bench.loop);
    assert_int_equal(lstat(place->path, &st), -1);
    assert_int_equal(rmdir(place->folder), 0);
}

static int open_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static int open_tcp(const char *spec)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((uint16_t)strtol(strrchr(spec, ':') + 1, NULL, 10));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

/* -1 when nobody is there. */
static int dial(struct place *place)
{
    int fd = -1;
    if (strncmp(place->spec, "tcp:", 4) == 0)
        fd = open_tcp(place->spec);
    else if (strncmp(place->spec, "unix:", 5) == 0)
        fd = open_unix(place->path);
    else
        fd = open(place->path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0)
        (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    place->bench.fd = fd;
    return fd;
}

/* A pty takes its bytes over in the kernel's own time: waits for all of them. */
static void says(struct place *place, const char *say, const char *expected)
{
    char got[256] = "";
    int64_t end_us = clock_mono_us() + 2000000;
    assert_int_equal(write(place->bench.fd, say, strlen(say)), (ssize_t)strlen(say));
    while (strlen(got) < strlen(expected) && clock_mono_us() < end_us)
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.100s", bench_read(&place->bench));
    assert_string_equal(got, expected);
}

static void comes_and_goes(enum sim_port_kind kind)
{
    struct place place;
    assert_true(place_open(&place, kind));
    for (int i = 0; i < 3; i++) {
        assert_true(dial(&place) >= 0);
        says(&place, "AT\r", ECHOED);
        close(place.bench.fd);
    }
    /* unread answers of one client are not the next one's */
    assert_true(dial(&place) >= 0);
    assert_int_equal(write(place.bench.fd, "ATI\r", 4), 4);
    bench_wait(&place.bench, 2000);
    close(place.bench.fd);
    bench_wait(&place.bench, 2000);
    assert_true(dial(&place) >= 0);
    says(&place, "AT\r", ECHOED);
    close(place.bench.fd);
    bench_wait(&place.bench, 2000);

    assert_true(sim_fault(place.bench.sim, "vanish:20"));
    assert_int_equal(dial(&place), -1);
    bench_wait(&place.bench, 30000);
    assert_true(dial(&place) >= 0);
    says(&place, "AT\r", ECHOED);
    close(place.bench.fd);
    place_close(&place);
}

static void pty_comes_and_goes(void **state)
{
    (void)state;
    comes_and_goes(SIM_PORT_PTY);
}

/* The kernel gives a name that is free to whoever asks next: the link leads to the next pty before
 * the last one is closed, or the client that comes back at that moment would meet another's modem.
 */
static void pty_leads_to_nobody_elses(void **state)
{
    char before[64] = "", after[64] = "";
    struct place place;
    (void)state;
    assert_true(place_open(&place, SIM_PORT_PTY));
    assert_true(readlink(place.path, before, sizeof(before) - 1) > 0);
    assert_true(dial(&place) >= 0);
    says(&place, "AT\r", ECHOED);
    close(place.bench.fd);
    bench_wait(&place.bench, 2000);
    assert_true(readlink(place.path, after, sizeof(after) - 1) > 0);
    assert_string_not_equal(before, after);
    place_close(&place);
}

static void tcp_comes_and_goes(void **state)
{
    (void)state;
    comes_and_goes(SIM_PORT_TCP);
}

static void unix_comes_and_goes(void **state)
{
    (void)state;
    comes_and_goes(SIM_PORT_UNIX);
}

static void expect_device(struct place *place, const char *suffix)
{
    char device[192];
    json_t *state = bench_control(&place->bench, "{\"cmd\":\"state\"}");
    snprintf(device, sizeof(device), "pty:%s%s", place->path, suffix);
    assert_string_equal(json_string_value(json_object_get(state, "device")), device);
    json_decref(state);
}

/* Opens the pty by another name than the first. */
static void dial_as(struct place *place, const char *suffix)
{
    char path[128];
    snprintf(path, sizeof(path), "%s%s", place->path, suffix);
    place->bench.fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(place->bench.fd >= 0);
    says(place, "AT\r", ECHOED);
}

static void comes_back_under_another_name(void **state)
{
    struct place place;
    (void)state;
    assert_true(place_open(&place, SIM_PORT_PTY));
    expect_device(&place, "");
    assert_true(sim_fault(place.bench.sim, "vanish-rename:10"));
    bench_wait(&place.bench, 20000);
    expect_device(&place, "1");
    assert_int_equal(dial(&place), -1);
    dial_as(&place, "1");
    /* the OK of a reset is heard before the port goes */
    assert_true(sim_fault(place.bench.sim, "cfun-reenumerate:20"));
    says(&place, "AT+CFUN=1,1\r", "AT+CFUN=1,1\r\r\nOK\r\n");
    bench_wait(&place.bench, 60000);
    assert_int_equal(write(place.bench.fd, "AT\r", 3), -1);
    close(place.bench.fd);
    bench_wait(&place.bench, 30000);
    expect_device(&place, "");
    dial_as(&place, "");
    assert_true(sim_fault(place.bench.sim, "rename"));
    assert_true(bench_ask(&place.bench, "{\"cmd\":\"vanish\",\"ms\":5}"));
    close(place.bench.fd);
    bench_wait(&place.bench, 20000);
    expect_device(&place, "1");
    assert_true(bench_ask(&place.bench, "{\"cmd\":\"clear-faults\"}"));
    assert_true(bench_ask(&place.bench, "{\"cmd\":\"vanish\",\"ms\":5,\"rename\":true}"));
    bench_wait(&place.bench, 20000);
    expect_device(&place, "");
    place_close(&place);
}

static void takes_one_client_at_a_time(void **state)
{
    struct place place;
    char byte;
    (void)state;
    assert_true(place_open(&place, SIM_PORT_TCP));
    int first = dial(&place);
    bench_say(&place.bench, "AT\r");
    int second = dial(&place);
    bench_wait(&place.bench, 5000);
    assert_int_equal(read(second, &byte, 1), 0);
    close(second);
    place.bench.fd = first;
    says(&place, "AT\r", ECHOED);
    close(first);
    place_close(&place);
}

static void leaves_foreign_files_alone(void **state)
{
    static const enum sim_port_kind kinds[] = {SIM_PORT_PTY, SIM_PORT_UNIX};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct place place;
        struct sim_port *second = NULL;
        assert_true(place_open(&place, SIM_PORT_TCP));
        int file = open(place.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        assert_true(file >= 0);
        close(file);
        assert_int_equal(
            sim_port_open(place.bench.loop, place.bench.sim, kinds[i], place.path, &second),
            CC_ERR_IO);
        assert_int_equal(unlink(place.path), 0);
        /* a link or a socket that a killed run left behind is replaced */
        if (kinds[i] == SIM_PORT_PTY)
            assert_int_equal(symlink("/dev/pts/none", place.path), 0);
        else
            close(sim_socket_listen_unix(place.path));
        assert_int_equal(
            sim_port_open(place.bench.loop, place.bench.sim, kinds[i], place.path, &second), CC_OK);
        sim_port_free(second);
        place_close(&place);
    }
}

/* Says it in pieces; answers come as lines. */
static const char *ask_console(struct bench *bench, const char *text)
{
    size_t half = strlen(text) / 2;
    assert_int_equal(write(bench->fd, text, half), (ssize_t)half);
    bench_wait(bench, 1000);
    return bench_say(bench, text + half);
}

static void console_answers_lines(void **state)
{
    static const struct {
        const char *say;
        const char *expected;
    } rows[] = {
        {"{\"cmd\":\"urc\",\"line\":\"RING\"}\n", "{\"ok\":true}\n"},
        {"{\"cmd\":\"reset\"}\n{\"cmd\":\"reset\"}\n", "{\"ok\":true}\n{\"ok\":true}\n"},
        {"{\"cmd\":\"none\"}\n", "{\"ok\":false,\"error\":\"unknown command\"}\n"},
        {"{\"cmd\":\n", "{\"ok\":false,\"error\":\"not a JSON object\"}\n"},
        {"[]\n", "{\"ok\":false,\"error\":\"not a JSON object\"}\n"},
    };
    struct place place;
    struct sim_console *console = NULL;
    char path[128];
    (void)state;
    assert_true(place_open(&place, SIM_PORT_TCP));
    snprintf(path, sizeof(path), "%s.control", place.path);
    assert_int_equal(sim_console_open(place.bench.loop, place.bench.sim, path, &console), CC_OK);
    place.bench.fd = open_unix(path);
    assert_int_equal(fcntl(place.bench.fd, F_SETFL, O_NONBLOCK), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_answer(rows[i].say, ask_console(&place.bench, rows[i].say), rows[i].expected);
    close(place.bench.fd);
    bench_wait(&place.bench, 1000);
    /* one that talks without end is dropped, one that stays is closed at the end */
    char flood[1024];
    memset(flood, ' ', sizeof(flood));
    int fd = open_unix(path);
    place.bench.fd = open_unix(path);
    for (int i = 0; i < 80 && send(fd, flood, sizeof(flood), MSG_NOSIGNAL) > 0; i++)
        bench_wait(&place.bench, 200);
    assert_int_equal(send(fd, flood, sizeof(flood), MSG_NOSIGNAL), -1);
    close(fd);
    sim_console_free(console);
    assert_int_equal(read(place.bench.fd, flood, 1), 0);
    close(place.bench.fd);
    place_close(&place);
}

static void console_needs_a_good_path(void **state)
{
    struct place place;
    struct sim_console *console = NULL;
    char path[200];
    (void)state;
    assert_true(place_open(&place, SIM_PORT_TCP));
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(sim_console_open(place.bench.loop, place.bench.sim, path, &console),
                     CC_ERR_IO);
    assert_int_equal(
        sim_console_open(place.bench.loop, place.bench.sim, "/nowhere/at/all", &console),
        CC_ERR_IO);
    place_close(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pty_comes_and_goes),
        cmocka_unit_test(pty_leads_to_nobody_elses),
        cmocka_unit_test(tcp_comes_and_goes),
        cmocka_unit_test(unix_comes_and_goes),
        cmocka_unit_test(takes_one_client_at_a_time),
        cmocka_unit_test(comes_back_under_another_name),
        cmocka_unit_test(leaves_foreign_files_alone),
        cmocka_unit_test(console_answers_lines),
        cmocka_unit_test(console_needs_a_good_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
