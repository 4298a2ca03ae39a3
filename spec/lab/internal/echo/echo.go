// Package echo decides what a backend says of itself and of the request that reached it, so that a test of traffic can tell where a
// gateway sent a request, and what it changed on the way.
package echo

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Seen is the answer: the backend's name and the request as it arrived.
type Seen struct {
	Backend string              `json:"backend"`
	Method  string              `json:"method"`
	Host    string              `json:"host"`
	Path    string              `json:"path"` // with the query, as it stood in the request line
	Version string              `json:"version"`
	Headers map[string][]string `json:"headers"`
}

// maxDelay bounds how long a request may ask to be kept waiting.
const maxDelay = 10 * time.Second

// Handler answers every request. The query parameter "delay" (milliseconds) keeps it waiting, "status" is the status to answer with.
func Handler(name string) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		query := request.URL.Query()
		if milliseconds, err := strconv.Atoi(query.Get("delay")); err == nil && milliseconds > 0 {
			select {
			case <-time.After(min(time.Duration(milliseconds)*time.Millisecond, maxDelay)):
			case <-request.Context().Done():
				return
			}
		}
		response.Header().Set("Content-Type", "application/json")
		response.Header().Set("X-Backend", name)
		if status, err := strconv.Atoi(query.Get("status")); err == nil && status >= 200 && status <= 599 {
			response.WriteHeader(status)
		}
		_ = json.NewEncoder(response).Encode(Seen{
			name, request.Method, request.Host, request.RequestURI, request.Proto, request.Header,
		})
	})
}
