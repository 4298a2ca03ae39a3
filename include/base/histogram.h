/* base/histogram.h - how often values fell into fixed ranges.
 * Owns:    nothing; a value of its own, which may be copied.
 * Thread:  one owner.
 * Errors:  none. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS_MAX 32

struct histogram {
    double bounds[HISTOGRAM_BOUNDS_MAX]; /* upper ones, included, rising */
    uint64_t counts[HISTOGRAM_BOUNDS_MAX + 1];
    size_t bound_count;
    uint64_t total;
    double sum;
};

/* `count` bounds, the first one `start`, each `factor` times the one before. */
void histogram_init(struct histogram *histogram, double start, double factor, size_t count);
void histogram_init_bounds(struct histogram *histogram, const double *bounds, size_t count);
void histogram_add(struct histogram *histogram, double value);
