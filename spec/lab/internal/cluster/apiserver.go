// Package cluster decides what a test cluster is: one etcd member and one real kube-apiserver in this very process, with
// RBAC, TLS and service account tokens, and no controllers.
package cluster

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	logs "k8s.io/component-base/logs/api/v1"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"

	"kongruent/lab/internal/files"
	"kongruent/lab/internal/serve"
)

const readyPoll = 20 * time.Millisecond

// Settings is what the command line can say about a cluster.
type Settings struct {
	Dir   string
	Port  int
	Grace time.Duration // how long open requests may still take after the signal
	Flags []string      // for kube-apiserver, after ours
}

// Run serves a cluster until life ends.
func Run(life context.Context, settings Settings) error {
	dir, err := files.Folder(settings.Dir)
	if err != nil {
		return err
	}
	listener, port, err := serve.Listen(dir, "port", settings.Port)
	if err != nil {
		return err
	}
	if err := ensureKeys(dir); err != nil {
		return err
	}
	if err := writeKubeconfigs(dir, port); err != nil {
		return err
	}
	etcd, err := startEtcd(life, dir)
	if err != nil {
		return err
	}
	ended, client, err := startServer(life, dir, listener, port, settings.Flags)
	if err != nil {
		etcd.Close()
		return err
	}
	if err := waitReady(life, client, ended); err != nil {
		return err
	}
	if life.Err() == nil {
		if err := serve.Ready(dir); err != nil {
			return err
		}
	}
	select {
	case err := <-ended:
		return fmt.Errorf("kube-apiserver ended: %w", err)
	case <-life.Done():
	}
	// A drain waits up to a minute for open watches, and the state survives even SIGKILL.
	select {
	case <-ended:
		etcd.Close()
	case <-time.After(settings.Grace):
	}
	return nil
}

func startServer(life context.Context, dir string, listener net.Listener, port int, flags []string) (
	chan error, rest.Interface, error) {
	logs.ReapplyHandling = logs.ReapplyHandlingIgnoreUnchanged
	rest.SetDefaultWarningHandler(rest.NoWarnings{})

	settings := options.NewServerRunOptions()
	set := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	for _, named := range settings.Flags().FlagSets {
		set.AddFlagSet(named)
	}
	if err := set.Parse(append(serverFlags(dir), flags...)); err != nil {
		return nil, nil, err
	}
	settings.SecureServing.Listener, settings.SecureServing.BindPort = listener, port
	if err := settings.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return nil, nil, err
	}
	completed, err := settings.Complete(life)
	if err != nil {
		return nil, nil, err
	}
	if problems := completed.Validate(); len(problems) > 0 {
		return nil, nil, problems[0]
	}
	config, err := app.NewConfig(completed)
	if err != nil {
		return nil, nil, err
	}
	complete, err := config.Complete()
	if err != nil {
		return nil, nil, err
	}
	server, err := app.CreateServerChain(complete)
	if err != nil {
		return nil, nil, err
	}
	prepared, err := server.PrepareRun()
	if err != nil {
		return nil, nil, err
	}
	client, err := kubernetes.NewForConfig(server.GenericAPIServer.LoopbackClientConfig)
	if err != nil {
		return nil, nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- prepared.Run(life) }()
	return ended, client.RESTClient(), nil
}

func serverFlags(dir string) []string {
	in := func(name string) string { return filepath.Join(dir, name) }
	return []string{
		"--etcd-servers=unix://" + in(etcdSocket),
		"--etcd-healthcheck-timeout=10s",
		"--client-ca-file=" + in("ca.crt"),
		"--tls-cert-file=" + in("apiserver.crt"),
		"--tls-private-key-file=" + in("apiserver.key"),
		"--token-auth-file=" + in("tokens.csv"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + in("sa.key"),
		"--service-account-signing-key-file=" + in("sa.key"),
		"--authorization-mode=RBAC",
		"--service-cluster-ip-range=10.96.0.0/12",
		"--advertise-address=127.0.0.1",
		"--bind-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		"--allow-privileged",
		"--disable-admission-plugins=ServiceAccount", // Pods would wait for a token controller
		"--enable-priority-and-fairness=false",
		"--profiling=false",
		"--shutdown-delay-duration=0",
	}
}

func waitReady(life context.Context, client rest.Interface, ended chan error) error {
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for {
		if _, err := client.Get().AbsPath("/readyz").DoRaw(life); err == nil {
			return nil
		}
		select {
		case err := <-ended:
			return fmt.Errorf("kube-apiserver ended before it was ready: %w", err)
		case <-life.Done():
			return nil
		case <-tick.C:
		}
	}
}
