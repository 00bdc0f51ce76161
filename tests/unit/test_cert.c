/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * Certificates of citizens: those of FNMT, DNIe and Izenpe, with their subjects as published, are
 * read right; each bad one is refused with its own reason.
 */
#include "test_cert_fixture.h"

#include <unistd.h>

#define FNMT                                                                                       \
    "2.5.4.6=ES;2.5.4.5=IDCES-12345678Z;2.5.4.42=JUAN;2.5.4.4=ESPAÑOL ESPAÑOL;"                  \
    "2.5.4.3=ESPAÑOL ESPAÑOL JUAN - 00000001R"

#define USUARIOS "2.5.4.6=ES;2.5.4.10=FNMT-RCM;2.5.4.11=Ceres;2.5.4.3=AC FNMT Usuarios"

static struct made root, authority, other_root;

static int make_authorities(void **state)
{
    (void)state;
    root = make_cert(&(struct recipe){.subject = "2.5.4.6=ES;2.5.4.10=FNMT-RCM;"
                                                 "2.5.4.11=AC RAIZ FNMT-RCM",
                                      .is_ca = true,
                                      .ends_d = 7000},
                     NULL);
    authority = make_cert(
        &(struct recipe){.subject = USUARIOS, .key = KEY_RSA_2048, .is_ca = true, .ends_d = 3000},
        &root);
    other_root =
        make_cert(&(struct recipe){.subject = "2.5.4.10=Otra;2.5.4.3=Otra", .is_ca = true}, NULL);
    return 0;
}

static int free_authorities(void **state)
{
    (void)state;
    free_made(&root);
    free_made(&authority);
    free_made(&other_root);
    return 0;
}

static void trust_cert(struct cert_trust *trust, gnutls_x509_crt_t crt)
{
    char *pem = calloc(1, PEM_ROOM);
    assert_true(trust != NULL && pem != NULL);
    add_pem(pem, crt);
    cert_trust_add_roots(trust, pem, strlen(pem));
    free(pem);
}

static int trust_root(void **state)
{
    *state = cert_trust_new();
    trust_cert(*state, root.crt);
    return 0;
}

static int trust_nobody(void **state)
{
    cert_trust_free(*state);
    return 0;
}

#define trust_test(test) cmocka_unit_test_setup_teardown(test, trust_root, trust_nobody)

static enum cc_err prove_text(const char *pem, size_t len, const struct cert_trust *trust,
                              int64_t now_ms, struct cert_person *ret)
{
    struct cert_chain chain = {0};
    enum cc_err err = cert_chain_read(pem, len, &chain);
    if (err == CC_OK)
        err = prove_chain(&chain, trust, now_ms);
    if (err == CC_OK)
        err = cert_person_read(chain.certs[0], ret);
    cert_chain_done(&chain);
    return err;
}

/* The certificates in their order, ended by NULL. */
static enum cc_err prove_certs(const struct cert_trust *trust, struct cert_person *ret,
                               gnutls_x509_crt_t first, ...)
{
    char *pem = calloc(1, PEM_ROOM);
    va_list more;
    assert_non_null(pem);
    va_start(more, first);
    for (gnutls_x509_crt_t crt = first; crt != NULL; crt = va_arg(more, gnutls_x509_crt_t))
        add_pem(pem, crt);
    va_end(more);
    enum cc_err err = prove_text(pem, strlen(pem), trust, NOW_MS, ret);
    free(pem);
    return err;
}

static void expect(enum cc_err err, const char *token, const char *what)
{
    if (strcmp(err_token(err), token) != 0)
        fail_msg("%s: %s, not %s", what, err_token(err), token);
}

/* ---- read right ------------------------------------------------------------------------------ */

static void as_published(void **state)
{
    /* FNMT: declaration of practices, AC Usuarios 4.1. DNIe: DPC 7.1. Izenpe: citizen profile. */
    static const struct {
        const char *what;
        struct recipe recipe;
        const char *nif, *name; /* its three parts */
    } rows[] = {
        {"FNMT",
         {.subject = FNMT,
          .key = KEY_RSA_2048,
          .usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT,
          .purpose = GNUTLS_KP_TLS_WWW_CLIENT,
          .qc_type = "esign"},
         "12345678Z",
         "JUAN / ESPAÑOL ESPAÑOL / "},
        {"FNMT, surnames apart",
         {.subject = FNMT,
          .names = "1.3.6.1.4.1.5734.1.1=JUAN;1.3.6.1.4.1.5734.1.2=ESPAÑOL;"
                   "1.3.6.1.4.1.5734.1.3=ESPAÑOL;1.3.6.1.4.1.5734.1.4=12345678Z"},
         "12345678Z",
         "JUAN / ESPAÑOL / ESPAÑOL"},
        {"FNMT, another surname than the subject's",
         {.subject = FNMT, .names = "1.3.6.1.4.1.5734.1.3=OTRO"},
         "12345678Z",
         "JUAN / ESPAÑOL ESPAÑOL / "},
        {"DNIe, autenticación",
         {.subject = "2.5.4.6=ES;2.5.4.5=12345678Z;2.5.4.4=ESPAÑOL;2.5.4.42=MARÍA DE LAS NIEVES;"
                     "2.5.4.3=ESPAÑOL ESPAÑOL, MARÍA DE LAS NIEVES (AUTENTICACIÓN)"},
         "12345678Z",
         "MARÍA DE LAS NIEVES / ESPAÑOL / "},
        {"Izenpe",
         {.subject = "2.5.4.6=ES;2.5.4.10=IZENPE S.A.;2.5.4.11=Ziurtagiri onartua;"
                     "2.5.4.46=-dni 12345678Z;2.5.4.5=IDCES-12345678Z;2.5.4.42=ANE;"
                     "2.5.4.4=ETXEBERRIA  AGIRRE;2.5.4.3=ANE ETXEBERRIA AGIRRE",
          .usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_NON_REPUDIATION,
          .purpose = GNUTLS_KP_TLS_WWW_CLIENT,
          .qc_type = "esign"},
         "12345678Z",
         "ANE / ETXEBERRIA AGIRRE / "},
        {"NIE",
         {.subject = "2.5.4.5=IDCES-X1234567L;2.5.4.42=Zoë;2.5.4.4=O'Brien-Łuczak;"
                     "2.5.4.3=12345678Z"},
         "X1234567L",
         "Zoë / O'Brien-Łuczak / "},
    };
    char name[sizeof(struct person_name) + sizeof(" /  / ")];
    struct cert_trust *trust = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cert_person person = {0};
        struct made leaf = make_cert(&rows[i].recipe, &authority);
        expect(prove_certs(trust, &person, leaf.crt, authority.crt, NULL), "ok", rows[i].what);
        assert_string_equal(person.nif.text, rows[i].nif);
        (void)snprintf(name, sizeof(name), "%s / %s / %s", person.name.given,
                       person.name.first_surname, person.name.second_surname);
        assert_string_equal(name, rows[i].name);
        assert_string_equal(person.issuer, "AC FNMT Usuarios, FNMT-RCM");
        assert_int_equal(strlen(person.serial), 4);
        free_made(&leaf);
    }
}

static void any_order_of_the_authorities(void **state)
{
    struct cert_trust *trust = cert_trust_new(), *nearer = cert_trust_new();
    struct cert_person person;
    struct made leaf = make_cert(&(struct recipe){.subject = FNMT}, &authority);
    (void)state;
    trust_cert(trust, root.crt);
    trust_cert(nearer, authority.crt);
    expect(prove_certs(trust, &person, leaf.crt, root.crt, authority.crt, NULL), "ok", "reversed");
    expect(prove_certs(trust, &person, leaf.crt, authority.crt, root.crt, other_root.crt, NULL),
           "ok", "with another");
    expect(prove_certs(nearer, &person, leaf.crt, NULL), "ok", "its authority is trusted itself");
    expect(prove_certs(trust, &person, leaf.crt, NULL), "cert_issuer", "alone");
    cert_trust_free(trust);
    cert_trust_free(nearer);
    free_made(&leaf);
}

/* ---- refused --------------------------------------------------------------------------------- */

static void bad_ones(void **state)
{
#define NAMED ";2.5.4.42=JUAN;2.5.4.4=ESPAÑOL"
    static const struct {
        const char *reason, *what;
        struct recipe recipe;
    } rows[] = {
        {"cert_expired", "lapsed yesterday", {.subject = FNMT, .ends_d = -1}},
        {"cert_not_yet", "begins tomorrow", {.subject = FNMT, .begins_d = 1}},
        {"cert_weak", "MD5", {.subject = FNMT, .digest = GNUTLS_DIG_MD5}},
        {"cert_weak", "SHA-1", {.subject = FNMT, .digest = GNUTLS_DIG_SHA1}},
        {"cert_weak", "RSA 512", {.subject = FNMT, .key = KEY_RSA_512}},
        {"cert_weak", "RSA 1024", {.subject = FNMT, .key = KEY_RSA_1024}},
        {"cert_weak", "curve of 192 bits", {.subject = FNMT, .key = KEY_P192}},
        {"cert_representative", "representative", {.subject = FNMT ";2.5.4.97=VATES-B12345674"}},
        {"cert_seal",
         "seal by its type",
         {.subject = "2.5.4.5=B12345674;2.5.4.3=SELLO", .qc_type = "eseal"}},
        {"cert_seal",
         "seal by its organisation",
         {.subject = "2.5.4.5=P2800900J;2.5.4.97=VATES-P2800900J;2.5.4.3=SELLO"}},
        {"cert_server",
         "server by its purpose",
         {.subject = FNMT, .purpose = GNUTLS_KP_TLS_WWW_SERVER}},
        {"cert_server", "server by its name", {.subject = FNMT, .dns = "sede.alpedrete.es"}},
        {"cert_server", "server by its type", {.subject = FNMT, .qc_type = "web"}},
        {"cert_no_nif", "no NIF, but in the name", {.subject = "2.5.4.3=12345678Z" NAMED}},
        {"cert_no_nif", "of Portugal", {.subject = "2.5.4.5=IDCPT-12345678" NAMED}},
        {"cert_no_nif", "passport", {.subject = "2.5.4.5=PASES-AAA123456" NAMED}},
        {"cert_no_nif",
         "two NIFs",
         {.subject = "2.5.4.5=IDCES-12345678Z;2.5.4.5=IDCES-X1234567L" NAMED}},
        {"cert_nif", "wrong letter", {.subject = "2.5.4.5=IDCES-12345678A" NAMED}},
        {"cert_nif", "empty NIF", {.subject = "2.5.4.5=IDCES-" NAMED}},
        {"cert_legal", "legal person", {.subject = "2.5.4.5=IDCES-B12345674" NAMED}},
        {"cert_name", "no given name", {.subject = "2.5.4.5=12345678Z;2.5.4.4=ESPAÑOL"}},
        {"cert_name", "no surname", {.subject = "2.5.4.5=12345678Z;2.5.4.42=JUAN"}},
        {"cert_name",
         "name turned round",
         {.subject = "2.5.4.5=12345678Z;2.5.4.42=JU\u202eAN;2.5.4.4=ESPAÑOL"}},
        {"cert_name", "two given names", {.subject = "2.5.4.5=12345678Z;2.5.4.42=PEDRO" NAMED}},
        {"cert_usage", "DNIe, firma", {.subject = FNMT, .usage = GNUTLS_KEY_NON_REPUDIATION}},
        {"cert_usage", "for mail only", {.subject = FNMT, .purpose = GNUTLS_KP_EMAIL_PROTECTION}},
        {"cert_usage",
         "an authority's own",
         {.subject = FNMT,
          .is_ca = true,
          .usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_CERT_SIGN}},
    };
    struct cert_trust *trust = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cert_person person = {0};
        struct made leaf = make_cert(&rows[i].recipe, &authority);
        expect(prove_certs(trust, &person, leaf.crt, authority.crt, NULL), rows[i].reason,
               rows[i].what);
        assert_string_equal(person.nif.text, "");
        free_made(&leaf);
    }
}

/* Each link of the chain that may be bad. */
static void bad_chains(void **state)
{
    static const struct {
        const char *reason, *what;
        struct recipe authority;
        bool by_other; /* the authority is signed by another root */
    } rows[] = {
        {"cert_issuer", "unknown root", {.is_ca = true}, true},
        {"cert_chain", "authority that is none", {.is_ca = false}, false},
        {"cert_expired", "authority that lapsed", {.is_ca = true, .ends_d = -1}, false},
        {"cert_weak", "SHA-1 above", {.is_ca = true, .digest = GNUTLS_DIG_SHA1}, false},
        {"cert_weak", "RSA 1024 above", {.is_ca = true, .key = KEY_RSA_1024}, false},
        {"cert_signature",
         "authority that may not sign",
         {.is_ca = true, .usage = GNUTLS_KEY_DIGITAL_SIGNATURE},
         false},
    };
    struct cert_trust *trust = *state;
    struct cert_person person;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct recipe recipe = rows[i].authority;
        recipe.subject = "2.5.4.3=Intermedia";
        struct made middle = make_cert(&recipe, rows[i].by_other ? &other_root : &root);
        struct made leaf = make_cert(&(struct recipe){.subject = FNMT}, &middle);
        expect(prove_certs(trust, &person, leaf.crt, middle.crt, NULL), rows[i].reason,
               rows[i].what);
        free_made(&middle);
        free_made(&leaf);
    }
}

static void forged_and_self_made(void **state)
{
    struct cert_trust *trust = *state;
    struct cert_person person;
    struct made self = make_cert(&(struct recipe){.subject = FNMT}, NULL);
    struct made twin = make_cert(&(struct recipe){.subject = "2.5.4.6=ES;2.5.4.10=FNMT-RCM;"
                                                             "2.5.4.11=AC RAIZ FNMT-RCM",
                                                  .is_ca = true},
                                 NULL);
    struct made forged =
        make_cert(&(struct recipe){.subject = FNMT, .names_no_issuer_id = true}, &twin);
    trust_cert(trust, self.crt); /* not an authority: left out */
    assert_int_equal(trust->root_count, 1);
    expect(prove_certs(trust, &person, self.crt, NULL), "cert_self_made", "self-made");
    expect(prove_certs(trust, &person, forged.crt, NULL), "cert_signature", "same name");
    expect(prove_certs(trust, &person, forged.crt, twin.crt, NULL), "cert_signature",
           "with the root of the same name");
    free_made(&self);
    free_made(&twin);
    free_made(&forged);
}

/* A that B signed, B that A signed, and the person's by A. */
static void chain_in_a_circle(void **state)
{
    struct cert_trust *trust = *state;
    struct cert_person person;
    const struct recipe a = {.subject = "2.5.4.3=A", .is_ca = true};
    const struct recipe b = {.subject = "2.5.4.3=B", .is_ca = true};
    struct made a_root = make_cert(&a, NULL), b_root = make_cert(&b, NULL);
    struct made a_by_b = make_cert(
        &(struct recipe){.subject = "2.5.4.3=A", .is_ca = true, .names_no_issuer_id = true},
        &b_root);
    struct made b_by_a = make_cert(
        &(struct recipe){.subject = "2.5.4.3=B", .is_ca = true, .names_no_issuer_id = true},
        &a_root);
    struct made leaf =
        make_cert(&(struct recipe){.subject = FNMT, .names_no_issuer_id = true}, &a_root);
    expect(
        prove_certs(trust, &person, leaf.crt, a_by_b.crt, b_by_a.crt, a_by_b.crt, b_by_a.crt, NULL),
        "cert_issuer", "circle");
    free_made(&a_root);
    free_made(&b_root);
    free_made(&a_by_b);
    free_made(&b_by_a);
    free_made(&leaf);
}

static void too_many_or_two(void **state)
{
    struct cert_trust *trust = *state;
    struct cert_person person;
    struct made leaf = make_cert(&(struct recipe){.subject = FNMT}, &authority);
    struct made second = make_cert(&(struct recipe){.subject = FNMT}, &authority);
    gnutls_x509_crt_t ca = authority.crt;
    expect(prove_certs(trust, &person, leaf.crt, second.crt, ca, NULL), "cert_chain",
           "two persons");
    expect(prove_certs(trust, &person, leaf.crt, ca, ca, ca, ca, ca, ca, ca, NULL), "ok", "eight");
    expect(prove_certs(trust, &person, leaf.crt, ca, ca, ca, ca, ca, ca, ca, ca, NULL),
           "cert_chain", "nine");
    free_made(&leaf);
    free_made(&second);
}

static void text_that_is_no_chain(void **state)
{
    enum { MIB = 1024 * 1024 };
    static const char end_line[] = "-----END CERTIFICATE-----\n";
    struct cert_trust *trust = *state;
    struct cert_person person;
    char *pem = calloc(1, PEM_ROOM), *big = malloc(MIB);
    struct made leaf = make_cert(&(struct recipe){.subject = FNMT}, &authority);
    assert_true(pem != NULL && big != NULL);
    add_pem(pem, leaf.crt);
    size_t first = strlen(pem);
    add_pem(pem, authority.crt);
    size_t whole = strlen(pem);
    expect(prove_text(pem, whole, trust, NOW_MS, &person), "ok", "whole");
    expect(prove_text("", 0, trust, NOW_MS, &person), "cert_format", "nothing");
    expect(prove_text("hola", 4, trust, NOW_MS, &person), "cert_format", "a word");
    for (size_t len = 0; len < first - strlen(end_line); len++)
        expect(prove_text(pem, len, trust, NOW_MS, &person), "cert_format", "cut");
    for (size_t len = first; len < whole - strlen(end_line); len += 7)
        assert_int_not_equal(prove_text(pem, len, trust, NOW_MS, &person), CC_OK);
    memset(big, 'A', MIB);
    memcpy(big, pem, whole);
    expect(prove_text(big, MIB, trust, NOW_MS, &person), "cert_format", "1 MiB");
    memset(big, '\n', MIB);
    expect(prove_text(big, CERT_PEM_MAX, trust, NOW_MS, &person), "cert_format", "lines");
    pem[first / 2] = pem[first / 2] == 'A' ? 'B' : 'A';
    assert_int_not_equal(prove_text(pem, whole, trust, NOW_MS, &person), CC_OK);
    free_made(&leaf);
    free(pem);
    free(big);
}

/* ---- revocation ------------------------------------------------------------------------------ */

static void revocation_lists(void **state)
{
    enum { LEAF, MIDDLE, NONE };
    static const struct {
        const char *reason, *what;
        int revoked;
        const struct made *by;
        int begins_d, ends_d;
    } rows[] = {
        {"ok", "fresh, of others", NONE, &authority, -1, 1},
        {"cert_revoked", "fresh", LEAF, &authority, -1, 1},
        {"cert_revoked", "lapsed, and on it", LEAF, &authority, -10, -1},
        {"cert_old_list", "lapsed", NONE, &authority, -10, -1},
        {"cert_old_list", "of tomorrow", NONE, &authority, 1, 2},
        {"cert_revoked", "the authority's", MIDDLE, &root, -1, 1},
        {"ok", "signed by another", LEAF, &other_root, -1, 1},
    };
    struct made leaf = make_cert(&(struct recipe){.subject = FNMT}, &authority);
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cert_trust *trust = cert_trust_new();
        struct cert_person person;
        unsigned char der[4096];
        gnutls_x509_crt_t of[] = {leaf.crt, authority.crt, NULL};
        size_t len = make_list(rows[i].by, of[rows[i].revoked], rows[i].begins_d, rows[i].ends_d,
                               der, sizeof(der));
        trust_cert(trust, root.crt);
        cert_trust_add_list(trust, der, len);
        assert_int_equal(trust->list_count, 1);
        expect(prove_certs(trust, &person, leaf.crt, authority.crt, NULL), rows[i].reason,
               rows[i].what);
        cert_trust_free(trust);
    }
    free_made(&leaf);
}

/* A new list beside the lapsed one is enough; one that another of the same name signed is not read.
 */
static void old_and_new_list(void **state)
{
    struct cert_trust *trust = *state;
    struct cert_person person;
    unsigned char der[4096];
    struct made leaf = make_cert(&(struct recipe){.subject = FNMT}, &authority);
    struct made impostor = make_cert(&(struct recipe){.subject = USUARIOS, .is_ca = true}, NULL);
    cert_trust_add_list(trust, der, make_list(&authority, NULL, -10, -1, der, sizeof(der)));
    cert_trust_add_list(trust, der, make_list(&authority, NULL, -1, 1, der, sizeof(der)));
    cert_trust_add_list(trust, der, make_list(&impostor, leaf.crt, -1, 1, der, sizeof(der)));
    expect(prove_certs(trust, &person, leaf.crt, authority.crt, NULL), "ok", "both");
    free_made(&leaf);
    free_made(&impostor);
}

/* ---- folders --------------------------------------------------------------------------------- */

static void from_folders(void **state)
{
    char roots[] = "/tmp/contraclaved-cert-XXXXXX", lists[] = "/tmp/contraclaved-crl-XXXXXX";
    char *pem = calloc(1, PEM_ROOM), *trusted = calloc(1, PEM_ROOM);
    unsigned char der[4096];
    struct cert_person person;
    struct made leaf = make_cert(&(struct recipe){.subject = FNMT}, &authority);
    (void)state;
    assert_true(pem != NULL && trusted != NULL && mkdtemp(roots) != NULL && mkdtemp(lists) != NULL);
    add_pem(pem, leaf.crt);
    add_pem(pem, authority.crt);
    add_pem(trusted, other_root.crt);
    add_pem(trusted, root.crt);
#define FROM_FOLDERS(list_dir)                                                                     \
    prove_from_folders(pem, strlen(pem), roots, (list_dir), NOW_MS, &person)
    expect(FROM_FOLDERS(""), "cert_no_trust", "an empty folder");
    write_file(roots, "LEEME.txt", "hola", 4);
    expect(FROM_FOLDERS(""), "cert_no_trust", "no certificate in it");
    write_file(roots, "raices.pem", trusted, strlen(trusted));
    expect(FROM_FOLDERS(""), "ok", "two in one file");
    assert_string_equal(person.nif.text, "12345678Z");
    expect(FROM_FOLDERS("/nonexistent"), "ok", "no folder of lists");
    write_file(lists, "usuarios.crl", der,
               make_list(&authority, leaf.crt, -1, 1, der, sizeof(der)));
    expect(FROM_FOLDERS(lists), "cert_revoked", "the list counts at once");
    remove_file(lists, "usuarios.crl");
    expect(FROM_FOLDERS(lists), "ok", "it is gone");
    remove_file(roots, "raices.pem");
    remove_file(roots, "LEEME.txt");
    assert_int_equal(rmdir(roots), 0);
    assert_int_equal(rmdir(lists), 0);
    expect(FROM_FOLDERS(""), "cert_no_trust", "no folder");
    free(pem);
    free(trusted);
    free_made(&leaf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        trust_test(as_published),
        cmocka_unit_test(any_order_of_the_authorities),
        trust_test(bad_ones),
        trust_test(bad_chains),
        trust_test(forged_and_self_made),
        trust_test(chain_in_a_circle),
        trust_test(too_many_or_two),
        trust_test(text_that_is_no_chain),
        cmocka_unit_test(revocation_lists),
        trust_test(old_and_new_list),
        cmocka_unit_test(from_folders),
    };
    return cmocka_run_group_tests(tests, make_authorities, free_authorities);
}
