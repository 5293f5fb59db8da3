"""A model of rentals, and the answers with which an interview writes it."""

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source

MODEL = """\
context: lending
enumerations:
  Side: {description: Which side., values: [left, right]}
  Status: {description: Where it stands., values: [lent, overdue, back]}
values:
  Shelf: {description: Where a book stands., attributes: {room: text(40), side: Side}}
entities:
  Note: {description: What somebody wrote., attributes: {text: text(100)}}
aggregates:
  Rental:
    description: A book in the hands of a member.
    shared: true
    attributes:
      book_id: identifier
      shelf: Shelf
      notes: list of Note
      condition: text(200)?
      status: Status
    unique: [{attributes: [book_id], only_where: {status: [lent, overdue]}}]
    events:
      RentalOpened: {description: It began., tells: [book_id, shelf]}
      RentalOverdue: {description: It lasts too long.}
      RentalClosed: {description: It is over., tells: [condition]}
    timers:
      ReturnDue: {description: The book should be back., behavior: call_overdue}
    behaviors:
      rent: {description: Begin., creates: true, takes: [book_id, shelf], becomes: lent,
             sets: {ReturnDue: 21 days}, records: RentalOpened}
      call_overdue: {description: Note that it lasts., when: [lent], becomes: overdue,
                     records: RentalOverdue}
      close: {description: End., takes: [condition], when: [lent, overdue], becomes: back,
              cancels: [ReturnDue], records: RentalClosed}
      forget: {description: Remove., deletes: true, when: [back], records: RentalClosed}
    commands:
      RentBook: {behavior: rent}
      CloseRental: {behavior: close}
      ForgetRental: {behavior: forget}
    queries:
      GetRental: {returns: one}
      ListRentals: {returns: page, filters: [status], order: [-book_id]}
external_services:
  Couriers:
    description: Sends letters.
    operations:
      send:
        description: Send one.
        request: POST /letters
        takes: {text: text(500)}
        returns: {letter_id: identifier}
subscriptions:
  post.parcel.arrived.v1:
    description: A parcel with a book came.
    attributes: {rental_id: identifier, condition: text(200), sender: text(100)}
    behavior: Rental.close
    identifier: rental_id
"""
RIGHT = resolve(Source(MODEL, "model.yaml"))

AGGREGATE = [
    *("Rental", "a book in the hands of a member"),
    *("book_id", "identifier"),
    *("shelf", "Shelf", "value", "where a book stands", "room", "text(40)"),
    *("side", "Side", "enumeration", "which side", "left right", ""),
    *("notes", "list of Note", "entity", "what somebody wrote", "text", "", ""),
    *("condition", "text(200)?"),
    *("status", "Status", "enumeration", "where it stands", "lent overdue back"),
    *("", "shared", "book_id", "status lent overdue", ""),
    *("rent", "begin", "", "", "RentalOpened", "it began", "RentBook"),
    *("call_overdue", "note that it lasts", "", "", "lent", "overdue"),
    *("RentalOverdue", "it lasts too long", "-"),
    *("close", "end", "condition", "", "lent overdue", "back", "RentalClosed", "it is over", ""),
    *("forget", "remove", "", "y", "back", "RentalClosed", ""),
    "",
    *("ReturnDue", "the book should be back", "call_overdue", "", "21 days", "", ""),
    *("status", "-book_id"),
    "",
]
SERVICES = [
    *("Couriers", "sends letters", "send", "send one", "POST /letters"),
    *("text", "text(500)", "", "letter_id", "identifier", "", ""),
]
SUBSCRIPTIONS = [
    *("post.parcel.arrived.v1", "a parcel with a book came", "Rental.close", ""),
    *("sender", "", "", ""),
]
WHOLE = [*AGGREGATE, *SERVICES, *SUBSCRIPTIONS]
