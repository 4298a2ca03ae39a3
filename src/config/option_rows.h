/* option_rows.h - the option table as rows.   Owns: nothing.   Thread: any.   Errors: NULL when there is none. */
#pragma once

#include "config/options.h"

struct option_row {
    enum option_id id;
    const char *flag;
    char letter;
    enum option_type type;
    const char *fallback;
    unsigned int groups;
    const char *values; /* choices, or the value's name in --help */
    const char *help;
};

const struct option_row *option_rows_at(int index);
const struct option_row *option_rows_find(const char *flag, unsigned int groups);
const struct option_row *option_rows_letter(char letter, unsigned int groups);
const char *option_rows_near(const char *flag,
                             unsigned int groups); /* the flag that shares the most with a misspelt one */
