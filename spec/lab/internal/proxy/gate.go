package proxy

import (
	"context"
	"sync"
)

// gate is where held requests wait: in order, let go one by one or all at once.
type gate struct {
	lock    sync.Mutex
	open    bool
	waiting []chan struct{}
}

func newGate() *gate {
	return &gate{}
}

// wait comes back when the gate lets this caller go, or with false when the caller's own context ends first.
func (g *gate) wait(ctx context.Context) bool {
	g.lock.Lock()
	if g.open {
		g.lock.Unlock()
		return true
	}
	turn := make(chan struct{})
	g.waiting = append(g.waiting, turn)
	g.lock.Unlock()

	select {
	case <-turn:
		return true
	case <-ctx.Done():
		g.leave(turn)
		return false
	}
}

func (g *gate) leave(turn chan struct{}) {
	g.lock.Lock()
	defer g.lock.Unlock()
	for index, other := range g.waiting {
		if other == turn {
			g.waiting = append(g.waiting[:index], g.waiting[index+1:]...)
			return
		}
	}
}

// release lets the first count callers go and says how many there were.
func (g *gate) release(count int) int {
	g.lock.Lock()
	defer g.lock.Unlock()
	count = min(count, len(g.waiting))
	for _, turn := range g.waiting[:count] {
		close(turn)
	}
	g.waiting = g.waiting[count:]
	return count
}

// openForever lets everybody go, now and later.
func (g *gate) openForever() {
	g.lock.Lock()
	defer g.lock.Unlock()
	g.open = true
	for _, turn := range g.waiting {
		close(turn)
	}
	g.waiting = nil
}

func (g *gate) held() int {
	g.lock.Lock()
	defer g.lock.Unlock()
	return len(g.waiting)
}
