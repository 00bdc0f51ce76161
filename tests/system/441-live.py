# SPDX-License-Identifier: EUPL-1.2
"""The status as it changes: one stream a page."""

import contextlib
import http.client
import re

from box import SLOW, Stopwatch, eventually, running
from people import add, first
from stream import Stream


def test_all_at_first_then_what_changed():
    with running(enrolled=False) as (box, sim), contextlib.closing(Stream(box)) as page:
        assert page.status == 200 and page.headers["Content-Type"] == "text/event-stream", page.headers
        assert page.headers["Cache-Control"] == "no-store"
        name, status, first_id = page.next()
        assert name == "estado" and first_id
        whole = box.status()
        for member in whole.keys() - {"hora", "hora_local", "cola", "modems", "equipos"}:
            assert status[member] == whole[member], member
        for both in zip(status["equipos"] or (), whole["equipos"] or (), strict=True):  # on a server; it beats meanwhile
            assert both[0] | {"visto": None} == both[1] | {"visto": None}, both
        assert [m["nombre"] for m in status["modems"]] == ["principal"]
        watch = Stopwatch(box.program, sim.program)
        sim.ask(cmd="vanish", ms=1500)
        changes = page.until(lambda data: "listo" in data and not data["listo"])
        assert watch.seconds() < 2 * SLOW, "told within two seconds"
        assert "entidad" not in changes and changes["modems"][0]["estado"] != "listo"
        page.until(lambda data: data.get("listo") is True, 30)


def test_a_page_that_has_the_status_gets_the_events_alone():
    """The stream of a page begins with what the page does not have: its first view is small."""
    person = {"nombre": "Tecla", "contrasena": "caballo pila grapa"}
    with running(enrolled=False) as (box, sim):
        ours = {"Origin": f"http://127.0.0.1:{box.port}", "X-Contraclaved": "1"}
        token = eventually(lambda: re.findall(r"/acceso#([a-z]{24})\b", box.program.log()))[-1]
        box.request("POST", "/v1/operadores/inicial", person | {"token": token}, token=None, headers=ours)
        cookie = box.request("POST", "/v1/sesion", person, token=None, headers=ours).headers["Set-Cookie"].split(";")[0]
        def status():
            return box.request("GET", "/v1/estado?idioma=es", token=None, headers=ours | {"Cookie": cookie}).json
        def first(known):
            with contextlib.closing(Stream(box, f"?idioma=es&conocido={known}")) as page:
                return page.next()[1]
        def has_nothing_new():
            told = first(status()["huella"])  # what changes by itself between the two is told whole
            return "sucesos" in told and "entidad" not in told
        eventually(has_nothing_new)
        before = status()["huella"]
        assert "entidad" in first("0123456789abcdef") and "entidad" in first("")
        sim.ask(cmd="vanish", ms=1500)
        eventually(lambda: not status()["listo"])
        eventually(lambda: first(before).keys() > {"entidad", "sucesos"}, 30)  # at the next look, once a second
        assert "huella" not in box.status(), "of pages alone"


def test_the_status_and_the_histories_are_compressed_where_it_is_taken():
    with running(enrolled=False) as (box, _):
        for path in ("/v1/estado", "/v1/modems/principal/historia", "/v1/historia", "/v1/estado/eventos?desde=2020-01-01T00:00:00Z"):
            plain = box.control_request("GET", path)
            assert "Content-Encoding" not in plain.headers, path
            packed = box.control_request("GET", path, headers={"Accept-Encoding": "gzip"})
            assert packed.json.keys() == plain.json.keys() and packed.headers["Cache-Control"] == "no-store", path
            if path == "/v1/estado":  # an answer of a few bytes stays as it is
                assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["Vary"] == "Accept-Encoding"
                assert int(packed.headers["Content-Length"]) < len(packed.text) / 2
        for path in ("/v1/cola", "/v1/clientes", "/v1/informe?idioma=es"):
            assert "Content-Encoding" not in box.control_request("GET", path, headers={"Accept-Encoding": "gzip"}).headers, path


def test_a_beat_every_five_seconds_and_no_news_without_a_change():
    with running(enrolled=False, clock=True) as (box, sim):
        # the event of the start is told within a second: news, if the page is open by then
        eventually(lambda: box.control_request("GET", "/v1/estado/eventos?desde=2020-01-01T00:00:00Z").json["sucesos"])
        box.wait_at_rest(sim)
        with contextlib.closing(Stream(box)) as page:
            page.next()
            beats, watch = [], Stopwatch(box.program, sim.program)
            while len(beats) < 2:
                while not page.has_come():
                    box.pass_time(250)
                    box.wait_at_rest(sim)  # what was due by then is told, and no time passes for what the modem is asked
                name, data, _ = page.next()
                if name == "latido":
                    beats.append(watch.now() + box.clocks["mono"] / 1000)
                    assert data == {}
                else:
                    assert name == "estado" and "hora" not in data, (name, data)
            assert 4.5 < beats[1] - beats[0] < 6 * SLOW, beats


def test_a_reader_that_never_reads_disturbs_nobody():
    with running(enrolled=False) as (box, sim):
        deaf = [Stream(box) for _ in range(5)]
        with contextlib.closing(Stream(box)) as page:
            page.next()
            for quality in (5, 20, 7, 22):
                sim.ask(cmd="set", csq=quality)
                eventually(lambda: box.get("/healthz", token=None).status == 200)
            sim.ask(cmd="vanish", ms=1000)
            page.until(lambda data: data.get("listo") is False)
            page.until(lambda data: data.get("listo") is True, 30)
        for one in deaf:
            name, status, _ = one.next()
            assert name == "estado" and "entidad" in status, "the whole, when it begins to read"
            one.close()


def test_it_ends_with_the_daemon():
    with running(enrolled=False) as (box, _):
        page = Stream(box)
        page.next()
        assert box.stop() == 0
        with contextlib.suppress(ConnectionError, ValueError):
            while page.next() is not None:
                pass
        page.close()


def test_a_client_gets_none_and_a_language_must_be_one():
    with running(enrolled=False) as (box, _):
        assert box.get("/v1/estado/eventos").status == 403
        assert box.get("/v1/estado/eventos", token=None).status == 401
        bad = Stream(box, "?idioma=tlh")
        assert bad.status == 422
        bad.close()


def test_one_person_does_not_take_all_the_places():
    with running(enrolled=False, extra_http="conexiones_por_direccion = 0") as (box, _):
        boss = first(box)
        reader = add(box, "lectora", "lector")

        def follow(person):
            connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=20 * SLOW)
            connection.request("GET", "/v1/estado/eventos?idioma=es", headers={"Cookie": person.cookie})
            answer = connection.getresponse()
            answer.connection = connection
            return answer

        pages = [follow(reader) for _ in range(130)]
        assert [page.status for page in pages] == [200] * 128 + [503] * 2
        others = [follow(boss) for _ in range(3)]
        assert all(page.status == 200 and b"event: estado" in page.read1() for page in others)
        for page in pages[:3]:  # the oldest of who has most
            while page.read1():
                pass
        assert b"event: estado" in pages[3].read1() and follow(reader).status == 503
        for page in [*pages, *others]:
            page.connection.close()
