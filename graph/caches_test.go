package graph

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// held is how much memory is in use when all garbage is gone.
func held() int {
	runtime.GC()
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return int(memory.HeapAlloc)
}

// dense is a valid document, one of many, that is as large in memory as a document of its length can be.
func dense(number int) string {
	const fields = "id userId username email createdAt __typename "
	return fmt.Sprintf("query q%d { viewer { user { ...a ...b ...c } } } ", number) +
		"fragment a on User { " + strings.Repeat(fields, 30) + "} fragment b on User { " + strings.Repeat(fields, 30) + "} fragment c on User { " + strings.Repeat(fields, 20) + "}"
}

// TestG05DifferentDocumentsLeaveMemoryFlat is not parallel: nothing else may take memory meanwhile.
func TestG05DifferentDocumentsLeaveMemoryFlat(t *testing.T) {
	door := emptyDoor(&bytes.Buffer{}, unlimitedBudget)
	sent := 0
	send := func(number int) {
		for range number {
			sent++
			if answer := post(door, document("", dense(sent)).body); outcome(answer.Body.Bytes()) != "UNAUTHENTICATED" {
				t.Fatalf("%.300s", answer.Body)
			}
		}
	}
	send(10)
	before := held()
	send(1000)
	full := held()
	send(300)
	t.Logf("1000 documents of %d bytes hold %d KiB, 300 more %d KiB", len(dense(1)), (full-before)>>10, (held()-full)>>10)
	if full-before > 48<<20 || held()-full > 4<<20 {
		t.Error("the documents of strangers fill the memory")
	}
	runtime.KeepAlive(door)
}

func TestG05RegisteredDocumentsLeaveMemoryFlat(t *testing.T) {
	door := emptyDoor(&bytes.Buffer{}, unlimitedBudget)
	text := func(i int) string { return fmt.Sprintf("query q%d { __typename }%s", i, strings.Repeat(" ", 8_000)) }
	register := func(i int, hash string) string {
		body, err := json.Marshal(map[string]any{"query": text(i), "extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}})
		if err != nil {
			t.Fatal(err)
		}
		return outcome(post(door, body).Body.Bytes())
	}
	find := func(i int) string {
		return outcome(post(door, []byte(`{"documentId":"sha256:`+hashOf(text(i))+`"}`)).Body.Bytes())
	}
	before := held()
	for i := range 5_000 {
		if got := register(i, hashOf(text(i))); got != "" {
			t.Fatalf("document %d: %s", i, got)
		}
		// A wrong hash is refused, and takes no place.
		if got := register(i, hashOf(text(i+1))); got != "BAD_USER_INPUT" {
			t.Fatalf("document %d under the name of another: %s", i, got)
		}
	}
	taken := held() - before
	t.Logf("5000 registrations of %d bytes hold %d KiB", len(text(1)), taken>>10)
	if taken > 32<<20 {
		t.Error("registered documents fill the memory")
	}
	if got := find(4_999); got != "" {
		t.Errorf("the newest document is not found: %s", got)
	}
	if got := find(0); got != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("the oldest document is kept for ever: %s", got)
	}
	runtime.KeepAlive(door)
}

// TestG05ANameIsTheHashOfItsText tries to have a document found under the name of another.
func TestG05ANameIsTheHashOfItsText(t *testing.T) {
	t.Parallel()
	door := emptyDoor(&bytes.Buffer{}, unlimitedBudget)
	const mine, yours = "{ __typename }", "{ banks { id } }"
	for name, hash := range map[string]string{
		"the hash of another": hashOf(yours), "a part of the hash": hashOf(mine)[:32], "the hash in capitals": strings.ToUpper(hashOf(mine)), "a hash with a tail": hashOf(mine) + "00",
		"a hash with a prefix": hashPrefix + hashOf(mine), "a hash with a blank": hashOf(mine) + " ", "a hash with NUL": hashOf(mine) + "\x00", "nothing of a hash": "x",
	} {
		body, err := json.Marshal(map[string]any{"query": mine, "extensions": map[string]any{"persistedQuery": map[string]any{"sha256Hash": hash}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := outcome(post(door, body).Body.Bytes()); got != "BAD_USER_INPUT" {
			t.Errorf("%s: %s", name, got)
		}
		body, err = json.Marshal(map[string]any{"documentId": hash})
		if err != nil {
			t.Fatal(err)
		}
		if answer := post(door, body); outcome(answer.Body.Bytes()) != "PERSISTED_QUERY_NOT_FOUND" || answer.Code >= http.StatusInternalServerError {
			t.Errorf("%s: %s", name, answer.Body)
		}
	}
}
