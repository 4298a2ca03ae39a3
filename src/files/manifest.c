/* Endings of manifest files. */
#include "manifest.h"

#include <string.h>

#include "base/alloc.h"

bool manifest_has_ending(const char *path)
{
    static const char *const endings[] = {".yaml", ".yml", ".json"};
    size_t length = strlen(path);
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        size_t size = strlen(endings[i]);
        if (length > size && strcmp(path + length - size, endings[i]) == 0)
            return true;
    }
    return false;
}
