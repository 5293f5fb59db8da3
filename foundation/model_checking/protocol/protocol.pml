/* The protocol of documents, relays, sweep and timers; `docs/protocol.md` explains it.
 *
 * A transition is one operation of the store, the broker or a queue. Between any two of a process,
 * the others may do as much as they like: it may be frozen, and what it has read may be stale.
 * printf tells the story of a run; what `assert` demands is said above it, as what would be broken.
 */

#define FIRST_VERSION 1
#define IS_INBOUND(event) (event <= REACTIONS)

byte faults = FAULTS;    /* that may still happen */
byte nudges;             /* messages to the bridge, a bit a document; read without sweep only */
byte failing = FAILURES; /* calls of handlers that may still fail */

/* Processes of a kind are alike. Kept sorted, states that differ by who is who are one. */
#define SWAP(who, i, j) \
    who[i] = who[i] ^ who[j]; who[j] = who[i] ^ who[j]; who[i] = who[i] ^ who[j]

#ifdef TOLD
#define IS_DISTINCT(who, i) true
#define SORT(who, count) me = 0
#else
#define IS_DISTINCT(who, i) (i == 0 || who[i] != who[i - 1])
#define SORT(who, count) \
    do \
    :: me > 0 && who[me] < who[me - 1] -> SWAP(who, me, (me - 1)); me-- \
    :: me + 1 < count && who[me] > who[me + 1] -> SWAP(who, me, (me + 1)); me++ \
    :: else -> break \
    od; \
    me = 0
#endif

#define IS_LOWEST_IDLE(busy, me) ((busy & ((1 << me) - 1)) == (1 << me) - 1)

#include "document.pml"
#ifdef TIMERS
#include "timers.pml"
#include "timer_sweep.pml"
#endif
#include "workers.pml"
#include "relays.pml"

inline require_delivery(d) {
    /* G2: a committed event is never published */
    assert(accepted[d] == COMMITTED(d));
    /* G2: an outbox is never emptied */
    assert(doc[d].pending == 0 && !doc[d].is_marked)
}

inline require_effects(d, commands) {
    /* G5: a command never takes effect */
    assert((effected[d] & 3) == (1 << commands) - 1);
    /* G6: an update is lost */
    assert(doc[d].state == events[d])
}

inline require_calls(t) {
    /* G10: a timer is never called */
    assert(!live[t] || doc[0].failures[t] == MOST_FAILURES);
    /* G10: a timer is left that was called or cancelled */
    assert(live[t] == doc[0].since[t])
}

proctype Observer() {
    timeout ->
    atomic {
        printf("STORY Nothing more happens.\n");
#if RELAYS > 0
        require_delivery(0);
        require_delivery(1);
#endif
        require_effects(0, COMMANDS);
        require_effects(1, REACTIONS);
#ifdef TIMERS
        require_calls(0);
        require_calls(1)
#endif
    }
}

init {
    atomic {
        doc[0].version = FIRST_VERSION;
        doc[1].version = FIRST_VERSION;
        run Workers();
#if RELAYS > 0
        run Relays();
#endif
#ifdef TIMERS
        live[0] = 1; live[1] = 1;
        doc[0].since[0] = 1; doc[0].since[1] = 1;
        doc[0].is_claimed = true;
        timer_nudge = true;
        run Executor(0);
#if EXECUTORS > 1
        run Executor(1);
#endif
#ifndef NO_TIMER_SWEEP
        run TimerSweep();
#endif
#endif
        run Observer()
    }
}
