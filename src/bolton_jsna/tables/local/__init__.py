"""The authority's own files: records of referrals and plans, and counts by area."""
