# SPDX-License-Identifier: EUPL-1.2
"""How one may enter, and until when: what the sede is told to offer, and what is refused after the last day."""

import datetime
import zoneinfo

from box import CLAVE, NIF, code_of, eventually, running

MADRID = zoneinfo.ZoneInfo("Europe/Madrid")


def methods(box, language="es"):
    answer = box.get("/v1/metodos", headers={"Accept-Language": language})
    assert (answer.status, answer.headers["Content-Language"]) == (200, language), answer.text
    return answer.json["metodos"]


def test_without_a_word_of_the_town_there_is_the_pin():
    with running(enrolled=False) as (box, _):
        [pin] = methods(box)
        assert pin == {"metodo": "pin24h", "titulo": "PIN 24 horas", "pide": ["nif", "clave", "contraclave"],
                       "explicacion": "Con su NIF, una clave de 4 cifras que elige usted y el código que le llega por SMS.",
                       "comprueba": "equipo", "hasta": None, "aviso": None}
        assert methods(box, "eu")[0]["titulo"] == "PIN 24 ordu"


def test_a_method_until_its_last_day():
    """Announced 60 days before; no contraclave outlives it; from its midnight on it is refused everywhere, naming the others."""
    now = datetime.datetime.now(MADRID)
    last = now.date() + datetime.timedelta(days=62)

    def at(days, hour):
        instant = datetime.datetime.combine(last + datetime.timedelta(days=days), datetime.time(hour), MADRID)
        box.set_clock(int((instant.timestamp() - now.timestamp()) * 1000))

    more = f'metodos {{ pin24h = "hasta {last}" certificado = si }}'
    with running("unix", clock=True, true_network=True, extra=more) as (box, sim):
        pin, certificate = methods(box)
        assert (pin["hasta"], pin["aviso"], certificate["metodo"]) == (str(last), None, "certificado")
        at(-59, 12)
        assert methods(box)[0]["aviso"] == f"Se admite hasta el {last:%d/%m/%Y}. Después podrá usar: Certificado electrónico."
        assert f"{last:%Y/%m/%d}" in methods(box, "eu")[0]["aviso"]
        at(0, 12)
        box.client("solicitar,verificar,alta", "otra")
        asked = box.ask_pin()
        assert asked["caduca_local"].startswith(f"{last + datetime.timedelta(days=1)}T00:00:00"), asked
        entry = {"nif": NIF, "clave": CLAVE, "contraclave": code_of(eventually(sim.inbox)[0])}
        assert box.verify(entry["contraclave"])["resultado"] == "correcto"
        at(1, 1)
        for path, body in (("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}), ("/v1/verificaciones", entry), ("/v1/renuncias", entry),
                           (f"/v1/solicitudes/{asked['id']}/reenvio", {})):
            refused = box.post(path, body)
            assert (refused.status, refused.json["type"]) == (403, "method_closed"), (path, refused.text)
            assert refused.json["detail"] == "Este medio de identificarse no se admite. Puede usar: Certificado electrónico."
        assert [m["metodo"] for m in methods(box)] == ["certificado"]


def test_a_town_without_any_method():
    with running(extra="metodos { pin24h = no }") as (box, _):
        assert methods(box) == []
        refused = box.post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE})
        assert (refused.status, refused.json["type"]) == (403, "method_closed"), refused.text
        assert refused.json["title"].endswith("Pregunte en el Registro por los que se admiten.")
