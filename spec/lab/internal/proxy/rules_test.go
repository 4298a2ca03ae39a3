package proxy

import (
	"context"
	"runtime"
	"testing"
)

func TestEveryMatchingRuleActsTogether(t *testing.T) {
	var rules Rules
	_, err := rules.Add([]Rule{
		{Action: Delay, Milliseconds: 5, Path: "^/apis/"},
		{Action: Drop, Pattern: "DELETED", Query: "watch=(1|true)"},
		{Action: Cut, Lines: 3, Method: "^GET$"},
		{Action: Fail, Method: "^POST$"},
	})
	if err != nil {
		t.Fatal(err)
	}

	made := rules.match("GET", "/apis/x/v1/things", "watch=true", nil)

	if made.delay == 0 || len(made.drops) != 1 || made.cut == nil || made.answer != nil {
		t.Fatalf("want delay, drop and cut but no fail, got %+v", made)
	}
}

func TestSkipAndTimesChooseWhichRequestsAreActedOn(t *testing.T) {
	var rules Rules
	if _, err := rules.Add([]Rule{{Action: Fail, Skip: 1, Times: 2}}); err != nil {
		t.Fatal(err)
	}

	var acted []bool
	for range 5 {
		made := rules.match("GET", "/", "", nil)
		acted = append(acted, made.answer != nil)
	}

	want := []bool{false, true, true, false, false}
	for index := range want {
		if acted[index] != want[index] {
			t.Fatalf("want %v, got %v", want, acted)
		}
	}
	if listed := rules.List()[0]; listed.Seen != 5 || listed.Hits != 2 {
		t.Fatalf("want 5 seen and 2 hits, got %+v", listed)
	}
}

func TestRulesThatCouldNeverActAreRefused(t *testing.T) {
	for _, wrong := range []string{
		`{"action":"explode"}`,
		`{"action":"drop"}`,
		`{"action":"replay"}`,
		`{"action":"fail","path":"("}`,
		`{"action":"cut","at":"noon"}`,
		`{"action":"fail","pathh":"x"}`,
		`[{"action":"fail"},{"action":"explode"}]`,
	} {
		var rules Rules
		parsed, err := parseRules([]byte(wrong))
		if err == nil {
			_, err = rules.Add(parsed)
		}
		if err == nil || len(rules.List()) != 0 {
			t.Errorf("%s was taken", wrong)
		}
	}
}

func TestARuleTakesThePlaceOfItsNamesake(t *testing.T) {
	var rules Rules
	_, err := rules.Add([]Rule{{ID: "one", Action: Fail, Status: 500}, {ID: "one", Action: Fail, Status: 503}})
	if err != nil {
		t.Fatal(err)
	}

	listed := rules.List()

	if len(listed) != 1 || listed[0].Status != 503 {
		t.Fatalf("want the second rule alone, got %+v", listed)
	}
}

func TestAGateLetsGoInOrderAndOnlyAsManyAsAsked(t *testing.T) {
	held := newGate()
	gone := make(chan int, 2)
	for name := range 2 {
		go func() {
			held.wait(context.Background())
			gone <- name
		}()
		for held.held() != name+1 {
			runtime.Gosched()
		}
	}

	released := held.release(1)

	if first := <-gone; released != 1 || first != 0 || held.held() != 1 {
		t.Fatalf("released %d, first %d, still held %d", released, first, held.held())
	}
	held.openForever()
	if second := <-gone; second != 1 {
		t.Fatalf("the second to go was %d", second)
	}
	if !held.wait(context.Background()) {
		t.Fatal("an open gate held a late comer")
	}
}

func TestAGateForgetsWhoGaveUp(t *testing.T) {
	held := newGate()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()

	passed := held.wait(ctx)

	if passed || held.held() != 0 {
		t.Fatalf("passed %v, held %d", passed, held.held())
	}
}
