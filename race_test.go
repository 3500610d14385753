package main

import "testing"

// asksInTurn leaves a test to the run without the race detector: it does one thing after the other, at length, and what it asks for is asked
// for at once by others.
func asksInTurn(t *testing.T) {
	t.Helper()
	if isRace {
		t.Skip("it does one thing after the other: the race detector would find nothing in it that it does not find in others")
	}
}
