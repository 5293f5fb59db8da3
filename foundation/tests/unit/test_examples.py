"""What a made-up example of a contract holds always fits, and texts differ where they may."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from msgspec import Meta

from carafe.contracts.values import Address, Currency, Identifier, Money, printable
from carafe.development.examples import NoExample, example_of

Form = Any

TIMES = 20

FORMS: list[Form] = [
    str,
    int,
    float,
    bool,
    bytes,
    UUID,
    date,
    Decimal,
    Annotated[datetime, Meta(tz=True)],
    int | None,
    None | int,
    dict[str, int],
    tuple[int, str],
    Identifier,
    Currency,
    Money,
    Address,
    list[Money],
    Annotated[str, printable(60, "A first name")],
    Annotated[str, Meta(max_length=3)],
    Annotated[str, Meta(min_length=30, max_length=31)],
    Annotated[str, Meta(min_length=9)],
    # A space and small letters would break these.
    Annotated[str, Meta(pattern="^[A-Z0-9-]+$", max_length=40, examples=["LOAN-2024"])],
    Annotated[str, Meta(pattern="^[A-Z]{7}$", min_length=7, max_length=60, examples=["ABCDEFG"])],
    Annotated[str, Meta(pattern="^(ABCDEFGH)$", max_length=60, examples=["ABCDEFGH"])],
    Annotated[int, Meta(gt=5)],
    Annotated[int, Meta(ge=5)],
    Annotated[int, Meta(le=-2)],
    Annotated[int, Meta(lt=-2)],
    Annotated[int, Meta(ge=8, multiple_of=7)],
    Annotated[float, Meta(gt=0, lt=1)],
    Annotated[list[int], Meta(min_length=2)],
    Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(min_length=3)],
    Annotated[set[Annotated[str, Meta(max_length=40)]], Meta(min_length=2)],
]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_an_example_fits_its_contract(form: Form) -> None:
    contract = msgspec.defstruct("Contract", [("value", form)], forbid_unknown_fields=True)
    for _ in range(TIMES):
        msgspec.convert(example_of(contract), contract)


@pytest.mark.parametrize(
    "form",
    [
        Identifier,
        Annotated[str, printable(60, "A first name")],
        Annotated[str, Meta(pattern="^[A-Z0-9-]+$", max_length=40, examples=["LOAN-2024"])],
        Annotated[str, Meta(pattern="^[0-9]{13}$", examples=["9783442267747"])],
    ],
    ids=str,
)
def test_a_text_that_names_one_thing_is_another_each_time(form: Form) -> None:
    contract = msgspec.defstruct("Contract", [("value", form)])
    made = [example_of(contract)["value"] for _ in range(TIMES)]
    assert len(set(made)) == TIMES


def test_a_code_from_a_list_stays_the_documented_one() -> None:
    assert {example_of(Money)["currency"] for _ in range(TIMES)} == {"EUR"}


def test_a_number_is_the_documented_one() -> None:
    contract = msgspec.defstruct("Contract", [("value", Annotated[int, Meta(gt=5, examples=[14])])])
    assert example_of(contract) == {"value": 14}


class EvenCode(msgspec.Struct, frozen=True):
    """Only the domain knows which codes there are."""

    code: Annotated[str, Meta(pattern="^[A-Z]{8}$", examples=["ABCDEFGH"])]

    def __post_init__(self) -> None:
        if self.code != "ABCDEFGH":
            raise ValueError("no such code")


def test_where_the_domain_refuses_every_variation_the_documented_example_is_taken() -> None:
    assert example_of(EvenCode) == {"code": "ABCDEFGH"}


def test_a_field_that_nobody_can_guess_is_named() -> None:
    contract = msgspec.defstruct(
        "RenewLoan", [("code", Annotated[str, Meta(pattern="^[A-Z]{8}$")])]
    )
    with pytest.raises(NoExample, match=r"RenewLoan.*: /code:"):
        example_of(contract)
