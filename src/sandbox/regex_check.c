/* Finds what no regular expression library accepts, without being one. */
#include "regex_check.h"

#include <string.h>

#define REGEX_GROUPS_MAX 250

static bool refuse(struct regex_fault *fault, enum regex_fault_kind kind, size_t offset)
{
    *fault = (struct regex_fault){kind, offset};
    return false;
}

/* The index of the ']' that ends the class at `start`, or 0. */
static size_t class_end(const char *text, size_t start)
{
    size_t i = start + 1;
    if (text[i] == '^')
        i++;
    if (text[i] == ']')
        i++;
    for (; text[i] != '\0'; i++) {
        if (text[i] == '\\' && text[i + 1] != '\0') {
            i++;
        } else if (text[i] == '[' && (text[i + 1] == ':' || text[i + 1] == '.' || text[i + 1] == '=')) {
            const char closing[3] = {text[i + 1], ']', '\0'};
            const char *end = strstr(text + i + 2, closing);
            if (end != NULL)
                i = (size_t)(end - text) + 1;
        } else if (text[i] == ']') {
            return i;
        }
    }
    return 0;
}

static bool is_quantifier(const char *text)
{
    return *text == '*' || *text == '+' || *text == '?';
}

bool regex_check(const char *text, struct regex_fault *ret_fault)
{
    size_t open[REGEX_GROUPS_MAX];
    size_t depth = 0;
    bool repeatable = false;
    for (size_t i = 0; text[i] != '\0'; i++) {
        char c = text[i];
        if (c == '\\') {
            if (text[i + 1] == '\0')
                return refuse(ret_fault, REGEX_TRAILING_ESCAPE, i);
            i++;
            repeatable = true;
        } else if (c == '[') {
            size_t end = class_end(text, i);
            if (end == 0)
                return refuse(ret_fault, REGEX_OPEN_CLASS, i);
            i = end;
            repeatable = true;
        } else if (c == '(') {
            if (depth == REGEX_GROUPS_MAX)
                return refuse(ret_fault, REGEX_OPEN_GROUP, i);
            open[depth++] = i;
            if (text[i + 1] == '?')
                i++;
            repeatable = false;
        } else if (c == ')') {
            if (depth == 0)
                return refuse(ret_fault, REGEX_STRAY_CLOSE, i);
            depth--;
            repeatable = true;
        } else if (is_quantifier(text + i)) {
            if (!repeatable)
                return refuse(ret_fault, REGEX_NOTHING_TO_REPEAT, i);
            if (text[i + 1] == '?' || text[i + 1] == '+')
                i++;
            repeatable = false;
        } else {
            repeatable = c != '|';
        }
    }
    return depth == 0 || refuse(ret_fault, REGEX_OPEN_GROUP, open[depth - 1]);
}

const char *regex_fault_pcre(const struct regex_fault *fault)
{
    static const char *const texts[] = {"missing closing parenthesis", "unmatched closing parenthesis",
                                        "missing terminating ] for character class",
                                        "quantifier does not follow a repeatable item", "\\ at end of pattern"};
    return texts[fault->kind];
}

const char *regex_fault_rust(const struct regex_fault *fault)
{
    static const char *const texts[] = {"unclosed group", "unopened group", "unclosed character class",
                                        "repetition operator missing expression",
                                        "incomplete escape sequence, reached end of pattern prematurely"};
    return texts[fault->kind];
}
