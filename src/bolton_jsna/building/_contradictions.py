"""Contradictions between what a local file is named and what it is used for."""

from __future__ import annotations

from bolton_jsna.building.inputs import Ingredients
from bolton_jsna.core.areas import area as area_of
from bolton_jsna.core.errors import SchemaError, some


def check_claims(made_from: Ingredients, year: int) -> None:
    """Reject a file whose name, title or sheets name another year, authority or event."""
    claims, kinds = made_from.local.reading.claims, made_from.local.kinds
    found = []
    if claims.areas and made_from.place.code not in claims.areas:
        names = some(sorted(area_of(each).name for each in claims.areas))
        found.append(f"it is of {names}, but the build uses it for {made_from.place.name}")
    if claims.years and not min(claims.years) <= year <= max(claims.years):
        found.append(
            f"it is of the year ending 31 March {some(sorted(claims.years))}, but it is used for "
            f"{year}"
        )
    if claims.kinds and kinds and not claims.kinds & kinds:
        says, used = (" and ".join(f"{each}s" for each in sorted(x)) for x in (claims.kinds, kinds))
        found.append(f"it is of {says}, but the build uses it for {used}")
    elif claims.others and "plan" in kinds:
        found.append(
            f"it is of {' and '.join(sorted(claims.others))}, but it is used for child protection "
            "plans"
        )
    if found:
        raise SchemaError(
            "The name or title of the local file, or the name of a sheet, says that "
            f"{'; and that '.join(found)}. Give the right file, or the right --area, --year or "
            "--kind. If the file is right, correct its name or title."
        )
