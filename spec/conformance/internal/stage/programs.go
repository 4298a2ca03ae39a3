package stage

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"kongruent/conformance/internal/suite"
)

const (
	answerPoll = 50 * time.Millisecond
	answerWait = 60 * time.Second
	endGrace   = 3 * time.Second
)

// start runs a program that ends with life; each line of its standard output goes to line, if there is one.
func start(life context.Context, log string, line func(string), program string, arguments ...string) error {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	command := exec.CommandContext(life, program, arguments...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = endGrace
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.Stderr = file
	if line == nil {
		command.Stdout = file
	} else {
		out, err := command.StdoutPipe()
		if err != nil {
			return err
		}
		go eachLine(io.TeeReader(out, file), line)
	}
	if err := command.Start(); err != nil {
		return err
	}
	go func() {
		if err := command.Wait(); err != nil && life.Err() == nil {
			fmt.Fprintf(os.Stderr, "conformance: %s ended: %v (log: %s)\n", program, err, log)
		}
	}()
	return nil
}

func eachLine(from io.Reader, line func(string)) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		line(lines.Text())
	}
}

// startReady starts a program of the lab and waits for its word.
func startReady(life context.Context, log, program string, arguments ...string) error {
	ready := make(chan struct{}, 1)
	if err := start(life, log, func(line string) {
		if line == "ready" {
			ready <- struct{}{}
		}
	}, program, arguments...); err != nil {
		return err
	}
	select {
	case <-ready:
		return nil
	case <-life.Done():
		return life.Err()
	case <-time.After(answerWait):
		return fmt.Errorf("%s is not ready after %s, see %s", program, answerWait, log)
	}
}

func runToEnd(life context.Context, program string, arguments ...string) error {
	said, err := exec.CommandContext(life, program, arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, strings.Join(arguments, " "), err, said)
	}
	return nil
}

// follow runs a program to its end, keeps what it says, and shows how tests begin and end.
func follow(life context.Context, log, program string, arguments ...string) error {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	command := exec.CommandContext(life, program, arguments...)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	command.Stderr = file
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	eachLine(io.TeeReader(out, file), func(line string) {
		if shown, live := strings.CutPrefix(line, suite.Live); live {
			fmt.Println(shown)
		}
	})
	return command.Wait()
}

// awaitAnswer waits until a URL answers with success.
func awaitAnswer(life context.Context, url string) error {
	deadline := time.Now().Add(answerWait)
	var last error
	for life.Err() == nil && time.Now().Before(deadline) {
		answer, err := http.Get(url)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode < http.StatusBadRequest {
				return nil
			}
			err = fmt.Errorf("status %d", answer.StatusCode)
		}
		last = err
		time.Sleep(answerPoll)
	}
	return fmt.Errorf("%s does not answer: %w", url, last)
}

// routerOf asks the gateway for the flavour of its router.
func routerOf(life context.Context, admin string) string {
	var root struct {
		Configuration struct {
			Flavor string `json:"router_flavor"`
		} `json:"configuration"`
	}
	request, err := http.NewRequestWithContext(life, http.MethodGet, admin+"/", nil)
	if err == nil {
		if answer, failed := http.DefaultClient.Do(request); failed == nil {
			defer answer.Body.Close()
			_ = json.NewDecoder(answer.Body).Decode(&root)
		}
	}
	return root.Configuration.Flavor
}
