/* Rust's `regex` read as far as it takes to find what it has no word for. */
#include "base/regex.h"

#include <ctype.h>
#include <string.h>

#define GROUPS_MAX 250 /* one within the other */

struct rust {
    const char *start, *at, *end;
    int depth;
    bool repeatable; /* something stands in front that a quantifier may follow */
    const char *open[GROUPS_MAX];
    struct err *err;
};

static int refuse(struct rust *rust, const char *where, const char *what)
{
    return err_set(rust->err, ERR_PARSE, "%s, at character %zu", what, (size_t)(where - rust->start) + 1);
}

static bool looking_at(const struct rust *rust, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(rust->end - rust->at) >= length && memcmp(rust->at, word, length) == 0;
}

/* What follows a backslash; the same inside of classes, but for the assertions. */
static int read_escape(struct rust *rust, bool in_class)
{
    const char *where = rust->at++;
    if (rust->at == rust->end)
        return refuse(rust, where, "a backslash ends the expression");
    unsigned char c = (unsigned char)*rust->at++;
    if (isdigit(c) || c == 'k' || c == 'g')
        return refuse(rust, where, "a reference back to a group is not supported");
    if (isalpha(c) && strchr(in_class ? "dDsSwWpPntrfvaxuU" : "dDsSwWpPbBAzntrfvaxuU", c) == NULL)
        return refuse(rust, where, "this escape is not supported");
    if (c == 'p' || c == 'P' || c == 'x' || c == 'u' || c == 'U') {
        const char *close =
            rust->at < rust->end && *rust->at == '{' ? memchr(rust->at, '}', (size_t)(rust->end - rust->at)) : rust->at;
        if (close == NULL || close == rust->end)
            return refuse(rust, where, "this escape is not complete");
        rust->at = close + (*close == '}');
    }
    rust->repeatable = true;
    return 0;
}

/* Classes may stand in classes. */
static int read_class(struct rust *rust)
{
    const char *where = rust->at++;
    if (looking_at(rust, "^"))
        rust->at++;
    if (looking_at(rust, "]"))
        rust->at++;
    int depth = 1;
    while (rust->at < rust->end && depth > 0) {
        if (*rust->at == '\\') {
            int rc = read_escape(rust, true);
            if (rc != 0)
                return rc;
            continue;
        }
        depth += *rust->at == '[' ? 1 : *rust->at == ']' ? -1 : 0;
        rust->at++;
    }
    rust->repeatable = true;
    return depth == 0 ? 0 : refuse(rust, where, "the class is not closed");
}

/* (?…: flags, names, and what there is no word for. */
static int read_group(struct rust *rust)
{
    static const char *const around[] = {"(?=", "(?!", "(?<=", "(?<!"};
    const char *where = rust->at;
    for (size_t i = 0; i < COUNT_OF(around); i++) {
        if (looking_at(rust, around[i]))
            return refuse(rust, where, "look-around is not supported");
    }
    if (looking_at(rust, "(?>") || looking_at(rust, "(*"))
        return refuse(rust, where,
                      looking_at(rust, "(*") ? "verbs are not supported" : "atomic groups are not supported");
    if (looking_at(rust, "(?P=") || looking_at(rust, "(?P>"))
        return refuse(rust, where, "a reference back to a group is not supported");
    rust->at++;
    if (looking_at(rust, "?")) {
        rust->at++;
        bool named = looking_at(rust, "P<") || looking_at(rust, "<");
        const char *stop = named ? memchr(rust->at, '>', (size_t)(rust->end - rust->at)) : rust->at;
        while (!named && stop < rust->end && *stop != '\0' && strchr("imsUuxR-", *stop) != NULL)
            stop++;
        if (stop == NULL || stop == rust->end || (!named && *stop != ':' && *stop != ')'))
            return refuse(rust, where, "a group of this sort is not supported");
        rust->at = stop + (*stop != ')');
        if (*stop == ')') { /* flags for what follows */
            rust->at++;
            return 0;
        }
    }
    if (rust->depth == GROUPS_MAX)
        return refuse(rust, where, "groups are nested too deep");
    rust->open[rust->depth++] = where;
    rust->repeatable = false;
    return 0;
}

/* {3}, {3,} or {3,5}: a brace is never a character. */
static int read_braces(struct rust *rust)
{
    const char *where = rust->at++;
    const char *first = rust->at;
    while (rust->at < rust->end && isdigit((unsigned char)*rust->at))
        rust->at++;
    bool good = rust->at > first;
    if (looking_at(rust, ",")) {
        rust->at++;
        while (rust->at < rust->end && isdigit((unsigned char)*rust->at))
            rust->at++;
    }
    if (!good || !looking_at(rust, "}"))
        return refuse(rust, where, "a brace that is no repetition has to be escaped");
    rust->at++;
    return 0;
}

static int read_quantifier(struct rust *rust)
{
    const char *where = rust->at;
    if (!rust->repeatable)
        return refuse(rust, where, "there is nothing to repeat");
    int rc = 0;
    if (*rust->at == '{')
        rc = read_braces(rust);
    else
        rust->at++;
    if (rc == 0 && looking_at(rust, "?"))
        rust->at++;
    if (rc == 0 && looking_at(rust, "+"))
        return refuse(rust, where, "possessive repetition is not supported");
    return rc;
}

static int read_next(struct rust *rust)
{
    switch (*rust->at) {
    case '\\':
        return read_escape(rust, false);
    case '[':
        return read_class(rust);
    case '(':
        return read_group(rust);
    case ')':
        if (rust->depth == 0)
            return refuse(rust, rust->at, "a group ends that was not opened");
        rust->depth--;
        rust->repeatable = true;
        break;
    case '*':
    case '+':
    case '?':
    case '{':
        return read_quantifier(rust);
    case '|':
        rust->repeatable = false;
        break;
    default:
        rust->repeatable = true;
    }
    rust->at++;
    return 0;
}

int regex_check_rust(const char *pattern, size_t length, struct err *err)
{
    if (length > REGEX_BYTES_MAX)
        return err_set(err, ERR_TOO_BIG, "the expression is longer than %d bytes", REGEX_BYTES_MAX);
    struct rust rust = {.start = pattern, .at = pattern, .end = pattern + length, .err = err};
    while (rust.at < rust.end) {
        int rc = read_next(&rust);
        if (rc != 0)
            return rc;
    }
    return rust.depth == 0 ? 0 : refuse(&rust, rust.open[rust.depth - 1], "the group is not closed");
}
