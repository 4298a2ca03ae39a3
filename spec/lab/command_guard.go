package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"kongruent/lab/internal/files"
	"kongruent/lab/internal/guard"
	"kongruent/lab/internal/serve"
)

const guardGrace = 10 * time.Second

func guardFlags(set *flag.FlagSet) run {
	var settings guard.Settings
	set.StringVar(&settings.Dir, "dir", "", "folder for log and pid")
	set.StringVar(&settings.Ready, "ready", "", "expression for the line of output that says it is ready")
	set.DurationVar(&settings.Grace, "grace", guardGrace, "between SIGTERM and SIGKILL")
	untilEOF := set.Bool("until-eof", false, "end it when standard input ends, too")
	return func(arguments []string) error {
		// The kernel ties the child's life to the thread that starts it.
		runtime.LockOSThread()
		settings.Command = arguments
		life, stop := serve.Life(*untilEOF)
		defer stop()
		err := guard.Run(life, settings)
		var ended *exec.ExitError
		if errors.As(err, &ended) && ended.ExitCode() > 0 {
			os.Exit(ended.ExitCode())
		}
		return err
	}
}

func controlFlags(set *flag.FlagSet) run {
	dir := set.String("dir", "", "folder of the proxy")
	return func(arguments []string) error {
		if len(arguments) < 2 || len(arguments) > 3 {
			return fmt.Errorf("want METHOD PATH [BODY], got %q", arguments)
		}
		body := ""
		if len(arguments) == 3 {
			body = arguments[2]
		}
		port := files.ReadNumber(*dir, "control")
		if port == 0 {
			return fmt.Errorf("%s does not say where the control door is", filepath.Join(*dir, "control"))
		}
		target := fmt.Sprintf("http://127.0.0.1:%d%s", port, arguments[1])
		request, err := http.NewRequest(arguments[0], target, strings.NewReader(body))
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode >= http.StatusBadRequest {
			content, _ := io.ReadAll(response.Body)
			return fmt.Errorf("%s %s: %s: %s", arguments[0], arguments[1], response.Status, strings.TrimSpace(string(content)))
		}
		_, err = io.Copy(os.Stdout, response.Body)
		return err
	}
}
