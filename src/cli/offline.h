/* offline.h - what the offline commands share: rules, manifests, one wave, and problems as lines.
 * Owns:    the rules, the settings and the lines.
 * Thread:  the main thread.
 * Errors:  what cannot be loaded is an error; an input that cannot be read is a line and is counted. */
#pragma once

#include "base/buf.h"
#include "config/options.h"
#include "files/source.h"
#include "kong/entity.h"
#include "rules/rules.h"

struct offline {
    struct json *settings;
    struct rules *rules;
    struct object_check *check;
    char *namespace;   /* of objects that name none */
    bool tells_unused; /* says why objects come to nothing */
    bool kic;          /* --compat kic */
    const char *root;  /* folder that is taken off the paths in problem lines, or NULL */
    struct buf lines;  /* "severity CODE Kind namespace/name: text (file:line)" */
    size_t unread;     /* inputs that could not be read whole */
    size_t errors;     /* problems by severity */
    size_t warnings;
};

#define OFFLINE_INIT                                                                                                   \
    {                                                                                                                  \
        .lines = BUF_OWN                                                                                               \
    }

/* Makes the settings and loads the rules; `overrides` NULL: what --rules says. */
int offline_open(struct offline *offline, const struct options *options, const char *overrides,
                 struct err *err) MUST_USE;
void offline_done(struct offline *offline);

/* A file, a folder or "-". */
void offline_read(struct offline *offline, const char *path);
/* Every -f of the command line; an error when there is none. */
int offline_read_all(struct offline *offline, const struct options *options, struct err *err) MUST_USE;
/* Runs the rules, and writes what they report behind the lines of unusable documents. */
void offline_run(struct offline *offline);
/* The three together: what -f names, translated. */
int offline_translate(struct offline *offline, const struct options *options, struct err *err) MUST_USE;

/* What a gateway would get, sorted: in default mode less the routes that wait for plugins that nobody makes, with all
 * that refers to them; with --compat kic all that was emitted.  The caller frees the array, the entities are borrowed.
 */
struct kong_entity **offline_entities(const struct offline *offline, size_t *ret_count);

/* Where the object was read; NULL when that is not known. */
const struct object *offline_object(const struct offline *offline, const struct kong_source *source);

/* Writes the lines to standard error; returns the exit code by --fail-on and unread inputs. */
int offline_report(const struct offline *offline, const struct options *options);

/* A command that prints what comes of manifests: takes the options of `groups`, lets it `print`, reports and ends. */
typedef int offline_print_fn(struct offline *offline, const struct options *options, struct err *err);
int offline_command(int argc, char **argv, unsigned int groups, offline_print_fn *print);

/* Flushes standard output and ends the command.  A release build leaves at once: the system takes memory back faster.
 */
int offline_end(struct offline *offline, struct options *options, int code);
