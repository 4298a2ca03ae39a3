/* base/embedded.h - texts that the build puts into the program (cmake/embed.cmake).
 * Owns: static data.   Thread: any.   Errors: none. */
#pragma once

#include <stddef.h>

struct embedded_text {
    const char *name; /* below the folder, without ".json": "routes", "plugins/cors", "page.css"; NULL ends a table */
    const char *text;
    size_t length;
};
