/* base/json.h - JSON values as a tree (cJSON behind the door), and canonical text.
 * Owns:    a root owns its tree; values put into a tree are taken by it.
 * Thread:  one owner.
 * Errors:  json_parse says where; limits: JSON_DEPTH_MAX and the length that the caller passes.
 * Numbers: doubles; integers are exact up to 2^53 and printed without a fraction. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define JSON_DEPTH_MAX 200

struct json; /* opaque */

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

int json_parse(const char *text, size_t length, struct json **ret_value, struct err *err) MUST_USE;
void json_free(struct json *value); /* NULL is fine */
DEFINE_CLEANUP(json, json_free)
struct json *json_copy(const struct json *value);

enum json_type json_type(const struct json *value); /* NULL counts as JSON_NULL */
bool json_is(const struct json *value, enum json_type type);

/* Borrowed until the tree changes; NULL when absent or when `object` is no object. Names are case-sensitive. */
struct json *json_find(const struct json *object, const char *name);
struct json *json_find_path(const struct json *object, const char *dotted_names);
/* The text, or NULL when it is no string. */
const char *json_text(const struct json *value);
const char *json_find_text(const struct json *object, const char *name);
bool json_truth(const struct json *value, bool otherwise);
double json_number(const struct json *value, double otherwise);
int64_t json_integer(const struct json *value, int64_t otherwise);
size_t json_count(const struct json *value); /* members of an array or object */
struct json *json_at(const struct json *array, size_t index);

/* Iteration over an array or object in its order: json_each(item, array) { … json_name(item) … } */
struct json *json_first(const struct json *value);
struct json *json_after(const struct json *item);
const char *json_name(const struct json *item); /* member name, NULL in an array */
#define json_each(item, container)                                                                                     \
    for (struct json *item = json_first(container); item != NULL; item = json_after(item))

struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_text(const char *text);
struct json *json_new_number(double number);
struct json *json_new_bool(bool truth);
struct json *json_new_null(void);
/* Take `value`; json_set replaces a member of that name in place. */
void json_set(struct json *object, const char *name, struct json *value);
void json_set_text(struct json *object, const char *name, const char *text);
void json_set_number(struct json *object, const char *name, double number);
void json_set_bool(struct json *object, const char *name, bool truth);
void json_append(struct json *array, struct json *value);
void json_remove(struct json *object, const char *name);
struct json *json_take(struct json *object, const char *name); /* out of the tree; the caller owns it */
void json_remove_at(struct json *array, size_t index);

/* Compact text with member names sorted: equal values give equal bytes. */
void json_print(const struct json *value, struct buf *out);
char *json_print_text(const struct json *value); /* the caller frees */
/* Indented, names sorted; for people: no character of it acts on a terminal. */
void json_print_pretty(const struct json *value, struct buf *out);
/* One JSON string literal with its quotes. */
void json_print_string(const char *text, size_t length, struct buf *out);
void json_print_number(double number, struct buf *out);
void json_print_integer(int64_t number, struct buf *out);

/* Same value; the order of members does not matter. */
bool json_equal(const struct json *left, const struct json *right);
int json_compare(const struct json *left, const struct json *right); /* a total order, for sorting sets */
