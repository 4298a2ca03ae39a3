package proxy

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"

	"kongruent/lab/internal/serve"
)

// Server is an HTTP server for a handler that may have to hang up on its clients; without config it speaks plain HTTP.
func Server(handler http.Handler, config *tls.Config, complaints io.Writer) *http.Server {
	return &http.Server{
		Handler:           handler,
		TLSConfig:         config,
		ConnContext:       RememberConnection,
		ReadHeaderTimeout: serve.HeaderTimeout,
		ErrorLog:          log.New(complaints, "proxy: ", 0),
	}
}
