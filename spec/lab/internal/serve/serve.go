// Package serve decides how a lab process lives: it says "ready" once, stays, and goes at a signal or with its parent.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"kongruent/lab/internal/files"
)

// Life ends at SIGTERM or SIGINT, and with untilEOF also when standard input ends: then the parent has died.
func Life(untilEOF bool) (context.Context, context.CancelFunc) {
	life, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	if untilEOF {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			stop()
		}()
	}
	return life, stop
}

// Listen binds a loopback port. For port 0 it takes the one that dir/name remembers, if that one is free: a restart then
// keeps its address.
func Listen(dir, name string, port int) (net.Listener, int, error) {
	remembered := port == 0
	if remembered {
		port = files.ReadNumber(dir, name)
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil && remembered && port != 0 {
		listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, 0, err
	}
	port = listener.Addr().(*net.TCPAddr).Port
	return listener, port, files.WriteNumber(dir, name, port)
}

// Ready tells whoever started the process that it may go on.
func Ready(dir string) error {
	if err := files.WriteNumber(dir, "pid", os.Getpid()); err != nil {
		return err
	}
	_, err := fmt.Println("ready")
	return err
}

// HTTP serves until life ends, then closes every connection: what is held or streaming must not delay the end.
func HTTP(life context.Context, servers map[*http.Server]net.Listener) error {
	failed := make(chan error, len(servers))
	for server, listener := range servers {
		go func() {
			if server.TLSConfig != nil {
				failed <- server.ServeTLS(listener, "", "")
			} else {
				failed <- server.Serve(listener)
			}
		}()
	}

	var err error
	select {
	case err = <-failed:
	case <-life.Done():
	}
	for server := range servers {
		_ = server.Close()
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// HeaderTimeout bounds how long a client may take over its headers.
const HeaderTimeout = 30 * time.Second
