package workloads

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strings"
	"time"
)

const lineMax = 1 << 20

// stamper keeps a Pod's output as container runtimes do: a line each, behind the time at which it came.
type stamper struct {
	file    *os.File
	partial []byte
}

func (s *stamper) Write(text []byte) (int, error) {
	s.partial = append(s.partial, text...)
	for {
		end := bytes.IndexByte(s.partial, '\n')
		if end < 0 {
			return len(text), nil
		}
		line := append([]byte(stamp(time.Now())+" "), s.partial[:end+1]...)
		s.partial = s.partial[end+1:]
		if _, err := s.file.Write(line); err != nil { // in one piece, as somebody may be reading
			return 0, err
		}
	}
}

func logName(namespace, pod string) string { return namespace + "." + pod + ".log" }

func stamp(when time.Time) string { return when.UTC().Format(time.RFC3339Nano) }

// copyLines says what came since then, with the times or without.
func copyLines(to io.Writer, from io.Reader, since time.Time, stamped bool) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, lineMax)
	for lines.Scan() {
		when, text, _ := strings.Cut(lines.Text(), " ")
		if came, err := time.Parse(time.RFC3339Nano, when); err != nil || came.Before(since) {
			continue
		}
		if stamped {
			text = lines.Text()
		}
		if _, err := io.WriteString(to, text+"\n"); err != nil {
			return err
		}
	}
	return lines.Err()
}
