package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	lru "github.com/hashicorp/golang-lru/v2"

	"bankgraph/models"
)

// Audience is whom a token of the development issuer is for, and what production tokens are for
// unless the configuration says otherwise.
const Audience = "bankgraph"

// keyFetchPause is how long a set of keys is kept before an unknown key makes us fetch it anew. Junk
// tokens with invented key identifiers would otherwise make us call the issuer once each.
const keyFetchPause = 30 * time.Second

// maxClaim is the longest name of a user or an application that the tables keep.
const maxClaim = 255

// algorithms are those that a token may be signed with: asymmetric ones, so that nobody who can
// verify a token can make one, and never "none".
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

// Identity is what a verified token says.
type Identity struct {
	Issuer, Subject string
	ClientID        string // the application: azp, or client_id; empty when the token names none
	Username        string
	Email           *string
	ExpiresAt       time.Time
}

// What is kept of tokens that held: a client shows the same one with each request, and to check a signature is dear.
const (
	keptTokens = 10_000
	// keptFor is how long the issuer's key need not be asked again whether it signed a token. Rights are not in it: those are
	// read from the database for each operation.
	keptFor = keyFetchPause
)

// Verifier turns bearer tokens into identities. It trusts a list of issuers.
type Verifier struct {
	issuers []*oidc.IDTokenVerifier
	kept    *lru.Cache[[sha256.Size]byte, keptToken] // by hash, so that nobody finds tokens in memory
	now     func() time.Time
}

// keptToken is what a token said that held.
type keptToken struct {
	identity Identity
	until    time.Time
}

// NewVerifier trusts nobody yet.
func NewVerifier() *Verifier {
	kept, err := lru.New[[sha256.Size]byte, keptToken](keptTokens)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &Verifier{kept: kept, now: time.Now}
}

// TrustKeys trusts tokens of an issuer that are signed with one of these keys.
func (v *Verifier) TrustKeys(issuer, audience string, keys oidc.KeySet) {
	v.issuers = append(v.issuers, oidc.NewVerifier(issuer, keys, &oidc.Config{ClientID: audience, SupportedSigningAlgs: algorithms}))
}

// TrustIssuer trusts tokens of an OpenID Connect provider: its keys are found by discovery and
// fetched again when a token names a new one, but not more often than every half minute.
func (v *Verifier) TrustIssuer(ctx context.Context, issuer, audience string) error {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &pausing{next: http.DefaultTransport, pause: keyFetchPause, now: time.Now}}
	// go-oidc keeps this context for later fetches, so that it must outlive the start-up.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), client), issuer)
	if err != nil {
		return fmt.Errorf("find the keys of the issuer %s: %w", issuer, err)
	}
	v.issuers = append(v.issuers, provider.Verifier(&oidc.Config{ClientID: audience, SupportedSigningAlgs: algorithms}))
	return nil
}

// Verify is who a token speaks for. Whatever is wrong with the token, the sentence is the same; Unavailable says
// that the provider could not be asked for a key that the token names.
func (v *Verifier) Verify(ctx context.Context, token string) (*Identity, error) {
	now, name := v.now(), sha256.Sum256([]byte(token))
	if known, ok := v.kept.Get(name); ok && now.Before(known.until) {
		return &known.identity, nil
	}
	found, err := v.verify(ctx, token)
	if err != nil {
		return nil, err
	}
	until := now.Add(keptFor)
	if found.ExpiresAt.Before(until) {
		until = found.ExpiresAt
	}
	v.kept.Add(name, keptToken{*found, until})
	return found, nil
}

func (v *Verifier) verify(ctx context.Context, token string) (*Identity, error) {
	causes := make([]error, 0, len(v.issuers))
	for _, issuer := range v.issuers {
		verified, err := issuer.Verify(ctx, token)
		if err == nil {
			return identity(verified)
		}
		causes = append(causes, err)
	}
	cause := errors.Join(causes...)
	if cause != nil && strings.Contains(cause.Error(), keysNotFetched) {
		unavailable := models.Errorf(models.Unavailable, "The identity provider is not there at the moment: try again.")
		unavailable.Err = cause
		return nil, unavailable
	}
	return nil, refused(cause)
}

// keysNotFetched is how the library says that it could not ask the provider; it wraps no error to compare with.
const keysNotFetched = "fetching keys"

func identity(token *oidc.IDToken) (*Identity, error) {
	var claims struct {
		AuthorizedParty   string  `json:"azp"`
		ClientID          string  `json:"client_id"`
		PreferredUsername string  `json:"preferred_username"`
		Email             *string `json:"email"`
	}
	if err := token.Claims(&claims); err != nil {
		return nil, refused(err)
	}
	if token.Subject == "" {
		return nil, refused(errors.New("the token has no subject"))
	}
	for _, claim := range []string{token.Subject, claims.AuthorizedParty, claims.ClientID, claims.PreferredUsername} {
		if len(claim) > maxClaim {
			return nil, refused(errors.New("the token has a claim that is too long"))
		}
	}
	return &Identity{
		Issuer: token.Issuer, Subject: token.Subject, ExpiresAt: token.Expiry, Email: claims.Email,
		ClientID: firstOf(claims.AuthorizedParty, claims.ClientID),
		Username: firstOf(claims.PreferredUsername, token.Subject),
	}, nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func refused(cause error) error {
	refusal := models.Errorf(models.Unauthenticated, "The bearer token does not hold: get a new one.").OBP("OBP-20001")
	refusal.Err = cause
	return refusal
}
