# SPDX-License-Identifier: EUPL-1.2
"""A PostgreSQL server of a test's own (pg.sh), and databases on it: a schema for each box, or for several."""

import contextlib
import itertools
import json
import os
import pathlib
import re
import subprocess
import tempfile

SCRIPT = pathlib.Path(__file__).with_name("pg.sh")
NUMBERS = itertools.count(1)
# The program itself: /usr/bin/psql of Debian is a script in Perl that looks for it, which takes longer than most questions.
PSQL = next(iter(sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/psql"), reverse=True)), "psql")


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.address = self.run("start")

    def run(self, verb, *more, options=""):
        return subprocess.run([SCRIPT, verb, self.folder, *more], check=True, stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PG_OPTIONS": options}).stdout.strip()


class Pair:
    """A server and a replica that each of its commits waits for. fail_over() kills the one and promotes the other, and
    from then on the roles are changed: a new replica takes the place of the one that was killed."""

    def __init__(self, first):
        self.first, self.folders = first, [first.folder, tempfile.mkdtemp(prefix="cc-pg-")]
        self.address = first.address.replace(first.folder, ",".join(self.folders))
        self.follow()

    def run(self, verb, folder, *more):
        subprocess.run([SCRIPT, verb, folder, *more], check=True, stdout=subprocess.DEVNULL)

    def follow(self):
        self.run("replica", self.folders[1], self.folders[0])

    def fail_over(self):
        self.run("down", self.folders[0])
        self.run("promote", self.folders[1])
        self.folders.reverse()
        self.follow()

    def end(self):
        """The server that is left is the one that a_server() ends."""
        if self.folders[0] != self.first.folder:
            self.run("stop", self.folders[0])
        else:
            self.run("stop", self.folders[1])


@contextlib.contextmanager
def a_pair():
    with a_server() as first:
        pair = Pair(first)
        try:
            yield pair
        finally:
            pair.end()


@contextlib.contextmanager
def a_server():
    """Where there is one for all tests already (ENGINE=pg), another: it may be stopped."""
    server = Server(tempfile.mkdtemp(prefix="cc-pg-"))
    try:
        yield server
    finally:
        server.run("stop")


def ask(address, sql):
    """What psql prints: fields apart by tabs, rows by line ends."""
    return subprocess.run([PSQL, "-qAtX", "-F", "\t", "-c", sql, address], check=True, stdout=subprocess.PIPE,
                          text=True).stdout.rstrip("\n")


def new_database(server):
    """The address of an empty schema."""
    name = f"b{os.getpid()}_{next(NUMBERS)}"
    ask(server, f"CREATE SCHEMA {name}")
    return f"{server}&options=-csearch_path%3D{name}"


def literal(value):
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    return str(value) if isinstance(value, (int, float)) else "'" + value.replace("'", "''") + "'"


def value_of(value):
    """As sqlite3 gives it: bytes are bytes, and what is true or false a number."""
    if isinstance(value, str) and re.fullmatch(r"\\x([0-9a-f]{2})*", value):
        return bytes.fromhex(value[2:])
    return int(value) if isinstance(value, bool) else value


def rows(address, sql, values):
    """The rows of a SELECT with ? for its values, whose columns have names of their own."""
    values = iter(values)
    sql = re.sub(r"\?", lambda _: literal(next(values)), sql)
    found = json.loads(ask(address, f"SELECT coalesce(json_agg(row_to_json(t)), '[]') FROM ({sql}) AS t"))
    return [tuple(value_of(value) for value in row.values()) for row in found]
