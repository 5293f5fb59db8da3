"""Whoever follows a page notices when it is wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import environment
from tests.support.tutorial import Follower

STOP = "```console\n^C\n```\n"

RIGHT = """\
# A page

```text title="notes.txt"
one
two
```

```console
$ cat notes.txt
…
two
$ PLACE=\
here
```

```diff title="notes.txt"
 one
-two
+three
@@
-one
+zero
```

```console
$ cat notes.txt && echo "stays $PLACE"
z…o
three
stays here
$ mkdir inner
$ cd inner
$ sh -c 'seq 9; echo now; exec sleep 600'
1
…
8
9
now
```

```text title="here.txt"
written where the first terminal is
```

```console title="Second terminal"
$ cat inner/here.txt
written where …
```

```console
^C
$ echo "and $PLACE"
and here
```
"""


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Follower]:
    follower = Follower(tmp_path, environment())
    yield follower
    follower.close()


def test_a_page_is_followed_to_its_end(person: Follower, tmp_path: Path) -> None:
    person.follow(RIGHT)
    assert (tmp_path / "notes.txt").read_text() == "zero\nthree\n"
    assert (tmp_path / "inner/here.txt").exists()


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("```console\n$ false\n```\n", "line 2: false: 1"),
        ("```console\n$ echo this\nthat\n```\n", "'that' is not printed"),
        ("```console\n$ echo that this\nthat\n```\n", "'that' is not printed"),
        ("```console\n$ printf '1\\n2\\n'\n…\n2\n1\n```\n", "'1' is not printed"),
        ("```console\n$ printf '1\\n2\\n'\n2\n```\n", "'2' is not printed, but:\n1\n2"),
        ("```console\n$ seq 3\n1\n3\n```\n", "'3' is not printed, but:\n2\n3"),
        ("```console\n$ seq 3\n1\n2\n```\n", "a line `…` would stand:\n3"),
        ("```console\n$ seq 3\n```\n", "a line `…` would stand:\n1\n2\n3"),
        (f"```console\n$ sh -c 'seq 3; exec sleep 600'\n2\n```\n{STOP}", "'2' is not printed"),
        ("```console\n$ echo that\nthat\n```\n```console\nthat\n```\n", "'that' is not printed"),
    ],
)
def test_a_command_that_does_something_else_is_noticed(
    person: Follower, page: str, fault: str
) -> None:
    with pytest.raises(AssertionError, match=fault):
        person.follow(page)


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('```text title="a"\n1\n```\n```diff title="a"\n-2\n+3\n```\n', "line 4: a has"),
        ('```text title="a"\n1\n1\n```\n```diff title="a"\n-1\n+3\n```\n', "line 5: a has"),
        ("```python\nprint()\n```\n", "line 1: the block has no file"),
        ("```console {.wide}\n$ true\n```\n", "belong to known blocks"),
    ],
)
def test_a_block_that_cannot_be_followed_is_noticed(
    person: Follower, page: str, fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        person.follow(page)
