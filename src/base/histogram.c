/* Counting values by range. */
#include "base/histogram.h"

#include "base/alloc.h"

void histogram_init(struct histogram *histogram, double start, double factor, size_t count)
{
    require_that(count <= HISTOGRAM_BOUNDS_MAX);
    *histogram = (struct histogram){.bound_count = count};
    for (size_t i = 0; i < count; i++, start *= factor)
        histogram->bounds[i] = start;
}

void histogram_init_bounds(struct histogram *histogram, const double *bounds, size_t count)
{
    require_that(count <= HISTOGRAM_BOUNDS_MAX);
    *histogram = (struct histogram){.bound_count = count};
    for (size_t i = 0; i < count; i++)
        histogram->bounds[i] = bounds[i];
}

void histogram_add(struct histogram *histogram, double value)
{
    size_t at = 0;
    while (at < histogram->bound_count && value > histogram->bounds[at])
        at++;
    histogram->counts[at]++;
    histogram->total++;
    histogram->sum += value;
}
