/* embedded.h - texts that the build puts into the program (cmake/embed.cmake).   Owns: static data.   Thread: any. */
#pragma once

#include <stddef.h>

struct embedded_text {
    const char *name; /* "routes", "plugins/cors"; NULL ends the table */
    const char *text;
};

extern const struct embedded_text sandbox_schema_texts[];
