/* SPDX-License-Identifier: EUPL-1.2 */
/* Devices and the tape: opening, hang-up, errors that say what to do, and nothing secret written
 * down. */
#include "base/clock.h"
#include "base/fsx.h"
#include "link/link.h"
#include "link/tape.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

enum { SPEC_SIZE = 64 };

/* Stands still where a case says so: a slow processor is slower than the pace of a tape. */
static int64_t stopped_us;
int64_t __real_clock_mono_us(void);
int64_t __wrap_clock_mono_us(void);

int64_t __wrap_clock_mono_us(void)
{
    return stopped_us != 0 ? stopped_us : __real_clock_mono_us();
}

/* Refuses the settings of a line where a case says so, and keeps its descriptor, as a child has it
 * that has not run yet. */
static bool refuses_settings;
static int kept = -1;
int __real_tcsetattr(int fd, int when, const struct termios *settings);
int __wrap_tcsetattr(int fd, int when, const struct termios *settings);

int __wrap_tcsetattr(int fd, int when, const struct termios *settings)
{
    if (!refuses_settings)
        return __real_tcsetattr(fd, when, settings);
    kept = dup(fd);
    errno = EIO;
    return -1;
}

struct scene {
    struct loop *loop;
    struct link *link;
    int up, lost;
    char heard[256];
    char folder[64];
};

static void on_link(enum link_event event, const uint8_t *bytes, size_t len, void *user)
{
    struct scene *scene = user;
    size_t have = strlen(scene->heard);
    switch (event) {
    case LINK_UP:
        scene->up++;
        break;
    case LINK_DATA:
        assert_true(have + len < sizeof(scene->heard));
        memcpy(scene->heard + have, bytes, len);
        break;
    case LINK_LOST:
        scene->lost++;
        link_close(scene->link);
        scene->link = NULL;
        break;
    }
}

static int set_up(void **state)
{
    static struct scene fresh;
    struct scene *scene = *state = &fresh;
    memset(scene, 0, sizeof(*scene));
    (void)snprintf(scene->folder, sizeof(scene->folder), "/tmp/cc-link-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    scene->loop = loop_new();
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    char command[2][128];
    link_close(scene->link);
    loop_free(scene->loop);
    (void)snprintf(command[0], sizeof(command[0]), "%s/s", scene->folder);
    (void)snprintf(command[1], sizeof(command[1]), "%s/tape", scene->folder);
    (void)unlink(command[0]);
    (void)unlink(command[1]);
    assert_int_equal(rmdir(scene->folder), 0);
    return 0;
}

#define scene_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* Until *count is 1, at most for some seconds: on a busy machine the kernel's pty takes its time.
 */
static void wait_for(struct scene *scene, const int *count)
{
    for (int i = 0; i < 2500 && *count == 0; i++)
        loop_step(scene->loop, 2000);
    assert_int_equal(*count, 1);
}

static enum cc_err try_open(struct scene *scene, const char *spec)
{
    return link_open(scene->loop, spec, NULL, NULL, on_link, scene, &scene->link);
}

/* Up, bytes both ways, hang-up: the same for every kind of device. `peer` is the modem's end. */
static void talk(struct scene *scene, int peer)
{
    char bytes[16] = "";
    wait_for(scene, &scene->up);
    link_write(scene->link, "AT\r", 3);
    assert_int_equal(read(peer, bytes, sizeof(bytes)), 3);
    assert_string_equal(bytes, "AT\r");
    assert_int_equal(write(peer, "\r\nOK\r\n", 6), 6);
    for (int i = 0; i < 2500 && strlen(scene->heard) < 6; i++)
        loop_step(scene->loop, 2000);
    assert_string_equal(scene->heard, "\r\nOK\r\n");
    close(peer);
    wait_for(scene, &scene->lost);
}

static int open_master(char spec[SPEC_SIZE])
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    (void)snprintf(spec, SPEC_SIZE, "pty:%s", ptsname(master));
    return master;
}

static void over_a_pty(void **state)
{
    struct scene *scene = *state;
    char spec[SPEC_SIZE];
    int master = open_master(spec);
    assert_int_equal(try_open(scene, spec), CC_OK);
    talk(scene, master);
}

/* A child has what the daemon had open until it runs. */
static void a_line_that_a_child_has_is_opened_again(void **state)
{
    struct scene *scene = *state;
    char spec[SPEC_SIZE];
    int master = open_master(spec), status = 0;
    assert_int_equal(try_open(scene, spec), CC_OK);
    pid_t child = fork();
    if (child == 0) {
        (void)pause();
        _exit(EXIT_SUCCESS);
    }
    assert_true(child > 0);
    link_close(scene->link);
    scene->link = NULL;
    enum cc_err err = try_open(scene, spec);
    (void)kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(err, CC_OK);
    talk(scene, master);
}

/* Nor does one that could not be set up stay locked, or closed to other users. */
static void a_line_that_fails_is_let_go(void **state)
{
    struct scene *scene = *state;
    char spec[SPEC_SIZE];
    int master = open_master(spec), is_exclusive = -1;
    refuses_settings = true;
    assert_int_equal(try_open(scene, spec), CC_ERR_IO);
    refuses_settings = false;
    assert_int_equal(ioctl(kept, TIOCGEXCL, &is_exclusive), 0);
    assert_false(is_exclusive);
    assert_int_equal(try_open(scene, spec), CC_OK);
    close(kept);
    talk(scene, master);
}

static void over_tcp(void **state)
{
    struct scene *scene = *state;
    char spec[SPEC_SIZE];
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    (void)snprintf(spec, sizeof(spec), "tcp:localhost:%u", ntohs(at.sin_port));
    assert_int_equal(try_open(scene, spec), CC_OK);
    talk(scene, accept(listener, NULL, NULL));
    close(listener);
    /* nobody listens there any more: known at once or when the connection fails */
    scene->lost = 0;
    if (try_open(scene, spec) == CC_OK)
        wait_for(scene, &scene->lost);
    assert_int_equal(scene->up, 1);
}

static void over_a_unix_socket(void **state)
{
    struct scene *scene = *state;
    char spec[128];
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/s", scene->folder);
    (void)snprintf(spec, sizeof(spec), "unix:%s", at.sun_path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(try_open(scene, spec), CC_OK);
    talk(scene, accept(listener, NULL, NULL));
    close(listener);
}

static void each_failure_has_its_error(void **state)
{
    static const struct {
        const char *spec;
        enum cc_err err;
    } rows[] = {
        {"/dev/no-such-modem", CC_ERR_DEVICE_MISSING},
        {"/dev/null", CC_ERR_DEVICE_NOT_TTY},
        {"/etc/passwd", CC_ERR_DEVICE_NOT_TTY},
        {"pty:/dev/no-such-pty", CC_ERR_DEVICE_MISSING},
        {"pty:/dev/null", CC_ERR_DEVICE_NOT_TTY},
        {"unix:/no/such/socket", CC_ERR_DEVICE_MISSING},
        {"tcp:modem.example:5000", CC_ERR_DEVICE_SPEC},
        {"tcp:127.0.0.1", CC_ERR_DEVICE_SPEC},
        {"tcp::5000", CC_ERR_DEVICE_SPEC},
        {"tcp:127.0.0.1:", CC_ERR_DEVICE_SPEC},
        {"usb", CC_ERR_DEVICE_SPEC},
    };
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum cc_err err = try_open(scene, rows[i].spec);
        if (err != rows[i].err)
            print_error("%s: %s\n", rows[i].spec, err_token(err));
        assert_int_equal(err, rows[i].err);
        assert_null(scene->link);
    }
}

static void a_line_has_one_owner(void **state)
{
    struct scene *scene = *state;
    char spec[SPEC_SIZE];
    int master = open_master(spec);
    int rival = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_int_equal(flock(rival, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(try_open(scene, spec), CC_ERR_DEVICE_BUSY);
    close(rival);
    assert_int_equal(try_open(scene, spec), CC_OK);
    close(master);
}

static void specs(void **state)
{
    static const struct {
        const char *spec;
        bool valid;
    } rows[] = {
        {"/dev/ttyUSB2", true},   {"tcp:127.0.0.1:4001", true},
        {"tcp:[::1]:4001", true}, {"pty:/dev/pts/3", true},
        {"unix:/run/m.s", true},  {"tcp:host", false},
        {"pty:", false},          {"unix:", false},
        {"ttyUSB2", false},       {"", false},
        {"sim:", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(link_spec_is_valid(rows[i].spec), rows[i].valid);
}

/* A device that takes nothing any more is as good as gone: no memory grows for it. */
static void a_stuck_device_is_lost(void **state)
{
    struct scene *scene = *state;
    char spec[SPEC_SIZE];
    static char flood[4096];
    memset(flood, 'A', sizeof(flood));
    int master = open_master(spec);
    assert_int_equal(try_open(scene, spec), CC_OK);
    wait_for(scene, &scene->up);
    for (int i = 0; i < 64; i++)
        link_write(scene->link, flood, sizeof(flood));
    wait_for(scene, &scene->lost);
    close(master);
}

static const struct {
    const char *bytes, *written;
} tapes[] = {
    {"AT+CMGS=23\r", "AT+CMGS=23\\r"},
    {"AT+CPIN=\"1234\"\r", "AT+CPIN=\"<4>\"\\r"},
    {"0011000B914306000000F00000AA0AE8329BFD4697D9EC37\x1A", "<48>\\x1A"},
    {"\r\n+CMS ERROR: 304\r\n", "\\r\\n+CMS ERROR: 304\\r\\n"},
    {"+CSQ: 20,99\r\n", "+CSQ: 20,99\\r\\n"},
    {"su contraclave es 0481.\r\n", "su contraclave es <4>.\\r\\n"},
    {"\x80\\\x01", "\\x80\\x5C\\x01"},
    {"+CUSD: 0,\"Tiene 12,50 EUR\",15\r\nOK\r\n", "+CUSD:<23>\\r\\nOK\\r\\n"},
    {"+CUSD: 0,\"Su saldo\r\n12,50 EUR\r\nfin\",15\r\n12 s\r\n",
     "+CUSD:<12>\\r\\n<9>\\r\\n<7>\\r\\n12 s\\r\\n"},
    {"+CUSD: 0,\"Su saldo\r\nOK\r\n12 s\r\n", "+CUSD:<12>\\r\\nOK\\r\\n12 s\\r\\n"},
};

#define PIN "AT+CPIN=\"7391\"\r"
#define PAYLOAD "0011000B9143\x1A"

/* Answers of the modem after a secret was written to it. */
static const struct {
    const char *told, *said, *written;
} echoes[] = {
    {PIN, "AT+CPIN=\"73\r\n+CREG: 1\r\n91\"\r\r\nOK\r\n91\r\n",
     "<11>\\r\\n+CREG: 1\\r\\n<3>\\r\\r\\nOK\\r\\n91\\r\\n"},
    {PIN, "AT\r\n^RSSI:9\r\n+CPIN=\"73\r\n#91\r\n+CME ERROR: 16\r\nRING\r\n",
     "<2>\\r\\n^RSSI:9\\r\\n+CPIN=<3>\\r\\n#91\\r\\n+CME ERROR: 16\\r\\nRING\\r\\n"},
    {PAYLOAD, "> 001\r\n100\r\n0B9\r\n*E: 1\r\n143\x1A\r\n+CMGS: 7\r\n\r\nOK\r\nSMS DONE\r\n",
     "> <3>\\r\\n<3>\\r\\n<3>\\r\\n*E: 1\\r\\n<4>\\r\\n+CMGS: 7\\r\\n\\r\\nOK\\r\\nSMS DONE\\r\\n"},
    {PAYLOAD, "E12\r\nOK1\r\n+CMS ERROR: 38\r\nE12\r\n",
     "<3>\\r\\n<3>\\r\\n+CMS ERROR: 38\\r\\nE12\\r\\n"},
    {"AT+CLCK=\"SC\",0,\"7391\"\r", "ERROR  \r\n91\r\n", "ERROR  \\r\\n91\\r\\n"},
    {"AT+CPWD=\"SC\",\"7391\",\"1\"\r", "91", "<2>"},
    {"AT+CSQ\r", "RING\r\n91\r\n", "RING\\r\\n91\\r\\n"},
};

static void one_tape(const struct scene *scene, const char *told, const char *said,
                     const char *written, size_t chunk)
{
    char path[128], content[1024];
    size_t len = 0;
    struct tape *tape = NULL;
    (void)snprintf(path, sizeof(path), "%s/tape", scene->folder);
    assert_int_equal(tape_new(&tape), CC_OK);
    assert_int_equal(tape_to_file(tape, path), CC_OK);
    tape_write(tape, TAPE_TO_MODEM, (const uint8_t *)told, strlen(told));
    for (const char *at = said; *at != '\0';) {
        size_t n = chunk < strlen(at) ? chunk : strlen(at);
        tape_write(tape, TAPE_FROM_MODEM, (const uint8_t *)at, n);
        at += n;
    }
    tape_close(tape);
    assert_int_equal(fsx_read(path, content, sizeof(content) - 1, &len), CC_OK);
    content[len] = '\0';
    const char *text = strstr(content, " < ");
    assert_non_null(text);
    char joined[512] = ""; /* a record may be cut at a line end only */
    for (; text != NULL; text = strstr(text + 3, " < "))
        strncat(joined, text + 3, strcspn(text + 3, "\n"));
    assert_string_equal(joined, written);
    assert_int_equal(unlink(path), 0);
}

/* However the bytes are cut, four digits in a row are never written. */
static void the_tape_keeps_secrets(void **state)
{
    struct scene *scene = *state;
    for (size_t row = 0; row < sizeof(tapes) / sizeof(tapes[0]); row++)
        for (size_t chunk = 1; chunk < 60; chunk++)
            one_tape(scene, "", tapes[row].bytes, tapes[row].written, chunk);
}

/* An echo in pieces, with other lines between them, cannot be put together again. */
static void the_tape_keeps_secrets_in_pieces(void **state)
{
    struct scene *scene = *state;
    for (size_t row = 0; row < sizeof(echoes) / sizeof(echoes[0]); row++)
        for (size_t chunk = 1; chunk < 60; chunk++)
            one_tape(scene, echoes[row].told, echoes[row].said, echoes[row].written, chunk);
}

/* In the middle of a line: what comes behind may be the echo. */
static void the_tape_keeps_a_secret_behind_half_a_line(void **state)
{
    struct tape *tape = NULL;
    char some[200];
    (void)state;
    assert_int_equal(tape_new(&tape), CC_OK);
    tape_write(tape, TAPE_FROM_MODEM, (const uint8_t *)"+CSQ: ", 6);
    tape_write(tape, TAPE_TO_MODEM, (const uint8_t *)PIN, strlen(PIN));
    tape_write(tape, TAPE_FROM_MODEM, (const uint8_t *)"IN=\"73\r\n", 8);
    assert_true(tape_recent(tape, some, sizeof(some)) > 0);
    assert_non_null(strstr(some, "< <6>\\r"));
    tape_close(tape);
}

/* A modem that floods: the memory has the newest, the file no more than its share. */
static void the_tape_file_has_a_pace(void **state)
{
    struct scene *scene = *state;
    struct tape *tape = NULL;
    char path[128], some[200];
    static char content[1024 * 1024];
    uint8_t line[120];
    size_t len = 0;
    (void)snprintf(path, sizeof(path), "%s/tape", scene->folder);
    assert_int_equal(tape_new(&tape), CC_OK);
    assert_int_equal(tape_to_file(tape, path), CC_OK);
    memset(line, '.', sizeof(line));
    line[sizeof(line) - 1] = '\n';
    stopped_us = clock_mono_us();
    for (int i = 0; i < 5000; i++) { /* of that pace ten seconds, in two */
        stopped_us += i == 2500 ? 1000 * 1000 : 0;
        tape_write(tape, TAPE_FROM_MODEM, line, sizeof(line));
    }
    stopped_us = 0;
    assert_true(tape_recent(tape, some, sizeof(some)) > 0);
    assert_null(strstr(some, "omitidas"));
    tape_close(tape);
    assert_int_equal(fsx_read(path, content, sizeof(content) - 1, &len), CC_OK);
    content[len] = '\0';
    assert_in_range(len, 2 * 63 * 1024, 2 * 65 * 1024); /* 64 KiB in each, and a line */
    assert_non_null(strstr(content, "líneas omitidas\n"));
}

static void the_tape_turns_over(void **state)
{
    struct scene *scene = *state;
    struct tape *tape = NULL;
    char path[128], old[160], content[16];
    size_t len = 0;
    (void)snprintf(path, sizeof(path), "%s/tape", scene->folder);
    (void)snprintf(old, sizeof(old), "%s.1", path);
    assert_int_equal(tape_new(&tape), CC_OK);
    assert_int_equal(tape_to_file(tape, "/no/such/folder/tape"), CC_ERR_IO);
    int before = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); /* of another day, and long */
    assert_int_equal(ftruncate(before, 1024 * 1024), 0);
    close(before);
    assert_int_equal(tape_to_file(tape, path), CC_OK);
    tape_write(tape, TAPE_FROM_MODEM, (const uint8_t *)"OK\r\n", 4);
    tape_close(tape);
    assert_int_equal(fsx_read(old, content, sizeof(content), &len),
                     CC_ERR_NO_SPACE); /* it is there, and long */
    assert_int_equal(unlink(old), 0);
}

/* The tape returns whole lines, the newest, for any size asked. */
static void the_tape_remembers_the_newest(void **state)
{
    struct tape *tape = NULL;
    char some[200];
    char *all = malloc(TAPE_RECENT + 1);
    (void)state;
    assert_int_equal(tape_new(&tape), CC_OK);
    assert_int_equal(tape_recent(tape, some, sizeof(some)), 0);
    for (int i = 0; i < 5000; i++) {
        char line[32];
        (void)snprintf(line, sizeof(line), "AT+COUNT=%d\r\n", i % 1000);
        tape_write(tape, TAPE_TO_MODEM, (const uint8_t *)line, strlen(line));
        size_t len = tape_recent(tape, some, sizeof(some));
        assert_true(len > 0 && len < sizeof(some) && some[len - 1] == '\n');
        (void)snprintf(line, sizeof(line), "> AT+COUNT=%d\\r", i % 1000);
        assert_non_null(strstr(some, line));
        assert_true(some[0] >= '0' && some[0] <= '9'); /* the time of a whole line */
    }
    assert_true(tape_recent(tape, all, TAPE_RECENT + 1) > TAPE_RECENT - 100);
    free(all);
    tape_close(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scene_test(over_a_pty),
        scene_test(a_line_that_fails_is_let_go),
        scene_test(a_line_that_a_child_has_is_opened_again),
        scene_test(over_tcp),
        scene_test(over_a_unix_socket),
        scene_test(each_failure_has_its_error),
        scene_test(a_line_has_one_owner),
        cmocka_unit_test(specs),
        scene_test(a_stuck_device_is_lost),
        scene_test(the_tape_keeps_secrets),
        scene_test(the_tape_keeps_secrets_in_pieces),
        cmocka_unit_test(the_tape_keeps_a_secret_behind_half_a_line),
        scene_test(the_tape_file_has_a_pace),
        cmocka_unit_test(the_tape_remembers_the_newest),
        scene_test(the_tape_turns_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
