/* The sweep of timers: `timers.sweep`, `MongoTimerStore.due_until` and `.claim`. */

#ifdef CLAIM_WITHOUT_END
#define IS_PAST_CLAIM false
#else
/* Claims end by time. That they outlast nudges on their way only keeps the model finite. */
#define IS_PAST_CLAIM (doc[0].is_claimed && !timer_nudge)
#endif

#ifdef NO_CLAIMS
#define IS_UNCLAIMED true
#else
#define IS_UNCLAIMED (!doc[0].is_claimed)
#endif

proctype TimerSweep() {
    byte due;

idle:
    if
    :: atomic { /* Step find */
            IS_UNCLAIMED && NEXT_DUE_STORED ->
            due = NEXT_DUE_STORED;
            printf("STORY The sweep finds a timer that is due.\n")
        }
    :: atomic {
            IS_PAST_CLAIM ->
            doc[0].is_claimed = false;
            printf("STORY The claim ends.\n");
            goto idle
        }
    fi;
    if
    :: atomic { /* Step nudge: before the claim */
            timer_nudge = true; printf("STORY The sweep nudges.\n")
        }
    :: atomic { faults > 0 -> faults--; due = 0; printf("STORY The sweep is killed.\n"); goto idle }
    fi;
    if
    :: atomic { /* Step claim */
            if
            :: NEXT_DUE_STORED == due ->
                doc[0].is_claimed = true;
                printf("STORY The sweep claims.\n")
            :: else
            fi;
            due = 0; goto idle
        }
    :: atomic { faults > 0 -> faults--; due = 0; printf("STORY The sweep is killed.\n"); goto idle }
    fi
}
