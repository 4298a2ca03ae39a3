package stage

import (
	"fmt"
	"os/exec"
	"strings"

	"kongruent/conformance/internal/workloads"
)

// What the suite's Gateways listen on. Kong's proxies and streams can't share a port, so each has addresses of its own.
const (
	proxyNet, streamNet     = "10.99.0.1%d", "10.99.0.3%d" // 10.99.0.10 and so on
	proxyCount, streamCount = 10, 6
)

var (
	httpPorts  = []int{80, 81, 5300, 8080, 8081, 8082, 8083, 8090}
	httpsPorts = []int{443, 6443, 7443, 8443}
	tlsPorts   = []int{443, 8443, 8883}
	tcpPorts   = []int{7070, 9300, 9301, 9302, 9310, 9311, 9312, 9313, 9320, 9321}
	udpPorts   = []int{53, 5300, 5301, 5302, 5310, 5311, 5312}
)

func addressesOf(pattern string, count int) []string {
	list := make([]string, count)
	for i := range list {
		list[i] = fmt.Sprintf(pattern, i)
	}
	return list
}

// allAddresses are those that the network namespace gets.
func allAddresses() []string {
	return append(addressesOf(proxyNet, proxyCount), addressesOf(streamNet, streamCount)...)
}

func eachListen(say func(address string, port int, use string)) {
	for use, ports := range map[string][]int{"http": httpPorts, "ssl": httpsPorts} {
		for _, address := range addressesOf(proxyNet, proxyCount) {
			for _, port := range ports {
				say(address, port, use)
			}
		}
	}
	for use, ports := range map[string][]int{"tls": tlsPorts, "tcp": tcpPorts, "udp": udpPorts} {
		for _, address := range addressesOf(streamNet, streamCount) {
			for _, port := range ports {
				say(address, port, use)
			}
		}
	}
}

// listenOption is what the controller is told in the place of a gateway that cannot tell.
func listenOption() string {
	var texts []string
	eachListen(func(address string, port int, use string) {
		texts = append(texts, fmt.Sprintf("%s:%d/%s", address, port, use))
	})
	return strings.Join(texts, ",")
}

// Prepare is the command "prepare": it makes a network namespace for a gateway and prints what Kong's configuration needs.
func Prepare(arguments []string) error {
	if len(arguments) != 1 {
		return fmt.Errorf("usage: conformance prepare NAMESPACE")
	}
	name := arguments[0]
	if !namespaceExists(name) {
		if said, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
			return fmt.Errorf("ip netns add: %w: %s", err, said)
		}
	}
	if err := workloads.PrepareIn(name, allAddresses()...); err != nil {
		return err
	}
	flags := map[string]string{"http": " http2", "ssl": " ssl http2", "tls": " ssl", "tcp": "", "udp": " udp"}
	var proxies, streams []string
	eachListen(func(address string, port int, use string) {
		text := fmt.Sprintf("%s:%d%s", address, port, flags[use])
		if use == "http" || use == "ssl" {
			proxies = append(proxies, text)
		} else {
			streams = append(streams, text)
		}
	})
	fmt.Printf("export KONG_NETNS='%s'\nexport KONG_PROXY_LISTEN='%s'\nexport KONG_STREAM_LISTEN='%s'\n", name,
		strings.Join(proxies, ", "), strings.Join(streams, ", "))
	return nil
}
