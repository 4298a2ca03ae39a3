package workloads

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/client-go/tools/clientcmd"
)

// Run is the command "workloads": it stays until SIGTERM.
func Run(arguments []string) error {
	set := flag.NewFlagSet("workloads", flag.ExitOnError)
	settings := Settings{Log: os.Stderr}
	set.StringVar(&settings.Kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "the cluster")
	set.StringVar(&settings.Echo, "echo", "", "the suite's echo-basic")
	set.StringVar(&settings.Lab, "lab", os.Getenv("KONGRUENT_LAB"), "the lab")
	set.StringVar(&settings.Dir, "dir", "", "folder for volumes and logs")
	_ = set.Parse(arguments)

	config, err := clientcmd.BuildConfigFromFlags("", settings.Kubeconfig)
	if err != nil {
		return err
	}
	if settings.Self, err = os.Executable(); err != nil {
		return err
	}
	if err := os.MkdirAll(settings.Dir, 0o700); err != nil {
		return err
	}
	if err := Prepare(); err != nil {
		return err
	}
	life, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if _, err := Start(life, config, settings); err != nil {
		return err
	}
	fmt.Println("ready")
	<-life.Done()
	return nil
}
