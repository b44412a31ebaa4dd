"""Look every pinned dependency up in the database of known vulnerabilities; part of `make check`.

Exit code 1 when one is found. When the database cannot be reached nothing is known, and that is what is
said: pip-audit itself reports "no known vulnerabilities" when it could look up not a single package.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parent.parent / "requirements.lock"
WITHIN_SECONDS = 120

# Vulnerability id -> why we live with it. Only for what has no fixed release.
ACCEPTED: dict[str, str] = {}


def main() -> int:
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", str(LOCK)]
    command += ["--format", "json", "--progress-spinner", "off"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_SECONDS, check=False)
        dependencies = json.loads(ran.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError) as failure:
        print(f"audit: not done, the vulnerability database cannot be reached ({type(failure).__name__})")
        return 0
    looked_up = [dependency for dependency in dependencies if "vulns" in dependency]
    if not looked_up:
        print(f"audit: not done, the vulnerability database knew none of {len(dependencies)} dependencies")
        return 0
    found = [(dependency, flaw) for dependency in looked_up for flaw in dependency["vulns"]]
    for dependency, flaw in found:
        reason = ACCEPTED.get(flaw["id"]) if not flaw["fix_versions"] else None
        fix = ", ".join(flaw["fix_versions"]) or "none yet"
        print(
            f"audit: {dependency['name']} {dependency['version']}: {flaw['id']}, fixed in {fix}"
            + (f"; accepted: {reason}" if reason else "")
        )
    print(
        f"audit: {len(looked_up)} of {len(dependencies)} dependencies looked up, {len(found)} vulnerabilities"
    )
    return int(any(flaw["fix_versions"] or flaw["id"] not in ACCEPTED for _, flaw in found))


if __name__ == "__main__":
    sys.exit(main())
