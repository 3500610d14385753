package events

import (
	"hash/fnv"
	"strconv"
	"strings"
	"sync"

	"bankgraph/models"
)

const (
	// hintSize is how many letters the hint of one stream has, and mostHints how many are in one wake-up: far below the 8000 bytes that Postgres takes.
	hintSize  = 8
	mostHints = 400
)

// pending collects the streams that were named since they were last taken. It forgets which when there are too many: then it is all.
type pending struct {
	changed chan struct{}

	mu    sync.Mutex
	named map[uint32]struct{}
	isAll bool
}

func newPending() *pending {
	return &pending{changed: make(chan struct{}, 1), named: map[uint32]struct{}{}}
}

func hashOf(stream models.Stream) uint32 {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(stream)) // it never fails
	return sum.Sum32()
}

// hashesOf are how streams are named.
func hashesOf(streams []models.Stream) []uint32 {
	hashes := make([]uint32, len(streams))
	for i, stream := range streams {
		hashes[i] = hashOf(stream)
	}
	return hashes
}

// add names streams.
func (p *pending) add(hashes []uint32) {
	p.mu.Lock()
	for _, hash := range hashes {
		p.named[hash] = struct{}{}
	}
	if len(p.named) > mostHints {
		p.isAll = true
		clear(p.named)
	}
	p.mu.Unlock()
	p.signal()
}

// addAll names all streams.
func (p *pending) addAll() {
	p.mu.Lock()
	p.isAll = true
	p.mu.Unlock()
	p.signal()
}

// signal says that there is something to take; it is nothing when somebody only wants whoever takes to go round.
func (p *pending) signal() {
	select {
	case p.changed <- struct{}{}:
	default: // it was said already
	}
}

// take gives what was named, and forgets it.
func (p *pending) take() (named []uint32, all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for hash := range p.named {
		named = append(named, hash)
	}
	all, p.isAll = p.isAll, false
	clear(p.named)
	return named, all
}

// everything is the hint that stands for all streams.
const everything = "*"

// hint is what a wake-up tells the other replicas. An empty one tells nothing but that it arrives.
func hint(named []uint32, all bool) string {
	if all {
		return everything
	}
	var text strings.Builder
	for _, hash := range named {
		digits := strconv.FormatUint(uint64(hash), 16)
		text.WriteString(strings.Repeat("0", hintSize-len(digits)) + digits)
	}
	return text.String()
}

// readHint is what a hint names. Anybody who can log in to the database can give one: what is none stands for all streams, which is slow and nothing else.
func readHint(text string) (named []uint32, all bool) {
	if len(text)%hintSize != 0 {
		return nil, true
	}
	for ; len(text) > 0; text = text[hintSize:] {
		hash, err := strconv.ParseUint(text[:hintSize], 16, 32)
		if err != nil {
			return nil, true
		}
		named = append(named, uint32(hash))
	}
	return named, false
}
