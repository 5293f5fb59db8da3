"""Numbers that no client can mean are refused before they are compared or stored."""

import pytest

from carafe.testing.http import Api


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1e400"])
def test_a_number_out_of_range_is_no_json(http: Api, number: str) -> None:
    answer = http.post("/orders", f'{{"lines": {number}}}'.encode())
    assert (answer.status, answer.body["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("number", ["1e308", "1e17"])
def test_a_large_number_with_a_point_stays_one(http: Api, number: str) -> None:
    answer = http.post("/orders", f'{{"lines": {number}}}'.encode())
    assert answer.status == 422
