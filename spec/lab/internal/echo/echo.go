// Package echo decides what a backend says of itself and of the requests that reached it, so that a test of traffic can tell where a
// gateway sent a request, and what it changed on the way.
package echo

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
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
	Body    string              `json:"body"`
}

const (
	// SeenPath is where a backend lists the requests that reached it, the latest last. Asking for it is none of them.
	SeenPath = "/echo/seen"

	maxDelay = 10 * time.Second // how long a request may ask to be kept waiting
	maxBody  = 1 << 20          // of a body, the rest is left out
	maxKept  = 1000             // requests, the oldest are forgotten
)

type backend struct {
	name string
	lock sync.Mutex
	kept []Seen
}

// Handler answers every request. The query parameter "delay" (milliseconds) keeps it waiting, "status" is the status to answer with.
func Handler(name string) http.Handler {
	return &backend{name: name}
}

func (b *backend) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	response.Header().Set("Content-Type", "application/json")
	if request.URL.Path == SeenPath {
		b.lock.Lock()
		defer b.lock.Unlock()
		_ = json.NewEncoder(response).Encode(b.kept)
		return
	}
	seen := b.see(request)
	query := request.URL.Query()
	if milliseconds, err := strconv.Atoi(query.Get("delay")); err == nil && milliseconds > 0 {
		select {
		case <-time.After(min(time.Duration(milliseconds)*time.Millisecond, maxDelay)):
		case <-request.Context().Done():
			return
		}
	}
	response.Header().Set("X-Backend", b.name)
	if status, err := strconv.Atoi(query.Get("status")); err == nil && status >= 200 && status <= 599 {
		response.WriteHeader(status)
	}
	_ = json.NewEncoder(response).Encode(seen)
}

func (b *backend) see(request *http.Request) Seen {
	body, _ := io.ReadAll(io.LimitReader(request.Body, maxBody))
	seen := Seen{b.name, request.Method, request.Host, request.RequestURI, request.Proto, request.Header, string(body)}
	b.lock.Lock()
	defer b.lock.Unlock()
	if len(b.kept) == maxKept {
		b.kept = b.kept[1:]
	}
	b.kept = append(b.kept, seen)
	return seen
}
