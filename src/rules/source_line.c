/* A guess by the text's looks; good enough to lead the eye. */
#include "source_line.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static int line_at(const char *text, const char *at)
{
    int line = 1;
    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

/* What follows the name may close a bracket before it is given a value, or open a function's parameters. */
static bool is_given(const char *after)
{
    after += strspn(after, "'\"] \t");
    return *after == '(' || (after[0] == '=' && after[1] != '=');
}

/* Behind the next line end; NULL when there is none. */
static const char *next_line(const char *at)
{
    const char *end = strchr(at, '\n');
    return end != NULL ? end + 1 : NULL;
}

int source_line_of_key(const char *text, const char *key, int otherwise)
{
    size_t length = strlen(key);
    for (const char *at = text; (at = strstr(at, key)) != NULL; at += length) {
        if ((at == text || !is_name(at[-1])) && !is_name(at[length]) && is_given(at + length))
            return line_at(text, at);
    }
    return otherwise;
}

int source_line_of_text(const char *text, const char *word, int first_line)
{
    const char *from = text;
    for (int line = 1; line < first_line && from != NULL; line++)
        from = next_line(from);
    const char *found = from != NULL ? strstr(from, word) : NULL;
    return found != NULL ? line_at(text, found) : first_line;
}

int source_line_of_return(const char *text)
{
    static const char word[] = "return";
    int found = 1, line = 1;
    for (const char *at = text; at != NULL; line++) {
        const char *start = at + strspn(at, " \t");
        if (strncmp(start, word, sizeof(word) - 1) == 0 && !is_name(start[sizeof(word) - 1]))
            found = line;
        at = next_line(at);
    }
    return found;
}
