// conformance runs the public Gateway API conformance suite against kongruent, a real API server and any Kong Gateway.
package main

import (
	"fmt"
	"os"

	"kongruent/conformance/internal/stage"
	"kongruent/conformance/internal/suite"
	"kongruent/conformance/internal/workloads"
)

const usage = `usage: conformance COMMAND [flags]; -h after a command lists its flags
  run        everything: network namespace, API server, controller, workloads, suite, table
  prepare    make a network namespace for a gateway, and print what its configuration needs
  workloads  only the stand-in for kubelet and the controllers of Deployments, Services and Namespaces
  suite      only the suite, against the cluster of a kubeconfig
  dns        a name server that answers everything, in the place of CoreDNS
`

func main() {
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(1)
	}
	var err error
	command, arguments := os.Args[1], os.Args[2:]
	switch command {
	case "run":
		err = stage.Run(arguments)
	case "prepare":
		err = stage.Prepare(arguments)
	case "workloads":
		err = workloads.Run(arguments)
	case "suite":
		err = suite.Run(arguments) // does not come back when the suite has run
	case "dns":
		err = workloads.ServeNames()
	default:
		fmt.Fprint(os.Stderr, usage)
		err = fmt.Errorf("unknown command %q", command)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}
