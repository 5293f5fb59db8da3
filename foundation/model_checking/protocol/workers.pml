/* Workers carry out commands: `cqrs.execution`, `cqrs.inbox`, `cqrs.queued_commands`.
 *
 * Commands come at least once: a client repeats until it is answered, a queue until a message is
 * deleted. Commands 0 and 1 change document A. Commands 2 and 3 are what document B does about the
 * first two events of document A, and have their ids.
 */

#define OF(c) (c / 2)
#define ID(c) (1 << (c % 2))

#define AT_READ 1
#define AT_WRITE 2
#define AT_ANSWER 3
#ifdef NO_SWEEP
#define AT_NUDGE 4
#else
#define AT_NUDGE AT_ANSWER /* a nudge makes no difference */
#endif

int worker[WORKERS];
byte waiting = (1 << COMMANDS) - 1; /* a bit a command that is sent, or sent again */

#define IS_ABLE_WORKER(i) (IS_DISTINCT(worker, i) && (worker[i] || waiting))

#ifdef TIMERS
#define PACKED_TIMERS (since[0] + (failures[0] << 1) + (since[1] << 3) + (failures[1] << 6))

inline unpack_timers(bits) {
    since[0] = (bits) & 1; failures[0] = ((bits) >> 1) & 3;
    since[1] = ((bits) >> 3) & 7; failures[1] = ((bits) >> 6) & 3
}

inline load_timers() {
    if
    :: OF(c) == 0 ->
        since[0] = doc[0].since[0]; failures[0] = doc[0].failures[0];
        since[1] = doc[0].since[1]; failures[1] = doc[0].failures[1]
    :: else
    fi
}

/* Command 0 cancels the first timer, command 1 moves the second. */
inline change_timers() {
    if
    :: c == 0 ->
        printf("STORY This cancels {timer 0}.\n");
        live[0] = 0; store_timers(0, 0, since[1], failures[1])
    :: c == 1 ->
        printf("STORY This moves {timer 1}.\n");
        live[1] = version + 1; store_timers(since[0], failures[0], version + 1, 0)
    :: else
    fi
}
#else
#define PACKED_TIMERS 0
inline unpack_timers(bits) { skip }
inline load_timers() { skip }
inline change_timers() { skip }
#endif

inline unpack_worker() {
    at = worker[me] & 7;
    c = (worker[me] >> 3) & 3;
    version = (worker[me] >> 5) & 7;
    state = (worker[me] >> 8) & 7;
    unpack_timers(worker[me] >> 11)
}

inline pack_worker() {
    if
    :: at == AT_WRITE
    :: else -> version = 0; state = 0;
        since[0] = 0; failures[0] = 0; since[1] = 0; failures[1] = 0
    fi;
    if
    :: at == 0 -> c = 0
    :: else
    fi;
    worker[me] = at + (c << 3) + (version << 5) + (state << 8) + (PACKED_TIMERS << 11);
    at = 0; c = 0; version = 0; state = 0; is_matched = false;
    since[0] = 0; failures[0] = 0; since[1] = 0; failures[1] = 0;
    SORT(worker, WORKERS)
}

inline step_of_worker() {
    if
    :: at == 0 -> at = AT_READ;
        if
        :: waiting & 1 -> c = 0
        :: waiting & 2 -> c = 1
        :: waiting & 4 -> c = 2
        :: waiting & 8 -> c = 3
        fi
    :: at == AT_READ ->
        load(OF(c));
        d_step { load_timers() };
        printf("STORY {worker %d} reads {doc %d} for {command %d}: it is at {version %d}.\n",
            me, OF(c), c, version);
        at = (IS_REPEATED(OF(c), ID(c)) -> AT_ANSWER : AT_WRITE)
    :: at == AT_WRITE ->
        printf("STORY {worker %d} writes {command %d}.\n", me, c);
        d_step { commit(OF(c), ID(c)) };
        if
        :: is_matched -> change_timers();
            if
            :: at = AT_NUDGE
            :: faults > 0 -> faults--;
                printf("STORY The reply is lost: {worker %d} makes the same write again.\n", me)
            fi
        :: !is_matched && IS_HANDLED(OF(c), ID(c)) -> at = AT_ANSWER
        :: !is_matched && !IS_HANDLED(OF(c), ID(c)) ->
            /* G6: a writer is told to be late, though nobody else committed */
            assert(IS_COUNT_OF_COMMITS(OF(c)));
            at = AT_READ
        fi
    :: at == AT_WRITE && faults > 0 && IS_UNCHANGED(OF(c)) -> faults--;
        printf("STORY {worker %d} writes {command %d}.\n", me, c);
        roll_back(OF(c))
#ifdef NO_SWEEP
    :: at == AT_NUDGE -> at = AT_ANSWER;
        if
        :: nudges = nudges | (1 << OF(c));
            printf("STORY {worker %d} nudges the bridge for {doc %d}.\n", me, OF(c))
        :: printf("STORY The nudge of {worker %d} for {doc %d} is lost.\n", me, OF(c))
        fi
#endif
    :: at == AT_ANSWER -> at = 0;
        waiting = waiting & ~(1 << c);
        printf("STORY {worker %d} answers {command %d}.\n", me, c)
    :: at && faults > 0 -> at = 0; faults--;
        printf("STORY {worker %d} is killed.\n", me)
    fi
}

proctype Workers() {
    byte me, at, c, version, state, since[2], failures[2];
    bool is_matched;

end:
    do
    :: atomic {
            if
            :: IS_ABLE_WORKER(0) -> me = 0
#if WORKERS > 1
            :: IS_ABLE_WORKER(1) -> me = 1
#endif
            fi;
            d_step { unpack_worker() };
            step_of_worker();
            d_step { pack_worker() }
        }
    od
}
