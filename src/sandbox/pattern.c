/* Lua patterns without captures: schemas name them, and the program that reads them has no Lua in this room. */
#include "pattern.h"

#include <ctype.h>
#include <string.h>

#define PATTERN_STEPS_MAX 200000

struct matcher {
    const char *end; /* of the subject */
    int steps;
};

static bool class_has(char class, unsigned char character)
{
    bool in;
    switch (tolower((unsigned char)class)) {
    case 'a':
        in = isalpha(character);
        break;
    case 'd':
        in = isdigit(character);
        break;
    case 'l':
        in = islower(character);
        break;
    case 'p':
        in = ispunct(character);
        break;
    case 's':
        in = isspace(character);
        break;
    case 'u':
        in = isupper(character);
        break;
    case 'w':
        in = isalnum(character);
        break;
    case 'x':
        in = isxdigit(character);
        break;
    default:
        return class == (char)character;
    }
    return isupper((unsigned char)class) ? !in : in;
}

/* Where the single item that starts at `item` ends. */
static const char *item_end(const char *item)
{
    if (*item == '%' && item[1] != '\0')
        return item + 2;
    if (*item != '[')
        return item + 1;
    const char *c = item + 1;
    if (*c == '^')
        c++;
    do {
        if (*c == '%' && c[1] != '\0')
            c++;
        if (*c != '\0')
            c++;
    } while (*c != '\0' && *c != ']');
    return *c == ']' ? c + 1 : c;
}

static bool set_has(const char *set, const char *end, unsigned char character)
{
    bool negated = set[1] == '^';
    const char *last = end - 1;
    for (const char *c = set + (negated ? 2 : 1); c < last; c++) {
        if (*c == '%' && c + 1 < last) {
            c++;
            if (class_has(*c, character))
                return !negated;
        } else if (c[1] == '-' && c + 2 < last) {
            if ((unsigned char)*c <= character && character <= (unsigned char)c[2])
                return !negated;
            c += 2;
        } else if ((unsigned char)*c == character) {
            return !negated;
        }
    }
    return negated;
}

static bool item_has(const struct matcher *matcher, const char *item, const char *end, const char *subject)
{
    if (subject >= matcher->end)
        return false;
    unsigned char character = (unsigned char)*subject;
    switch (*item) {
    case '.':
        return true;
    case '%':
        return class_has(item[1], character);
    case '[':
        return set_has(item, end, character);
    default:
        return (unsigned char)*item == character;
    }
}

static bool match_here(struct matcher *matcher, const char *pattern, const char *subject);

static bool match_repeat(struct matcher *matcher, const char *item, const char *end, const char *subject)
{
    size_t least = *end == '+' ? 1 : 0;
    if (*end == '-') {
        do {
            if (match_here(matcher, end + 1, subject))
                return true;
        } while (item_has(matcher, item, end, subject++));
        return false;
    }
    size_t count = 0;
    while (item_has(matcher, item, end, subject + count))
        count++;
    for (;; count--) {
        if (count < least)
            return false;
        if (match_here(matcher, end + 1, subject + count))
            return true;
        if (count == 0)
            return false;
    }
}

static bool match_here(struct matcher *matcher, const char *pattern, const char *subject)
{
    for (;;) {
        if (--matcher->steps < 0)
            return false;
        if (*pattern == '\0')
            return true;
        if (*pattern == '$' && pattern[1] == '\0')
            return subject == matcher->end;
        const char *end = item_end(pattern);
        if (*end == '*' || *end == '+' || *end == '-')
            return match_repeat(matcher, pattern, end, subject);
        bool has = item_has(matcher, pattern, end, subject);
        if (*end == '?') {
            if (has && match_here(matcher, end + 1, subject + 1))
                return true;
            pattern = end + 1;
            continue;
        }
        if (!has)
            return false;
        pattern = end;
        subject++;
    }
}

bool pattern_matches(const char *pattern, const char *subject)
{
    struct matcher matcher = {subject + strlen(subject), PATTERN_STEPS_MAX};
    if (*pattern == '^')
        return match_here(&matcher, pattern + 1, subject);
    do {
        if (match_here(&matcher, pattern, subject))
            return true;
    } while (subject++ < matcher.end);
    return false;
}
