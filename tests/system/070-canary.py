# SPDX-License-Identifier: EUPL-1.2
"""Canaries: secrets planted through the whole life of the box are in no log, tape, error or raw database file."""

import re

from box import SLOW, code_of, eventually, running
from town import modem_of

PIN, CLAVE = "7391", "5927"
NIF, NAME, PHONE = "45678912S", "Nicanora Zubizarreta Ñíguez", "+34677889911"
LIMITS = ("cliente_por_segundo = 0 segundos_entre_peticiones = 0 peticiones_nif_hora = 0 peticiones_nif_dia = 0 "
          "sms_movil_dia = 0 vivas_por_nif = 0 fallos_seguidos_contraste = 0 "
          "fallos_seguidos_bloqueo = 4 intentos_por_peticion = 0")


def swapped(digits):
    """Semi-octets, as a PDU has them."""
    digits += "F" * (len(digits) % 2)
    return "".join(digits[i + 1] + digits[i] for i in range(0, len(digits), 2))


def packed(text):
    """GSM-7: the texts here are of the part of the alphabet that equals ASCII."""
    bits = sum(ord(c) << 7 * i for i, c in enumerate(text))
    return bits.to_bytes((7 * len(text) + 7) // 8, "little")


def packed_around(text, word):
    """The eight octets of the packed text in whose midst the word is; fewer would be found by chance."""
    at = text.index(word) * 7 // 8
    return packed(text)[at - 2:at + 6]


class Canary:
    def __init__(self, name, *texts, octets=()):
        self.name = name
        self.forms = {b for t in texts for b in (t.encode(), t.encode("utf-16-le"), t.encode("utf-16-be"))} | set(octets)
        hexes = {b.hex() for b in self.forms}
        self.forms |= {h.encode() for h in hexes} | {h.upper().encode() for h in hexes}

    def found_in(self, data):
        """Short digits count only where they stand alone, or any port or length would be an alarm."""
        for form in self.forms:
            pattern = re.escape(form)
            if form.isdigit() and len(form) < 6:
                pattern = rb"(?<![0-9])" + pattern + rb"(?![0-9])"
            if re.search(pattern, data):
                return form
        return None


def none_in(canaries, where, data):
    for canary in canaries:
        form = canary.found_in(data)
        assert form is None, f"{canary.name} is in {where}, as {form[:40]}: {context(data, form)}"


def context(data, form):
    at = data.find(form)
    return data[max(0, at - 80):at + 80]


def live(box, sim, heard):
    """Everything that may go right or wrong, with the secrets in it; what the box says goes to heard."""
    def post(path, body, **kw):
        answer = box.post(path, body, **kw)
        if answer.status >= 400 or answer.json == {"resultado": "rechazado"}:
            heard.append(answer.text + str(answer.headers))
        return answer

    def ctl(*words, **kw):
        done = box.ctl(*words, check=False, **kw)
        heard.append(done.stdout + done.stderr)
        return done

    def next_message(before):
        box.ask_pin(NIF, CLAVE)
        return eventually(lambda: len(sim.inbox()) > before and sim.inbox()[-1])

    person = {"nif": NIF, "nombre": NAME, "movil": PHONE}
    assert post("/v1/registro/ciudadanos", person).status == 201
    assert post("/v1/registro/ciudadanos", person).status == 409
    messages = [next_message(0)]
    while code_of(messages[-1])[0] in "0129":  # years and round numbers are everywhere
        messages.append(next_message(len(messages)))
    code = code_of(messages[-1])
    assert box.verify(code, NIF, CLAVE)["nombre"] == NAME
    wrong_fields(post, code, box.token)
    for _ in range(5):  # one more than locks: a notice is sent
        assert post("/v1/verificaciones", {"nif": NIF, "clave": CLAVE, "contraclave": "0000"}).status == 200
    card = box.ctl("ciudadano", "desbloquear", "--nif", NIF).stdout
    assert NAME in card, "staff see the name, and masks of the rest"
    heard.append(card.replace(NAME, ""))
    ctl("estado"), ctl("cola"), ctl("--json", "cola"), ctl("cliente", "lista")
    ctl("ciudadano", "alta", "--nif", NIF, "--nombre", "X", "--movil", PHONE)
    ctl("ciudadano", "ver", "--nif", NIF[:8] + "A")
    ctl("ciudadano", "ver", "--nif", NIF, "--movil", PHONE)
    return code, messages[-1]["text"]


def wrong_fields(post, code, token):
    """The secrets where they do not belong: in other fields, as field names, in broken JSON, in paths and headers."""
    secrets = [PIN, CLAVE, code, NIF, NAME, PHONE, token]
    for value in secrets:
        for path, body in (("/v1/solicitudes", {"nif": value, "clave": CLAVE + "9", "idioma": value}),
                           ("/v1/verificaciones", {"nif": NIF, "clave": value, "contraclave": value + "x"}),
                           ("/v1/registro/ciudadanos", {"nif": value + "Z", "nombre": value + "\n", "movil": value}),
                           ("/v1/solicitudes", {value: value}),
                           ("/v1/solicitudes", [value])):
            assert 400 <= post(path, body).status < 500, (path, body)
        raw = value.encode()
        for broken in (b'{"nif": "' + raw, b'{"nif": "' + raw + b'", "nif": "' + raw + b'"}', raw + b"\xff", raw):
            assert post("/v1/solicitudes", None, raw=broken).status == 400, broken
        assert post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}, token=value + "-").status == 401
        assert post("/v1/nada/" + value.encode().hex(), {}).status == 404
        assert post("/v1/solicitudes", {"nif": NIF, "clave": CLAVE}, headers={"Content-Type": value.encode()}).status == 415


def read(path):
    """Without the tape's time stamps: seconds since the start of the machine may look like a clave."""
    return re.sub(rb"(?m)^\d+\.\d{6} (?=[<>])", b"", path.read_bytes())


def database_files(box):
    return sorted(box.folder.glob(box.database.name + "*"))


def known(code, text, token, key):
    digits = PHONE[1:]
    return [
        Canary("the PIN", PIN),
        Canary("the clave", CLAVE),
        Canary("the contraclave", code, octets=[packed_around(text, code)]),
        Canary("the text", "su contraclave PIN24H es", octets=[packed_around(text, "PIN24H")]),
        Canary("the token", token, token[4:]),
        Canary("the master key", octets=[key, key[:16]]),
        Canary("the NIF", NIF, NIF[:8], NIF.lower()),
        Canary("the name", NAME, "Nicanora", "Zubizarreta", "Ñíguez"),
        Canary("the phone", PHONE, digits[2:], swapped(digits), swapped(digits[2:]),
               octets=[bytes.fromhex(swapped(digits))]),
    ]


def test_no_secret_leaks():
    heard = []
    modem = f'pin_sim = "{PIN}" plazo_envio_s = {0.5 * SLOW} plazo_aviso_s = {0.5 * SLOW} cinta = "%s"'
    with running("pty", ("--pin", PIN), enrolled=False, ready=False) as (box, sim):
        tape = box.folder / "cinta"
        assert box.stop() == 0
        box.write_conf(sim.device, extra=f"espera_informe_s = {SLOW}", limits=LIMITS, modem=modem % tape)
        box.start()
        code, text = live(box, sim, heard)
        canaries = known(code, text, box.token, box.key.read_bytes())

        sim.ask(cmd="fault", fault="lost-reply")
        sim.ask(cmd="fault", fault="no-report")
        box.ask_pin(NIF, CLAVE)
        eventually(lambda: box.status()["cola"]["incierto"] == 1)
        for path in database_files(box):  # the message waits, with its text
            none_in(canaries, path.name, read(path))
        eventually(lambda: box.status()["cola"]["incierto"] == 0)
        lost = modem_of(box)["perdidas"]
        sim.ask(cmd="fault", fault="vanish-pdu:100")
        box.ask_pin(NIF, CLAVE)
        eventually(lambda: modem_of(box)["perdidas"] > lost)  # it may be back by then
        heard.append(box.ctl("estado").stdout)
        box.wait("/readyz")
        heard.append(box.get("/v1/estado").text)

        names = {p.name for p in database_files(box)}
        assert {box.database.name, box.database.name + "-wal"} <= names, names
        for path in database_files(box):
            none_in(canaries, path.name, read(path))
        assert box.stop() == 0
        for path in [*database_files(box), box.stderr, *box.folder.glob("cinta*"), sim.folder / "sim.err"]:
            none_in(canaries, path.name, read(path))
        for answer in heard:
            none_in(canaries, "an answer", answer.encode())
        assert "AT+CMGS=" in tape.read_text() and "AT+CPIN=" in tape.read_text(), "the tape is the real one"
        assert "***7891**" in "".join(heard) and "*****911" in "".join(heard), "masked forms only"
        assert all(c.found_in(sim.log_path.read_bytes()) for c in canaries[2:4]), "the search finds what is there"
