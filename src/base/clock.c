/* Time: which clocks are read, and how instants and durations are written. */
#include "base/clock.h"

#include "base/alloc.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static uint64_t read_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t clock_monotonic_ms(void)
{
    return read_us(CLOCK_MONOTONIC) / 1000;
}

uint64_t clock_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

uint64_t clock_cpu_us(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

uint64_t clock_thread_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

double clock_wall(void)
{
    return (double)read_us(CLOCK_REALTIME) / 1e6;
}

/* RFC 3339 has four digits for the year; what lies outside is moved to the nearest instant that can be written. */
static int64_t writable_us(double wall)
{
    if (!(wall > 0))
        return 0;
    return wall < 253402300799.0 ? (int64_t)floor(wall * 1e6 + 0.5) : INT64_C(253402300799000000);
}

void clock_format(double wall, char ret_text[CLOCK_TEXT_SIZE])
{
    time_t seconds = (time_t)(writable_us(floor(wall)) / 1000000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(ret_text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

void clock_format_micro(double wall, char ret_text[CLOCK_TEXT_SIZE])
{
    int64_t us = writable_us(wall);
    time_t seconds = (time_t)(us / 1000000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t length = strftime(ret_text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(ret_text + length, CLOCK_TEXT_SIZE - length, ".%06dZ", (int)(us % 1000000));
}

/* Digits with an optional fraction; NULL when there is none. */
static const char *read_number(const char *text, double *ret_number)
{
    double number = 0;
    double scale = 1;
    bool any = false;
    for (; *text >= '0' && *text <= '9'; text++, any = true)
        number = number * 10 + (*text - '0');
    if (*text == '.') {
        for (text++; *text >= '0' && *text <= '9'; text++, any = true) {
            scale /= 10;
            number += (*text - '0') * scale;
        }
    }
    *ret_number = number;
    return any ? text : NULL;
}

static const char *read_unit(const char *text, double *ret_ms)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"ns", 1e-6}, {"us", 1e-3}, {"µs", 1e-3}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        size_t length = strlen(units[i].name);
        if (strncmp(text, units[i].name, length) == 0) {
            *ret_ms = units[i].ms;
            return text + length;
        }
    }
    return NULL;
}

int64_t clock_parse_duration(const char *text)
{
    double total = 0;
    bool first = true;
    do {
        double number, unit_ms;
        text = read_number(text, &number);
        if (text == NULL)
            return -1;
        if (first && *text == '\0')
            return number < 9e12 ? (int64_t)floor(number * 1e3 + 0.5) : -1;
        text = read_unit(text, &unit_ms);
        if (text == NULL)
            return -1;
        total += number * unit_ms;
        first = false;
    } while (*text != '\0');
    return total < 9e15 ? (int64_t)floor(total + 1e-6) : -1;
}
