package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
)

const (
	chunkSize = 32 << 10
	lineLimit = 64 << 20
)

var errLineTooLong = errors.New("a line of the response is too long to look into")

// answer passes a response on, as whole as the plan leaves it.
func (e *exchange) answer(response *http.Response) error {
	if e.plan.cut != nil && e.plan.cut.Lines == 0 && e.plan.cut.Bytes == 0 {
		return errCutOff
	}
	var source io.Reader = response.Body
	for _, name := range e.plan.records {
		source = io.TeeReader(source, e.proxy.recordings.start(name, e.request, response))
	}
	copyHeader(e.writer.Header(), response.Header)
	if length := response.Header.Get("Content-Length"); length != "" && !e.plan.byLine() {
		e.writer.Header().Set("Content-Length", length)
	}
	e.begin(response.StatusCode)
	// A watch that has nothing to say yet has begun all the same.
	if err := http.NewResponseController(e.writer).Flush(); err != nil {
		return err
	}
	if e.plan.byLine() {
		return e.copyLines(bufio.NewReaderSize(source, chunkSize))
	}
	return e.copyChunks(source)
}

func (e *exchange) copyChunks(source io.Reader) error {
	room := int64(-1)
	if e.plan.cut != nil {
		room = e.plan.cut.Bytes
	}
	chunk := make([]byte, chunkSize)
	for {
		count, err := source.Read(chunk)
		if count > 0 {
			part := chunk[:count]
			if room >= 0 {
				part = part[:min(int64(count), room)]
				room -= int64(len(part))
			}
			if err := e.send(part); err != nil {
				return err
			}
			if room == 0 {
				return errCutOff
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (e *exchange) copyLines(source *bufio.Reader) error {
	for passed := int64(0); ; {
		if e.plan.expire != nil && isWatch(e.request.URL) && passed >= e.plan.expire.Lines {
			return e.send([]byte(`{"type":"ERROR","object":` + e.proxy.speech.Expired() + "}\n"))
		}
		if cut := e.plan.cut; cut != nil && cut.Lines > 0 && passed >= cut.Lines {
			return errCutOff
		}
		line, err := readLine(source)
		if len(line) > 0 && !e.plan.leavesOut(line) {
			if err := e.holdEvent(line); err != nil {
				return err
			}
			if err := e.send(line); err != nil {
				return err
			}
			passed++
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (e *exchange) holdEvent(line []byte) error {
	for _, rule := range e.plan.holdEvents {
		if rule.pattern.Match(line) {
			if err := e.hold([]*active{rule}); err != nil {
				return err
			}
		}
	}
	return nil
}

func readLine(source *bufio.Reader) ([]byte, error) {
	var whole bytes.Buffer
	for {
		part, err := source.ReadSlice('\n')
		whole.Write(part)
		if whole.Len() > lineLimit {
			return nil, errLineTooLong
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return whole.Bytes(), err
		}
	}
}
