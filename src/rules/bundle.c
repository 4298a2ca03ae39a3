/* Where the bundled rules are: told by the environment, installed beside the program, or in the source tree above a build. */
#include "rules/bundle.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define UP_MAX 4 /* folders above the program that are looked in */

static bool is_bundle(const char *folder)
{
    AUTO(text) char *probe = xasprintf("%s/rules", folder);
    return file_exists(probe);
}

static char *program_folder(void)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length <= 0)
        return xstrdup(".");
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        *slash = '\0';
    return xstrdup(path);
}

int rules_bundle_find(char **ret_path, struct err *err)
{
    const char *told = getenv("KONGRUENT_LUA");
    if (told != NULL && told[0] != '\0') {
        if (!is_bundle(told))
            return err_set(err, ERR_NOT_FOUND, "KONGRUENT_LUA is '%s', but there is no folder 'rules' in it", told);
        *ret_path = xstrdup(told);
        return 0;
    }
    AUTO(text) char *folder = program_folder();
    AUTO(text) char *installed = xasprintf("%s/../share/kongruent/lua", folder);
    if (is_bundle(installed)) {
        *ret_path = TAKE(installed);
        return 0;
    }
    AUTO(text) char *above = xstrdup(folder);
    for (int up = 0; up < UP_MAX; up++) {
        AUTO(text) char *candidate = xasprintf("%s/lua", above);
        if (is_bundle(candidate)) {
            *ret_path = TAKE(candidate);
            return 0;
        }
        char *higher = xasprintf("%s/..", above);
        free(above);
        above = higher;
    }
    return err_set(err, ERR_NOT_FOUND,
                   "the bundled rules are neither at %s nor in a folder 'lua' above %s: set KONGRUENT_LUA", installed,
                   folder);
}
