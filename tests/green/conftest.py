"""Tests of green processes: the standard library is patched before anything else is imported.

They run as a session of their own: `pytest tests/green`.
"""

from __future__ import annotations

from bole.run.green import patch

patch()
