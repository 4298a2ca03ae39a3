/* The nearest valid word, for error messages. */
#include <string.h>

#include "base/alloc.h"
#include "loader_near.h"

#define WORD_MAX 64

static int distance(const char *left, const char *right)
{
    size_t rows = strlen(left), columns = strlen(right);
    int costs[WORD_MAX + 1];
    if (rows > WORD_MAX || columns > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= columns; j++)
        costs[j] = (int)j;
    for (size_t i = 1; i <= rows; i++) {
        int diagonal = costs[0];
        costs[0] = (int)i;
        for (size_t j = 1; j <= columns; j++) {
            int change = diagonal + (left[i - 1] != right[j - 1]);
            int least = costs[j] < costs[j - 1] ? costs[j] : costs[j - 1];
            diagonal = costs[j];
            costs[j] = change < least + 1 ? change : least + 1;
        }
    }
    return costs[columns];
}

const char *loader_near(const char *word, const char *const *words, size_t count)
{
    const char *nearest = NULL;
    int best = (int)strlen(word) / 2 + 2;
    for (size_t i = 0; i < count; i++) {
        int cost = distance(word, words[i]);
        if (cost < best) {
            best = cost;
            nearest = words[i];
        }
    }
    return nearest;
}
