"""Finds the documents with a value that Python cannot hold, such as a date after the year 9999."""

from collections.abc import Callable, Iterable
from typing import Any

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection

_UNDECODED = CodecOptions(document_class=RawBSONDocument)
_LENIENT: CodecOptions[dict[str, Any]] = CodecOptions(
    datetime_conversion=DatetimeConversion.DATETIME_MS, unicode_decode_error_handler="replace"
)


def ids_of_damaged(
    collection: Collection[Any], find: Callable[[Collection[Any]], Iterable[RawBSONDocument]]
) -> list[str]:
    """Return the ids of the documents that cannot be decoded.

    Args:
        collection: decodes as its callers do.
        find: reads the documents from the collection, which it gets in a form that does not
            decode them.
    """
    documents = find(collection.with_options(codec_options=_UNDECODED))
    return [
        str(bson.decode(each.raw, _LENIENT).get("_id"))
        for each in documents
        if not _is_decodable(each, collection.codec_options)
    ]


def _is_decodable(document: RawBSONDocument, options: CodecOptions[Any]) -> bool:
    try:
        bson.decode(document.raw, options)
    except InvalidBSON:
        return False
    return True
