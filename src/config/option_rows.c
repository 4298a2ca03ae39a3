/* The table, and the two texts that are printed from it. */
#include "option_rows.h"

#include <string.h>

static const struct option_row ROWS[] = {
#define X(id, flag, letter, type, fallback, groups, values, help)                                                      \
    {id, flag, letter, type, fallback, groups, values, help},
    OPTION_TABLE(X)
#undef X
};

const struct option_row *option_rows_at(int index)
{
    return &ROWS[index];
}

const struct option_row *option_rows_find(const char *flag, unsigned int groups)
{
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        if ((ROWS[i].groups & groups) != 0 && strcmp(ROWS[i].flag, flag) == 0)
            return &ROWS[i];
    }
    return NULL;
}

const struct option_row *option_rows_letter(char letter, unsigned int groups)
{
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        if ((ROWS[i].groups & groups) != 0 && ROWS[i].letter == letter)
            return &ROWS[i];
    }
    return NULL;
}

/* Length of the longest common subsequence, against the longer of the two: enough to find a slip of the finger. */
static int likeness(const char *left, const char *right)
{
    enum { MAX = 64 };
    size_t rows = strlen(left), columns = strlen(right);
    int longest[MAX + 1] = {0};
    if (rows > MAX || columns > MAX)
        return 0;
    for (size_t i = 1; i <= rows; i++) {
        int diagonal = 0;
        for (size_t j = 1; j <= columns; j++) {
            int above = longest[j];
            if (left[i - 1] == right[j - 1])
                longest[j] = diagonal + 1;
            else if (longest[j - 1] > longest[j])
                longest[j] = longest[j - 1];
            diagonal = above;
        }
    }
    return (int)((size_t)longest[columns] * 100 / (rows > columns ? rows : columns));
}

const char *option_rows_near(const char *flag, unsigned int groups)
{
    const char *near = NULL;
    int best = 60;
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        int like = (ROWS[i].groups & groups) != 0 ? likeness(flag, ROWS[i].flag) : 0;
        if (like > best) {
            best = like;
            near = ROWS[i].flag;
        }
    }
    return near;
}

void options_help(unsigned int groups, FILE *out)
{
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        const struct option_row *row = &ROWS[i];
        if ((row->groups & groups) == 0)
            continue;
        fprintf(out, "  ");
        if (row->letter != 0)
            fprintf(out, "-%c, ", row->letter);
        fprintf(out, "--%s%s%s\n        %s", row->flag, row->values[0] != '\0' ? " " : "", row->values, row->help);
        if (row->fallback[0] != '\0')
            fprintf(out, " (default %s)", row->fallback);
        fprintf(out, "\n");
    }
}

void options_names(unsigned int groups, FILE *out)
{
    const char *comma = "";
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        if ((ROWS[i].groups & groups) == 0)
            continue;
        fprintf(out, "%s `--%s`", comma, ROWS[i].flag);
        comma = ",";
    }
}

static void print_cell(const char *text, FILE *out)
{
    for (; *text != '\0'; text++)
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
}

void options_markdown(FILE *out)
{
    fprintf(out, "# Options\n\nPrinted by `kongruent help --markdown`. Each flag `--some-flag` can be given as the "
                 "variable `CONTROLLER_SOME_FLAG`; the flag wins.\n\n"
                 "| flag | value | default | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < COUNT_OF(ROWS); i++) {
        const struct option_row *row = &ROWS[i];
        fprintf(out, "| `--%s` | ", row->flag);
        print_cell(row->values, out);
        fprintf(out, " | ");
        print_cell(row->fallback, out);
        fprintf(out, " | ");
        print_cell(row->help, out);
        fprintf(out, " |\n");
    }
}
