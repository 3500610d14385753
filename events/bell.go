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

// bell collects the streams that were named since it was last looked at. It forgets which when there are too many: then it is all.
type bell struct {
	rung chan struct{}

	mu    sync.Mutex
	named map[uint32]struct{}
	isAll bool
}

func newBell() *bell { return &bell{rung: make(chan struct{}, 1), named: map[uint32]struct{}{}} }

func hashOf(stream models.Stream) uint32 {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(stream)) // it never fails
	return sum.Sum32()
}

// ring names streams.
func (b *bell) ring(streams ...models.Stream) {
	hashes := make([]uint32, len(streams))
	for i, stream := range streams {
		hashes[i] = hashOf(stream)
	}
	b.ringHashes(hashes)
}

func (b *bell) ringHashes(hashes []uint32) {
	b.mu.Lock()
	for _, hash := range hashes {
		b.named[hash] = struct{}{}
	}
	if len(b.named) > mostHints {
		b.isAll = true
		clear(b.named)
	}
	b.mu.Unlock()
	b.wake()
}

// ringAll names all streams.
func (b *bell) ringAll() {
	b.mu.Lock()
	b.isAll = true
	b.mu.Unlock()
	b.wake()
}

func (b *bell) wake() {
	select {
	case b.rung <- struct{}{}:
	default: // it was rung already
	}
}

// take gives what was named, and forgets it.
func (b *bell) take() (named []uint32, all bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for hash := range b.named {
		named = append(named, hash)
	}
	all, b.isAll = b.isAll, false
	clear(b.named)
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
