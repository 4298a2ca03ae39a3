/* Lists of problems: their end, and whether they say the same. */
#include "problem_list.h"

void problem_list_done(struct problem_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        problem_unref(list->items[i]);
    vec_done(list);
}

bool problem_list_equal(const struct problem_list *left, const struct problem_list *right)
{
    if (left->count != right->count)
        return false;
    for (size_t i = 0; i < left->count; i++) {
        if (problem_compare(left->items[i], right->items[i]) != 0)
            return false;
    }
    return true;
}
