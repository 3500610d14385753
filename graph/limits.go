package graph

import (
	"errors"
	"time"
)

// Limits bound one request, before anything is read for it. They are looked at in the order of their fields: what
// is cheap to know comes first. The zero Limits take nothing.
type Limits struct {
	Body       int64 `default:"${Body}" help:"Most bytes of a request, also after decompression. Far above the largest document that a person writes, and small enough to hold many."`
	Tokens     int   `default:"${Tokens}" help:"Most tokens of a document. The work of parser and validator grows faster than the document."`
	Depth      int   `default:"${Depth}" help:"Most levels of fields. Twice what the deepest useful request has."`
	Aliases    int   `default:"${Aliases}" help:"Most aliases. Enough to ask for some dozens of customers at once, and not to guess in bulk."`
	RootFields int   `default:"${RootFields}" help:"Most root fields. They all start at the same time."`
	Selections int   `default:"${Selections}" help:"Most entries in one selection set. The validator compares each with each."`
	Directives int   `default:"${Directives}" help:"Most directives in one place. @skip and @include are all there are."`
	Expanded   int   `default:"${Expanded}" help:"Most fields with every fragment in its place. Some hundred bytes of fragments that spread each other can stand for millions."`
	Effort     int   `default:"${Effort}" help:"Most work that a document may make for the validator, in comparisons of two fields. It compares all fields of one name, and again for each operation and fragment."`
	Cost       int   `default:"${Cost}" help:"Most that one operation may cost: objects, times the sizes of the lists that they stand in."`

	Deadline time.Duration `default:"${Deadline}" help:"How long an operation may run before it is ended. Longer ones keep connections from others."`
	Errors   int           `default:"${Errors}" help:"Most errors in an answer. The rest is counted."`

	Budget  int `default:"${Budget}" help:"What a caller may spend at once, in the unit of cost. It is counted in each replica."`
	Restore int `default:"${Restore}" help:"What a caller gets back each second. Enough for a dashboard, and too little to read a bank customer by customer."`

	Guesses int `default:"${Guesses}" help:"Most tries a minute from one address at a field that takes a secret, such as that of an invitation. It is counted in each replica."`
}

// DefaultLimits are the limits of a server that was told no others.
var DefaultLimits = Limits{
	Body:       256 << 10,
	Tokens:     4_000,
	Depth:      12,
	Aliases:    50,
	RootFields: 20,
	Selections: 200,
	Directives: 5,
	Expanded:   3_000,
	Effort:     150_000,
	Cost:       100_000,
	Deadline:   10 * time.Second,
	Errors:     100,
	Budget:     300_000,
	Restore:    10_000,
	Guesses:    10,
}

// Check says what is wrong with limits that somebody chose.
func (l Limits) Check() error {
	if min(l.Body, int64(min(l.Tokens, l.Depth, l.Aliases, l.RootFields, l.Selections, l.Expanded, l.Effort, l.Errors, l.Restore, l.Cost, l.Guesses)), int64(l.Deadline)) < 1 || l.Directives < 0 {
		return errors.New("a limit must be at least 1")
	}
	if l.Budget < l.Cost {
		return errors.New("--limit-budget must be at least --limit-cost: an operation of that cost could never run")
	}
	return nil
}
