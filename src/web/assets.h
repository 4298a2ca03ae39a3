/* assets.h - the page's files, as they stand in the program.   Owns: static data.   Thread: any.   Errors: none. */
#pragma once

#include "base/embedded.h"

const struct embedded_text *assets_find(const char *name); /* "page.css"; NULL: there is none */
const char *assets_type(const char *name);                 /* as Content-Type */
