// The lab is what tests put around kongruent: a real API server, a client for it, and proxies that break things on purpose.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
)

// command is one word of the command line; its flags are parsed before run sees the arguments that are left.
type command struct {
	words string // what follows the flags
	does  string
	flags func(set *flag.FlagSet) run
}

type run func(arguments []string) error

var commands = map[string]command{
	"apiserver":            {"[-- kube-apiserver flags]", "run etcd and kube-apiserver until SIGTERM", apiserverFlags},
	"proxy":                {"", "run a fault proxy in front of an API server", proxyFlags},
	"adminproxy":           {"", "run a fault proxy in front of an Admin API", adminProxyFlags},
	"apply":                {"", "server-side apply manifests", applyFlags},
	"delete":               {"[KIND NAMESPACE NAME]", "delete manifests, or one object", deleteFlags},
	"get":                  {"KIND NAMESPACE|- [NAME]", "print an object or a list as JSON", getFlags},
	"patch":                {"KIND NAMESPACE|- NAME", "patch an object", patchFlags},
	"status":               {"KIND NAMESPACE|- NAME", "merge into an object's status", statusFlags},
	"wait":                 {"KIND NAMESPACE|- NAME", "watch an object until something holds", waitFlags},
	"finalize":             {"NAMESPACE", "empty and remove a namespace", finalizeFlags},
	"token":                {"", "print a ServiceAccount's token", tokenFlags},
	"kubeconfig-for-token": {"", "write a kubeconfig for a token file", tokenKubeconfigFlags},
	"guard":                {"-- COMMAND ARGUMENTS", "run a program that must not outlive the caller", guardFlags},
	"control":              {"METHOD PATH [BODY]", "speak to a proxy's control door", controlFlags},
	"echo":                 {"NAME...", "run HTTP backends that say what reached them", echoFlags},
	"gateway-api-crds":     {"", "print or apply the Gateway API's definitions", gatewayFlags},
}

func main() {
	if err := dispatch(os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "lab:", err)
		}
		os.Exit(1)
	}
}

func dispatch(arguments []string) error {
	if len(arguments) == 0 {
		usage()
		return flag.ErrHelp
	}
	chosen, known := commands[arguments[0]]
	if !known {
		usage()
		return fmt.Errorf("unknown command %q", arguments[0])
	}
	set := flag.NewFlagSet("lab "+arguments[0], flag.ContinueOnError)
	set.Usage = func() {
		fmt.Fprintf(os.Stderr, "lab %s [flags] %s: %s\n", arguments[0], chosen.words, chosen.does)
		set.PrintDefaults()
	}
	start := chosen.flags(set)
	words, err := parse(set, arguments[1:])
	if err != nil {
		return flag.ErrHelp // the flag set has said what is wrong
	}
	return start(words)
}

// parse takes flags before, between and after words; what follows "--" is all words.
func parse(set *flag.FlagSet, arguments []string) (words []string, err error) {
	var verbatim []string
	if end := slices.Index(arguments, "--"); end >= 0 {
		arguments, verbatim = arguments[:end], arguments[end+1:]
	}
	for len(arguments) > 0 {
		if err := set.Parse(arguments); err != nil {
			return nil, err
		}
		if arguments = set.Args(); len(arguments) > 0 {
			words, arguments = append(words, arguments[0]), arguments[1:]
		}
	}
	return append(words, verbatim...), nil
}

func usage() {
	names := make([]string, 0, len(commands))
	for name := range commands {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Fprintln(os.Stderr, "usage: lab COMMAND [flags] [arguments]")
	for _, name := range names {
		fmt.Fprintf(os.Stderr, "  %-20s %s\n", name, commands[name].does)
	}
}

// paths collects a flag that may be given more than once.
type paths []string

func (p *paths) String() string { return fmt.Sprint(*p) }

func (p *paths) Set(value string) error {
	*p = append(*p, value)
	return nil
}
