/* SPDX-License-Identifier: EUPL-1.2 */
/* Mails that come back: which ones tell of an address that does not exist, and of which mail. */
#include "base/hex.h"
#include "domain/bounce.h"
#include "test_store_fixture.h"

#define ID "00112233445566778899aabbccddeeff"
#define OURS "Message-ID: <" ID "@example.org>\r\n"
#define HEAD                                                                                       \
    "From: MAILER-DAEMON@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report;\r\n"  \
    "\treport-type=delivery-status; boundary=\"b/1\"\r\n\r\nMIME.\r\n--b/1\r\n\r\nWords.\r\n"
#define STATUS "--b/1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; m\r\n\r\n"
#define BACK                                                                                       \
    "\r\n--b/1\r\nContent-Type: message/rfc822\r\n\r\nReturn-Path: <c@example.org>\r\n" OURS
#define END "To: <ana@example.com>\r\n\r\nThe mail.\r\n--b/1--\r\n"
#define TO "Final-Recipient: rfc822; ana@example.com\r\n"
#define REPORT(fields) HEAD STATUS TO fields BACK END
#define EXIM                                                                                       \
    "X-Failed-Recipients: Ana@Example.com,\n  eva@example.com\nAuto-Submitted: auto-replied\n\n"   \
    "A message that you sent could not be delivered.\n\n"                                          \
    "------ This is a copy of the message, including all the headers. ------\n\n"

static const struct {
    const char *name, *text;
    bool is_dead;
} rows[] = {
    {"postfix",
     REPORT("Original-Recipient: rfc822;ana@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            "Remote-MTA: dns; mx.example.com\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n"
            "    <ana@example.com>: no such user\r\n"),
     true},
    {"no status of its own: the reply",
     REPORT("Action: failed\r\nStatus: 5.0.0\r\n"
            "Diagnostic-Code: smtp; 550 no such user\r\n"),
     true},
    {"no status and no reply", REPORT("Action: failed\r\nStatus: 5.0.0\r\n"), true},
    {"no such host", REPORT("Action: failed\r\nStatus: 5.4.4\r\n"), true},
    {"Exchange",
     "Content-Type: MULTIPART/Report; boundary=\"b/1\"; Report-Type=\"Delivery-Status\"\r\n\r\n"
     "--b/1\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n" STATUS
     "Final-Recipient: RFC822;<ANA@example.com>\r\nAction: Failed\r\nStatus: 5.1.10\r\n"
     "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound\r\nX-Display-Name: "
     "Ana\r\n" BACK END,
     true},
    {"headers only",
     HEAD STATUS TO "Action: failed\nStatus: 5.1.1\n\n--b/1\nContent-Type: text/rfc822-headers;"
                    " charset=us-ascii\n\nFrom: c@example.org\nMessage-Id:\n <" ID "@x>\n\n--b/1--",
     true},
    {"the second of two groups",
     HEAD STATUS "Final-Recipient: rfc822; eva@example.com\r\nAction: delayed\r\n"
                 "Status: 4.4.1\r\n\r\n" TO "Action: failed\r\nStatus: 5.1.1\r\n" BACK END,
     true},
    {"Exim", EXIM "Return-path: <c@example.org>\n" OURS "\nThe mail.\n", true},
    {"Exim with LF", EXIM "message-id: <" ID "@example.org>\n", true},

    {"empty", "", false},
    {"somebody's", "From: a@example.org\r\nSubject: Hola\r\n" OURS "\r\nWords.\r\n", false},
    {"a quote of a report",
     "From: a@example.org\r\n\r\n" REPORT("Action: failed\r\nStatus: "
                                          "5.1.1\r\n"),
     false},
    {"delayed", REPORT("Action: delayed\r\nStatus: 4.4.7\r\n"), false},
    {"delayed, and says 5", REPORT("Action: delayed\r\nStatus: 5.1.1\r\n"), false},
    {"given up for now", REPORT("Action: failed\r\nStatus: 4.4.7\r\n"), false},
    {"of policy", REPORT("Action: failed\r\nStatus: 5.7.1\r\n"), false},
    {"no status of its own, of policy",
     REPORT("Action: failed\r\nStatus: 5.0.0\r\n"
            "Diagnostic-Code: smtp; 554 spam\r\n"),
     false},
    {"a loop", REPORT("Action: failed\r\nStatus: 5.4.6\r\n"), false},
    {"a longer word", REPORT("Action: failed-not\r\nStatus: 5.1.1\r\n"), false},
    {"no status", REPORT("Action: failed\r\n"), false},
    {"half a status", REPORT("Action: failed\r\nStatus: 5.\r\n"), false},
    {"no number", REPORT("Action: failed\r\nStatus: 5.x.1\r\n"), false},
    {"of reading",
     "Content-Type: multipart/report; report-type=disposition-notification;"
     " boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" TO
     "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822"
     "\r\n\r\n" OURS,
     false},
    {"no boundary",
     "Content-Type: multipart/report; report-type=delivery-status\r\n\r\n" STATUS TO
     "Action: failed\r\nStatus: 5.1.1\r\n" BACK END,
     false},
    {"another boundary",
     "Content-Type: multipart/report; report-type=delivery-status;"
     " boundary=c\r\n\r\n" STATUS TO "Action: failed\r\nStatus: 5.1.1\r\n" BACK,
     false},
    {"nested: the report is in a part",
     "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" REPORT(
         "Action: failed\r\nStatus: 5.1.1\r\n"),
     false},
    {"cut before the mail", HEAD STATUS TO "Action: failed\r\nStatus: 5.1.1\r\n", false},
    {"cut in the Message-ID",
     HEAD STATUS TO "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b/1\r\n"
                    "Content-Type: message/rfc822\r\n\r\nMessage-ID: <00112233445566778899aabb",
     false},
    {"the id of somebody's mail",
     HEAD STATUS TO "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b/1\r\nContent-Type: message/rfc822"
                    "\r\n\r\nMessage-ID: <20261129.1@example.org>\r\n",
     false},
    {"an id of as many letters",
     HEAD STATUS TO "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b/1\r\nContent-Type: message/rfc822"
                    "\r\n\r\nMessage-ID: <0011223344556677zz99aabbccddeeff@example.org>\r\n",
     false},
    {"the id in the body of the mail",
     HEAD STATUS TO "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b/1\r\nContent-Type: message/rfc822"
                    "\r\n\r\nFrom: c@example.org\r\n\r\n" OURS,
     false},
    {"no recipient", HEAD STATUS "Action: failed\r\nStatus: 5.1.1\r\n" BACK END, false},
    {"Exim without the mail", EXIM "The text was lost.\n", false},
};

static void test_each_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bounce bounce = {.count = 77};
        const struct email ana = {"ana@example.com"}, luis = {"luis@example.com"};
        char id[2 * BOUNCE_ID_BYTES + 1];
        bool is_dead = bounce_read(rows[i].text, strlen(rows[i].text), &bounce);
        if (is_dead != rows[i].is_dead)
            fail_msg("%s: %d", rows[i].name, (int)is_dead);
        if (!is_dead) {
            assert_int_equal(bounce.count, 77);
            continue;
        }
        hex_encode_lower(bounce.id, BOUNCE_ID_BYTES, id);
        assert_string_equal(id, ID);
        if (!bounce_names(&bounce, &ana) || bounce_names(&bounce, &luis))
            fail_msg("%s: another recipient", rows[i].name);
    }
}

/* Nothing is read behind its end: the copy is as long as the text. */
static bool read_copy(const char *text, size_t len, struct bounce *ret)
{
    char *copy = malloc(len + (len == 0));
    assert_non_null(copy);
    memcpy(copy, text, len);
    bool is_dead = bounce_read(copy, len, ret);
    free(copy);
    return is_dead;
}

static void test_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t len = 0; len < strlen(rows[i].text); len++) {
            struct bounce bounce = {.count = 0};
            bool is_dead = read_copy(rows[i].text, len, &bounce);
            assert_true(!is_dead || (rows[i].is_dead && bounce.count > 0));
        }
}

static void test_hostile(void **state)
{
    enum { SIZE = 1 << 20 };
    static const char *const pieces[] = {"x",
                                         "\n",
                                         "--b/1\n",
                                         "\n\n",
                                         "Action: failed\n",
                                         " \n",
                                         ";boundary=",
                                         "\t",
                                         "X-Failed-Recipients: a@b.es,",
                                         "--b/1\nContent-Type: message/delivery-status\n\n" TO
                                         "Action: failed\nStatus: 5.1.1\n\n"};
    static const char whole[] = REPORT("Action: failed\r\nStatus: 5.1.1\r\n");
    char *text = malloc(SIZE);
    struct bounce bounce = {.count = 0};
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        size_t head = strlen(HEAD), len = strlen(pieces[i]);
        memcpy(text, HEAD, head);
        for (size_t at = head; at < SIZE; at++)
            text[at] = pieces[i][(at - head) % len];
        assert_false(bounce_read(text, SIZE, &bounce));
        assert_false(bounce_read(text + head, SIZE - head, &bounce));
    }
    for (size_t i = 0; i < sizeof(whole) - 1; i++) { /* a NUL in each place */
        memcpy(text, whole, sizeof(whole));
        text[i] = '\0';
        (void)read_copy(text, sizeof(whole) - 1, &bounce);
        assert_true(bounce.count <= BOUNCE_RECIPIENTS);
    }
    memset(text, 0, SIZE);
    assert_false(bounce_read(text, SIZE, &bounce));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_form),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
