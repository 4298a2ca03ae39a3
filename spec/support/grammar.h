/* grammar.h - texts by chance from a grammar: lines `name: text`, where <word> in a text stands for one of the ways to
 * write it. Owns:    a grammar owns its texts; freed with grammar_done. */
#pragma once

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "check.h"
#include "random.h"

#define GRAMMAR_BYTES_MAX (1u << 20)
#define GRAMMAR_DEPTH_MAX 50

struct grammar_word {
    VEC(char *);
};

struct grammar {
    struct map words; /* name -> struct grammar_word */
};

static inline void grammar_release_word(void *value)
{
    struct grammar_word *word = value;
    for (size_t i = 0; i < word->count; i++)
        free(word->items[i]);
    vec_done(word);
    free(word);
}

static inline struct grammar_word *grammar_find(const struct grammar *grammar, const char *name)
{
    struct grammar_word *word = map_find(&grammar->words, name);
    if (word == NULL)
        fail_msg("the grammar has no <%s>", name);
    return word;
}

/* One more way to write a word, `times` as likely as another. */
static inline void grammar_give(struct grammar *grammar, const char *name, const char *text, size_t times)
{
    struct grammar_word *word = map_find(&grammar->words, name);
    if (word == NULL) {
        word = xcalloc(1, sizeof(*word));
        map_put(&grammar->words, name, word);
    }
    for (size_t i = 0; i < times; i++)
        vec_push(word, xstrdup(text));
}

static inline void grammar_read_line(struct grammar *grammar, const char *line)
{
    size_t length = strcspn(line, ":*");
    assert_true(line[length] != '\0');
    AUTO(text) char *name = xstrndup(line, length);
    const char *colon = strchr(line, ':');
    size_t times = line[length] == '*' ? strtoul(line + length + 1, NULL, 10) : 1;
    grammar_give(grammar, name, colon[1] == ' ' ? colon + 2 : colon + 1, times);
}

static inline void grammar_load(struct grammar *grammar, const char *path)
{
    AUTO(buf) struct buf text = BUF_INIT(GRAMMAR_BYTES_MAX);
    struct err err = ERR_INIT;
    assert_int_equal(file_read(path, &text, &err), 0);
    map_init(&grammar->words, grammar_release_word);
    char *rest = text.data;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (line[0] != '#' && line[0] != '\0')
            grammar_read_line(grammar, line);
    }
}

static inline void grammar_done(struct grammar *grammar)
{
    map_done(&grammar->words);
}

static inline void grammar_expand(const struct grammar *grammar, struct random *random, const char *text, int depth,
                                  struct buf *out)
{
    assert_true(depth < GRAMMAR_DEPTH_MAX);
    while (*text != '\0') {
        size_t plain = strcspn(text, "<");
        buf_append(out, text, plain);
        text += plain;
        size_t length = *text != '\0' ? strspn(text + 1, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;
        if (length == 0 || text[1 + length] != '>') {
            if (*text != '\0')
                buf_append_char(out, *text++);
            continue;
        }
        AUTO(text) char *name = xstrndup(text + 1, length);
        const struct grammar_word *word = grammar_find(grammar, name);
        grammar_expand(grammar, random, word->items[random_below(random, word->count)], depth + 1, out);
        text += length + 2;
    }
}
