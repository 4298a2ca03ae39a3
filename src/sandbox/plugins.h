/* plugins.h - the plugins that a bundled gateway has, in its order.   Owns: static rows.   Thread: any. */
#pragma once

#include <stddef.h>

struct plugin_row {
    const char *name;
    int priority;
};

#define PLUGIN_COUNT 45
extern const struct plugin_row plugin_rows[PLUGIN_COUNT];
