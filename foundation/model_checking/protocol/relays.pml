/* Relays, as bridge and as sweep: `outbox.relay`, `mongo.outbox_store`, `mongo.outbox_removal`.
 *
 * A relay begins with any document whenever it has a mark. So it does for every nudge, late or
 * doubled, and for every sweep, whatever its grace and its clock. Of a batch, it is what becomes of
 * one document: no step of one depends on another.
 */

#define AT_PUBLISH 1
#define AT_REMOVE 2

#if RELAYS > 0
int relay[RELAYS];

#ifdef NO_SWEEP
#define BEGINS(d) (nudges & (1 << d))
#define take_nudge(d) nudges = nudges & ~(1 << d)
#else
#define BEGINS(d) IS_READABLE(d)
#define take_nudge(d) skip
#endif

/* PendingDocument.next_event, a bit; 0 if none may be sent */
#define LOWEST(bits) ((bits) & -(bits))
#ifdef NO_HOLDING_BACK
#define NEXT (LOWEST(seen & ~confirmed & ~unconfirmed))
#else
#define NEXT (unconfirmed -> 0 : LOWEST(seen & ~confirmed))
#endif

#ifdef NO_CONFIRM
#define note_unconfirmed() confirmed = confirmed | NEXT
#else
#define note_unconfirmed() unconfirmed = unconfirmed | NEXT
#endif

#ifdef NO_FILTER_ON_DRAINING
#define HAS_NO_OTHER true
#else
#define HAS_NO_OTHER ((doc[d].pending & ~confirmed) == 0)
#endif

/* The broker takes an event into a durable queue, perhaps not for the first time. */
inline accept(event) {
    /* G2: an event is published that was never committed */
    assert((event & ~COMMITTED(d)) == 0);
    /* G3: an event is delivered before an earlier one */
    assert(((event - 1) & ~accepted[d]) == 0);
    accepted[d] = accepted[d] | event;
    if
    :: d == 0 && IS_INBOUND(event) -> waiting = waiting | (event << 2)
    :: else
    fi
}

inline count_removal() {
#ifdef REMOVAL_RAISES_VERSION
    doc[d].version++
#else
    skip
#endif
}

/* Step drain: the filter allows no event but those that are confirmed. */
inline drain() {
    printf("STORY {relay %d} empties the outbox of {doc %d}.\n", me, d);
    doc[d].pending = 0;
    doc[d].is_marked = false;
    count_removal()
}

/* Step pull: by id; the mark stays. */
inline pull() {
#ifdef PULL_BY_POSITION
    seen = confirmed;
    do
    :: seen ->
        seen = seen & (seen - 1);
        doc[d].pending = doc[d].pending & (doc[d].pending - 1)
    :: else -> break
    od;
#else
    doc[d].pending = doc[d].pending & ~confirmed;
#endif
#ifdef PULL_TAKES_MARK
    doc[d].is_marked = false;
#endif
    count_removal();
    printf("STORY {relay %d} pulls {events %d} from {doc %d}; {events %d} is left.\n",
        me, confirmed, d, doc[d].pending)
}

#define IS_ABLE_RELAY(i) (IS_DISTINCT(relay, i) && (relay[i] || BEGINS(0) || BEGINS(1)))

inline unpack_relay() {
    at = relay[me] & 3;
    d = (relay[me] >> 2) & 1;
    seen = (relay[me] >> 3) & 31;
    confirmed = (relay[me] >> 8) & 31;
    unconfirmed = (relay[me] >> 13) & 31
}

inline pack_relay() {
    if
    :: at == AT_PUBLISH && !NEXT -> at = (confirmed || !seen -> AT_REMOVE : 0)
    :: else
    fi;
    if
    :: at == 0 -> relay[me] = 0
    :: at == AT_PUBLISH ->
        relay[me] = at + (d << 2) + (seen << 3) + (confirmed << 8) + (unconfirmed << 13)
    :: at == AT_REMOVE -> relay[me] = at + (d << 2) + (confirmed << 8)
    fi;
    at = 0; d = 0; seen = 0; confirmed = 0; unconfirmed = 0;
    SORT(relay, RELAYS)
}

inline step_of_relay() {
    if
    :: at == 0 -> at = AT_PUBLISH; /* Step read */
        if
        :: BEGINS(0) -> d = 0
        :: BEGINS(1) -> d = 1
        fi;
        take_nudge(d);
        seen = PENDING(d);
        printf("STORY {relay %d} reads {doc %d}: {events %d} pending.\n", me, d, seen)
    :: at == AT_PUBLISH -> /* Step publish */
        printf("STORY {relay %d} publishes {events %d} of {doc %d}, and has the confirm.\n",
            me, NEXT, d);
        d_step { accept(NEXT) };
        confirmed = confirmed | NEXT
    :: at == AT_PUBLISH && faults > 0 -> faults--;
        printf("STORY {relay %d} publishes {events %d} of {doc %d}; the confirm is lost.\n",
            me, NEXT, d);
        d_step { accept(NEXT) };
        note_unconfirmed()
    :: at == AT_PUBLISH && faults > 0 -> faults--;
        printf("STORY {relay %d} publishes {events %d} of {doc %d}; the broker refuses it.\n",
            me, NEXT, d);
        note_unconfirmed()
    :: at == AT_REMOVE && HAS_NO_OTHER -> d_step { at = 0; drain() }
    :: at == AT_REMOVE && confirmed -> d_step { at = 0; pull() }
    :: at == AT_REMOVE && !confirmed && !HAS_NO_OTHER -> at = 0
    :: at && faults > 0 -> at = 0; faults--;
        printf("STORY {relay %d} is killed.\n", me)
    fi
}

proctype Relays() {
    byte me, at, d, seen, confirmed, unconfirmed;

end:
    do
    :: atomic {
            if
            :: IS_ABLE_RELAY(0) -> me = 0
#if RELAYS > 1
            :: IS_ABLE_RELAY(1) -> me = 1
#endif
#if RELAYS > 2
            :: IS_ABLE_RELAY(2) -> me = 2
#endif
            fi;
            d_step { unpack_relay() };
            step_of_relay();
            d_step { pack_relay() }
        }
    od
}
#endif
