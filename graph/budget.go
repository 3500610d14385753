package graph

import (
	"context"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"bankgraph/auth"
	"bankgraph/models"
)

// keptPurses is how many callers are remembered. Who was forgotten starts with a full purse; that takes
// more callers than a bank has at once.
const keptPurses = 20_000

// purses have what each caller may spend: a bucket that fills at a steady rate. Who is not logged in shares one with
// all who come from the same address.
type purses struct {
	limits    Limits
	users     *lru.Cache[string, *rate.Limiter]
	addresses *lru.Cache[string, *rate.Limiter] // strangers who come from everywhere must not push users out
}

func newPurses(limits Limits) *purses {
	kept := func() *lru.Cache[string, *rate.Limiter] {
		cache, err := lru.New[string, *rate.Limiter](keptPurses)
		if err != nil {
			panic(err) // only for a size below one
		}
		return cache
	}
	return &purses{limits, kept(), kept()}
}

// spend takes the cost from the caller's purse, and says what is left or when there is enough.
func (p *purses) spend(ctx context.Context, cost int) (available int, refusal *models.Error) {
	now := time.Now()
	owner := ownerOf(ctx)
	kept := p.addresses
	if auth.Caller(ctx) != nil {
		kept = p.users
	}
	purse, known := kept.Get(owner)
	if !known {
		purse = rate.NewLimiter(rate.Limit(p.limits.Restore), p.limits.Budget)
		if other, faster, _ := kept.PeekOrAdd(owner, purse); faster {
			purse = other
		}
	}
	if purse.AllowN(now, cost) {
		return max(0, int(purse.TokensAt(now))), nil
	}
	missing := float64(cost) - purse.TokensAt(now)
	refusal = models.Errorf(models.RateLimited, "You have spent your budget: this costs %d. Try again when it is restored.", cost).OBP("OBP-10018")
	refusal.RetryAfter = time.Duration(missing / float64(p.limits.Restore) * float64(time.Second)).Round(time.Millisecond)
	return 0, refusal
}

type addressKey struct{}

// ownerOf names whose purse it is.
func ownerOf(ctx context.Context) string {
	if caller := auth.Caller(ctx); caller != nil {
		return caller.User.ID().String()
	}
	return addressOf(ctx)
}

// addressOf is where the request comes from, without the port.
func addressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return address
	}
	// One house has a whole network of the newer addresses.
	if ip := at.Addr().Unmap(); ip.Is6() {
		network, _ := ip.Prefix(64) // which every such address has
		return network.String()
	}
	return at.Addr().Unmap().String()
}
