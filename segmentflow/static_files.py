"""Static files under names that change with their content, so that browsers keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage as Hashed


class HashedStaticFiles(Hashed):  # type: ignore[misc] # it has no types
    """Also what one of our modules imports from another; other people's files stay as they are."""

    patterns = (*Hashed.patterns, ("js/*.js", Hashed._js_module_import_aggregation_patterns[1]))
