# SPDX-License-Identifier: EUPL-1.2
"""The papers of the town (conf/expediente): each statement about the program is held by a test that there is."""

import re

from box import ROOT

PAPERS = ROOT / "conf/expediente"
WORDS_MAX = 4500  # ten pages
# measures of each group. Source: RD 311/2022, annex II
MEASURES = {"org": 4, "op.pl": 5, "op.acc": 6, "op.exp": 10, "op.ext": 4, "op.nub": 1, "op.cont": 4, "op.mon": 3, "mp.if": 7,
            "mp.per": 4, "mp.eq": 4, "mp.com": 4, "mp.si": 5, "mp.sw": 2, "mp.info": 6, "mp.s": 4}
ALL_MEASURES = {f"{group}.{n}" for group, count in MEASURES.items() for n in range(1, count + 1)}


def papers():
    return {path.name: path.read_text() for path in sorted(PAPERS.glob("*.md")) if path.name not in ("LEEME.md", "pruebas.md")}


def proofs():
    """{"P1": ["010-path test_x", …]}"""
    rows = re.findall(r"^\| (P\d+) \| .+ \| (.+) \|$", (PAPERS / "pruebas.md").read_text(), re.M)
    assert len(rows) == len(dict(rows)) > 50
    return {number: re.findall(r"`([^`]+)`", tests) for number, tests in rows}


def is_there(test):
    file, name = test.split()
    path = ROOT / (f"tests/system/{file}.py" if file[0].isdigit() else "tests/lint/lint.sh" if file == "lint" else f"tests/unit/{file}.c")
    return path.exists() and re.search(rf"^(def |static void |){name}\(", path.read_text(), re.M) is not None


def test_each_statement_has_a_test_that_there_is():
    named = {number for text in papers().values() for number in re.findall(r"\[(P\d+)\]", text)}
    assert named == set(proofs()), named ^ set(proofs())
    missing = [(number, test) for number, tests in proofs().items() for test in tests if not is_there(test)]
    assert not missing and all(proofs().values()), missing


def test_a_test_that_is_gone_is_missed():
    assert is_there("382-clientes test_two_tokens_for_a_day") and is_there("test_pins test_texts")
    for gone in ("382-clientes test_two_tokens_for_a_da", "382-clientas test_two_tokens_for_a_day", "test_pins test_text"):
        assert not is_there(gone), gone


def test_every_measure_of_the_ens_is_there_once():
    table, _, rest = papers()["medidas-ens.md"].partition("**Solo del ayuntamiento**")
    rows = re.findall(r"^\| ([a-z]+(?:\.[a-z]+)?\.\d+) [^|]*\| ([^|]*) \| ([^|]+) \|$", table, re.M)
    ours = [measure for measure, _, _ in rows]
    theirs = re.findall(r"\b(?:org|op\.[a-z]+|mp\.[a-z]+)\.\d+", rest)
    assert sorted(ours + theirs) == sorted(ALL_MEASURES), set(ours + theirs) ^ ALL_MEASURES
    bare = [measure for measure, what, _ in rows if not re.search(r"\[P\d+\]", what)]
    assert bare == ["mp.sw.2"], bare  # held by this very file


def test_terms_are_those_of_the_configuration():
    told = dict(re.findall(r"`(\w+_dias)` \| (\d+) \|", papers()["registro-de-actividades.md"]))
    own = dict(re.findall(r"^#(\w+_dias) = (\d+)$", (ROOT / "conf/contraclaved.conf").read_text(), re.M))
    assert told == own, (told, own)
    years = {"evidencias_dias": "tres años", "auditoria_dias": "dos años", "bloqueo_dias": "tres años"}
    assert all(int(own[key]) == {"dos años": 730, "tres años": 1095}[words] for key, words in years.items())


def test_ten_pages_that_lead_to_each_other():
    assert sum(len(text.split()) for text in papers().values()) <= WORDS_MAX
    index = (PAPERS / "LEEME.md").read_text()
    assert all(f"]({name})" in index for name in [*papers(), "pruebas.md"])
    for name, text in papers().items():
        assert all((PAPERS / link).exists() for link in re.findall(r"\]\(([\w-]+\.md)\)", text)), name
