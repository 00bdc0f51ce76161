# SPDX-License-Identifier: EUPL-1.2
"""A figure of a bench beside its bound: lines that tests/bench/run.sh gathers into its table."""


def tell(what, value, unit, most=None, least=None, under=None):
    """Whether it is kept; without a bound it is only told."""
    is_kept = (most is None or value <= most) and (least is None or value >= least) and (under is None or value < under)
    bounds = [f"{word} {bound}" for word, bound in (("at most", most), ("at least", least), ("under", under)) if bound is not None]
    print(f"  {'ok  ' if is_kept else 'FAIL'} {what} | {value:.{3 if value < 1 else 2 if value < 100 else 0}f} {unit} | {', '.join(bounds)}", flush=True)
    return is_kept
