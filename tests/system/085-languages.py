# SPDX-License-Identifier: EUPL-1.2
"""The SMS in the citizen's language: each fits one part of the plain alphabet, which has no á í ó ú."""

from box import code_of, eventually, running

# how to ask for it, and what only that language says
LANGUAGES = [
    (None, "su contraclave PIN24H es {code} (4 cifras). Caduca a las {hour} del "),
    ("es", "su contraclave PIN24H es {code} (4 cifras). Caduca a las {hour} del "),
    ("ca", "la seva contraclau PIN24H és {code} (4 xifres). Caduca a les {hour} del "),
    ("eu", "zure PIN24H kontragakoa {code} da (4 zifra). Indarrean "),
    ("gl", "contraclave PIN24H {code} (4 cifras). Caduca o "),
    ("en", "your PIN24H contraclave is {code} (4 digits). It expires at {hour} on "),
]
NO_LIMITS = "cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0" \
            " vivas_por_nif = 0 sms_movil_dia = 0"


def each_language(entity, domain):
    with running(limits=NO_LIMITS, ready=False) as (box, sim):
        text = box.conf.read_text().replace("Ayto. de Alpedrete", entity)
        box.stop()
        box.conf.write_text(f'dominio_sede = "{domain}"\n' + text)
        box.start()
        for i, (language, words) in enumerate(LANGUAGES):
            asked = box.ask_pin(**({"idioma": language} if language else {}))
            message = eventually(lambda: sim.inbox()[i:])[0]
            assert (message["dcs"], message["parts"]) == (0, 1), message
            code = code_of(message)
            said = words.format(code=code, hour=asked["caduca_local"][11:16])
            assert message["text"].startswith(f"{entity}: {said}"), (language, message)
            assert domain == "" or message["text"].endswith(f"\n@{domain} #{code}"), (language, message)
            assert box.verify(code)["resultado"] == "correcto", language


def test_every_language_fits_one_part():
    each_language("Ayto. de Alpedrete", "")


def test_with_the_longest_name_and_the_line_for_the_telephone():
    each_language("Ayto. de Villanueva del Campo", "sede.villanueva.es")


def test_marks_of_the_plain_alphabet_arrive():
    each_language("Ñ ñ Ç ü é à è ò {[€]}", "")


# ---- problems ----

PREFERENCES = [
    (None, "es"), ("", "es"), ("ca", "ca"), ("eu-ES", "eu"), ("GL", "gl"), ("en-GB,en;q=0.9,es;q=0.8", "en"), ("fr, de;q=0.5", "es"),
    ("es;q=0.1, ca;q=0.2", "ca"), ("en;q=0, eu;q=0.001", "eu"), ("fr, *;q=0.5", "es"), ("cat", "es"), (";;q=,,,", "es"), ("en" * 2000, "es"),
]
NIF_CHECKSUM = {
    "es": "La letra o cifra de control no corresponde a ese número. Revise el NIF.",
    "ca": "La lletra o xifra de control no correspon a aquest número. Revisi el NIF.",
    "eu": "Kontrol-letra edo -zifra ez dagokio zenbaki horri. Berrikusi IFZa.",
    "gl": "A letra ou cifra de control non corresponde a ese número. Revise o NIF.",
    "en": "The control letter or digit does not match that number. Check the NIF.",
}
FIELD = {"es": "Revise el campo «nif».", "ca": "Revisi el camp «nif».", "eu": "Berrikusi «nif» eremua.", "gl": "Revise o campo «nif».",
         "en": "Check the field «nif»."}
CLOSED = {
    "es": "Esta vía de alta está cerrada. Puede hacerse en persona en el Registro o con certificado en la sede.",
    "ca": "Aquesta via d'alta està tancada. Es pot fer en persona al Registre o amb certificat a la seu.",
    "eu": "Alta-bide hau itxita dago. Honela egin daiteke: aurrez aurre Erregistroan edo egoitzan ziurtagiriarekin.",
    "gl": "Esta vía de alta está pechada. Pode facerse en persoa no Rexistro ou con certificado na sede.",
    "en": "This way of registering is closed. It can be done in person at the Registro or with a certificate at the sede.",
}


def told(answer):
    return answer.headers["Content-Language"], answer.json["title"], answer.json["detail"]


def test_a_problem_is_told_in_the_language_that_is_preferred():
    """Its type is the same in all of them; contraclavectl, which names none, is told in Spanish."""
    form = 'Content-Disposition: form-data; name='
    whole = "".join(f'--xyz\r\n{form}"{name}"\r\n\r\n{value}\r\n' for name, value in
                    (("nif", "12345678Z"), ("nombre", "Ana"), ("movil", "600123123"), ("documento", "%PDF-1.7\n"))) + "--xyz--\r\n"
    with running(extra='altas { presencial = si certificado = si }', enrolled=False) as (box, _):
        box.client("solicitar,alta", "portal")
        for preference, language in PREFERENCES:
            headers = {} if preference is None else {"Accept-Language": preference}
            bad = box.post("/v1/solicitudes", {"nif": "12345678A", "clave": "4821"}, headers=headers)
            assert (bad.status, bad.json["type"]) == (422, "nif_checksum"), bad.text
            assert told(bad) == (language, NIF_CHECKSUM[language], FIELD[language]), (preference, bad.text)
        for language, sentence in CLOSED.items():
            headers = {"Accept-Language": language}
            closed = box.request("POST", "/v1/altas", raw=whole.encode(),
                                 headers=headers | {"Content-Type": "multipart/form-data; boundary=xyz"})
            assert (closed.status, closed.json["type"], told(closed)[::2]) == (403, "way_closed", (language, sentence)), closed.text
            assert told(box.get("/nada", headers=headers))[0] == language, "also of what no route has"
            wrong = box.request("PUT", "/v1/solicitudes", headers=headers)
            assert wrong.json["detail"].endswith(": POST.") and wrong.headers["Content-Language"] == language, wrong.text
        assert "Revise el NIF." in box.ctl("ciudadano", "ver", "--nif", "12345678A", check=False, env={"LANG": "ca_ES.UTF-8"}).stderr
        first = {"Idempotency-Key": "uno", "Accept-Language": "eu"}
        body = {"nif": "12345678Z", "clave": "4821"}
        assert box.post("/v1/solicitudes", body, headers=first).status == 202
        again = box.post("/v1/solicitudes", body | {"clave": "1111"}, headers=first | {"Accept-Language": "gl"})
        assert told(again)[0] == "gl" and again.json["type"] == "idempotency_reused", again.text
