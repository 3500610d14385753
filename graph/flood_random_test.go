package graph

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// shape says what a random document looks like. The search for the worst one changes it a little at a time.
type shape struct {
	Seed                                                                  uint64
	Operations, Fragments, Fields, Names, Spreads, Inline, Values, Levels int
}

// document is a document of this shape: always the same.
func (s shape) document() string {
	chance := rand.New(rand.NewPCG(s.Seed, 0))
	var text strings.Builder
	var set func(level, inline int)
	set = func(level, inline int) {
		text.WriteString("{ ")
		for i := range max(1, s.Fields) {
			switch {
			case chance.IntN(10) < s.Inline && inline < 10*s.Inline:
				text.WriteString("... ")
				set(level, inline+1)
				return
			case i < s.Spreads && s.Fragments > 0:
				fmt.Fprintf(&text, "...f%d ", chance.IntN(s.Fragments))
			default:
				text.WriteString([]string{"user", "id", "customers", "bank", "attributes", "kycChecks", "__typename", "x"}[chance.IntN(1+min(7, s.Names))])
				if s.Values > 0 && chance.IntN(4) == 0 {
					fmt.Fprintf(&text, "(a: [%s])", strings.Repeat("1 ", chance.IntN(s.Values)))
				}
				if level < s.Levels && chance.IntN(3) > 0 {
					set(level+1, 0)
				} else {
					text.WriteString(" ")
				}
			}
		}
		text.WriteString("} ")
	}
	for i := range max(1, s.Operations) {
		fmt.Fprintf(&text, "query q%d { viewer ", i)
		set(1, 0)
		text.WriteString("} ")
	}
	for i := range s.Fragments {
		fmt.Fprintf(&text, "fragment f%d on %s ", i, []string{"Viewer", "User", "Customer", "Node"}[chance.IntN(4)])
		set(1, 0)
	}
	return text.String()
}

// changed is a shape that differs a little.
func (s shape) changed(chance *rand.Rand) shape {
	parts := []*int{&s.Operations, &s.Fragments, &s.Fields, &s.Names, &s.Spreads, &s.Inline, &s.Values, &s.Levels}
	most := []int{300, 300, 190, 8, 30, 9, 40, 11}
	for range 1 + chance.IntN(2) {
		i := chance.IntN(len(parts))
		*parts[i] = chance.IntN(1 + most[i]/(1+chance.IntN(8)))
	}
	if chance.IntN(3) == 0 {
		s.Seed = chance.Uint64() % 1000
	}
	return s
}

// randomRequests are the worst that the search has found so far.
func randomRequests() []hostile {
	var all []hostile
	for _, s := range []shape{
		{Seed: 7, Operations: 13, Fragments: 141, Fields: 45, Spreads: 6, Inline: 8, Values: 4},
		{Seed: 985, Operations: 14, Fields: 28, Spreads: 9, Values: 40, Levels: 1},
		{Seed: 403, Operations: 13, Fragments: 141, Fields: 28, Spreads: 1, Values: 16, Levels: 1},
	} {
		all = append(all, document(fmt.Sprintf("G02 found by chance: %+v", s), s.document()))
	}
	return all
}
