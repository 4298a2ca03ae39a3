package stage

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
)

const insideVariable = "CONFORMANCE_NETNS"

// enter runs this very command in a network namespace. One for the sandbox is made and removed again; a gateway's has to
// be there.
func enter(name string, mustExist bool) error {
	if name == "" && mustExist {
		return errors.New("name the network namespace of the gateway: --netns or KONG_NETNS")
	}
	if name == "" {
		name = fmt.Sprintf("conformance-%d", os.Getpid())
	}
	if !namespaceExists(name) {
		if mustExist {
			return fmt.Errorf("there is no network namespace %s: conformance prepare %s, and start the gateway in it", name, name)
		}
		if said, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
			return fmt.Errorf("ip netns add: %w: %s", err, said)
		}
		defer func() { _ = exec.Command("ip", "netns", "delete", name).Run() }()
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// the child hears SIGINT from the terminal itself; SIGTERM is passed on
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)
	command := exec.Command("ip", append([]string{"netns", "exec", name, self}, os.Args[1:]...)...)
	command.Env = append(os.Environ(), insideVariable+"="+name)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := command.Start(); err != nil {
		return err
	}
	go func() {
		for signal := range asked {
			_ = command.Process.Signal(signal)
		}
	}()
	var ended *exec.ExitError
	if err := command.Wait(); errors.As(err, &ended) {
		return ErrFailed
	} else if err != nil {
		return err
	}
	return nil
}

func namespaceExists(name string) bool {
	_, err := os.Stat(filepath.Join("/run/netns", name))
	return err == nil
}
