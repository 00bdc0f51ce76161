# SPDX-License-Identifier: EUPL-1.2
"""A strict reader of the Prometheus text format 0.0.4: refuses what a server would only tolerate, and bad names."""

import math
import re

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9]+(?:\.[0-9]+)?)\Z")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|\Z)')
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count")}


def read_labels(text):
    labels, at = {}, 0
    while text and at < len(text):
        match = LABEL.match(text, at)
        assert match and match[1] not in labels, text
        assert match[3] == "" or match.end() < len(text), ("a comma at the end", text)
        labels[match[1]] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], match[2])
        at = match.end()
    return labels


class Family:
    def __init__(self, name, help_text):
        self.name, self.help, self.type, self.samples = name, help_text, None, {}

    def value(self, suffix="", **labels):
        return self.samples[self.name + suffix, tuple(sorted(labels.items()))]

    def sum(self, **labels):
        """Of all samples that have these labels."""
        return sum(v for (_, found), v in self.samples.items() if labels.items() <= dict(found).items())


def check_names(family):
    """prometheus.io/docs/practices/naming: base units, the suffix of counters."""
    assert NAME.match(family.name) and family.name.startswith("contraclaved_"), family.name
    assert family.name.endswith("_total") == (family.type == "counter"), family.name
    assert not re.search(r"_(ms|millis\w*|minutes|mv|percent)(_|\Z)", family.name), family.name
    assert len(family.help) > 10, family.name


def check_histogram(family):
    groups = {}
    for (name, labels), value in family.samples.items():
        others = tuple((k, v) for k, v in labels if k != "le")
        groups.setdefault(others, {}).setdefault(name, []).append((dict(labels).get("le"), value))
    for group in groups.values():
        bounds = [(math.inf if le == "+Inf" else float(le), value) for le, value in group[family.name + "_bucket"]]
        assert bounds == sorted(bounds) and bounds[-1][0] == math.inf, bounds
        assert [v for _, v in bounds] == sorted(v for _, v in bounds), "buckets are cumulative"
        assert bounds[-1][1] == group[family.name + "_count"][0][1]
        assert family.name + "_sum" in group


def parse(text):
    """{name: Family}; an AssertionError says what is not right."""
    assert text.endswith("\n") and "\r" not in text
    families, family = {}, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            _, _, name, help_text = line.split(" ", 3)
            assert name not in families, ("a family in two places", name)
            family = families[name] = Family(name, help_text)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert family and name == family.name and family.type is None and not family.samples, line
            assert kind in ("counter", "gauge", "histogram"), line
            family.type = kind
        else:
            match = SAMPLE.match(line)
            assert match, line
            assert match[1] in [family.name + s for s in SUFFIXES.get(family.type, ("",))], line
            key = match[1], tuple(sorted(read_labels(match[2]).items()))
            assert key not in family.samples, ("twice", line)
            family.samples[key] = float(match[3])
            assert family.type == "gauge" or family.samples[key] >= 0, line
    for family in families.values():
        check_names(family)
        if family.type == "histogram":
            check_histogram(family)
    return families
