package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"kongruent/lab/internal/certs"
)

// Kubernetes is a proxy in front of an API server. A client's token goes on to the server. A client that shows the
// certificate of the proxy's own kubeconfig is let in as the user of the kubeconfig given. Anybody else is anonymous.
type Kubernetes struct {
	*Proxy
	TLS    *tls.Config
	access certs.Access
}

// NewKubernetes makes the proxy and its own authority.
func NewKubernetes(kubeconfig string, journal *Journal) (*Kubernetes, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.DisableCompression = true
	known, err := rest.TransportFor(config)
	if err != nil {
		return nil, err
	}
	anonymous := rest.AnonymousClientConfig(config)
	anonymous.DisableCompression = true
	stranger, err := rest.TransportFor(anonymous)
	if err != nil {
		return nil, err
	}
	upstream, err := url.Parse(config.Host)
	if err != nil {
		return nil, err
	}
	made := &Kubernetes{}
	choose := func(request *http.Request) http.RoundTripper {
		ours := request.TLS != nil && len(request.TLS.VerifiedChains) > 0
		if ours && request.Header.Get("Authorization") == "" {
			return known
		}
		return stranger
	}
	made.Proxy = New(upstream, choose, Speech{Failure: kubernetesFailure, Expired: kubernetesExpired}, journal)
	return made, made.prepareTLS()
}

func (k *Kubernetes) prepareTLS() error {
	authority, err := certs.NewAuthority("lab-proxy-ca")
	if err != nil {
		return err
	}
	server, err := authority.Server("lab-proxy", nil)
	if err != nil {
		return err
	}
	client, err := authority.Client("lab-proxy-user")
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(server.Certificate, server.Key)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority.Certificate)
	k.TLS = &tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientCAs:    pool,
		ClientAuth:   tls.VerifyClientCertIfGiven,
	}
	k.access = certs.Access{Authority: authority.Certificate, Client: client}
	return nil
}

// WriteKubeconfig writes dir/kubeconfig for the proxy at port.
func (k *Kubernetes) WriteKubeconfig(dir string, port int) error {
	k.access.Server = fmt.Sprintf("https://127.0.0.1:%d", port)
	return certs.WriteKubeconfig(dir, "kubeconfig", k.access)
}

func kubernetesFailure(status int) string {
	return fmt.Sprintf(`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":%q,"reason":%q,"code":%d}`,
		"the lab's proxy says so", kubernetesReason(status), status)
}

func kubernetesReason(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "Unauthorized"
	case http.StatusForbidden:
		return "Forbidden"
	case http.StatusNotFound:
		return "NotFound"
	case http.StatusConflict:
		return "Conflict"
	case http.StatusGone:
		return "Expired"
	case http.StatusTooManyRequests:
		return "TooManyRequests"
	case http.StatusServiceUnavailable:
		return "ServiceUnavailable"
	case http.StatusGatewayTimeout:
		return "Timeout"
	}
	return "InternalError"
}

func kubernetesExpired() string {
	return kubernetesFailure(http.StatusGone)
}
