package workloads

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
)

// Host is the address that Pods answer to; the gateway and the suite are behind it.
const Host = "10.99.0.1"

const (
	addressesPerNet = 250
	netsMax         = 250
)

// network gives each Pod an address and a pair of virtual interfaces. Loopback would not do: the API refuses 127.0.0.0/8 in
// EndpointSlices.
type network struct{ given int }

func (n *network) next() (string, error) {
	n.given++
	if n.given > addressesPerNet*netsMax {
		return "", fmt.Errorf("no address is left for Pods")
	}
	return fmt.Sprintf("10.99.%d.%d", 1+n.given/addressesPerNet, 1+n.given%addressesPerNet), nil
}

func (n *network) connect(pid int, address string) error {
	ours := fmt.Sprintf("pod%d", n.given)
	if err := batch([]string{"ip"},
		fmt.Sprintf("link add %s type veth peer name eth0 netns %d", ours, pid),
		"link set "+ours+" up",
		fmt.Sprintf("route add %s/32 dev %s src %s", address, ours, Host),
	); err != nil {
		return err
	}
	return batch([]string{"nsenter", "--target", fmt.Sprint(pid), "--net", "ip"},
		"link set lo up",
		"address add "+address+"/32 dev eth0",
		"link set eth0 up",
		"route add "+Host+"/32 dev eth0",
		"route add default via "+Host,
	)
}

// Prepare makes the network namespace that the caller is in ready for Pods, and for a gateway with these addresses.
func Prepare(addresses ...string) error {
	return prepare([]string{"ip"}, addresses)
}

// PrepareIn does so for another namespace.
func PrepareIn(name string, addresses ...string) error {
	return prepare([]string{"ip", "-netns", name}, addresses)
}

func prepare(program, addresses []string) error {
	lines := []string{"link set lo up", "address replace " + Host + "/32 dev lo"}
	for _, address := range addresses {
		lines = append(lines, "address replace "+address+"/32 dev lo")
	}
	return batch(program, lines...)
}

func batch(program []string, lines ...string) error {
	command := exec.Command(program[0], append(program[1:], "-batch", "-")...)
	command.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil {
		return fmt.Errorf("ip: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}
