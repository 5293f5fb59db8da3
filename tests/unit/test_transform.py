"""A clone becomes a service, or the reason why not is said before anything is changed."""

import pytest

from workflow.transform.identity import Identity
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
