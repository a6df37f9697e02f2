"""A refresh at a moment that a test chooses."""

import datetime as dt
from typing import Any
from unittest import mock

from bolton_jsna.building.refresh import RefreshRecord, refresh
from bolton_jsna.core import timestamps


def refresh_at(moment: dt.datetime, *area: Any, **options: Any) -> RefreshRecord:
    """Refresh as if it were another moment."""
    with mock.patch.object(timestamps, "now", return_value=moment):
        return refresh(*area, **options)
