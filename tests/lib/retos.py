# SPDX-License-Identifier: EUPL-1.2
"""Retos as a browser solves them: the proof of work by trying, the question by reading it."""

import hashlib
import itertools
import re

from box import ROOT


def words(language="es"):
    """(the words of the numbers, the words of each group by its name), of the catalogue of a language."""
    text = (ROOT / f"src/domain/question_{language}.inc").read_text("utf-8")
    numbers = re.findall('"([^"]+)"', re.search(r"^NUMBERS\((.*?)\)\n", text, re.DOTALL | re.MULTILINE)[1])
    rows = [re.findall('"([^"]+)"', row) for row in re.findall(r"GROUP\(\d, (.*)\)", text)]
    return numbers, {row[0]: row[1:] for row in rows}


def read_question(text, language="es"):
    """The answer, as somebody who reads gives it."""
    numbers, groups = words(language)
    for name, members in groups.items():
        if f" {name}:" in text:
            return next(w for w in members if re.search(rf"\b{w}\b", text.partition(":")[2]))
    said = sorted(n for n, word in enumerate(numbers) if re.search(rf"\b{word}\b", text))
    if ":" in text:
        return numbers[said[-1]]
    return str(sum(said) if len(said) == 2 else 2 * said[0])


def work(reto, bits):
    for n in map(str, itertools.count()):
        if int.from_bytes(hashlib.sha256(f"{reto}:{n}".encode()).digest()) >> (256 - bits) == 0:
            return n


def solve(told, language="es"):
    """The fields of an alta, of the answer of POST /v1/retos."""
    return {"reto": told["reto"], "reto_trabajo": work(told["reto"], told["dificultad"]),
            "reto_respuesta": read_question(told["pregunta"], language)}
