"""YAML of a stranger's file: no key twice, and no text that is small to read and large to unfold."""

from collections import Counter
from collections.abc import Hashable
from typing import Any

from yaml import AliasEvent, MappingNode, Node, SafeLoader, ScalarNode
from yaml.constructor import ConstructorError

MOST_VALUES = 20_000
MOST_DEPTH = 20
MOST_CHARACTERS = 4_000
"""Of one value: numbers of many digits, and of many parts (`1:2:3`), take the square of their length to read."""


class Loader(SafeLoader):
    """A safe loader that does not let the last of two equal keys win in silence, and gives up a bomb.

    An alias counts as all that it stands for, so that a few aliases of aliases are as many values as they unfold to.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._values = 0
        self._depth = 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:  # noqa: ANN401 — as the base class has it
        """Read the next value, with all that is in it, within the limits."""
        is_alias = self.check_event(AliasEvent)
        before = self._values
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        # an alias that is inside of what it stands for has no size yet
        self._values += self._sizes.get(id(node), MOST_VALUES) if is_alias else 1
        self._require_little(node)
        if not is_alias:
            self._sizes[id(node)] = self._values - before
        return node

    def descend_resolver(self, current_node: Node | None, current_index: Any) -> None:  # noqa: ANN401 — as above
        """Go a level deeper, before what is there is read."""
        if self._depth > MOST_DEPTH:
            raise ConstructorError(None, None, f"it is nested more than {MOST_DEPTH} deep", self._mark())
        super().descend_resolver(current_node, current_index)

    def _require_little(self, node: Node | None) -> None:
        if self._values > MOST_VALUES:
            raise ConstructorError(None, None, f"it has more than {MOST_VALUES:,} values", self._mark())
        if isinstance(node, ScalarNode) and len(node.value) > MOST_CHARACTERS:
            raise ConstructorError(
                None, None, f"a value has more than {MOST_CHARACTERS:,} characters", node.start_mark
            )

    def _mark(self) -> Any:  # noqa: ANN401 — as the base class has it
        return self.get_mark()

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Make a mapping whose keys are all different."""
        own = [key for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        keys = [self.construct_object(key, deep=True) for key in own]
        if twice := [key for key, count in Counter(map(str, keys)).items() if count > 1]:
            raise ConstructorError(None, None, f"the key {twice[0]!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)
