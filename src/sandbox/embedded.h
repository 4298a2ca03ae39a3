/* embedded.h - Kong's schemas, as the build puts them into the program.   Owns: static data.   Thread: any.   Errors: none. */
#pragma once

#include "base/embedded.h"

extern const struct embedded_text sandbox_schema_texts[];
