/* declaration.h - what one rule file says of itself, as plain texts with their lines.
 * Owns:    its texts; a reference to the file's table in the Lua state, which lives as long as that.
 * Thread:  the owner of the state.
 * Errors:  a file that is broken, or whose table is not as lua/README.md says: file, line, the wrong word and the nearest right one. */
#pragma once

#include "base/vec.h"
#include "lua/host.h"

#define DECLARATION_STEPS_MAX 64   /* functions of one rule */
#define DECLARATION_WORDS_MAX 1000 /* of one list */

struct word {
    char *text;
    int line;
};
struct word_list {
    int line; /* where it begins */
    VEC(struct word);
};

enum declaration_verb {
    DECLARATION_KIND,
    DECLARATION_SHARED,
    DECLARATION_EXTENDS,
    DECLARATION_REPLACES,
    DECLARATION_ADJUSTS,
    DECLARATION_VERB_COUNT
};
enum declaration_list { DECLARATION_READS, DECLARATION_CONTRIBUTES, DECLARATION_CONSULTS, DECLARATION_LIST_COUNT };

struct declaration {
    char *file; /* as people see it */
    int line;   /* of what the file returns */
    enum declaration_verb verb;
    struct word target;
    struct word_list steps; /* sorted */
    struct word_list lists[DECLARATION_LIST_COUNT];
    int table_ref; /* the view of the file's table */
};

const char *declaration_verb_name(enum declaration_verb verb);

/* Runs the file and reads its table. */
int declaration_read(struct declaration *ret_declaration, struct lua_host *host, const char *path, const char *shown,
                     struct err *err) MUST_USE;
void declaration_done(struct declaration *declaration);

bool declaration_has_step(const struct declaration *declaration, const char *name);

/* "file:line: text 'word'"; `line` 0: the declaration's own.  `word` NULL: none. */
int declaration_refuse(const struct declaration *declaration, int line, const char *text, const char *word,
                       struct err *err);
/* "file:line: unknown WHAT 'word'; did you mean '…'?" */
int declaration_refuse_word(const struct declaration *declaration, const struct word *word, const char *what,
                            const char *const *words, size_t count, struct err *err);
