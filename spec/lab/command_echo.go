package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"

	"kongruent/lab/internal/echo"
	"kongruent/lab/internal/files"
	"kongruent/lab/internal/serve"
)

func echoFlags(set *flag.FlagSet) run {
	dir := set.String("dir", "", "folder for what others need to know: ports (JSON, by name), pid")
	address := set.String("address", "127.0.0.1", "where the backends listen; each takes any free port")
	untilEOF := set.Bool("until-eof", false, "stop when standard input ends, too")
	return func(names []string) error {
		if len(names) == 0 {
			return fmt.Errorf("want the NAME of at least one backend")
		}
		if _, err := files.Folder(*dir); err != nil {
			return err
		}
		life, stop := serve.Life(*untilEOF)
		defer stop()
		servers, err := echoServers(*dir, *address, names)
		if err != nil {
			return err
		}
		if err := serve.Ready(*dir); err != nil {
			return err
		}
		return serve.HTTP(life, servers)
	}
}

// echoServers binds a port for each backend before anybody is told of it. They speak HTTP/1.1, and HTTP/2 without TLS.
func echoServers(dir, address string, names []string) (map[*http.Server]net.Listener, error) {
	servers, ports := make(map[*http.Server]net.Listener), make(map[string]int)
	for _, name := range names {
		listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
		if err != nil {
			return nil, err
		}
		protocols := new(http.Protocols)
		protocols.SetHTTP1(true)
		protocols.SetUnencryptedHTTP2(true)
		server := &http.Server{Handler: echo.Handler(name), Protocols: protocols, ReadHeaderTimeout: serve.HeaderTimeout}
		servers[server], ports[name] = listener, listener.Addr().(*net.TCPAddr).Port
	}
	text, err := json.Marshal(ports)
	if err != nil {
		return nil, err
	}
	return servers, files.Write(dir, "ports", text)
}
