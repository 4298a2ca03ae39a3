package workloads

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

const (
	certificateLife = 24 * time.Hour
	headerWait      = 10 * time.Second
)

// serveLogs is the part of a kubelet that the API server asks for Pods' logs; the Node says where it is.
func serveLogs(life context.Context, client kubernetes.Interface, dir string, complaints io.Writer) error {
	certificate, err := ownCertificate()
	if err != nil {
		return err
	}
	listener, err := tls.Listen("tcp", net.JoinHostPort(Host, "0"), &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: logHandler(dir), ReadHeaderTimeout: headerWait}
	context.AfterFunc(life, func() { _ = server.Close() })
	go func() {
		if err := server.Serve(listener); life.Err() == nil {
			fmt.Fprintln(complaints, "workloads: logs:", err)
		}
	}()
	return writeNode(life, client, listener.Addr().(*net.TCPAddr).Port)
}

func logHandler(dir string) http.Handler {
	answers := http.NewServeMux()
	answers.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", func(to http.ResponseWriter, asked *http.Request) {
		var since time.Time
		if text := asked.FormValue("sinceTime"); text != "" {
			var err error
			if since, err = time.Parse(time.RFC3339, text); err != nil {
				http.Error(to, err.Error(), http.StatusBadRequest)
				return
			}
		}
		file, err := os.OpenInRoot(dir, logName(asked.PathValue("namespace"), asked.PathValue("pod")))
		if err != nil {
			http.Error(to, err.Error(), http.StatusNotFound)
			return
		}
		defer file.Close()
		to.Header().Set("Content-Type", "text/plain")
		_ = copyLines(to, file, since, asked.FormValue("timestamps") == "true") // who asked has gone, otherwise
	})
	return answers
}

func writeNode(life context.Context, client kubernetes.Interface, port int) error {
	object := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node}}
	if _, err := client.CoreV1().Nodes().Create(life, object, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	patch, err := json.Marshal(map[string]any{"status": corev1.NodeStatus{
		Addresses:       []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: Host}},
		DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(port)}},
	}})
	if err != nil {
		return err
	}
	_, err = client.CoreV1().Nodes().Patch(life, node, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}

// ownCertificate is signed by nobody: the API server asks for TLS, not for who answers.
func ownCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateLife),
		IPAddresses: []net.IP{net.ParseIP(Host)},
	}
	content, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{content}, PrivateKey: key}, err
}
