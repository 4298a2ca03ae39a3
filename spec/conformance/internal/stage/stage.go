// Package stage decides what stands around the suite, and in which order it starts.
package stage

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"k8s.io/client-go/tools/clientcmd"

	"kongruent/conformance/internal/report"
	"kongruent/conformance/internal/suite"
	"kongruent/conformance/internal/workloads"
)

// ErrFailed says that tests failed; the table has told which.
var ErrFailed = errors.New("tests failed")

const (
	sandbox = "127.0.0.1:8001"
	probe   = "127.0.0.1:10254"
)

type settings struct {
	suite.Settings
	kongruent, lab, echo, deploy string
	dir, netns, router           string
	statusOnly                   bool
	addresses, statusAddress     string
	controllerFlags              string
}

// Run is the command "run".
func Run(arguments []string) error {
	set := flag.NewFlagSet("run", flag.ExitOnError)
	var s settings
	s.Settings.Bind(set)
	set.StringVar(&s.kongruent, "kongruent", os.Getenv("KONGRUENT"), "the controller's program")
	set.StringVar(&s.lab, "lab", os.Getenv("KONGRUENT_LAB"), "the lab's program")
	set.StringVar(&s.echo, "echo", os.Getenv("KONGRUENT_ECHO"), "the suite's echo-basic")
	set.StringVar(&s.deploy, "crds", "deploy/crds", "folder with our definitions")
	set.StringVar(&s.dir, "dir", "", "folder for logs and results; default: a new one")
	set.StringVar(&s.netns, "netns", os.Getenv("KONG_NETNS"), "network namespace that the gateway runs in; default: a new one for the sandbox")
	set.BoolVar(&s.statusOnly, "status-only", false, "no gateway: against the sandbox, where only statuses can pass")
	set.StringVar(&s.router, "router-flavor", "", "translate for this router; default: the gateway's")
	set.StringVar(&s.addresses, "proxy-addresses", os.Getenv("KONG_PROXY_ADDRESSES"),
		"addresses of the gateway's proxy, one for each Gateway, comma-separated; default: those of the command prepare")
	set.StringVar(&s.statusAddress, "status-address", "",
		"the gateway's only address; the controller is told nothing of what listens where, only to publish it")
	set.StringVar(&s.controllerFlags, "controller-flags", "", "further flags of kongruent run, separated by blanks")
	_ = set.Parse(arguments)

	s.Admin = strings.TrimSuffix(os.Getenv("KONG_ADMIN_URL"), "/")
	if s.Admin == "" && !s.statusOnly {
		fmt.Println("SKIPPED: conformance: there is no gateway (KONG_ADMIN_URL); --status-only runs against the sandbox")
		return nil
	}
	if s.statusOnly {
		s.Admin, s.Quick = "", true
	}
	for name, program := range map[string]string{"--kongruent": s.kongruent, "--lab": s.lab, "--echo": s.echo} {
		if _, err := os.Stat(program); err != nil {
			return fmt.Errorf("%s: %w (./dev conformance sets it)", name, err)
		}
	}
	if os.Getenv(insideVariable) == "" {
		return enter(s.netns, s.Admin != "")
	}
	return s.play()
}

func (s *settings) play() error {
	var err error
	if s.dir == "" {
		s.dir, err = os.MkdirTemp("", "conformance-")
	} else {
		err = os.MkdirAll(s.dir, 0o700)
	}
	if err != nil {
		return err
	}
	life, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	life, done := context.WithCancel(life)
	defer done()

	if err := workloads.Prepare(allAddresses()...); err != nil {
		return err
	}
	kubeconfig, err := s.startCluster(life)
	if err != nil {
		return err
	}
	if err := s.startGateway(life); err != nil {
		return err
	}
	if err := s.startController(life, kubeconfig); err != nil {
		return err
	}
	if err := s.startWorkloads(life, kubeconfig); err != nil {
		return err
	}
	return s.runSuite(life, kubeconfig)
}

func (s *settings) startCluster(life context.Context) (kubeconfig string, err error) {
	folder := filepath.Join(s.dir, "cluster")
	kubeconfig = filepath.Join(folder, "kubeconfig")
	if err := startReady(life, filepath.Join(s.dir, "apiserver.log"), s.lab, "apiserver", "--dir", folder, "--", "--advertise-address="+workloads.Host); err != nil {
		return "", err
	}
	class := filepath.Join(s.dir, "class.yaml")
	if err := os.WriteFile(class, []byte(gatewayClass(s.Class)), 0o600); err != nil {
		return "", err
	}
	for _, arguments := range [][]string{
		{"gateway-api-crds", "--channel", "experimental", "--apply", "--kubeconfig", kubeconfig},
		{"apply", "--kubeconfig", kubeconfig, "-f", s.deploy},
		{"apply", "--kubeconfig", kubeconfig, "-f", class},
	} {
		if err := runToEnd(life, s.lab, arguments...); err != nil {
			return "", err
		}
	}
	return kubeconfig, nil
}

func gatewayClass(name string) string {
	return fmt.Sprintf(`apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: %s}
spec: {controllerName: konghq.com/kic-gateway-controller}
`, name)
}

func (s *settings) startGateway(life context.Context) error {
	if s.Admin != "" {
		return awaitAnswer(life, s.Admin+"/")
	}
	if err := start(life, filepath.Join(s.dir, "sandbox.log"), nil, s.kongruent, "sandbox", "--listen", sandbox); err != nil {
		return err
	}
	s.Admin = "http://" + sandbox
	return awaitAnswer(life, s.Admin+"/")
}

func (s *settings) startController(life context.Context, kubeconfig string) error {
	arguments := []string{"run", "--kubeconfig", kubeconfig, "--kong-admin-url", s.Admin, "--health-probe-bind-address", probe, "--feature-gates", "GatewayAlpha=true",
		"--max-delete-percent", "100", "--log-level", "debug"}
	if s.router != "" {
		arguments = append(arguments, "--router-flavor", s.router)
	}
	switch {
	case s.statusAddress != "":
		arguments = append(arguments, "--publish-status-address", s.statusAddress)
	case s.addresses != "":
		arguments = append(arguments, "--gateway-addresses", s.addresses)
	default:
		arguments = append(arguments, "--gateway-proxy-listen", listenOption())
	}
	arguments = append(arguments, strings.Fields(s.controllerFlags)...)
	if err := start(life, filepath.Join(s.dir, "controller.log"), nil, s.kongruent, arguments...); err != nil {
		return err
	}
	if err := awaitAnswer(life, "http://"+probe+"/readyz"); err != nil {
		return err
	}
	// its status lists the features that the suite tries
	return runToEnd(life, s.lab, "wait", "--kubeconfig", kubeconfig, "GatewayClass", "-", s.Class, "--for", "condition=Accepted")
}

func (s *settings) startWorkloads(life context.Context, kubeconfig string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	folder := filepath.Join(s.dir, "pods")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(s.dir, "workloads.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = workloads.Start(life, config, workloads.Settings{
		Echo: s.echo, Self: self, Lab: s.lab, Dir: folder, Log: log, Kubeconfig: kubeconfig,
	})
	return err
}

func (s *settings) runSuite(life context.Context, kubeconfig string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	results, log := filepath.Join(s.dir, "results.json"), filepath.Join(s.dir, "suite.log")
	first, _, _ := strings.Cut(s.addresses, ",")
	usable := cmp.Or(s.statusAddress, first, allAddresses()[0])
	arguments := []string{"suite", "--kubeconfig", kubeconfig, "--admin-url", s.Admin, "--results", results, "--profiles", s.Profiles,
		"--run-test", s.RunTests, "--skip-tests", s.SkipTests, "--gateway-class", s.Class, "--pause", s.Pause.String(),
		"--usable-addresses", usable, "--unusable-addresses", "192.0.2.99",
		fmt.Sprintf("--all-features=%t", s.AllFeatures), fmt.Sprintf("--quick=%t", s.Quick),
		fmt.Sprintf("--debug=%t", s.Debug), fmt.Sprintf("--keep=%t", s.Keep)}
	fmt.Println("logs and results:", s.dir)
	failed := follow(life, log, self, arguments...)
	run, err := report.Read(results)
	if err != nil {
		return fmt.Errorf("the suite did not get to the first test, see %s: %w", log, errors.Join(failed, err))
	}
	run.Gateway, run.Router = s.Admin, s.router
	if run.Router == "" {
		run.Router = routerOf(life, s.Admin)
	}
	if err := run.AddReasons(log); err != nil {
		return err
	}
	if err := run.Write(results); err != nil {
		return err
	}
	run.Table(os.Stdout)
	if run.Failed() > 0 || failed != nil {
		return ErrFailed
	}
	return nil
}
