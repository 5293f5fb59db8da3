"""What the reference service speaks of, and no other service should."""

import re
from collections.abc import Iterator

# `order` is left out: lists have one as well.
WORDS = {
    *("orders", "ordering", "product", "products", "sku", "skus", "catalog", "catalogue"),
    *("customer", "customers", "buyer", "shop", "cart", "basket", "invoice", "invoices"),
    *("payment", "payments", "refund", "refunds", "refunded"),
    *("parcel", "parcels", "shipment", "shipments", "shipping"),
}
# Its aggregate all the same: `Order[`, `OrderLine`, `order_id`, `order.placed`, `/order/`.
ORDER = re.compile(
    r"\bOrder(?=[A-Z\[\](){}:,])|\border_(?!by\b)[a-z]+|\border\.[a-z]+\b(?!\()|/order\b"
)
NOT_MEANT = ("itertools.product", "productContext", "Product context", "/invoice-breakdown/")


def sample_words(line: str) -> Iterator[str]:
    """Yield the service's words of a line, out of names in CamelCase and snake_case as well."""
    for each in NOT_MEANT:
        line = line.replace(each, "")
    for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", line):
        if word.lower() in WORDS:
            yield word
    yield from (each.group() for each in ORDER.finditer(line))
