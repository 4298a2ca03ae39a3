package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

const requestBodyLimit = 64 << 20

// Proxy forwards requests and does to them what its rules say.
type Proxy struct {
	Rules   Rules
	Journal *Journal

	upstream   *url.URL
	transport  func(request *http.Request) http.RoundTripper
	speech     Speech
	recordings recordings
	streams    streams
}

// Speech is how the server behind the proxy would word a failure.
type Speech struct {
	Failure func(status int) string
	Expired func() string
}

// New makes a proxy; transport chooses, request by request, as whom to speak to the server behind it.
func New(upstream *url.URL, transport func(*http.Request) http.RoundTripper, speech Speech, journal *Journal) *Proxy {
	return &Proxy{Journal: journal, upstream: upstream, transport: transport, speech: speech}
}

// cutOff unwinds a handler whose connection is closed on purpose.
var errCutOff = errors.New("cut off by a rule")

func (p *Proxy) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(io.LimitReader(request.Body, requestBodyLimit))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	entry := p.Journal.begin(Entry{
		Method: request.Method, Path: request.URL.Path, Query: query(request.URL), Agent: request.UserAgent(), Body: string(body),
	})
	defer p.Journal.finish(entry)
	ctx, leave := p.streams.enter(request, entry)
	defer leave()

	made := p.Rules.match(request.Method, request.URL.Path, entry.Query, body)
	flow := &exchange{proxy: p, plan: made, entry: entry, writer: writer, request: request.WithContext(ctx), body: body}
	if err := flow.run(); err != nil {
		// Whatever went wrong, the client sees what a dead server shows: a connection that ends.
		hangUp(request, errors.Is(err, errCutOff) && made.cut != nil && made.cut.Reset)
		panic(http.ErrAbortHandler)
	}
}

// query is the query string with its escapes undone, which is what people write expressions for.
func query(target *url.URL) string {
	plain, err := url.QueryUnescape(target.RawQuery)
	if err != nil {
		return target.RawQuery
	}
	return plain
}

func isWatch(target *url.URL) bool {
	watch, err := strconv.ParseBool(target.Query().Get("watch"))
	return err == nil && watch
}

// exchange is one request on its way through the plan.
type exchange struct {
	proxy   *Proxy
	plan    plan
	entry   *Entry
	writer  http.ResponseWriter
	request *http.Request
	body    []byte
}

func (e *exchange) run() error {
	if err := e.pause(); err != nil {
		return err
	}
	if e.plan.cut != nil && e.plan.cut.At == AtRequest {
		return errCutOff
	}
	if answer := e.plan.answer; answer != nil {
		if answer.Action == Fail {
			return e.fail(answer.Status, answer.Answer, answer.Headers)
		}
		return e.replay(answer.Name)
	}
	if e.plan.expire != nil && !isWatch(e.request.URL) {
		return e.fail(http.StatusGone, e.proxy.speech.Expired(), nil)
	}
	response, err := e.forward()
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := e.hold(e.plan.holdAnswer); err != nil {
		return err
	}
	return e.answer(response)
}

func (e *exchange) pause() error {
	if e.plan.delay > 0 {
		select {
		case <-time.After(e.plan.delay):
		case <-e.request.Context().Done():
			return e.request.Context().Err()
		}
	}
	return e.hold(e.plan.holdRequest)
}

func (e *exchange) hold(rules []*active) error {
	for _, rule := range rules {
		e.proxy.Journal.update(e.entry, func(entry *Entry) { entry.HeldBy = rule.ID })
		released := rule.gate.wait(e.request.Context())
		e.proxy.Journal.update(e.entry, func(entry *Entry) { entry.HeldBy = "" })
		if !released {
			return context.Canceled
		}
	}
	return nil
}

func (e *exchange) forward() (*http.Response, error) {
	target := *e.proxy.upstream
	target.Path = joinPath(target.Path, e.request.URL.Path)
	target.RawQuery = e.request.URL.RawQuery
	outgoing, err := http.NewRequestWithContext(e.request.Context(), e.request.Method, target.String(), bytes.NewReader(e.body))
	if err != nil {
		return nil, err
	}
	outgoing.Header = e.request.Header.Clone()
	for _, header := range []string{"Connection", "Keep-Alive", "Te", "Transfer-Encoding", "Upgrade", "Expect"} {
		outgoing.Header.Del(header)
	}
	if e.plan.readsBody() {
		outgoing.Header.Set("Accept-Encoding", "identity")
	}
	response, err := e.proxy.transport(e.request).RoundTrip(outgoing)
	if err != nil {
		return nil, fmt.Errorf("upstream: %w", err)
	}
	return response, nil
}

func joinPath(base, path string) string {
	for len(base) > 0 && base[len(base)-1] == '/' {
		base = base[:len(base)-1]
	}
	return base + path
}

func (e *exchange) fail(status int, body string, headers map[string]string) error {
	if body == "" {
		body = e.proxy.speech.Failure(status)
	}
	e.writer.Header().Set("Content-Type", "application/json")
	for name, value := range headers {
		e.writer.Header().Set(name, value)
	}
	e.begin(status)
	return e.send([]byte(body))
}

func (e *exchange) replay(name string) error {
	found := e.proxy.recordings.find(name, e.request)
	if found == nil {
		return e.fail(http.StatusBadGateway, fmt.Sprintf(`{"message":"nothing is recorded as %q for this request"}`, name), nil)
	}
	copyHeader(e.writer.Header(), found.header)
	e.begin(found.status)
	if err := e.send(found.content()); err != nil {
		return err
	}
	if isWatch(e.request.URL) {
		<-e.request.Context().Done()
	}
	return nil
}

func (e *exchange) begin(status int) {
	e.proxy.Journal.update(e.entry, func(entry *Entry) { entry.Status = status })
	e.writer.WriteHeader(status)
}

func (e *exchange) send(part []byte) error {
	count, err := e.writer.Write(part)
	e.proxy.Journal.update(e.entry, func(entry *Entry) { entry.Bytes += int64(count) })
	if err != nil {
		return err
	}
	return http.NewResponseController(e.writer).Flush()
}

func copyHeader(into, from http.Header) {
	for name, values := range from {
		switch name {
		case "Connection", "Content-Length", "Transfer-Encoding":
		default:
			into[name] = append([]string(nil), values...)
		}
	}
}

// streams are the requests under way, so that they can be cut from outside.
type streams struct {
	lock   sync.Mutex
	inside map[*Entry]*http.Request
	stops  map[*Entry]context.CancelFunc
}

func (s *streams) enter(request *http.Request, entry *Entry) (context.Context, func()) {
	ctx, cancel := context.WithCancel(request.Context())
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.inside == nil {
		s.inside, s.stops = map[*Entry]*http.Request{}, map[*Entry]context.CancelFunc{}
	}
	s.inside[entry], s.stops[entry] = request, cancel
	return ctx, func() {
		cancel()
		s.lock.Lock()
		defer s.lock.Unlock()
		delete(s.inside, entry)
		delete(s.stops, entry)
	}
}

// Cut closes the connection of every request under way that the filter picks, and says how many there were.
func (p *Proxy) Cut(filter Filter, reset bool) int {
	p.streams.lock.Lock()
	defer p.streams.lock.Unlock()
	p.Journal.lock.Lock()
	defer p.Journal.lock.Unlock()
	count := 0
	for entry, request := range p.streams.inside {
		if filter.picks(entry) {
			hangUp(request, reset)
			p.streams.stops[entry]()
			count++
		}
	}
	return count
}

type connectionKey struct{}

// RememberConnection goes into http.Server.ConnContext: hanging up needs the socket, not the response writer.
func RememberConnection(ctx context.Context, connection net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, connection)
}

func hangUp(request *http.Request, reset bool) {
	connection, _ := request.Context().Value(connectionKey{}).(net.Conn)
	if wrapped, ok := connection.(interface{ NetConn() net.Conn }); ok {
		connection = wrapped.NetConn()
	}
	if socket, ok := connection.(*net.TCPConn); ok {
		if reset {
			_ = socket.SetLinger(0)
		}
		_ = socket.Close()
	}
}
