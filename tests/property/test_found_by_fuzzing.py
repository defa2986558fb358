"""What `make fuzz`, or writing its invariants, found, kept as input; and that its targets and seeds still work."""

import pytest

from tests.fuzz.seeds import seeds, words
from tests.fuzz.targets import BETWEEN, TARGETS

FOUND = [
    ("page", b'{"zon\re": -0}'),  # a control character of a key in the message
    (
        "page",
        rb'{"totalRecord":1,"page":1,"limit":1,"totalPages":1,"data":[{"\ud800":1,"\ud801":2}]}',
    ),  # counted twice
    (
        "text",
        b"&amp;#x41\x7f\x00A",
    ),  # told apart two orders of decoding, the wrong one in the invariant
    ("text", b"&" + b"amp;" * 9),  # more levels than passes
    ("floors", "Gและand\x1eG/Fและ3/F".encode()),  # the rest of a list was a separator itself
    ("floors", "/และF".encode()),  # a slash took the F of the next part
]


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_fuzzing_found(name: str, data: bytes) -> None:
    """An input that once broke a promise keeps it."""
    TARGETS[name].run(data)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds(name: str) -> None:
    """A target holds of its seeds, alone and all together, and has words to put into them."""
    for seed in seeds(name):
        TARGETS[name].watch(TARGETS[name].rows(seed))
    TARGETS[name].run(BETWEEN.join(seeds(name)[:100]))
    assert len(words(name)) > 50
