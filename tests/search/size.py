"""How much is compared: 2,000 people in `make test`, 100,000 in `make soak`.

`STRONGROOM_PEOPLE` says how many, and has docs/search-checked.md written; `STRONGROOM_QUESTIONS`
says how many of each kind are asked; `STRONGROOM_SEED` makes other people and other questions.
"""

from __future__ import annotations

import os
from typing import Final

PEOPLE: Final = int(os.environ.get("STRONGROOM_PEOPLE", "2000"))
SEED: Final = int(os.environ.get("STRONGROOM_SEED", "1"))
LONG: Final = "STRONGROOM_PEOPLE" in os.environ
EACH: Final = int(os.environ.get("STRONGROOM_QUESTIONS", "32" if LONG else "6"))
SCANS: Final = EACH * 3 // 8
SECONDS: Final = 300 + PEOPLE // 10
