package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"os"
)

// AdminSettings says how the Admin API behind the proxy is reached.
type AdminSettings struct {
	Upstream      string
	AuthorityFile string
	SkipVerify    bool
}

const idleConnections = 64

// NewAdmin makes a proxy in front of a gateway's Admin API. Clients' headers, tokens included, go on as they are.
func NewAdmin(settings AdminSettings, journal *Journal) (*Proxy, error) {
	upstream, err := url.Parse(settings.Upstream)
	if err != nil {
		return nil, err
	}
	if upstream.Host == "" || (upstream.Scheme != "http" && upstream.Scheme != "https") {
		return nil, fmt.Errorf("--upstream is %q; want http://host:port or https://host:port", settings.Upstream)
	}
	config := &tls.Config{InsecureSkipVerify: settings.SkipVerify}
	if settings.AuthorityFile != "" {
		content, err := os.ReadFile(settings.AuthorityFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(content) {
			return nil, fmt.Errorf("%s holds no certificate", settings.AuthorityFile)
		}
	}
	transport := &http.Transport{
		TLSClientConfig:     config,
		DisableCompression:  true,
		MaxIdleConnsPerHost: idleConnections,
	}
	choose := func(*http.Request) http.RoundTripper { return transport }
	return New(upstream, choose, Speech{Failure: adminFailure, Expired: adminExpired}, journal), nil
}

func adminFailure(status int) string {
	return fmt.Sprintf(`{"message":%q}`, http.StatusText(status))
}

func adminExpired() string {
	return adminFailure(http.StatusGone)
}
