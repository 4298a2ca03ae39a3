// Package gatewayapi decides where the Gateway API's definitions come from: the published Go module, at one pinned version
// and checksum, out of the module cache. The tree keeps no copy.
package gatewayapi

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const (
	module   = "sigs.k8s.io/gateway-api@v1.6.1"
	checksum = "h1:mock6phZbI6rvZerwrVNk7hVNymQgHo+6sJ81Ia7ftY="
)

// Folder gives the folder of definitions of a channel, standard or experimental; the Go tool fetches the module if need be.
func Folder(channel string) (string, error) {
	if channel != "standard" && channel != "experimental" {
		return "", fmt.Errorf("--channel is %q; want standard or experimental", channel)
	}
	command := exec.Command("go", "mod", "download", "-json", module)
	command.Dir = os.TempDir() // outside any module, so that no go.sum is touched
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", module, err)
	}
	var found struct{ Dir, Sum string }
	if err := json.Unmarshal(output, &found); err != nil {
		return "", err
	}
	if found.Sum != checksum {
		return "", fmt.Errorf("%s has the checksum %s; want %s", module, found.Sum, checksum)
	}
	return filepath.Join(found.Dir, "config", "crd", channel), nil
}

// Manifests lists the files of a channel that define kinds; the others guard upgrades, or are for kustomize.
func Manifests(channel string) ([]string, error) {
	folder, err := Folder(channel)
	if err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(folder, "gateway.networking*.yaml"))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(names, func(name string) bool { return strings.Contains(name, "_vap_") }), nil
}
