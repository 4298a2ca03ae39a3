/* lua/limits.h - how much a run of a rule may take.   Owns: nothing.   Thread: any.   Errors: none. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct lua_limits {
    uint64_t instructions; /* per run; 0: 50 million */
    size_t memory;         /* bytes of the Lua heap; 0: 1 GiB */
    size_t string;         /* longest subject of a pattern search; 0: 64 KiB */
    uint64_t time_ms;      /* per run, and per file that is loaded; 0: 10 seconds */
    size_t result;         /* bytes, about, of what a node run reads, emits, contributes and reports; 0: 64 MiB */
};
