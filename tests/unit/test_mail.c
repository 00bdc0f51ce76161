/* SPDX-License-Identifier: EUPL-1.2 */
/* Addresses of mail that are good, what a server's answer means, and the mails as they leave. */
#include "domain/email.h"
#include "service/mail_form.h"
#include "test_store_fixture.h"

static enum cc_err parse(const char *text, struct email *ret)
{
    return email_parse(text, strlen(text), ret);
}

static void test_addresses(void **state)
{
    static const struct {
        const char *text;
        enum cc_err err;
        const char *is;
    } rows[] = {
        {" Ana.Gil+sede@Example.COM\t", CC_OK, "Ana.Gil+sede@example.com"},
        {"a@b.es", CC_OK, "a@b.es"},
        {"o'brien!#$%&*/=?^_`{|}~-@a-b.c1.example", CC_OK,
         "o'brien!#$%&*/=?^_`{|}~-@a-b.c1.example"},
        {"ana@xn--espaa-rta.es", CC_OK, "ana@xn--espaa-rta.es"},
        {"", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana", CC_ERR_EMAIL_FORMAT, NULL},
        {"@example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@example", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@.example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@example..com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@example.com.", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@-example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@example-.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@192.0.2.1", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@[192.0.2.1]", CC_ERR_EMAIL_FORMAT, NULL},
        {".ana@example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana.@example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"a..b@example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana gil@example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@b@example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana,eva@example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana(x)@example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@example.com\r\nBcc: b@example.com", CC_ERR_EMAIL_FORMAT, NULL},
        {"ana@example.com>\nDATA", CC_ERR_EMAIL_FORMAT, NULL},
        {"\"ana gil\"@example.com", CC_ERR_EMAIL_ALPHABET, NULL},
        {"a\xC3\xB1o@example.com", CC_ERR_EMAIL_ALPHABET, NULL},
        {"ana@espa\xC3\xB1"
         "a.es",
         CC_ERR_EMAIL_ALPHABET, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct email read = {"as it was"};
        assert_int_equal(parse(rows[i].text, &read), rows[i].err);
        assert_string_equal(read.text, rows[i].is != NULL ? rows[i].is : "as it was");
    }
    struct email nul = {""};
    assert_int_equal(email_parse("ana@example.com\0x", 17, &nul), CC_ERR_EMAIL_FORMAT);
}

/* 64 before the sign, 63 a label, 254 in all. */
static void test_the_longest_addresses(void **state)
{
    char text[400], label[64];
    struct email read;
    (void)state;
    memset(label, 'b', 63);
    label[63] = '\0';
    (void)snprintf(text, sizeof(text), "%.64s@%s.%s.%.61s",
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                   label, label, label);
    assert_int_equal(strlen(text), 254);
    assert_ok(parse(text, &read));
    (void)snprintf(text, sizeof(text), "aaa@%s.%s.%s.%.59s", label, label, label, label);
    assert_int_equal(strlen(text), 255);
    assert_int_equal(parse(text, &read), CC_ERR_EMAIL_FORMAT);
    (void)snprintf(text, sizeof(text), "a@%sb.es", label);
    assert_int_equal(parse(text, &read), CC_ERR_EMAIL_FORMAT);
    (void)snprintf(text, sizeof(text), "%sbb@b.es", label);
    assert_int_equal(parse(text, &read), CC_ERR_EMAIL_FORMAT);
}

static void test_masks(void **state)
{
    char masked[EMAIL_SIZE];
    (void)state;
    email_mask(&(struct email){"ana@example.com"}, masked);
    assert_string_equal(masked, "a***@example.com");
    email_mask(&(struct email){""}, masked);
    assert_string_equal(masked, "");
}

static void test_verdicts(void **state)
{
    static const struct {
        struct mail_trace trace;
        enum mail_state is;
        bool is_server;
    } rows[] = {
        {{.is_taken = true, .phase = MAIL_DATA, .reply = 250, .is_whole = true}, MAIL_SENT, false},
        {{.phase = MAIL_CONNECTS, .subject = -1}, MAIL_QUEUED, true},
        {{.phase = MAIL_CONNECTS, .reply = 535, .subject = 7}, MAIL_QUEUED, true},
        {{.phase = MAIL_FROM, .reply = 550, .subject = 1}, MAIL_QUEUED, true},
        {{.phase = MAIL_TO, .reply = 451, .subject = 7}, MAIL_QUEUED, false},
        {{.phase = MAIL_TO, .reply = 450, .subject = 1}, MAIL_QUEUED, false},
        {{.phase = MAIL_TO, .reply = 250, .subject = -1}, MAIL_QUEUED, false},
        {{.phase = MAIL_TO, .reply = 550, .subject = -1}, MAIL_DEAD, false},
        {{.phase = MAIL_TO, .reply = 552, .subject = -1}, MAIL_QUEUED, false},
        {{.phase = MAIL_TO, .reply = 550, .subject = 1}, MAIL_DEAD, false},
        {{.phase = MAIL_TO, .reply = 552, .subject = 2}, MAIL_DEAD, false},
        {{.phase = MAIL_TO, .reply = 550, .subject = 7}, MAIL_QUEUED, false},
        {{.phase = MAIL_DATA, .reply = 250}, MAIL_QUEUED, false},
        {{.phase = MAIL_DATA, .reply = 354}, MAIL_QUEUED, false},
        {{.phase = MAIL_DATA, .reply = 354, .is_whole = true}, MAIL_UNKNOWN, false},
        {{.phase = MAIL_DATA, .reply = 451, .is_whole = true}, MAIL_QUEUED, false},
        {{.phase = MAIL_DATA, .reply = 554, .is_whole = true}, MAIL_REFUSED, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mail_verdict verdict = mail_judge(&rows[i].trace);
        if (verdict.state != rows[i].is || verdict.is_server != rows[i].is_server)
            fail_msg("row %zu: state %d", i, (int)verdict.state);
    }
    assert_int_equal(mail_wait_ms(0), MINUTE);
    assert_int_equal(mail_wait_ms(1), MINUTE);
    assert_int_equal(mail_wait_ms(2), 5 * MINUTE);
    assert_int_equal(mail_wait_ms(1000), HOUR);
}

static void write_form(enum text_lang lang, enum mail_kind kind, struct buf *out)
{
    static char entity[] =
        "Ayuntamiento de \xC3\x8D\xC3\xB1igo & <la> Sierra\r\nBcc: x@example.org";
    const struct mail_form form = {
        .kind = kind,
        .lang = lang,
        .from = "caja@example.org",
        .to = "ana@example.com",
        .id = "00112233445566778899aabbccddeeff",
        .at_ms = T0,
        .values = {entity, "https://sede.example.org/c?a=1&p=abc"},
    };
    mail_form_write(&form, out);
}

/* Whatever the texts have in them: lines of ASCII, none long or bare, one end of the headers. */
static void test_each_mail_is_made_of_safe_lines(void **state)
{
    static char storage[MAIL_FORM_SIZE];
    (void)state;
    for (int n = 0; n < TEXT_LANG_COUNT * MAIL_KINDS; n++) {
        struct buf out;
        buf_init(&out, storage, sizeof(storage));
        write_form((enum text_lang)(n / MAIL_KINDS), (enum mail_kind)(n % MAIL_KINDS), &out);
        const char *mail = buf_cstr(&out);
        assert_non_null(mail);
        assert_null(strstr(mail, "{"));
        assert_true(strstr(mail, "\r\nBcc:") == NULL ||
                    strstr(mail, "\r\nBcc:") > strstr(mail, "\r\n\r\n"));
        assert_non_null(strstr(mail, "\r\nAuto-Submitted: auto-generated\r\n"));
        for (const char *line = mail; *line != '\0'; line += strcspn(line, "\n") + 1) {
            size_t len = strcspn(line, "\n");
            assert_true(len > 0 && len <= 110 && line[len - 1] == '\r');
            assert_true(len != 2 || line[0] != '.');
            for (size_t i = 0; i + 1 < len; i++)
                assert_true(line[i] >= ' ' && line[i] < 0x7F);
        }
    }
}

static void test_a_mail_that_does_not_fit_is_not_cut(void **state)
{
    char storage[1000];
    struct buf out;
    (void)state;
    buf_init(&out, storage, sizeof(storage));
    write_form(TEXT_LANG_ES, MAIL_WAITING, &out);
    assert_false(buf_ok(&out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_the_longest_addresses),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_each_mail_is_made_of_safe_lines),
        cmocka_unit_test(test_a_mail_that_does_not_fit_is_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
