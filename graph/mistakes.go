package graph

import (
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

const (
	// mostMistakes is how many mistakes of a document are told; with these mended, the next ones are. The library would
	// look for them all, and for names that are similar to each: up to the fourth part of a second for one document.
	mostMistakes = 20
	// mostTold is how many letters a sentence of the library may have: it repeats names, values and whole lists.
	mostTold = 300
)

// fewMistakes are rules that stop together once they have found enough: there is nothing left for a walk to do when nobody
// observes it.
func fewMistakes(all *rules.Rules) *rules.Rules {
	found := 0
	for name, rule := range all.GetInner() {
		all.ReplaceRule(name, func(observers *core.Events, addError core.AddErrFunc) {
			rule(observers, func(options ...core.ErrorOption) {
				if found == mostMistakes {
					return // of the rule that is at work
				}
				addError(options...)
				if found++; found == mostMistakes {
					*observers = core.Events{}
				}
			})
		})
	}
	return all
}

// brief cuts a sentence that nobody would read to its end.
func brief(sentence string) string {
	if utf8.RuneCountInString(sentence) <= mostTold {
		return sentence
	}
	return string([]rune(sentence)[:mostTold]) + "…"
}

// briefPath cuts the names in a path: in variables, they are the client's.
func briefPath(path ast.Path) ast.Path {
	short := make(ast.Path, len(path))
	for i, step := range path {
		if name, isName := step.(ast.PathName); isName {
			step = ast.PathName(brief(string(name)))
		}
		short[i] = step
	}
	return short
}
