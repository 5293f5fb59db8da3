"""A clone becomes a service, or the reason why not is said before anything is changed."""

import pytest

from workflow.transform.documents import EXAMPLE, introduced
from workflow.transform.identity import BadIdentity, Identity, require_free, require_usable
from workflow.transform.renaming import renamed
from workflow.transform.sample import SampleNotAlone, require_sample

SAMPLE = {
    "chalicelib/domain/order.py": "",
    "chalicelib/api/service.py": "",
    "chalicelib/api/orders/routes.py": "",
    "chalicelib/api/products/routes.py": "",
    "chalicelib/api/docs/page.html": "",
}


def test_the_sample_alone_can_be_taken_out() -> None:
    require_sample(SAMPLE)


def test_a_sample_that_is_gone_is_not_taken_out_again() -> None:
    files = {path: text for path, text in SAMPLE.items() if "order" not in path}
    with pytest.raises(SampleNotAlone, match="gone already"):
        require_sample(files)


def test_code_of_ones_own_beside_the_sample_is_not_taken_out_with_it() -> None:
    with pytest.raises(SampleNotAlone, match=r"chalicelib/api/loans\): take the sample out before"):
        require_sample({**SAMPLE, "chalicelib/api/loans/routes.py": ""})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PORT=8000\n", "PORT=8123\n"),
        ("http://127.0.0.1:8000/docs", "http://127.0.0.1:8123/docs"),
        ('reader.port("PORT", "8000")', 'reader.port("PORT", "8123")'),
        ('"--port", type=int, default=8000)', '"--port", type=int, default=8123)'),
        ("frozenset({18, 8000})", "frozenset({18, 8000})"),
        ("PORT=80000", "PORT=80000"),
        ("SECONDS = 8000", "SECONDS = 8000"),
    ],
)
def test_a_number_is_another_port_only_where_it_is_a_port(text: str, expected: str) -> None:
    old, new = Identity("Ordering", "ordering", 8000), Identity("Lending", "lending", 8123)
    assert renamed({"any.py": text}, old, new) == {"any.py": expected}


@pytest.mark.parametrize(
    ("context", "port", "reason"),
    [
        ("class", 8000, "a word of Python's"),
        ("match", 8000, "a word of Python's"),
        ("Lending", 8000, "one word of 2 to 30 small letters"),
        ("outbox", 8000, "taken by a part of the tree"),
        ("lending", 0, "the port 0 must be 1 to 65535"),
    ],
)
def test_an_identity_that_cannot_work_is_refused(context: str, port: int, reason: str) -> None:
    with pytest.raises(BadIdentity, match=reason):
        require_usable(Identity("Lending Desk", context, port))


@pytest.mark.parametrize(
    "code", ["data = 1", "the_data = 1", 'x = "data"', "class DataKeeper: ..."]
)
def test_a_context_that_the_code_uses_as_a_word_is_refused(code: str) -> None:
    old, new = Identity("Ordering", "ordering", 8000), Identity("Data", "data", 8000)
    files = {"chalicelib/domain/x.py": code}
    with pytest.raises(BadIdentity, match=r"a word of chalicelib/domain/x\.py"):
        require_free(files, old, new)
    require_free(files, new, new)
    remarks = '"""Keeps data."""\nx = 1  # of all data\n\ndef f():\n    """Return data."""\n'
    require_free({"chalicelib/domain/x.py": f"{remarks}\ndatabase = 1\n"}, old, new)


def test_the_example_becomes_a_model_of_the_new_service() -> None:
    files = {
        "pyproject.toml": 'name = "ordering"\n',
        "compose.yaml": "name: ordering\n",
        "memory-bank/progress.md": "",
        EXAMPLE: "# An example.\ncontext: lending\n\nvalues:\n",
    }
    introduced(files, Identity("Bicycles", "bicycles", 8000))
    assert files[EXAMPLE] == "# An example.\ncontext: bicycles\n\nvalues:\n"
