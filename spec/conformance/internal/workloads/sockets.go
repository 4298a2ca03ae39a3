package workloads

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

const (
	tcpListen = "0A"
	udpOpen   = "07"
)

// socket is a port that a server is to listen on before it counts as ready.
type socket struct {
	protocol string // tcp or udp
	port     string
}

// expectedSockets knows the ports of the suite's servers by the variables that choose the server.
func expectedSockets(environment []string) []socket {
	variables := map[string]string{}
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		variables[name] = value
	}
	port := func(name, otherwise string) string {
		if variables[name] != "" {
			return variables[name]
		}
		return otherwise
	}
	hasCertificate := variables["TLS_SERVER_CERT"] != "" &&
		(variables["TLS_SERVER_PRIVKEY"] != "" || variables["TLS_SERVER_PRIV_KEY"] != "")
	var sockets []socket
	switch {
	case variables["UDP_ECHO_SERVER"] != "":
		return []socket{{"udp", port("UDP_PORT", "8080")}}
	case variables["TCP_ECHO_SERVER"] != "":
		sockets = []socket{{"tcp", port("TCP_PORT", "3000")}}
		if hasCertificate {
			sockets = append(sockets, socket{"tcp", port("TLS_PORT", "8443")})
		}
		return sockets
	case variables["POD_NAME"] == "":
		return []socket{{"udp", "53"}}
	case variables["GRPC_ECHO_SERVER"] == "":
		sockets = []socket{{"tcp", port("H2C_PORT", "3001")}}
	}
	sockets = append(sockets, socket{"tcp", port("HTTP_PORT", "3000")})
	if hasCertificate {
		sockets = append(sockets, socket{"tcp", port("HTTPS_PORT", "8443")})
	}
	return sockets
}

func listensOnAll(pid int, sockets []socket) bool {
	open := map[socket]bool{}
	for _, table := range []struct{ file, protocol, state string }{
		{"tcp", "tcp", tcpListen}, {"tcp6", "tcp", tcpListen}, {"udp", "udp", udpOpen}, {"udp6", "udp", udpOpen},
	} {
		readSockets(fmt.Sprintf("/proc/%d/net/%s", pid, table.file), table.state, func(port string) {
			open[socket{table.protocol, port}] = true
		})
	}
	for _, wanted := range sockets {
		if !open[wanted] {
			return false
		}
	}
	return true
}

func readSockets(path, state string, found func(port string)) {
	file, err := os.Open(path)
	if err != nil {
		return
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		// "  0: 00000000:0BB8 00000000:0000 0A …"
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || fields[3] != state {
			continue
		}
		var port int
		if _, err := fmt.Sscanf(fields[1][strings.LastIndex(fields[1], ":")+1:], "%X", &port); err == nil {
			found(fmt.Sprint(port))
		}
	}
}
