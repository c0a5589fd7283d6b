"""The table of docs/metrics.md, as the registry has it; printed by `python -m tests.metrics_table`."""

from __future__ import annotations

from bot.runtime.metrics import REGISTRY

_OWN = {"le", "quantile"}


def table() -> str:
    """A row for each metric, by name."""
    rows = sorted(_row(collector) for collector in REGISTRY._collector_to_names)  # noqa: SLF001 - declared, also where nothing was counted
    return "\n".join(("| Name | Kind | Labels | What it is |", "| --- | --- | --- | --- |", *rows))


def _row(collector: object) -> str:
    kind = getattr(collector, "_type")  # noqa: B009 - prometheus_client has no public name for it
    (family,) = collector.describe()  # type: ignore[attr-defined]
    name = family.name + ("_total" if kind == "counter" else "")
    labels = ", ".join(f"`{label}`" for label in getattr(collector, "_labelnames") if label not in _OWN)  # noqa: B009 - the same
    return f"| `{name}` | {kind} | {labels} | {family.documentation} |"


if __name__ == "__main__":
    print(table())  # noqa: T201 - what it is for
