/* The commands: which there are, what they are for, and which options they know. */
#include <string.h>

#include "base/alloc.h"
#include "command.h"
#include "config/options.h"

static const struct command COMMANDS[] = {
    {"run", "", "keep a gateway as the cluster, or a folder, says",
     OPTION_SOURCE | OPTION_TRANSLATION | OPTION_KUBE | OPTION_GATEWAY | OPTION_SYNC | OPTION_RUN | OPTION_LOG,
     "Reads the cluster (or --source dir:PATH), translates every change at once and sends what it needs to the "
     "gateway,\n"
     "until SIGTERM, which lets what is under way finish. Serves /healthz and /readyz, /metrics and a status page\n"
     "(docs/page.md); /debug/… with --dump-config and --profiling.\n",
     cli_run},
    {"diff", "", "print what apply would change",
     OPTION_INPUT | OPTION_SOURCE | OPTION_TRANSLATION | OPTION_KUBE | OPTION_GATEWAY | OPTION_SYNC | OPTION_OUTPUT |
         OPTION_LOG,
     "Compares manifests (-f), or the cluster, with the gateway and prints the plan with changed fields (-o json: "
     "decK's\n"
     "report). Writes nothing. Exit code: 0 nothing to do, 2 changes, 1 failed.\n",
     cli_diff},
    {"apply", "", "bring a gateway into line once",
     OPTION_INPUT | OPTION_SOURCE | OPTION_TRANSLATION | OPTION_KUBE | OPTION_GATEWAY | OPTION_SYNC | OPTION_OUTPUT |
         OPTION_LOG,
     "Does what diff prints, once, and says what it did. Exit code: 0 converged, 1 failed or something was refused or "
     "held.\n",
     cli_apply},
    {"approve", "HASH", "let a running controller carry out the deletes that it holds",
     OPTION_SOURCE | OPTION_KUBE | OPTION_LEASE | OPTION_LOG,
     "Approves the held plan with this hash: as an annotation of the controller's Lease, or as a file where its source "
     "is a\n"
     "folder (--source dir:PATH) or it was started with --approval-file. The hash stands in the log, on the status "
     "page, "
     "in\n"
     "what diff prints, and in the problems DeletesHeld. Exit code: 0 approved; 1 nothing is held under this hash.\n",
     cli_approve},
    {"status", "", "say how a running controller stands", OPTION_STATUS | OPTION_OUTPUT,
     "Asks the controller at --address for its state, the leader, what is held with the command that approves it, and\n"
     "the problems that stand (-o text|json). Exit code: 0 it answered; 1 not.\n",
     cli_status},
    {"translate", "", "print the Kong configuration that Kubernetes manifests become",
     OPTION_INPUT | OPTION_TRANSLATION | OPTION_OUTPUT | OPTION_FAIL,
     "Reads manifests, runs the rules and prints decK's state format (-o yaml|json), sorted, so that equal input "
     "gives\n"
     "equal bytes. Problems go to standard error, one a line: severity CODE Kind namespace/name: text (file:line).\n"
     "A route whose plugins are missing is left out, as a gateway would not get it (see --on-missing-plugin).\n"
     "Exit code: 0 done, also with problems; 1 when an input cannot be read, or by --fail-on.\n",
     cli_translate},
    {"analyze", "", "print problems with their causes and remedies",
     OPTION_INPUT | OPTION_SOURCE | OPTION_TRANSLATION | OPTION_KUBE | OPTION_OUTPUT | OPTION_LOG | OPTION_FAIL,
     "Analyses manifests (-f), a cluster (--source kube), or manifests laid over a cluster (both); -o json for "
     "programs.\n"
     "Writes nothing. Exit code: 0; 2 when a problem is at least of the --fail-on level (default error); 1 failed.\n",
     cli_analyze},
    {"test", "DIR...", "run fixture cases of rules and print what differs", OPTION_TRANSLATION | OPTION_CASES,
     "A case is a folder with the objects (in.yaml or in/) and what they are expected to become: out.yaml as "
     "translate\n"
     "prints it, and problems.txt with the lines about problems (without it there must be none). It may have\n"
     "settings.yaml (--settings), options.yaml (further flags, as a mapping) and rules.d/ (--rules). Folders are\n"
     "searched for cases. With --update the expected files are written instead. Exit code: 0 all passed, 1 not.\n",
     cli_test},
    {"explain", "", "say which object, rule file and step every entity came from",
     OPTION_INPUT | OPTION_TRANSLATION | OPTION_OUTPUT | OPTION_FAIL | OPTION_EXPLAIN,
     "Translates as translate does and prints, for each entity (or those that --entity names), the objects with file "
     "and\n"
     "line, the rule with file, line and step, the overrides that changed it, and the plugins that guard it (-o\n"
     "text|json).\n",
     cli_explain},
    {"rules", "list | show NAME | check [DIR] | new KIND",
     "look at the rules that are loaded, check and begin own ones", OPTION_TRANSLATION | OPTION_OUTPUT,
     "list: every rule file in load order, with what it does to what. show: the files and steps of one rule or entity\n"
     "kind. check: loads the folder (or --rules) and says file:line of what is wrong. new: prints a file to begin "
     "with:\n"
     "for a rule (Ingress) one that extends it, for an entity kind (route) one that adjusts it, for another\n"
     "group/version/Kind a new rule. lua/README.md is the manual.\n",
     cli_rules},
    {"sandbox", "", "serve an Admin API of Kong in memory, to try things with", OPTION_SANDBOX | OPTION_LOG,
     "Answers as a Kong Gateway with a database does, until SIGTERM, and forgets everything then. Never for "
     "production.\n"
     "With --control, paths under /sandbox/ inject faults, show the requests, seed entities and show all of them.\n",
     cli_sandbox},
    {"version", "", "print the version", OPTION_OUTPUT,
     "Prints JSON with the release; with -o text, as --version does, one line for people.\n", cli_version},
    {"help", "[COMMAND | --markdown | --commands | --problems | --metrics]", "say more about a command", 0,
     "Without a command: the list. --markdown, --commands, --problems and --metrics print docs/options.md,\n"
     "docs/commands.md, docs/problems.md and docs/metrics.md.\n",
     cli_help},
    {"bench", "", "", OPTION_INPUT | OPTION_TRANSLATION,
     "Prints JSON lines: what a full translation, and single changes after it, cost. For ./dev bench.\n", cli_bench},
};

const struct command *commands(size_t *ret_count)
{
    *ret_count = COUNT_OF(COMMANDS);
    return COMMANDS;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(COMMANDS); i++) {
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    }
    return NULL;
}
