//go:build race

package main

// isRace says that the race detector makes everything slow.
const isRace = true
