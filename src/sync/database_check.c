/* Decides whether a database is the gateway's, before anything out of it is believed: what was written last must be
 * there as it was written, and what the gateway tells of must be in the database. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "database_parts.h"
#include "net/http.h"

static void on_tagged_row(void *user, const char *entity, const char *id)
{
    ((struct database *)user)->tagged_found++;
}

static void on_tagged_rows(void *user, bool complete)
{
    struct database *database = user;
    if (complete && database->tagged_found < database->tagged_count) {
        database->contradicted = true;
        buf_append_text(&database->contradiction, "entities with our tag");
    }
    database_decide(database, complete && !database->contradicted);
}

static void on_answers(struct database *database, bool good)
{
    if (!good || database->tagged_count == 0) {
        database_decide(database, good);
        return;
    }
    postgres_reader_tagged(database->reader, (const char *const *)database->tagged, database->tagged_count,
                           on_tagged_row, on_tagged_rows, database);
}

static bool same_second(const struct json *object, const char *field, double stored)
{
    return fabs(json_number(json_find(object, field), 0) - stored) < 1;
}

static void on_sample(void *user, const struct kong_answer *answer)
{
    const struct database_question *question = user;
    struct database *database = question->database;
    const struct database_sample *sample = &database->samples[question->place];
    if (database_usable(database, answer) &&
        (answer->class == KONG_MISSING || !same_second(answer->body, "created_at", sample->created_at) ||
         !same_second(answer->body, "updated_at", sample->updated_at)))
        database_contradict(database, sample->kind, sample->id);
    database_answered(database);
}

static void on_tags(void *user, const struct kong_answer *answer)
{
    struct database *database = ((struct database_question *)user)->database;
    if (answer->class == KONG_UNAVAILABLE || answer->class == KONG_UNSURE)
        database->unanswered = true;
    json_each (row, answer->class == KONG_DONE ? json_find(answer->body, "data") : NULL) {
        const char *id = json_find_text(row, "entity_id");
        if (id != NULL && strlen(id) == 36 && database->tagged_count < DATABASE_TAGGED)
            database->tagged[database->tagged_count++] = xstrdup(id);
    }
    database_answered(database);
}

static void on_newest(void *user, const struct postgres_newest *newest)
{
    struct database *database = user;
    const struct kong_kind *kind = database_kind_of(database, newest->entity);
    struct database_sample *sample = &database->samples[database->sample_count];
    if (kind == NULL || database->sample_count == DATABASE_SAMPLES)
        return;
    sample->kind = kind;
    sample->created_at = newest->created_at;
    sample->updated_at = newest->updated_at;
    snprintf(sample->id, sizeof(sample->id), "%s", newest->id);
    database->sample_count++;
}

static void on_newest_rows(void *user, bool complete)
{
    struct database *database = user;
    if (!complete) {
        database_decide(database, false);
        return;
    }
    AUTO(text) char *tag = http_encode(database->tag);
    AUTO(text) char *tags = xasprintf("/tags/%s?size=%d", tag, DATABASE_TAGGED);
    database_ask_begin(database, on_answers);
    database_ask(database, DATABASE_SAMPLES, tags, on_tags);
    for (size_t i = 0; i < database->sample_count; i++) {
        AUTO(text) char *path = database_path(database, database->samples[i].kind, database->samples[i].id, NULL);
        database_ask(database, i, path, on_sample);
    }
    database_ask_end(database);
}

void database_check(struct database *database, void (*decided)(struct database *database, bool good))
{
    database->sample_count = database->tagged_found = 0;
    while (database->tagged_count > 0)
        free(database->tagged[--database->tagged_count]);
    database->decided = decided;
    postgres_reader_newest(database->reader, DATABASE_SAMPLES, on_newest, on_newest_rows, database);
}
