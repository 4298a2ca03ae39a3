/* answer.h - the Admin API's ways of answering, in its words.
 * Owns:    takes the JSON that it is given.
 * Thread:  any.
 * Errors:  none. */
#pragma once

#include "base/json.h"
#include "sandbox/sandbox.h"

void answer_json(struct sandbox_answer *answer, int status, struct json *body);
void answer_text(struct sandbox_answer *answer, int status, const char *content_type, const char *body, size_t length);
void answer_message(struct sandbox_answer *answer, int status, const char *message);
void answer_html(struct sandbox_answer *answer, int status, const char *title);
void answer_not_found(struct sandbox_answer *answer);
void answer_no_content(struct sandbox_answer *answer);

/* {"code", "name", "message"} and, when they are not NULL, "fields" (taken). */
void answer_error(struct sandbox_answer *answer, int status, int code, const char *name, const char *message,
                  struct json *fields);
/* Takes the errors by field of a schema. */
void answer_schema_violation(struct sandbox_answer *answer, struct json *errors);
void answer_field_violation(struct sandbox_answer *answer, const char *field, const char *text);
/* Takes the values by field. */
void answer_unique_violation(struct sandbox_answer *answer, struct json *fields);
void answer_missing_reference(struct sandbox_answer *answer, const char *field, const char *table, const char *id);
void answer_unresolved_reference(struct sandbox_answer *answer, const char *field, const char *table, const char *by,
                                 const char *value);
void answer_still_referenced(struct sandbox_answer *answer, const char *table, const char *by);
void answer_no_entity(struct sandbox_answer *answer, const char *field, const char *value);
/* A text in a path or list that its field would not take. */
void answer_invalid_unique(struct sandbox_answer *answer, const char *field, const char *text);
