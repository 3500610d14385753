package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"bankgraph/models"
)

// guesses bound how often one address may try a field that takes a secret: @guessable. A purse would not do: it is counted in what a
// request costs to answer, of which a thousand guesses a minute are a trifle, and who logs in gets another one. And it stands at the
// field, not at the request, since a request can try as often as it has aliases.
type guesses struct {
	perMinute int
	kept      *lru.Cache[string, *rate.Limiter]
}

func newGuesses(limits Limits) *guesses {
	kept, err := lru.New[string, *rate.Limiter](keptPurses)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &guesses{limits.Guesses, kept}
}

// admit is @guessable.
func (g *guesses) admit(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	address := addressOf(ctx)
	tries, known := g.kept.Get(address)
	if !known {
		tries = rate.NewLimiter(rate.Limit(float64(g.perMinute)/time.Minute.Seconds()), g.perMinute)
		if other, faster, _ := g.kept.PeekOrAdd(address, tries); faster {
			tries = other
		}
	}
	if tries.Allow() {
		return next(ctx)
	}
	refusal := models.Errorf(models.RateLimited, "Too many tries from your address: at most %d a minute.", g.perMinute).OBP("OBP-10018")
	refusal.RetryAfter = time.Minute / time.Duration(g.perMinute)
	return nil, refusal
}
