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
