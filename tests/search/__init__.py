"""Search in encrypted fields, held against plain Python: every answer equal, or the test fails.

people.py     synthetic people, as awkward as people's names are
model.py      what each search should answer, over a list of dicts
store.py      the same people in a store with every kind of index
questions.py  random questions of every kind, as the model and as the store are asked them
page.py       docs/search-checked.md, which a run with `STRONGROOM_PEOPLE` writes
"""

import pytest

pytest.register_assert_rewrite("tests.search.comparing")
