/* test: runs the fixture cases below folders and prints what differs. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "base/vec.h"
#include "case.h"
#include "command.h"
#include "config/options.h"

#define DEPTH_MAX 8 /* folders within folders */

struct folders {
    VEC(char *);
};

struct tally {
    int passed, failed, updated;
    bool update, colour;
};

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* Folders of cases below, in byte order of their paths; what lies inside of a case is the case's own. */
static void find_cases(const char *path, int depth, struct folders *found)
{
    if (case_is(path)) {
        vec_push(found, xstrdup(path));
        return;
    }
    DIR *folder = depth < DEPTH_MAX ? opendir(path) : NULL;
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        AUTO(text) char *below = xasprintf("%s/%s", path, entry->d_name);
        if (is_folder(below))
            find_cases(below, depth + 1, found);
    }
    closedir(folder);
}

static void run_case(const char *folder, int argc, char **argv, struct tally *tally)
{
    struct case_outcome outcome = CASE_OUTCOME_INIT;
    AUTO(buf) struct buf difference = BUF_OWN;
    struct err err = ERR_INIT;
    bool changed = false;
    int rc = case_run(folder, argc, argv, &outcome, &err);
    if (rc == 0 && tally->update)
        rc = case_update(folder, &outcome, &changed, &err);
    else if (rc == 0)
        rc = case_compare(folder, &outcome, tally->colour, &difference, &err);
    if (rc != 0) {
        AUTO(text) char *shown = text_shown(err.text);
        buf_printf(&difference, "  %s\n", shown);
    }
    bool good = difference.length == 0;
    tally->passed += good;
    tally->failed += !good;
    tally->updated += changed;
    printf("%s %s%s\n%s", good ? "ok  " : "FAIL", folder, changed ? " (updated)" : "", buf_text(&difference));
    case_outcome_done(&outcome);
}

static int run_all(const char *const *paths, int argc, char **argv, struct tally *tally)
{
    struct folders found = {0};
    for (; *paths != NULL; paths++) {
        size_t before = found.count;
        AUTO(text) char *path = xstrdup(*paths);
        for (size_t length = strlen(path); length > 1 && path[length - 1] == '/'; length--)
            path[length - 1] = '\0';
        find_cases(path, 0, &found);
        if (found.count == before) {
            printf("FAIL %s\n  there is no case in it: a folder with in.yaml (or in/) and out.yaml\n", path);
            tally->failed++;
        }
    }
    if (found.count > 1)
        qsort(found.items, found.count, sizeof(*found.items), by_text);
    for (size_t i = 0; i < found.count; i++) {
        run_case(found.items[i], argc, argv, tally);
        free(found.items[i]);
    }
    vec_done(&found);
    printf("%d passed, %d failed", tally->passed, tally->failed);
    if (tally->update)
        printf(", %d updated", tally->updated);
    printf("\n");
    return tally->failed == 0 ? 0 : 1;
}

int cli_test(int argc, char **argv)
{
    struct err err = ERR_INIT;
    AUTO(options) struct options *options = NULL;
    if (options_parse(argc, argv, OPTION_TRANSLATION | OPTION_CASES, &options, &err) != 0)
        return command_fail(err.text);
    if (options_words(options)[0] == NULL)
        return command_fail("name one or more folders with cases");
    struct tally tally = {.update = options_truth(options, OPT_UPDATE), .colour = isatty(STDOUT_FILENO) != 0};
    return run_all(options_words(options), argc, argv, &tally);
}
