# SPDX-License-Identifier: EUPL-1.2
"""contraclavectl base: what it tells of a server, and a database that goes to one and comes back."""

import contextlib
import json
import random
import re
import signal
import sqlite3
import subprocess
import time

from box import BUILD, Program, code_of, eventually, needs_file, running
from server import a_server, ask, new_database


def use(box, place):
    """As a person does who edits the configuration."""
    text = box.conf.read_text()
    box.conf.write_text(re.sub(r'base_datos = ".*"', lambda _: f'base_datos = "{place}"', text))
    is_server = str(place).startswith("postgresql://")
    box.address = place if is_server else None
    if not is_server:
        box.database = place


def findings(box, *words):
    done = box.ctl("base", "comprueba", *words, "--json", check=False)
    told = json.loads(done.stdout)
    assert done.returncode == any(f["resultado"] == "mal" for f in told), (done.returncode, told)
    return {f["que"]: (f["resultado"], f["frase"]) for f in reversed(told)}


def refused(box, code, words, *order):
    done = box.ctl("base", "traslada", *order, check=False)
    assert done.returncode == code and words in done.stderr, (done.returncode, done.stdout, done.stderr)
    assert code != 73 or "fichero" not in done.stderr, done.stderr  # what has data may be a server


def content(box):
    """All rows of all tables that a file has, but what leave_word() and a start add: for a comparison of two files."""
    with contextlib.closing(sqlite3.connect(f"file:{box}?mode=ro", uri=True)) as db:
        tables = [name for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        return {name: db.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables}


def test_there_and_back():
    needs_file()
    with a_server() as server, running() as (box, sim):
        address = new_database(server.address)
        box.ask_pin()
        code = code_of(eventually(sim.inbox)[0])
        box.ctl("operador", "crear", "--nombre", "Ana Ruiz", "--rol", "registro", "--contrasena", "-", stdin="una frase larga y rara\n")
        refused(box, 75, "un contraclaved en marcha", address)
        box.stop()
        assert findings(box, address)["contenido"][0] == "bien"
        first, second = box.database, box.folder / "vuelta.db"
        before = content(first)
        done = box.ctl("base", "traslada", address)
        assert "son las mismas en los dos lados" in done.stdout and f'base_datos = "{address}"' in done.stdout, done.stdout
        assert content(first) == before, "the source is only read"
        refused(box, 73, "ya tiene datos", address)
        use(box, address)
        box.start()
        assert box.verify(code)["resultado"] == "correcto"
        box.enrol("87654321X", phone="+34600123124")
        assert box.rows("SELECT max(id) FROM clients")[0][0] == 1
        box.client(name="otra")
        box.ask_pin("87654321X")
        other = code_of(eventually(lambda: sim.inbox()[1:])[0])
        assert box.ctl("auditoria", "comprobar").returncode == 0
        refused(box, 75, "está en marcha", second)
        box.stop()
        assert findings(box)["contenido"] == ("bien", findings(box, address)["contenido"][1])
        box.ctl("base", "traslada", second)
        refused(box, 73, "ya tiene datos", second)
        assert second.stat().st_mode & 0o777 == 0o600
        use(box, second)
        box.start()
        assert box.verify(other, "87654321X")["resultado"] == "correcto"
        box.client(name="tercera")
        assert [row[0] for row in box.rows("SELECT id FROM clients ORDER BY id")] == [1, 2, 3]
        assert box.rows("SELECT count(*) FROM audit WHERE event = 'trasladar_base'") == [(2,)]
        assert sorted(path.name for path in box.folder.glob("*.parte*")) == []
        box.stop()
        use(box, first)  # whoever goes on with the one before is told
        box.start(ready=False)
        assert box.control_request("GET", "/v1/estado").json["aviso_datos"] == "antigua"
        box.is_edited = True


def test_odd_rows():
    """Numbers at their bounds and long columns come back as they were; a text that a server cannot hold is told, and nothing goes."""
    needs_file()
    least, most = -(1 << 63), (1 << 63) - 1
    with a_server() as server, running() as (box, sim):
        box.ask_pin()
        eventually(sim.inbox)
        box.stop()
        first, second = box.database, box.folder / "vuelta.db"
        raw = first.read_bytes()

        def edit(sql, *values):
            first.write_bytes(raw)
            with contextlib.closing(sqlite3.connect(first)) as db:
                assert db.execute(sql, values).rowcount > 0
                db.commit()
            return new_database(server.address)

        for text in (b"a\0b", b"\xffA", b"\xed\xa0\x80"):
            address = edit("UPDATE outbox SET modem = CAST(? AS TEXT)", text)
            refused(box, 74, 'invalid byte sequence for encoding "UTF8"', address)
            assert "no responde" not in box.ctl("base", "traslada", address, check=False).stderr
            assert ask(address, "SELECT count(*) FROM meta") == "0"
        for sql, values in (("UPDATE outbox SET sent_ms = ?, done_ms = ?", (least, most)), ("UPDATE outbox SET id = ?", (-7,)),
                            ("UPDATE outbox SET text = ?", (b"x" * 20_000_000,)), ("UPDATE outbox SET text = x''", ()),
                            ("UPDATE sqlite_sequence SET seq = ? WHERE name = 'outbox'", (most,))):
            address = edit(sql, *values)
            before = content(first)
            box.ctl("base", "traslada", address)
            use(box, address)
            box.ctl("base", "traslada", second)
            use(box, first)
            after = content(second)
            second.unlink()
            assert [name for name in before if before[name] != after[name]] == ["audit", "meta"], sql
        box.is_edited = True


def test_what_is_refused():
    needs_file()
    with a_server() as server, running() as (box, _):
        box.stop()
        key = box.key.read_bytes()
        address = new_database(server.address)
        refused(box, 78, "entre ficheros", box.folder / "otro.db")
        refused(box, 78, "contraseña", address + "&password=secreta")
        ask(address, "CREATE TABLE ajena (id int)")
        refused(box, 78, "que no es de contraclaved", address)
        assert findings(box, address)["contenido"][0] == "mal"
        address = new_database(server.address)
        box.key.unlink()
        box.key.write_bytes(bytes(32))
        box.key.chmod(0o400)
        refused(box, 78, "no es la de", address)
        box.key.unlink()
        box.key.write_bytes(key)
        box.key.chmod(0o400)
        server.run("down")
        refused(box, 74, "no hay conexión con el servidor", address)
        server.run("up")
        assert ask(address, "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace") == "0"
        # a row that does not arrive as it was is told, and nothing of it stays
        ask(server.address, "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.created_ms :="
                            " NEW.created_ms + 1; RETURN NEW; END$$; CREATE FUNCTION add() RETURNS event_trigger LANGUAGE"
                            " plpgsql AS $$BEGIN IF to_regclass('citizens') IS NOT NULL THEN CREATE OR REPLACE TRIGGER spoil"
                            " BEFORE INSERT ON citizens FOR EACH ROW EXECUTE FUNCTION public.spoil(); END IF; END$$;"
                            " CREATE EVENT TRIGGER add ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION add()")
        refused(box, 74, "de la tabla citizens no es la misma", address)
        assert ask(address, "SELECT count(*) FROM meta") == "0"
        ask(address, "DROP EVENT TRIGGER add; DROP TRIGGER spoil ON citizens")
        box.ctl("base", "traslada", address)
        copy = new_database(server.address)
        use(box, address)
        refused(box, 78, "entre servidores", copy)
        box.start()


def is_filled(place):
    if not str(place).startswith("postgresql://"):
        return place.exists()
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'meta'"
    return ask(place, tables) == "1" and ask(place, "SELECT count(*) FROM meta") != "0"


def test_kills_on_the_way():
    """Each leaves the target as it was, and the next one goes through."""
    needs_file()
    seed = random.randrange(1 << 30)
    print("seed", seed)
    chance = random.Random(seed)
    with a_server() as server, running() as (box, _):
        for number in range(1000, 1030):
            box.enrol(f"{number:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}", phone=f"+346005{number:05d}")
        box.stop()
        for to_file in (False, True):
            place = box.folder / "vuelta.db" if to_file else new_database(server.address)
            for kill in range(12):
                program = Program([BUILD / "contraclavectl", "-c", box.conf, "base", "traslada", place],
                                  box.folder / "ctl.err", wrap=False)
                time.sleep(chance.uniform(0, 0.15))
                if program.stop(signal.SIGKILL) == 0 or is_filled(place):
                    break
            else:
                box.ctl("base", "traslada", place)
            use(box, place)
            box.start()
            assert box.ctl("auditoria", "comprobar").returncode == 0
            assert box.rows("SELECT count(*) FROM citizens") == [(31,)]
            box.stop()
        assert sorted(path.name for path in box.folder.glob("*.parte*")) == []


def test_what_is_told_of_a_server():
    needs_file()
    with a_server() as server, running() as (box, _):
        address = new_database(server.address)
        assert findings(box)["base"][0] == "bien", "a file"
        told = findings(box, address)
        assert told["versión"][0] == told["codificación"][0] == told["papel"][0] == told["hora"][0] == "bien", told
        assert told["latencia"][0] == "bien" and re.search(r"\d,\d ms", told["latencia"][1]), told
        assert told["permisos"] == ("aviso", "El usuario contraclaved es superusuario: use uno que solo sea dueño de esta "
                                    "base de datos."), told
        assert told["réplicas"][0] == "aviso" and "fsync" in told["ajustes"][1], told
        sql = lambda text: ask(server.address, text)  # noqa: E731
        sql("CREATE ROLE poca LOGIN")
        schema = address.rsplit("%3D")[-1]
        weak = address.replace("user=contraclaved", "user=poca")
        assert "no puede usar ningún esquema" in findings(box, weak)["permisos"][1]
        sql(f"GRANT USAGE ON SCHEMA {schema} TO poca")
        assert "no puede crear tablas" in findings(box, weak)["permisos"][1]
        sql(f"GRANT CREATE ON SCHEMA {schema} TO poca")
        assert findings(box, weak)["permisos"] == ("bien", "El usuario poca puede lo que necesita.")
        sql(f"GRANT CREATE ON SCHEMA {schema} TO PUBLIC")
        assert findings(box, weak)["permisos"][0] == "aviso" and f"REVOKE CREATE ON SCHEMA {schema}" in findings(box, weak)["permisos"][1]
        sql(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC")
        ask(address, "CREATE TABLE ajena (id int)")
        assert "tablas de otro usuario" in findings(box, weak)["permisos"][1]
        for setting, words in (("synchronous_commit = off", "synchronous_commit"),
                               ("default_transaction_isolation = serializable", "read committed")):
            sql(f"ALTER ROLE poca SET {setting}")
            done = box.ctl("base", "comprueba", weak, check=False)
            assert done.returncode == 1 and words in done.stdout, done.stdout
        sql("ALTER ROLE poca SET default_transaction_read_only = on")
        assert findings(box, weak)["papel"][0] == "mal"
        subprocess.run(["psql", "-qAtX", "-c", "CREATE DATABASE vieja TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
                        server.address], check=True)
        latin = server.address.replace("///postgres", "///vieja")
        assert "ENCODING 'UTF8'" in findings(box, latin)["codificación"][1]
        sql("CREATE DATABASE otra TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'es'")
        other = server.address.replace("///postgres", "///otra")
        assert "REINDEX" not in findings(box, other)["ajustes"][1]
        sql("UPDATE pg_database SET datcollversion = '1' WHERE datname = 'otra'")
        assert "REINDEX DATABASE" in box.ctl("base", "comprueba", other, check=False).stdout
        ask(address, "CREATE TABLE contraclaved (application_id bigint, version bigint)")
        with subprocess.Popen(["psql", "-qAtX", "-c", "BEGIN; LOCK TABLE contraclaved; SELECT 1; SELECT pg_sleep(60)", address]) as holder:
            eventually(lambda: ask(server.address, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))
            begun = time.monotonic()
            assert "ha dejado de contestar" in box.ctl("base", "comprueba", address, check=False).stdout
            assert time.monotonic() - begun < 8
            holder.kill()
        server.run("down")
        assert findings(box, address)["conexión"][0] == "mal"
        server.run("up")
        assert "no es válida" in findings(box, "postgresql://?nada=1")["dirección"][1]


def test_keys_of_before_on_a_server():
    """What was signed before a change of the key is so after the way to a server; one that does not answer is not taken for a file."""
    needs_file()
    with a_server() as server, running() as (box, sim):
        box.ask_pin()
        document = box.folder / "evidencia.json"
        document.write_text(box.ctl("evidencia", "ver", box.verify(code_of(eventually(sim.inbox)[0]))["evidencia"]).stdout)
        box.ctl("clave", "rota")
        box.stop()
        address = new_database(server.address)
        box.ctl("base", "traslada", address)
        use(box, address)
        assert ": auténtica: " in box.ctl("evidencia", "verifica", str(document)).stdout
        words = json.loads(box.ctl("--json", "clave", "exporta").stdout)["palabras"]
        server.run("down")
        done = box.ctl("evidencia", "verifica", str(document), check=False)
        assert done.returncode == 1 and "otra clave" in done.stdout and "no se puede leer la base de datos" in done.stderr, done
        box.key.unlink()
        said = box.ctl("clave", "recupera", stdin=" ".join(words)).stdout
        assert "base comprueba" in said and "restaura" not in said, said
        server.run("up")
        box.start()
