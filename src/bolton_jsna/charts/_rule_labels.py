"""The names of rules across x: above the field, in as many rows as they need."""

from __future__ import annotations

from dataclasses import dataclass

from bolton_jsna.charts._spec import Axis, ChartSpec, Role, Rule
from bolton_jsna.drawing import canvas


@dataclass(frozen=True)
class RuleLabel:
    """The name of a rule: where it begins, and its row above the field, 0 the lowest."""

    x: float
    row: int
    text: str
    role: Role


def rule_labels(
    spec: ChartSpec, left: float, right: float, limit: float, size: float
) -> list[RuleLabel]:
    """Return the names of rules for a field from left to right; none goes beyond the limit."""
    found: list[RuleLabel] = []
    spans: list[list[tuple[float, float]]] = []
    rules = [each for each in spec.marks if isinstance(each, Rule) and each.axis == "x"]
    for rule in sorted(rules, key=lambda each: each.at):
        if not rule.label:
            continue
        x = left + _share(spec.x, rule.at) * (right - left)
        wide = canvas.width_of(rule.label, size) * 72
        before = rule.side == "left" or (rule.side == "auto" and x > (left + right) / 2)
        begin = x - wide - 0.3 * size if before else x + 0.3 * size
        begin = max(min(begin, limit - wide), 0.0)
        end = begin + wide + 0.6 * size
        row = next(
            (
                at
                for at, taken in enumerate(spans)
                if all(begin > other - 0.1 or end < start + 0.1 for start, other in taken)
            ),
            len(spans),
        )
        if row == len(spans):
            spans.append([])
        spans[row].append((begin, end))
        found.append(RuleLabel(begin, row, rule.label, rule.role))
    return found


def _share(axis: Axis, value: float) -> float:
    return (value - axis.low) / (axis.high - axis.low)
