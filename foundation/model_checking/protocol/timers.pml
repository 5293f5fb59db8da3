/* Timers, and executors that call them: `cqrs.timer_calls`, `mongo.timer_store`, `database.timers`.
 *
 * Document A has two timers, of which the first is due first. Command 0 cancels the first, command
 * 1 moves the second. There is no clock: whoever calls takes a timer for due, which covers clocks
 * that are fast; to take it for not yet due is a fault, since it could go on for ever.
 */

#define MOST_FAILURES 2
#define NO_TIMER 2

#define IS_CALLING(since, failures) (since && failures < MOST_FAILURES)
#define NEXT_TIMER(s0, f0, s1, f1) \
    (IS_CALLING(s0, f0) -> 0 : (IS_CALLING(s1, f1) -> 1 : NO_TIMER))

/* Another value whenever the next call is another one; 0 if none is due any more. */
#define NEXT_DUE(s0, f0, s1, f1) \
    (IS_CALLING(s0, f0) -> 8 * s0 + f0 : (IS_CALLING(s1, f1) -> 64 + 8 * s1 + f1 : 0))
#define NEXT_DUE_STORED \
    NEXT_DUE(doc[0].since[0], doc[0].failures[0], doc[0].since[1], doc[0].failures[1])
#define NEXT_DUE_SEEN NEXT_DUE(seen_since[0], seen_failures[0], seen_since[1], seen_failures[1])

/* timer_command_id: no other call, of this timer or of a later one under its id, has it */
#define CALL_ID (1 << (2 + t + (seen_since[t] > 1 -> 2 : 0)))

#ifdef TAKEN_BEFORE
#define FIRST_STEP take
#else
#define FIRST_STEP read
#endif
#ifdef TAKEN_AFTER
#define AFTER_CALL take
#else
#define AFTER_CALL called
#endif

#if defined(NO_OCCURRENCE) || defined(TAKEN_BEFORE)
#define IS_STILL_SET true
#else
#define IS_STILL_SET (doc[0].since[t] == seen_since[t]) /* domain.timers.after_call */
#endif

#ifdef REPLACE_UNMATCHED
#define IS_REPLACEABLE true
#else
#define IS_REPLACEABLE (doc[0].version == seen_version && NEXT_DUE_STORED == NEXT_DUE_SEEN)
#endif

bool timer_nudge; /* one that names document A waits for `execute` */
byte live[2];     /* only an observer knows: timers neither called nor cancelled, as since */
byte busy_executors;

/* A commit claims together with the timers; the nudge behind it may be lost. */
inline store_timers(s0, f0, s1, f1) {
    doc[0].since[0] = s0; doc[0].failures[0] = f0;
    doc[0].since[1] = s1; doc[0].failures[1] = f1;
    doc[0].is_claimed = (NEXT_DUE_STORED != 0);
    if
    :: timer_nudge = true
    :: printf("STORY The nudge of the timers is lost.\n")
    fi
}

inline note_call() {
    printf("STORY {timer %d}, as {version %d} set it, takes effect.\n", t, seen_since[t]);
    /* G10: a timer calls that was cancelled, was moved, or has called */
    assert(live[t] == seen_since[t]);
    /* G10: a timer calls before one that was due earlier */
    assert(t == 0 || !live[0] || doc[0].failures[0] == MOST_FAILURES);
    live[t] = 0
}

inline see_timers() {
    /* Step look: the timers as they are */
    d_step {
        seen_version = doc[0].version;
        seen_since[0] = doc[0].since[0]; seen_failures[0] = doc[0].failures[0];
        seen_since[1] = doc[0].since[1]; seen_failures[1] = doc[0].failures[1];
        printf("STORY {executor %d} reads the timers: {since %d} and {since %d}, at {version %d}.\n",
            me, seen_since[0], seen_since[1], seen_version)
    }
}

inline forget_read() {
    d_step {
        version = 0; state = 0; since[0] = 0; since[1] = 0; failures[0] = 0; failures[1] = 0;
        is_matched = false
    }
}

inline rest_executor() {
    forget_read();
    d_step {
        t = 0; seen_version = 0; seen_since[0] = 0; seen_since[1] = 0;
        seen_failures[0] = 0; seen_failures[1] = 0;
        busy_executors = busy_executors & ~(1 << me)
    }
}

#define EXECUTOR_KILLED \
    atomic { \
        faults > 0 -> faults--; \
        printf("STORY {executor %d} is killed.\n", me); \
        rest_executor(); goto idle \
    }

inline go_on_calling() { /* TimerCalls._called */
    t = NEXT_TIMER(seen_since[0], seen_failures[0], seen_since[1], seen_failures[1]);
    if
    :: t == NO_TIMER -> t = 0; goto finish
    :: else -> goto FIRST_STEP
    fi
}

inline end_call() {
    forget_read();
    if
    :: seen_since[0] && seen_since[1] -> see_timers(); go_on_calling()
    :: else -> goto finish
    fi
}

proctype Executor(byte me) {
    byte seen_version, seen_since[2], seen_failures[2]; /* TimedDocument */
    byte version, state, since[2], failures[2];         /* the aggregate that was read */
    byte t;
    bool is_matched;

idle:
    atomic {
        timer_nudge && IS_LOWEST_IDLE(busy_executors, me) ->
        busy_executors = busy_executors | (1 << me);
        see_timers();
        go_on_calling()
    }
#if defined(TAKEN_BEFORE) || defined(TAKEN_AFTER)
take:
    if
    :: atomic {
            printf("STORY {executor %d} takes {timer %d} away.\n", me, t);
            doc[0].since[t] = 0;
#ifdef TAKEN_BEFORE
            goto read
#else
            end_call()
#endif
        }
    :: EXECUTOR_KILLED
    fi;
#endif
read:
    if
    :: atomic { /* Step call: `change` reads the newest state, and looks for the timer there */
            load(0);
            printf("STORY {executor %d} reads document A for {timer %d}: it is at {version %d}.\n",
                me, t, version);
            since[0] = doc[0].since[0]; failures[0] = doc[0].failures[0];
            since[1] = doc[0].since[1]; failures[1] = doc[0].failures[1];
            if
            :: IS_REPEATED(0, CALL_ID) ->
                printf("STORY {executor %d} finds that {timer %d} has called.\n", me, t);
                goto AFTER_CALL
            :: !IS_REPEATED(0, CALL_ID) && !IS_STILL_SET ->
                printf("STORY {executor %d} finds {timer %d} gone or moved.\n", me, t);
                end_call()
            :: else -> goto write
            fi
        }
    :: atomic {
            faults > 0 -> faults--; /* TimerCalls._expect: nudged again, or left to the sweep */
            printf("STORY The clock of {executor %d} is behind: it is too early for it.\n", me);
            if
            :: rest_executor(); goto idle
            :: timer_nudge = false; rest_executor(); goto idle
            fi
        }
    :: EXECUTOR_KILLED
    fi;
write:
    if
    :: atomic { /* Step settle: effect, id and the timer's removal are one commit */
            printf("STORY {executor %d} writes the call of {timer %d}.\n", me, t);
            d_step { commit(0, CALL_ID) };
            if
            :: is_matched ->
                note_call();
#if !defined(TAKEN_BEFORE) && !defined(TAKEN_AFTER)
                since[t] = 0; failures[t] = 0;
                store_timers(since[0], failures[0], since[1], failures[1]);
#endif
                forget_read(); goto AFTER_CALL
            :: !is_matched && IS_HANDLED(0, CALL_ID) -> forget_read(); goto AFTER_CALL
            :: !is_matched && !IS_HANDLED(0, CALL_ID) -> forget_read(); goto read
            fi
        }
    :: atomic {
            failing > 0 -> failing--;
            printf("STORY The handler of {timer %d} fails.\n", t);
            forget_read(); goto note
        }
    :: EXECUTOR_KILLED
    fi;
note:
    if
    :: atomic { /* Step note: matches version and next_due, and raises no version */
            if
            :: IS_REPLACEABLE ->
                printf("STORY {executor %d} notes the failure.\n", me);
                seen_failures[t]++;
                store_timers(seen_since[0], seen_failures[0], seen_since[1], seen_failures[1]);
                end_call()
            :: !IS_REPLACEABLE && seen_since[t] == doc[0].since[t] &&
                    seen_failures[t] == doc[0].failures[t] ->
                see_timers(); goto note
            :: else -> end_call()
            fi
        }
    :: EXECUTOR_KILLED
    fi;
called:
    atomic { end_call() }
finish:
    if
    :: atomic {
            printf("STORY {executor %d} is done; its nudge is deleted.\n", me);
            timer_nudge = false;
            rest_executor(); goto idle
        }
    :: EXECUTOR_KILLED
    fi
}
