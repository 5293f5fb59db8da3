"""Entity tags, and what headers with them ask for."""

import pytest
from chalice.app import Response

from carafe.api.preconditions import expected_versions, tag_of_body, unless_known
from carafe.api.problems import RequestRefused


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        (None, None),
        ("*", None),
        (" * ", None),
        ('"3"', {3}),
        ('"1", "2" ,"3"', {1, 2, 3}),
        ('W/"3"', set()),
        ('W/"3", "4"', {4}),
        ('"03"', set()),
        ('"-3"', set()),
        ('"3.0"', set()),
        ('""', set()),
        ('"abc"', set()),
        ('"' + "9" * 400 + '"', set()),
    ],
)
def test_if_match_names_versions(header: str | None, versions: set[int] | None) -> None:
    assert expected_versions(header) == versions


@pytest.mark.parametrize(
    "header",
    [
        "",
        "3",
        '"3',
        '3"',
        '"3" "4"',
        '"3",',
        ',"3"',
        '*, "3"',
        'w/"3"',
        "'3'",
        '"3\n"',
        '"3"\n',
        "*\n",
        '"3",\xa0"4"',
    ],
)
def test_a_malformed_if_match_is_refused(header: str) -> None:
    with pytest.raises(RequestRefused) as refusal:
        expected_versions(header)
    assert (refusal.value.status, refusal.value.code) == (400, "malformed_if_match")


@pytest.mark.parametrize(
    ("tag", "header", "status"),
    [
        ('"3"', None, 200),
        ('"3"', '"3"', 304),
        ('"3"', 'W/"3"', 304),
        ('W/"3"', '"3"', 304),
        ('"3"', '"1", "3"', 304),
        ('"3"', "*", 304),
        ('"3"', '"33"', 200),
        ('"3"', "3", 200),
        ('"3"', "", 200),
        ('"3"', '"', 200),
    ],
)
def test_if_none_match_spares_what_is_known(tag: str, header: str | None, status: int) -> None:
    found = Response(body="{}", headers={"Content-Type": "application/json", "ETag": tag})
    answer = unless_known(found, header)
    assert (answer.status_code, answer.headers["ETag"]) == (status, tag)
    assert (answer.body == "") == ("Content-Type" not in answer.headers) == (status == 304)


def test_the_tag_of_a_body_differs_with_the_body() -> None:
    assert tag_of_body("a") == tag_of_body("a") != tag_of_body("b")
    assert tag_of_body("a").startswith('W/"')
