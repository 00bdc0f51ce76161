# SPDX-License-Identifier: EUPL-1.2
"""Altas, renuncias and changes of phone by certificate, and altas with an identity that the sede asserts (seeds 001, 003)."""

import contextlib
import pathlib
import tempfile
import threading

from box import NIF, PHONE, code_of, eventually, running
from certificates import Authority

OTHER_PHONE = "+34600777888"
LIMITS = "segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 sms_movil_dia = 0 cliente_por_segundo = 0"
ALTAS = "altas { certificado = si identidad = si }"


@contextlib.contextmanager
def sede(extra=ALTAS, scopes="certificado,identidad,solicitar,verificar", **more):
    """A box that trusts an authority, and the sede as its client."""
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(pathlib.Path(folder))
        keys = f'certificados_confianza = "{authority.trust}" certificados_crl = "{authority.lists}" {extra}'
        with running(enrolled=False, limits=LIMITS, extra=keys, **more) as (box, sim):
            box.client(scopes, "altas")
            yield box, sim, authority


def enrol(box, pem, phone=PHONE, **fields):
    return box.post("/v1/altas/certificado", {"certificado": pem, "movil": phone, **fields})


def refusal(answer):
    assert answer.status >= 400, answer.text
    return answer.status, answer.json["type"], answer.json.get("campo")


def history(box, nif=NIF):
    return box.control_request("POST", "/v1/registro/ciudadanos/busqueda/historia", {"nif": nif}).json["historia"]


def arrived(sim, count):
    return eventually(lambda: len(sim.inbox()) >= count and sim.inbox())[count - 1]


def citizens(box):
    return box.rows("SELECT count(*) FROM citizens")[0][0]


def test_alta_with_certificate_is_active_at_once():
    with sede() as (box, sim, authority):
        answer = enrol(box, authority.issue(nif=NIF) + authority.pem, idioma="ca", apellido2="ESPAÑOL")
        assert answer.status == 201, answer.text
        told = answer.json
        assert (told["nif"], told["nombre"], told["apellido1"], told["apellido2"]) == (NIF, "JUAN", "ESPAÑOL", "ESPAÑOL"), told
        assert (told["estado"], told["via_alta"], told["registro"], told["idioma"]) == ("activa", "certificado", "avanzado", "ca")
        sms = arrived(sim, 1)
        assert sms["number"] == PHONE and "ja és actiu" in sms["text"], sms
        box.ask_pin()
        entry = box.verify(code_of(arrived(sim, 2)))
        assert (entry["resultado"], entry["via_alta"], entry["nombre"]) == ("correcto", "certificado", "JUAN"), entry
        (kept,) = history(box)
        assert (kept["acto"], kept["via"], kept["motivo"]) == ("alta", "certificado", "AC de pruebas, Pruebas"), kept
        assert kept["instancia"] == "1001" and kept["avisado"] and kept["quien"] == "cliente:altas", kept


def test_a_registered_person_is_told_whom_to_call():
    with sede(extra='telefono_ayuntamiento = "918 57 15 40" ' + ALTAS) as (box, sim, authority):
        pem = authority.issue(nif=NIF)
        assert enrol(box, pem).status == 201
        answer = enrol(box, pem, OTHER_PHONE)
        assert refusal(answer) == (409, "already_registered", None), answer.text
        assert answer.json["detail"] == "DNI/NIF registrado. Si no recuerda su alta, llame al 918 57 15 40.", answer.text
        other = authority.issue(nif="87654321X")
        assert refusal(enrol(box, other)) == (409, "phone_in_use", "movil")
        assert citizens(box) == 1 and len(history(box)) == 1


def test_renuncia_and_the_way_back():
    with sede() as (box, sim, authority):
        pem = authority.issue(nif=NIF)
        renounce = lambda: box.post("/v1/renuncias/certificado", {"certificado": pem})
        assert refusal(renounce())[:2] == (404, "not_found")
        assert enrol(box, pem).status == 201
        arrived(sim, 1)  # a contraclave goes before a notice that waits
        box.ask_pin()
        code = code_of(arrived(sim, 2))
        answer = renounce()
        assert (answer.status, answer.json) == (200, {"nif": NIF, "estado": "baja"}), answer.text
        assert box.verify(code)["resultado"] == "rechazado", "its contraclave is dead"
        assert "se ha dado de baja" in arrived(sim, 3)["text"]
        assert refusal(renounce())[:2] == (409, "life_state_forbids")
        assert enrol(box, pem, OTHER_PHONE).json["estado"] == "activa"
        assert arrived(sim, 4)["number"] == OTHER_PHONE
        assert [(e["acto"], e["via"]) for e in history(box)] == [("alta", "certificado"), ("renuncia", "certificado"),
                                                                 ("alta", "certificado")]


def test_change_of_phone_with_certificate():
    with sede() as (box, sim, authority):
        pem = authority.issue(nif=NIF)
        change = lambda phone: box.post("/v1/altas/certificado/movil", {"certificado": pem, "movil": phone})
        assert refusal(change(OTHER_PHONE))[:2] == (404, "not_found")
        assert enrol(box, pem).status == 201
        assert refusal(change(PHONE)) == (409, "phone_same", "movil")
        assert refusal(change("12")) == (422, "phone_format", "movil")
        assert change(OTHER_PHONE).json == {"nif": NIF, "estado": "activa"}
        sms = arrived(sim, 2)
        assert sms["number"] == PHONE and "van ya a otro" in sms["text"], "the old phone is told"
        box.ask_pin()
        assert arrived(sim, 3)["number"] == OTHER_PHONE
        assert (history(box)[0]["acto"], history(box)[0]["via"]) == ("movil", "certificado")


def test_bad_certificates_change_nothing():
    with sede() as (box, sim, authority):
        good = authority.issue(nif=NIF)
        stranger = Authority(authority.folder, "AC ajena")
        person = "/C=ES/GN=JUAN/SN=ESPAÑOL/CN=JUAN"
        for reason, pem in (("cert_format", "hola"), ("cert_format", ""), ("cert_format", good[:400]),
                            ("cert_issuer", stranger.issue(nif=NIF)), ("cert_issuer", stranger.issue(nif=NIF) + stranger.pem),
                            ("cert_self_made", authority.pem), ("cert_chain", good + authority.issue(nif=NIF)),
                            ("cert_chain", good + 8 * authority.pem), ("cert_usage", authority.issue(nif=NIF, kind="signer")),
                            ("cert_representative", authority.issue(person + f"/serialNumber=IDCES-{NIF}/organizationIdentifier=VATES-B12345674")),
                            ("cert_seal", authority.issue("/C=ES/O=X/serialNumber=B12345674/organizationIdentifier=VATES-B12345674/CN=SELLO")),
                            ("cert_no_nif", authority.issue(person)),
                            ("cert_nif", authority.issue(person + "/serialNumber=IDCES-12345678A")),
                            ("cert_legal", authority.issue(person + "/serialNumber=B12345674")),
                            ("cert_name", authority.issue(f"/C=ES/serialNumber=IDCES-{NIF}/CN=JUAN"))):
            for path, fields in (("/v1/altas/certificado", {"movil": PHONE}), ("/v1/renuncias/certificado", {}),
                                 ("/v1/altas/certificado/movil", {"movil": PHONE})):
                assert refusal(box.post(path, {"certificado": pem, **fields})) == (422, reason, "certificado"), (path, reason)
        for pem in ("A" * (64 * 1024 + 1), good + " " * 65536):
            assert refusal(enrol(box, pem)) == (422, "field_length", "certificado")
        assert refusal(enrol(box, "A" * (1024 * 1024 - 100)))[:2] == (413, "body_too_large")
        assert refusal(enrol(box, good, apellido2="OTRO")) == (422, "surname_mismatch", "apellido2")
        assert refusal(enrol(box, good, apellido2="ESPAÑOL ESPAÑOL")) == (422, "surname_mismatch", "apellido2")
        assert refusal(enrol(box, good, "918571540")) == (422, "phone_not_mobile", "movil")
        assert refusal(enrol(box, good, idioma="fr")) == (422, "lang_unknown", "idioma")
        assert refusal(enrol(box, [good])) == (400, "field_type", "certificado")
        assert refusal(enrol(box, good, nif=NIF)) == (400, "field_unknown", "nif")
        assert citizens(box) == 0 and box.rows("SELECT count(*) FROM outbox") == [(0,)]
        assert enrol(box, good).status == 201, "and it goes on"


def test_a_test_number_is_refused_in_a_certificate_too():
    with sede(extra=ALTAS) as (box, sim, authority):
        assert refusal(enrol(box, authority.issue(nif="00000000T"))) == (422, "nif_test", "certificado")


def test_revocation_counts_at_once():
    with sede() as (box, sim, authority):
        lost, good = authority.issue(nif=NIF), authority.issue(nif="87654321X")
        authority.publish(revoked=lost)
        assert refusal(enrol(box, lost)) == (422, "cert_revoked", "certificado")
        assert enrol(box, good).status == 201


def test_what_only_the_technician_can_mend():
    with sede() as (box, sim, authority):
        pem = authority.issue(nif=NIF)
        (authority.trust / "raiz.pem").rename(authority.folder / "aside.pem")
        for _ in range(2):
            assert refusal(enrol(box, pem))[:2] == (503, "cert_no_trust")
        assert box.program.log().count("certificados_confianza") == 1, "said once"
        (authority.folder / "aside.pem").rename(authority.trust / "raiz.pem")
        assert enrol(box, pem).status == 201


def test_the_ways_of_the_town_and_the_scopes():
    with sede(extra="") as (box, sim, authority):
        pem = authority.issue(nif=NIF)
        identity = {"nif": NIF, "nombre": "Ana", "movil": PHONE, "fuente": "clave"}
        for path, body in (("/v1/altas/certificado", {"certificado": pem, "movil": PHONE}), ("/v1/altas/identidad", identity),
                           ("/v1/altas/certificado/movil", {"certificado": pem, "movil": PHONE}),
                           ("/v1/renuncias/certificado", {"certificado": pem})):
            answer = box.post(path, body)
            assert refusal(answer)[:2] == (403, "way_closed") and "en persona" in answer.json["detail"], answer.text
        box.client("solicitar,verificar,alta", "otra")
        assert refusal(enrol(box, pem))[:2] == (403, "forbidden")
        assert refusal(box.post("/v1/altas/identidad", identity))[:2] == (403, "forbidden")
        box.client("certificado", "tercera")
        assert refusal(box.post("/v1/altas/identidad", identity))[:2] == (403, "forbidden")
        assert citizens(box) == 0


def test_an_identity_that_the_sede_asserts():
    with sede(extra='identidades_admitidas = "clave, giltza" ' + ALTAS) as (box, sim, _):
        def alta(source="giltza", **fields):
            return box.post("/v1/altas/identidad", {"nif": NIF, "nombre": "Ane", "apellido1": "Etxeberria", "apellido2": "Agirre",
                                                    "movil": PHONE, "idioma": "eu", "fuente": source, **fields})
        for source in ("bakq", "clav", "clave,", "clave, giltza", "", "CLAVE", " "):
            assert refusal(alta(source)) == (403, "source_not_admitted", "fuente"), source
        assert refusal(alta(nif="12345678A")) == (422, "nif_checksum", "nif")
        assert refusal(alta(nif="B12345674")) == (422, "nif_legal", "nif")
        assert refusal(alta(nombre="A\u202e")) == (422, "name_format", "nombre")
        assert refusal(alta(fuente=7))[:2] == (400, "field_type")
        answer = alta()
        assert answer.status == 201, answer.text
        told = answer.json
        assert (told["estado"], told["via_alta"], told["registro"]) == ("activa", "identidad", "basico"), told
        assert "aktibo dago" in arrived(sim, 1)["text"]
        assert (history(box)[0]["via"], history(box)[0]["motivo"]) == ("identidad", "giltza")
        assert refusal(alta("clave"))[:2] == (409, "already_registered")
        assert box.control_request("POST", "/v1/registro/ciudadanos/renuncia", {"nif": NIF, "motivo": "lo pide"}).status == 200
        assert refusal(alta())[:2] == (409, "in_person"), "only in person or with a certificate"


def test_no_identity_is_admitted_without_a_list():
    with sede() as (box, _, __):
        answer = box.post("/v1/altas/identidad", {"nif": NIF, "nombre": "Ane", "movil": PHONE, "fuente": "clave"})
        assert refusal(answer) == (403, "source_not_admitted", "fuente")


def test_the_same_key_enrols_once():
    with sede() as (box, sim, authority):
        pem, key = authority.issue(nif=NIF), {"Idempotency-Key": "alta-1"}
        send = lambda phone=PHONE: box.post("/v1/altas/certificado", {"certificado": pem, "movil": phone}, headers=key)
        first, again = send(), send()
        assert (first.status, first.json) == (again.status, again.json) == (201, again.json)
        assert refusal(send(OTHER_PHONE))[:2] == (422, "idempotency_reused")
        assert len(history(box)) == 1
        arrived(sim, 1)
        assert box.rows("SELECT count(*) FROM outbox") == [(1,)]


def test_many_at_once_are_proven_or_told_to_come_back():
    with sede() as (box, sim, authority):
        people = [authority.issue(nif=nif) for nif in ("12345678Z", "87654321X", "11111111H", "22222222J", "33333333P", "44444444A")]
        answers = []
        def send(number, pem):
            answer = eventually(lambda: (a := enrol(box, pem, f"+3460000010{number}")).status != 503 and a)
            answers.append(answer.status)
        threads = [threading.Thread(target=send, args=row) for row in enumerate(people)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [201] * len(people), answers
        assert citizens(box) == len(people)


def test_nothing_of_the_certificate_reaches_the_log():
    with sede() as (box, sim, authority):
        pem = authority.issue(nif=NIF)
        assert enrol(box, pem).status == 201
        assert refusal(enrol(box, pem))[0] == 409
        box.stop()
        log = box.program.log()
        for secret in (NIF, NIF[:8], PHONE, "ESPAÑOL", "BEGIN CERTIFICATE", pem.splitlines()[3]):
            assert secret not in log, secret
