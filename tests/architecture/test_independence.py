"""Each part stands alone: a service without its neighbours, the door without green threads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import tree


@pytest.mark.parametrize("service", tree.services())
def test_a_service_starts_from_a_tree_without_the_others(service: str, tmp_path: Path):
    alone = tree.copy(tmp_path, "bole", "contracts", "services/__init__.py", f"services/{service}")
    others = [f"services.{other}" for other in tree.services() if other != service]

    ran = tree.python(
        f"""
import sys
from importlib.util import find_spec

# The checkout is installed editable; without this its other services would still be found.
editable = [finder for finder in sys.meta_path if "__editable__" in str(getattr(finder, "__module__", ""))]
sys.meta_path = [finder for finder in sys.meta_path if finder not in editable]

import services.{service}.service as started

assert started.__file__.startswith({str(alone)!r}), started.__file__
assert [name for name in {others!r} if find_spec(name)] == []
print([getattr(kind, "name", None) for kind in vars(started).values() if isinstance(kind, type)])
""",
        within=alone,
    )

    assert ran.returncode == 0, ran.stderr
    assert f"'{service}'" in ran.stdout


def test_the_door_loads_neither_nameko_nor_eventlet():
    ran = tree.python(
        "import sys; import gateway.door.app; print(sorted({'nameko', 'eventlet'} & set(sys.modules)))"
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "[]"
