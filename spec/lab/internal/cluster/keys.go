package cluster

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"kongruent/lab/internal/certs"
	"kongruent/lab/internal/files"
)

// The first address of the service range: what a Pod would call the API server.
var serviceAddress = net.IPv4(10, 96, 0, 1)

// ensureKeys makes what dir lacks; a folder that was used before keeps its keys, so tokens outlive a restart.
func ensureKeys(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "admin.token")); err == nil {
		return nil
	}
	authority, err := certs.NewAuthority("lab-ca")
	if err != nil {
		return err
	}
	server, err := authority.Server("kube-apiserver", []net.IP{serviceAddress},
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")
	if err != nil {
		return err
	}
	admin, err := authority.Client("admin", "system:masters")
	if err != nil {
		return err
	}
	signer, err := certs.NewKey()
	if err != nil {
		return err
	}
	token := rand.Text()
	for _, file := range []struct {
		name    string
		content []byte
	}{
		{"ca.crt", authority.Certificate},
		{"ca.key", authority.Key},
		{"apiserver.crt", server.Certificate},
		{"apiserver.key", server.Key},
		{"admin.crt", admin.Certificate},
		{"admin.key", admin.Key},
		{"sa.key", signer},
		{"tokens.csv", fmt.Appendf(nil, "%s,admin,admin,system:masters\n", token)},
		{"admin.token", []byte(token)}, // last: it says that all the others are there
	} {
		if err := files.Write(dir, file.name, file.content); err != nil {
			return err
		}
	}
	return nil
}

// writeKubeconfigs gives two ways in as the administrator: by certificate and by token.
func writeKubeconfigs(dir string, port int) error {
	content := map[string][]byte{}
	for _, name := range []string{"ca.crt", "admin.crt", "admin.key", "admin.token"} {
		read, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		content[name] = read
	}
	access := certs.Access{Server: fmt.Sprintf("https://127.0.0.1:%d", port), Authority: content["ca.crt"]}

	byToken := access
	byToken.Token = string(content["admin.token"])
	if err := certs.WriteKubeconfig(dir, "kubeconfig-token", byToken); err != nil {
		return err
	}
	byCertificate := access
	byCertificate.Client = certs.Pair{Certificate: content["admin.crt"], Key: content["admin.key"]}
	return certs.WriteKubeconfig(dir, "kubeconfig", byCertificate)
}
