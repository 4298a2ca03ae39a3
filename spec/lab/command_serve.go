package main

import (
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"kongruent/lab/internal/cluster"
	"kongruent/lab/internal/files"
	"kongruent/lab/internal/proxy"
	"kongruent/lab/internal/serve"
)

const graceDefault = 200 * time.Millisecond

func apiserverFlags(set *flag.FlagSet) run {
	var settings cluster.Settings
	set.StringVar(&settings.Dir, "dir", "", "folder for state, certificates and kubeconfig; an old one starts again as it was")
	set.IntVar(&settings.Port, "port", 0, "loopback port; 0 takes the one used before, or any")
	set.DurationVar(&settings.Grace, "grace", graceDefault, "how long open requests may take after SIGTERM")
	untilEOF := set.Bool("until-eof", false, "stop when standard input ends, too")
	toStderr := set.Bool("log-stderr", false, "log to standard error, not to DIR/log")
	return func(arguments []string) error {
		settings.Flags = arguments
		if _, err := files.Folder(settings.Dir); err != nil {
			return err
		}
		if !*toStderr {
			if err := logInto(filepath.Join(settings.Dir, "log")); err != nil {
				return err
			}
		}
		life, stop := serve.Life(*untilEOF)
		defer stop()
		return cluster.Run(life, settings)
	}
}

// logInto sends standard error to a file: the API server's libraries write there, whatever one tells them.
func logInto(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return syscall.Dup3(int(file.Fd()), syscall.Stderr, 0)
}

// proxying is what the two proxies have in common on the command line.
type proxying struct {
	dir           string
	port, control int
	untilEOF      bool
	record        string
}

func (p *proxying) bind(set *flag.FlagSet) {
	set.StringVar(&p.dir, "dir", "", "folder for what others need to know: port, control, pid")
	set.IntVar(&p.port, "port", 0, "loopback port; 0 takes the one used before, or any")
	set.IntVar(&p.control, "control", 0, "loopback port of the control door; 0 as above")
	set.BoolVar(&p.untilEOF, "until-eof", false, "stop when standard input ends, too")
	set.StringVar(&p.record, "record", "", "file for a JSON line per request and per answer")
}

func (p *proxying) journal() (*proxy.Journal, error) {
	if p.record == "" {
		return proxy.NewJournal(nil), nil
	}
	file, err := os.OpenFile(p.record, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return proxy.NewJournal(file), nil
}

// serve runs the proxy and its control door; prepare is told the port before anybody can connect.
func (p *proxying) serve(server *http.Server, control http.Handler, prepare func(dir string, port int) error) error {
	dir, err := files.Folder(p.dir)
	if err != nil {
		return err
	}
	life, stop := serve.Life(p.untilEOF)
	defer stop()
	listener, port, err := serve.Listen(dir, "port", p.port)
	if err != nil {
		return err
	}
	door, _, err := serve.Listen(dir, "control", p.control)
	if err != nil {
		return err
	}
	if err := prepare(dir, port); err != nil {
		return err
	}
	if err := serve.Ready(dir); err != nil {
		return err
	}
	return serve.HTTP(life, map[*http.Server]net.Listener{
		server:                                listener,
		proxy.Server(control, nil, os.Stderr): door,
	})
}

func proxyFlags(set *flag.FlagSet) run {
	var common proxying
	common.bind(set)
	kubeconfig := set.String("kubeconfig", "", "the API server behind the proxy; clients of DIR/kubeconfig are its user")
	return func([]string) error {
		journal, err := common.journal()
		if err != nil {
			return err
		}
		made, err := proxy.NewKubernetes(*kubeconfig, journal)
		if err != nil {
			return err
		}
		return common.serve(proxy.Server(made, made.TLS, io.Discard), made.Control(), made.WriteKubeconfig)
	}
}

func adminProxyFlags(set *flag.FlagSet) run {
	var common proxying
	var settings proxy.AdminSettings
	common.bind(set)
	set.StringVar(&settings.Upstream, "upstream", "", "URL of the Admin API behind the proxy")
	set.StringVar(&settings.AuthorityFile, "ca", "", "PEM file of the authority that vouches for an https upstream")
	set.BoolVar(&settings.SkipVerify, "skip-verify", false, "believe any certificate of an https upstream")
	return func([]string) error {
		journal, err := common.journal()
		if err != nil {
			return err
		}
		made, err := proxy.NewAdmin(settings, journal)
		if err != nil {
			return err
		}
		nothing := func(string, int) error { return nil }
		return common.serve(proxy.Server(made, nil, io.Discard), made.Control(), nothing)
	}
}
