// Package guard decides how long somebody else's program may live: no longer than the test that started it.
package guard

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"

	"kongruent/lab/internal/files"
)

// Settings says what to run and when it counts as ready.
type Settings struct {
	Dir     string
	Ready   string        // expression for a line of its output; empty: as soon as it runs
	Grace   time.Duration // between SIGTERM and SIGKILL
	Command []string
}

// Run starts the command, says "ready", and ends with it. When life ends first, the command is ended.
// Its output goes into DIR/log, its process id into DIR/pid.
func Run(life context.Context, settings Settings) error {
	if len(settings.Command) == 0 {
		return fmt.Errorf("nothing to run: put the command after --")
	}
	dir, err := files.Folder(settings.Dir)
	if err != nil {
		return err
	}
	ready, err := regexp.Compile(settings.Ready)
	if err != nil {
		return err
	}
	output, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer output.Close()

	command := exec.CommandContext(life, settings.Command[0], settings.Command[1:]...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = settings.Grace
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	announce := sync.OnceFunc(func() { fmt.Println("ready") })
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	read := make(chan struct{})
	go func() {
		defer close(read)
		copyLines(reader, output, func(line []byte) {
			if settings.Ready != "" && ready.Match(line) {
				announce()
			}
		})
	}()
	if err := command.Start(); err != nil {
		return err
	}
	if err := files.WriteNumber(dir, "pid", command.Process.Pid); err != nil {
		return err
	}
	if settings.Ready == "" {
		announce()
	}
	err = command.Wait()
	_ = writer.Close()
	<-read
	if life.Err() != nil && !killed(err) {
		return nil
	}
	return err
}

// killed says whether the command had to be killed because it did not heed SIGTERM.
func killed(err error) bool {
	if errors.Is(err, exec.ErrWaitDelay) {
		return true
	}
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		return false
	}
	status, ok := ended.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

func copyLines(from io.Reader, into io.Writer, see func(line []byte)) {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		_, _ = into.Write(line)
		see(line)
		if err != nil {
			return
		}
	}
}
