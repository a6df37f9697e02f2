"""Questions that load their own tables."""
