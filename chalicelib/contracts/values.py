"""Ordering's own values as they stand on the wire; the domain decides what they may hold."""

from typing import Annotated

from carafe.contracts.patterns import whole
from carafe.contracts.values import printable
from msgspec import Meta

from chalicelib.domain.order_line import LARGEST_QUANTITY
from chalicelib.domain.product import LONGEST_NAME, SKU_FORM

Name = Annotated[str, printable(LONGEST_NAME, "Carafe, 1 l")]
Sku = Annotated[str, Meta(pattern=whole(SKU_FORM), examples=["CARAFE-1L"])]
Quantity = Annotated[int, Meta(ge=1, le=LARGEST_QUANTITY, examples=[2])]
