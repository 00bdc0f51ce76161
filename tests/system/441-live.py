# SPDX-License-Identifier: EUPL-1.2
"""The status as it changes: one stream a page."""

import contextlib
import time

from box import SLOW, eventually, running
from stream import Stream


def test_all_at_first_then_what_changed():
    with running(enrolled=False) as (box, sim), contextlib.closing(Stream(box)) as page:
        assert page.status == 200 and page.headers["Content-Type"] == "text/event-stream", page.headers
        assert page.headers["Cache-Control"] == "no-store"
        name, status, first_id = page.next()
        assert name == "estado" and first_id
        whole = box.status()
        for member in whole.keys() - {"hora", "hora_local", "cola", "modems"}:
            assert status[member] == whole[member], member
        assert [m["nombre"] for m in status["modems"]] == ["principal"]
        started = time.monotonic()
        sim.ask(cmd="vanish", ms=1500)
        changes = page.until(lambda data: "listo" in data and not data["listo"])
        assert time.monotonic() - started < 2 * SLOW, "told within two seconds"
        assert "entidad" not in changes and changes["modems"][0]["estado"] != "listo"
        page.until(lambda data: data.get("listo") is True, 30)


def test_a_beat_every_five_seconds_and_no_news_without_a_change():
    with running(enrolled=False) as (box, _):
        # the event of the start is told within a second: news, if the page is open by then
        eventually(lambda: box.control_request("GET", "/v1/estado/eventos?desde=2020-01-01T00:00:00Z").json["sucesos"])
        with contextlib.closing(Stream(box)) as page:
            page.next()
            beats = []
            while len(beats) < 2:
                name, data, _ = page.next()
                if name == "latido":
                    beats.append(time.monotonic())
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
