/* The document of an aggregate, and its commits: `MongoRepository`. */

typedef Document {
    byte version;     /* commits so far; 0 while there is no document */
    byte state;       /* the aggregate's own attributes; here, how many changes took effect */
    byte pending;     /* a bit an event; they are pushed in order, so the lowest is the oldest */
    bool is_marked;   /* `pending_since` is there, by which the sweep finds the document */
    byte handled;     /* a bit a command */
    byte since[2];    /* `timers`, in order of due time: the version that set each; 0 for none */
    byte failures[2]; /* of each timer's calls; with MOST_FAILURES it is parked */
    bool is_claimed   /* `claimed_until` lies ahead */
};

Document doc[2];

/* What only an observer knows: no process acts on it. */
byte events[2];   /* committed */
byte accepted[2]; /* by the broker, a bit an event */
byte effected[2]; /* commands that took effect, a bit each */

#define COMMITTED(d) ((1 << events[d]) - 1)
#define IS_COUNT_OF_COMMITS(d) (doc[d].version == FIRST_VERSION + events[d])

#ifdef NO_VERSION_MATCH
#define IS_UNCHANGED(d) true
#else
#define IS_UNCHANGED(d) (doc[d].version == version)
#endif

#ifdef NO_HANDLED
#define IS_HANDLED(d, id) false
#else
#define IS_HANDLED(d, id) ((doc[d].handled & (id)) != 0)
#endif
#ifdef NO_HANDLED_ON_LOAD
#define IS_REPEATED(d, id) false
#else
#define IS_REPEATED(d, id) IS_HANDLED(d, id)
#endif
#ifdef NO_HANDLED_IN_FILTER
#define HAS_NOT_HANDLED(d, id) true
#else
#define HAS_NOT_HANDLED(d, id) !IS_HANDLED(d, id)
#endif

#ifdef DIRTY_READS
byte rolled_back[2]; /* events that were on one node alone, a bit each */
#define PENDING(d) (doc[d].pending | rolled_back[d])
#define IS_READABLE(d) (doc[d].is_marked || rolled_back[d])
#else
#define PENDING(d) (doc[d].pending)
#define IS_READABLE(d) (doc[d].is_marked)
#endif

/* A primary steps down before a majority has a write, which is undone. */
inline roll_back(d) {
#ifdef DIRTY_READS
    rolled_back[d] = rolled_back[d] | (1 << events[d]);
#endif
    printf("STORY The write is on one node alone when this one steps down: it is rolled back.\n")
}

/* Step load: one find. */
inline load(d) {
    version = doc[d].version;
    state = doc[d].state
}

/* Step commit: one insert or one update, which has its conditions in its own filter. */
inline commit(d, id) {
    is_matched = IS_UNCHANGED(d) && HAS_NOT_HANDLED(d, id);
    if
    :: is_matched ->
        printf("STORY The write fits: {doc %d} is at {version %d}, and {event %d} is pending.\n",
            d, version + 1, events[d] + 1);
        /* G5: a command takes effect twice */
        assert(!(effected[d] & (id)));
        effected[d] = effected[d] | (id);
        doc[d].version = version + 1;
        doc[d].state = state + 1;
        doc[d].handled = doc[d].handled | (id);
        doc[d].pending = doc[d].pending | (1 << events[d]);
        doc[d].is_marked = true;
        events[d]++
    :: else ->
        printf("STORY The write does not fit: {doc %d} is at {version %d}.\n", d, doc[d].version)
    fi
}
