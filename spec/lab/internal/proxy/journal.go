package proxy

import (
	"context"
	"encoding/json"
	"io"
	"regexp"
	"sync"
)

const (
	journalLimit     = 200_000 // requests remembered; counting goes on beyond
	journalBodyLimit = 1 << 20 // bytes of a request body remembered
)

// Entry is one request as the proxy saw it.
type Entry struct {
	Sequence int64  `json:"sequence"`
	Method   string `json:"method"`
	Path     string `json:"path"`
	Query    string `json:"query,omitempty"`
	Agent    string `json:"agent,omitempty"`
	Body     string `json:"body,omitempty"`
	Status   int    `json:"status"` // 0 until an answer began, and for ever if none did
	Bytes    int64  `json:"bytes"`  // of the answer, so far
	HeldBy   string `json:"held_by,omitempty"`
	Done     bool   `json:"done"`
}

// Journal remembers requests, counts them, and lets others wait for them.
type Journal struct {
	lock    sync.Mutex
	entries []*Entry
	counts  map[string]int64
	last    int64
	changed chan struct{}
	file    io.Writer
}

// NewJournal writes a JSON line to file when a request comes and another when it is done; file may be nil.
func NewJournal(file io.Writer) *Journal {
	return &Journal{counts: map[string]int64{}, changed: make(chan struct{}), file: file}
}

// line is an entry in the file: the same request twice, told apart by Event.
type line struct {
	Event string `json:"event"`
	Entry
}

func (j *Journal) begin(entry Entry) *Entry {
	j.lock.Lock()
	defer j.lock.Unlock()
	j.last++
	entry.Sequence = j.last
	j.counts[entry.Method+" "+entry.Path]++
	if len(j.entries) < journalLimit {
		j.entries = append(j.entries, &entry)
	}
	j.write("request", entry)
	j.tell()
	if len(entry.Body) > journalBodyLimit {
		entry.Body = entry.Body[:journalBodyLimit]
	}
	return &entry
}

func (j *Journal) update(entry *Entry, change func(entry *Entry)) {
	j.lock.Lock()
	defer j.lock.Unlock()
	change(entry)
	j.tell()
}

func (j *Journal) finish(entry *Entry) {
	j.lock.Lock()
	defer j.lock.Unlock()
	entry.Done = true
	short := *entry
	short.Body = ""
	j.write("answer", short)
	j.tell()
}

// write keeps no error: a test that reads the file notices what is missing.
func (j *Journal) write(event string, entry Entry) {
	if j.file == nil {
		return
	}
	if content, err := json.Marshal(line{Event: event, Entry: entry}); err == nil {
		_, _ = j.file.Write(append(content, '\n'))
	}
}

func (j *Journal) tell() {
	close(j.changed)
	j.changed = make(chan struct{})
}

// Filter picks entries.
type Filter struct {
	Method, Path, Query, Body *regexp.Regexp
	Since                     int64 // only those after this sequence number
	Held                      bool  // only those that a rule holds just now
	Done                      bool  // only those that are over
}

func (f Filter) picks(entry *Entry) bool {
	return entry.Sequence > f.Since && fits(f.Method, entry.Method) && fits(f.Path, entry.Path) &&
		fits(f.Query, entry.Query) && fits(f.Body, entry.Body) && (!f.Held || entry.HeldBy != "") && (!f.Done || entry.Done)
}

// Find gives copies of the entries that the filter picks, oldest first.
func (j *Journal) Find(filter Filter) []Entry {
	j.lock.Lock()
	defer j.lock.Unlock()
	return j.find(filter)
}

func (j *Journal) find(filter Filter) []Entry {
	found := []Entry{}
	for _, entry := range j.entries {
		if filter.picks(entry) {
			found = append(found, *entry)
		}
	}
	return found
}

// Wait comes back with what the filter picks once that is at least count entries, or with false when ctx ends.
func (j *Journal) Wait(ctx context.Context, filter Filter, count int) ([]Entry, bool) {
	for {
		j.lock.Lock()
		found, changed := j.find(filter), j.changed
		j.lock.Unlock()
		if len(found) >= count {
			return found, true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return found, false
		}
	}
}

// Counters gives the number of requests per "METHOD path".
func (j *Journal) Counters() map[string]int64 {
	j.lock.Lock()
	defer j.lock.Unlock()
	counts := make(map[string]int64, len(j.counts))
	for key, value := range j.counts {
		counts[key] = value
	}
	return counts
}

// Last is the sequence number of the newest request.
func (j *Journal) Last() int64 {
	j.lock.Lock()
	defer j.lock.Unlock()
	return j.last
}

// Reset forgets requests and counts; sequence numbers go on.
func (j *Journal) Reset() {
	j.lock.Lock()
	defer j.lock.Unlock()
	j.entries, j.counts = nil, map[string]int64{}
	j.tell()
}
