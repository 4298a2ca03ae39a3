/* Decides which records a question is about, and how many of them are looked at before the loop has its turn. */
#include "listing.h"

#include <ctype.h>
#include <string.h>

#include "answer.h"
#include "base/clock.h"

#define LOOK_AT_CLOCK 64 /* records between two looks at the clock */

struct listing {
    struct listings *listings;
    struct listing *next, *previous;
    struct http_exchange *exchange;
    enum listing_of what;
    char *kind, *namespace, *text;  /* NULL: any */
    bool spans;                     /* the text may be of more than one part of a title: "Ingress shop/page" */
    unsigned int states;            /* a bit for each; 0: any */
    enum problem_severity severity; /* at least; of problems */
    size_t offset, limit, matched, shown;
    size_t ordinal, at; /* the next record */
    bool loose_done;    /* problems about no object were looked at */
    struct buf rows;
    struct writer writer;
    struct loop_timer *timer;
};

struct listings {
    struct loop *loop;
    struct sync_controller *controller;
    struct listing *first;
    size_t count;
    struct timing timing;
};

struct listings *listings_new(struct loop *loop, struct sync_controller *controller)
{
    struct listings *listings = xcalloc(1, sizeof(*listings));
    listings->loop = loop;
    listings->controller = controller;
    return listings;
}

const struct timing *listings_timing(const struct listings *listings)
{
    return &listings->timing;
}

static void listing_free(struct listing *listing)
{
    struct listings *listings = listing->listings;
    if (listing->previous != NULL)
        listing->previous->next = listing->next;
    else
        listings->first = listing->next;
    if (listing->next != NULL)
        listing->next->previous = listing->previous;
    listings->count--;
    loop_timer_free(listing->timer);
    buf_done(&listing->rows);
    free(listing->kind);
    free(listing->namespace);
    free(listing->text);
    free(listing);
}

void listings_free(struct listings *listings)
{
    if (listings == NULL)
        return;
    while (listings->first != NULL) {
        http_drop(listings->first->exchange);
        listing_free(listings->first);
    }
    free(listings);
}

static bool wants_state(const struct listing *listing, enum census_state state)
{
    return listing->states == 0 || (listing->states & 1u << state) != 0;
}

static bool begins(const char *text, const char *part)
{
    while (*part != '\0' && tolower((unsigned char)*text) == *part) {
        text++;
        part++;
    }
    return *part == '\0';
}

/* `part` is in lower case.  Names are short: what makes strcasestr fast for long texts costs more than it saves. */
static bool contains(const char *text, const char *part)
{
    char lower = *part, upper = (char)toupper((unsigned char)*part);
    for (; *text != '\0'; text++)
        if ((*text == lower || *text == upper) && begins(text, part))
            return true;
    return lower == '\0';
}

static bool wants_object(const struct listing *listing, const struct census_object *object)
{
    if (!wants_state(listing, object->state) ||
        (listing->namespace != NULL && strcmp(object->namespace, listing->namespace) != 0))
        return false;
    if (listing->text == NULL || contains(object->name, listing->text) || contains(object->namespace, listing->text) ||
        contains(object->kind->kind, listing->text))
        return true;
    if (!listing->spans)
        return false;
    AUTO(text) char *title = xasprintf("%s %s/%s", object->kind->kind, object->namespace, object->name);
    return contains(title, listing->text);
}

static bool wants_entity(const struct listing *listing, const struct census_entity *entity)
{
    bool whole_plan = listing->what == LISTING_PLAN && listing->states == 0;
    if (whole_plan ? entity->state == CENSUS_PROGRAMMED : !wants_state(listing, entity->state))
        return false;
    bool in_namespace = listing->namespace == NULL;
    for (size_t i = 0; i < entity->link_count && !in_namespace; i++)
        in_namespace = strcmp(entity->links[i].object->namespace, listing->namespace) == 0;
    if (!in_namespace || listing->text == NULL)
        return in_namespace;
    if ((!entity->kind->key_is_secret && contains(entity->key, listing->text)) ||
        contains(entity->kind->name, listing->text))
        return true;
    if (!listing->spans && !entity->kind->key_is_secret)
        return false;
    AUTO(text)
    char *title = xasprintf("%s %.*s", entity->kind->name, entity->kind->key_is_secret ? 8 : 4096, entity->key);
    return contains(title, listing->text);
}

static bool wants_problem(const struct listing *listing, const struct problem *problem)
{
    return problem->severity >= listing->severity &&
           (listing->namespace == NULL || strcmp(problem->about.namespace, listing->namespace) == 0) &&
           (listing->text == NULL || contains(problem->code, listing->text) || contains(problem->text, listing->text) ||
            contains(problem->about.name, listing->text));
}

/* True when the match is one of those that are shown. */
static bool match(struct listing *listing)
{
    bool shown = listing->matched >= listing->offset && listing->shown < listing->limit;
    listing->matched++;
    listing->shown += shown;
    return shown;
}

static void look_at_problems(struct listing *listing, const struct show *show, const struct census_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        if (wants_problem(listing, problems->items[i]) && match(listing))
            show_problem_row(show, problems->items[i], &listing->writer);
}

static void look_at_object(struct listing *listing, const struct show *show, const struct census_object *object)
{
    if (listing->what == LISTING_PROBLEMS)
        look_at_problems(listing, show, &object->problems);
    else if (wants_object(listing, object) && match(listing))
        show_object_row(show, object, &listing->writer);
}

static void look_at_entity(struct listing *listing, const struct show *show, const struct census_entity *entity)
{
    if (!wants_entity(listing, entity) || !match(listing))
        return;
    if (listing->what == LISTING_PLAN)
        show_difference(show, entity, &listing->writer);
    else
        show_entity_row(show, entity, &listing->writer);
}

/* Where every record of a kind matches they need not be looked at one by one. */
static void skip(struct listing *listing, size_t count)
{
    bool all = listing->text == NULL && listing->namespace == NULL && listing->states == 0 &&
               (listing->what == LISTING_OBJECTS || listing->what == LISTING_ENTITIES);
    if (!all || listing->at >= count)
        return;
    size_t left = count - listing->at;
    size_t before = listing->matched < listing->offset ? listing->offset - listing->matched : 0;
    size_t skipped = listing->shown == listing->limit ? left : before < left ? before : left;
    listing->at += skipped;
    listing->matched += skipped;
}

/* One record, or the end of a kind; false at the end of all. */
static bool step(struct listing *listing, const struct show *show)
{
    bool objects = listing->what == LISTING_OBJECTS || listing->what == LISTING_PROBLEMS;
    const struct store_kind *kind;
    const struct kong_kind *row;
    struct census_object *const *list = NULL;
    struct census_entity *const *entities = NULL;
    size_t count;
    if (!(objects ? census_kind(show->census, listing->ordinal, &kind, &list, &count)
                  : census_entity_kind(show->census, listing->ordinal, &row, &entities, &count)))
        return false;
    if (listing->what == LISTING_PROBLEMS)
        census_troubled(show->census, kind, &list, &count);
    bool wanted = listing->kind == NULL ||
                  (objects ? strcmp(kind->kind, listing->kind) == 0 || strcmp(kind->id, listing->kind) == 0
                           : strcmp(row->name, listing->kind) == 0);
    if (wanted)
        skip(listing, count);
    if (!wanted || listing->at >= count) {
        listing->ordinal++;
        listing->at = 0;
        return true;
    }
    if (objects)
        look_at_object(listing, show, list[listing->at++]);
    else
        look_at_entity(listing, show, entities[listing->at++]);
    return true;
}

static void finish(struct listing *listing)
{
    writer_close(&listing->writer, ']');
    writer_number(&listing->writer, "total", (double)listing->matched);
    writer_number(&listing->writer, "offset", (double)listing->offset);
    writer_close(&listing->writer, '}');
    answer_bytes(listing->exchange, 200, ANSWER_JSON, buf_text(&listing->rows), listing->rows.length);
    listing_free(listing);
}

/* True at the end of the list. */
static bool run_slice(struct listing *listing)
{
    struct show show = show_of(listing->listings->controller);
    uint64_t end = clock_monotonic_us() + LISTING_SLICE_US;
    if (listing->what == LISTING_PROBLEMS && !listing->loose_done && listing->kind == NULL)
        look_at_problems(listing, &show, census_loose(show.census));
    listing->loose_done = true;
    size_t shown = listing->shown;
    for (size_t i = 0; step(listing, &show); i++) {
        if (listing->shown == shown && i % LOOK_AT_CLOCK != 0)
            continue;
        shown = listing->shown;
        if (clock_monotonic_us() >= end)
            return false;
    }
    return true;
}

static void run(void *user)
{
    struct listing *listing = user;
    struct listings *listings = listing->listings;
    uint64_t start = clock_thread_us();
    if (run_slice(listing))
        finish(listing);
    else
        loop_timer_start(listing->timer, 0);
    timing_add(&listings->timing, start);
}

static unsigned int states_of(const char *names)
{
    unsigned int states = 0;
    for (const char *at = names; at != NULL && *at != '\0'; at += strcspn(at, ","), at += *at == ',') {
        AUTO(text) char *name = xstrndup(at, strcspn(at, ","));
        states |= 1u << census_state_find(name);
    }
    return states; /* a bit of its own for what is no state: it fits nothing */
}

/* "" counts as any. */
static char *filter_of(const struct query *query, const char *name)
{
    const char *value = query_find(query, name);
    return value != NULL && value[0] != '\0' ? xstrdup(value) : NULL;
}

static enum problem_severity severity_of(const struct query *query)
{
    AUTO(text) char *name = filter_of(query, "severity");
    for (int severity = PROBLEM_WARN; name != NULL && severity <= PROBLEM_ERROR; severity++)
        if (strcmp(problem_severity_name((enum problem_severity)severity), name) == 0)
            return (enum problem_severity)severity;
    return PROBLEM_INFO;
}

void listings_answer(struct listings *listings, struct http_exchange *exchange, enum listing_of what,
                     const struct query *query)
{
    if (listings->count >= LISTINGS_MAX || sync_controller_census(listings->controller) == NULL) {
        answer_line(exchange, 503, "too many lists are asked for at once; try again\n");
        return;
    }
    struct listing *listing = xcalloc(1, sizeof(*listing));
    *listing = (struct listing){
        .listings = listings,
        .next = listings->first,
        .exchange = exchange,
        .what = what,
        .kind = filter_of(query, "kind"),
        .namespace = filter_of(query, "namespace"),
        .text = filter_of(query, what == LISTING_EXPLAIN ? "entity" : "text"),
        .severity = severity_of(query),
        .offset = query_number(query, "offset", 0, SIZE_MAX),
        .limit = query_number(query, "limit", LISTING_ROWS, LISTING_ROWS_MAX),
        .rows = BUF_OWN,
        .timer = loop_timer_new(listings->loop, run, listing),
    };
    for (char *at = listing->text; at != NULL && *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    AUTO(text) char *states = filter_of(query, "state");
    listing->states = states_of(states);
    listing->spans = listing->text != NULL && strpbrk(listing->text, " /") != NULL;
    listing->writer = (struct writer){.out = &listing->rows};
    writer_open(&listing->writer, NULL, '{');
    writer_open(&listing->writer, "rows", '[');
    if (listings->first != NULL)
        listings->first->previous = listing;
    listings->first = listing;
    listings->count++;
    run(listing);
}
