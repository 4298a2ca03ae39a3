package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

const (
	controlBodyLimit = 1 << 20
	waitDefault      = 30 * time.Second
)

// Control is the door through which a test steers the proxy; the README lists its paths.
func (p *Proxy) Control() http.Handler {
	doors := http.NewServeMux()
	doors.HandleFunc("GET /rules", func(writer http.ResponseWriter, _ *http.Request) {
		reply(writer, http.StatusOK, p.Rules.List())
	})
	doors.HandleFunc("POST /rules", p.addRules)
	doors.HandleFunc("DELETE /rules", func(writer http.ResponseWriter, _ *http.Request) {
		reply(writer, http.StatusOK, map[string]any{"removed": p.Rules.Remove("")})
	})
	doors.HandleFunc("DELETE /rules/{id}", func(writer http.ResponseWriter, request *http.Request) {
		reply(writer, http.StatusOK, map[string]any{"removed": p.Rules.Remove(request.PathValue("id"))})
	})
	doors.HandleFunc("POST /rules/{id}/release", p.release)
	doors.HandleFunc("GET /requests", p.listRequests)
	doors.HandleFunc("DELETE /requests", func(writer http.ResponseWriter, _ *http.Request) {
		p.Journal.Reset()
		reply(writer, http.StatusOK, map[string]any{"last": p.Journal.Last()})
	})
	doors.HandleFunc("GET /counters", func(writer http.ResponseWriter, _ *http.Request) {
		reply(writer, http.StatusOK, map[string]any{"last": p.Journal.Last(), "requests": p.Journal.Counters()})
	})
	doors.HandleFunc("GET /wait", p.waitRequests)
	doors.HandleFunc("POST /cut", p.cutStreams)
	return doors
}

func reply(writer http.ResponseWriter, status int, content any) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	_ = json.NewEncoder(writer).Encode(content)
}

func refuse(writer http.ResponseWriter, err error) {
	reply(writer, http.StatusBadRequest, map[string]string{"message": err.Error()})
}

// addRules takes one rule or a list of them. An unknown key is refused: a misspelt rule would never act.
func (p *Proxy) addRules(writer http.ResponseWriter, request *http.Request) {
	content, err := io.ReadAll(io.LimitReader(request.Body, controlBodyLimit))
	if err != nil {
		refuse(writer, err)
		return
	}
	rules, err := parseRules(content)
	if err != nil {
		refuse(writer, err)
		return
	}
	ids, err := p.Rules.Add(rules)
	if err != nil {
		refuse(writer, err)
		return
	}
	reply(writer, http.StatusCreated, map[string]any{"ids": ids, "last": p.Journal.Last()})
}

func (p *Proxy) release(writer http.ResponseWriter, request *http.Request) {
	count := math.MaxInt
	if text := request.URL.Query().Get("count"); text != "" {
		number, err := strconv.Atoi(text)
		if err != nil || number < 0 {
			refuse(writer, fmt.Errorf("count is %q", text))
			return
		}
		count = number
	}
	released, known := p.Rules.Release(request.PathValue("id"), count)
	if !known {
		reply(writer, http.StatusNotFound, map[string]string{"message": "no such rule"})
		return
	}
	reply(writer, http.StatusOK, map[string]any{"released": released})
}

func (p *Proxy) listRequests(writer http.ResponseWriter, request *http.Request) {
	filter, err := parseFilter(request.URL.Query())
	if err != nil {
		refuse(writer, err)
		return
	}
	reply(writer, http.StatusOK, map[string]any{"last": p.Journal.Last(), "requests": p.Journal.Find(filter)})
}

func (p *Proxy) waitRequests(writer http.ResponseWriter, request *http.Request) {
	query := request.URL.Query()
	filter, err := parseFilter(query)
	if err != nil {
		refuse(writer, err)
		return
	}
	count, limit := 1, waitDefault
	if text := query.Get("count"); text != "" {
		if count, err = strconv.Atoi(text); err != nil {
			refuse(writer, err)
			return
		}
	}
	if text := query.Get("timeout"); text != "" {
		if limit, err = time.ParseDuration(text); err != nil {
			refuse(writer, err)
			return
		}
	}
	ctx, cancel := context.WithTimeout(request.Context(), limit)
	defer cancel()
	found, ok := p.Journal.Wait(ctx, filter, count)
	status := http.StatusOK
	if !ok {
		status = http.StatusRequestTimeout
	}
	reply(writer, status, map[string]any{"last": p.Journal.Last(), "requests": found})
}

func (p *Proxy) cutStreams(writer http.ResponseWriter, request *http.Request) {
	filter, err := parseFilter(request.URL.Query())
	if err != nil {
		refuse(writer, err)
		return
	}
	reply(writer, http.StatusOK, map[string]any{"cut": p.Cut(filter, flag(request.URL.Query(), "reset"))})
}

func parseFilter(query url.Values) (Filter, error) {
	filter := Filter{Held: flag(query, "held"), Done: flag(query, "done")}
	for name, into := range map[string]**regexp.Regexp{
		"method": &filter.Method, "path": &filter.Path, "query": &filter.Query, "body": &filter.Body,
	} {
		if !query.Has(name) {
			continue
		}
		expression, err := regexp.Compile(query.Get(name))
		if err != nil {
			return filter, err
		}
		*into = expression
	}
	if text := query.Get("since"); text != "" {
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return filter, err
		}
		filter.Since = number
	}
	return filter, nil
}

func flag(query url.Values, name string) bool {
	set, err := strconv.ParseBool(query.Get(name))
	return err == nil && set
}
