package workloads

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	listenPoll = 10 * time.Millisecond
	listenWait = 30 * time.Second
)

// pod is one process in a network namespace of its own, as servers of the suite listen on fixed ports of all addresses.
type pod struct {
	namespace, name string
	deployment      types.UID
	labels          map[string]string
	containers      []corev1.Container
	changed         func() // told when the process listens, or ends

	uid       types.UID
	address   string
	announced bool // its object says that it is ready
	process   *os.Process
	listening atomic.Bool
}

func (p *pod) ready() bool { return p.listening.Load() }

// program says what runs for an image.
func (c *Controller) program(image string) (command []string, known bool) {
	name, _, _ := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	switch name {
	case "echo-basic":
		return []string{c.settings.Echo}, true
	case "coredns":
		return []string{c.settings.Self, "dns"}, true
	}
	return nil, false
}

// start runs the first container's program; folders are where its volumes are, by mount path.
func (p *pod) start(settings Settings, network *network, program []string, folders map[string]string) error {
	address, err := network.next()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(settings.Dir, logName(p.namespace, p.name)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	p.address = address
	command := exec.Command(program[0], program[1:]...)
	command.Env = append(os.Environ(), p.environment(folders)...)
	output := &stamper{file: log}
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		_ = log.Close()
		return err
	}
	p.process = command.Process
	ended := make(chan struct{})
	go func() {
		_ = command.Wait() // its output has been kept then
		_ = log.Close()
		p.listening.Store(false)
		close(ended)
		p.changed()
	}()
	if err := network.connect(p.process.Pid, address); err != nil {
		p.stop()
		return err
	}
	go p.awaitListening(ended, expectedSockets(command.Env))
	return nil
}

func (p *pod) stop() {
	if p.process != nil {
		_ = p.process.Kill()
	}
	p.listening.Store(false)
}

func (p *pod) environment(folders map[string]string) []string {
	var variables []string
	for _, variable := range p.containers[0].Env {
		value := variable.Value
		if variable.ValueFrom != nil && variable.ValueFrom.FieldRef != nil {
			switch variable.ValueFrom.FieldRef.FieldPath {
			case "metadata.name":
				value = p.name
			case "metadata.namespace":
				value = p.namespace
			case "status.podIP":
				value = p.address
			}
		}
		for path, folder := range folders {
			if rest, inside := strings.CutPrefix(value, path+"/"); inside {
				value = filepath.Join(folder, rest)
			}
		}
		variables = append(variables, variable.Name+"="+value)
	}
	return variables
}

// awaitListening looks into the process's own table of sockets, so no server sees a connection that is no test's.
func (p *pod) awaitListening(ended chan struct{}, sockets []socket) {
	deadline := time.After(listenWait)
	tick := time.NewTicker(listenPoll)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-deadline:
			fmt.Fprintf(os.Stderr, "workloads: %s/%s does not listen on %v\n", p.namespace, p.name, sockets)
			return
		case <-tick.C:
			if listensOnAll(p.process.Pid, sockets) {
				p.listening.Store(true)
				p.changed()
				return
			}
		}
	}
}

func (c *Controller) stopAll() {
	for _, pod := range c.pods {
		pod.stop()
	}
}
