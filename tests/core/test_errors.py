"""One family of errors, and messages that help."""

import inspect

import pytest

from bolton_jsna.core import errors
from bolton_jsna.core.errors import choice, did_you_mean, some

FAMILY = [
    each
    for _, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, Exception) and each.__module__ == errors.__name__
]


@pytest.mark.parametrize("each", FAMILY)
def test_every_error_is_of_the_family_and_says_when_it_is_raised(each):
    assert issubclass(each, errors.BoltonJsnaError)
    assert each.__doc__


def test_wrong_use_is_told_from_failure():
    """The command line turns the first into exit code 2 and the others into 1."""
    assert issubclass(errors.AreaNotFoundError, errors.UsageError)
    assert issubclass(errors.UsageError, ValueError)
    for failed in (
        errors.SourceError,
        errors.SchemaError,
        errors.VintageError,
        errors.MissingDataError,
    ):
        assert not issubclass(failed, errors.UsageError)


def test_lists_are_cut():
    assert some(range(7)) == "0, 1, 2, 3, 4 and 2 more"
    assert some(range(5)) == "0, 1, 2, 3, 4"
    assert some(iter("ab")) == "a, b"
    assert some([]) == "none"


def test_near_words():
    assert did_you_mean("referals", ["referrals", "cpp_started"]) == " Did you mean 'referrals'?"
    assert did_you_mean("xyz", ["referrals"]) == ""


def test_a_wrong_choice_is_refused_with_the_right_ones():
    choice("level", "ward", ["ward", "lsoa"])
    with pytest.raises(errors.UsageError) as caught:
        choice("level", "wrad", ["ward", "lsoa"])
    assert str(caught.value) == (
        "level='wrad' is not known. Known: 'ward', 'lsoa'. Did you mean 'ward'?"
    )
    with pytest.raises(errors.UsageError, match=r"level=None is not known\. Known: 'ward'\.$"):
        choice("level", None, iter(["ward"]))
