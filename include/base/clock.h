/* base/clock.h - time.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include <stdint.h>
#include <time.h>

uint64_t clock_monotonic_ms(void);
uint64_t clock_monotonic_us(void);
uint64_t clock_cpu_us(void);    /* of this process */
uint64_t clock_thread_us(void); /* CPU time of this thread */
double clock_wall(void);        /* seconds since 1970 */

#define CLOCK_TEXT_SIZE 32
void clock_format(double wall, char ret_text[CLOCK_TEXT_SIZE]);       /* RFC 3339, UTC, seconds */
void clock_format_micro(double wall, char ret_text[CLOCK_TEXT_SIZE]); /* RFC 3339 with microseconds */

/* "500ms", "3s", "1m30s", "10h", or a bare number of seconds; milliseconds, or -1. */
int64_t clock_parse_duration(const char *text);
