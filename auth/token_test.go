package auth

import (
	"context"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"bankgraph/models"
)

// wantToken says that a token was taken.
func wantToken(t *testing.T, verifier *Verifier, token string) *Identity {
	t.Helper()
	identity, err := verifier.Verify(t.Context(), token)
	if err != nil || identity == nil {
		t.Fatalf("got %v, %v (%v)", identity, err, cause(err))
	}
	return identity
}

// wantNoToken says that a token was refused, with a sentence that does not tell why.
func wantNoToken(t *testing.T, verifier *Verifier, token string) {
	t.Helper()
	identity, err := verifier.Verify(t.Context(), token)
	if identity != nil {
		t.Errorf("it speaks for %+v", identity)
	}
	refusal := wantRefusal(t, err, models.Unauthenticated, "OBP-20001")
	if refusal.Message != "The bearer token does not hold: get a new one." {
		t.Errorf("got %q, which tells more than that it does not hold", refusal.Message)
	}
}

// cause is what the log would say.
func cause(err error) error {
	if unwrapped, wraps := err.(interface{ Unwrap() error }); wraps {
		return unwrapped.Unwrap()
	}
	return nil
}

func TestVerifier(t *testing.T) {
	t.Parallel()
	keys := []signingKey{
		newRSA(t, "rsa", jose.RS256), newRSA(t, "pss", jose.PS256), newP256(t, "p256"),
		newEC(t, "p384", elliptic.P384(), jose.ES384), newEd25519(t, "ed25519"),
	}
	p := startProvider(t, keys...)
	verifier := p.trusted(t)

	for _, key := range keys {
		t.Run("a token signed by "+string(key.algorithm)+" speaks for its subject", func(t *testing.T) {
			t.Parallel()
			expires := time.Now().Add(10 * time.Minute).Truncate(time.Second)
			got := wantToken(t, verifier, key.sign(t, p.claims(map[string]any{"exp": expires.Unix()})))
			want := &Identity{
				Issuer: p.URL, Subject: "user-1", ClientID: "teller-app", Username: "susan", Email: new("susan@example.com"), ExpiresAt: expires,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}

	for name, c := range map[string]struct {
		changes map[string]any
		want    func(*Identity) (got, want string)
	}{
		"azp is the application":                   {nil, func(i *Identity) (string, string) { return i.ClientID, "teller-app" }},
		"azp comes before client_id":               {map[string]any{"client_id": "other"}, func(i *Identity) (string, string) { return i.ClientID, "teller-app" }},
		"without azp it is client_id":              {map[string]any{"azp": nil, "client_id": "batch"}, func(i *Identity) (string, string) { return i.ClientID, "batch" }},
		"with an empty azp it is client_id":        {map[string]any{"azp": "", "client_id": "batch"}, func(i *Identity) (string, string) { return i.ClientID, "batch" }},
		"without either there is no application":   {map[string]any{"azp": nil}, func(i *Identity) (string, string) { return i.ClientID, "" }},
		"without a name the subject is the name":   {map[string]any{"preferred_username": nil}, func(i *Identity) (string, string) { return i.Username, "user-1" }},
		"without an address there is none":         {map[string]any{"email": nil}, func(i *Identity) (string, string) { return models.Text(i.Email), "" }},
		"one of several audiences suffices":        {map[string]any{"aud": []string{"other", Audience}}, func(i *Identity) (string, string) { return i.Subject, "user-1" }},
		"a token without a beginning is good":      {map[string]any{"nbf": nil, "iat": nil}, func(i *Identity) (string, string) { return i.Subject, "user-1" }},
		"claims that nobody asked for do not harm": {map[string]any{"roles": []string{"CanGetCustomer"}}, func(i *Identity) (string, string) { return i.Subject, "user-1" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			identity := wantToken(t, verifier, keys[0].sign(t, p.claims(c.changes)))
			if got, want := c.want(identity); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}

	t.Run("who trusts nobody takes no token", func(t *testing.T) {
		t.Parallel()
		wantNoToken(t, NewVerifier(), keys[0].sign(t, p.claims(nil)))
	})
}

func TestVerifierRefusesClaims(t *testing.T) {
	t.Parallel()
	key := newP256(t, "key")
	p := startProvider(t, key)
	verifier := p.trusted(t)
	now := time.Now()

	for name, changes := range map[string]map[string]any{
		"A10 wrong audience":              {"aud": "other"},
		"A10 audience in capitals":        {"aud": strings.ToUpper(Audience)},
		"A10 no audience":                 {"aud": nil},
		"A10 an empty list of audiences":  {"aud": []string{}},
		"A10 the application as audience": {"aud": "teller-app"},
		"A10 wrong issuer":                {"iss": "https://evil.example"},
		"A10 issuer with a stroke more":   {"iss": p.URL + "/"},
		"A10 issuer in capitals":          {"iss": strings.ToUpper(p.URL)},
		"A10 no issuer":                   {"iss": nil},
		"A10 expired a second ago":        {"exp": now.Add(-time.Second).Unix()},
		"A10 expired a year ago":          {"exp": now.AddDate(-1, 0, 0).Unix(), "iat": now.AddDate(-1, 0, -1).Unix(), "nbf": nil},
		"A10 no expiry":                   {"exp": nil},
		"A10 an expiry that is no number": {"exp": "tomorrow"},
		"A10 future nbf":                  {"nbf": now.Add(time.Hour).Unix()},
		"A10 nbf in ten years":            {"nbf": now.AddDate(10, 0, 0).Unix(), "exp": now.AddDate(11, 0, 0).Unix()},
		"A10 no subject":                  {"sub": nil},
		"A10 an empty subject":            {"sub": ""},
		"A10 a subject that is no text":   {"sub": 1},
		"A10 an azp that is no text":      {"azp": []string{"teller-app"}},
		"A10 a name that is no text":      {"preferred_username": map[string]any{"is": "admin"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantNoToken(t, verifier, key.sign(t, p.claims(changes)))
		})
	}
}

// unsigned is a token with a header of our own, and what sign makes of its first two parts behind it.
func unsigned(t *testing.T, header, claims map[string]any, sign func(string) []byte) string {
	t.Helper()
	var parts []string
	for _, part := range []map[string]any{header, claims} {
		raw, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(raw))
	}
	signed := strings.Join(parts, ".")
	return signed + "." + base64.RawURLEncoding.EncodeToString(sign(signed))
}

// publicBytes are the ways to write a public key that somebody might take for a secret.
func publicBytes(t *testing.T, key signingKey) map[string][]byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	public := key.Public().(*rsa.PublicKey)
	set, err := json.Marshal(jose.JSONWebKey{Key: public, KeyID: key.id, Algorithm: string(key.algorithm)})
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"DER": der, "PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "PKCS 1": x509.MarshalPKCS1PublicKey(public),
		"modulus": public.N.Bytes(), "JWK": set, "empty": nil,
	}
}

func TestVerifierRefusesSignatures(t *testing.T) {
	t.Parallel()
	key, second := newRSA(t, "key", jose.RS256), newP256(t, "second")
	p := startProvider(t, key, second)
	verifier := p.trusted(t)
	good := key.sign(t, p.claims(nil))
	wantToken(t, verifier, good) // without it the refusals below would prove nothing
	parts := strings.Split(good, ".")
	admin := strings.Split(key.sign(t, p.claims(map[string]any{"sub": "admin"})), ".")
	none := func(string) []byte { return nil }

	tokens := map[string]string{
		"A10 empty":                       "",
		"A10 only spaces":                 "   ",
		"A10 only points":                 "..",
		"A10 no JWT":                      "hunter2",
		"A10 the word Bearer in front":    "Bearer " + good,
		"A10 without signature":           parts[0] + "." + parts[1] + ".",
		"A10 without the last part":       parts[0] + "." + parts[1],
		"A10 a part too many":             good + "." + parts[2],
		"A10 half a signature":            good[:len(good)-len(parts[2])/2],
		"A10 no base 64":                  parts[0] + ".???." + parts[2],
		"A10 no JSON":                     parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte("hello")) + "." + parts[2],
		"A10 the claims of another token": parts[0] + "." + admin[1] + "." + parts[2],
		"A10 a megabyte":                  strings.Repeat("A", 1<<20),
		// The library reads the other spelling of RFC 7515 too; there as well only what is signed counts.
		"A10 as JSON, other claims":       `{"payload":"` + admin[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
		"A10 as JSON, alg none":           `{"payload":"` + parts[1] + `","header":{"alg":"none","kid":"key"},"signature":""}`,
		"A10 as JSON, unsigned":           `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":""}`,
		"A10 as JSON, no signature":       `{"payload":"` + parts[1] + `","signatures":[]}`,
		"A10 alg RS256 without signature": unsigned(t, map[string]any{"alg": "RS256", "kid": "key"}, p.claims(nil), none),
		"A10 no alg":                      unsigned(t, map[string]any{"kid": "key"}, p.claims(nil), none),
		"A10 other key":                   newRSA(t, "other", jose.RS256).sign(t, p.claims(nil)),
		"A10 other key, same identifier":  newRSA(t, "key", jose.RS256).sign(t, p.claims(nil)),
		"A10 other key, no identifier":    newRSA(t, "", jose.RS256).sign(t, p.claims(nil)),
		"A10 right key, other identifier": signingKey{second.Signer, "key", jose.ES256}.sign(t, p.claims(nil)),
		"A10 other key inside the token":  newRSA(t, "", jose.RS256).signWith(t, p.claims(nil), &jose.SignerOptions{EmbedJWK: true}),
		"A10 address of other keys": newRSA(t, "evil", jose.RS256).signWith(t, p.claims(nil),
			(&jose.SignerOptions{}).WithHeader("jku", "https://evil.example/keys").WithHeader("x5u", "https://evil.example/chain")),
	}
	for _, algorithm := range []string{"none", "None", "NONE", "nOnE", ""} {
		tokens["A10 alg none written "+algorithm] = unsigned(t, map[string]any{"alg": algorithm, "typ": "JWT"}, p.claims(nil), none)
		tokens["A10 alg none with an identifier written "+algorithm] = unsigned(t, map[string]any{"alg": algorithm, "kid": "key"}, p.claims(nil), none)
	}
	for spelling, secret := range publicBytes(t, key) {
		tokens["A10 HS256 signed with the public key as "+spelling] = unsigned(t, map[string]any{"alg": "HS256", "kid": "key"}, p.claims(nil), func(signed string) []byte {
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(signed))
			return mac.Sum(nil)
		})
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantNoToken(t, verifier, token)
		})
	}
}

// blind is a key set that takes any signature for right.
type blind struct{}

func (blind) VerifySignature(_ context.Context, token string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
}

func TestAlgorithms(t *testing.T) {
	t.Parallel()
	verifier := NewVerifier()
	verifier.TrustKeys("https://issuer.example", Audience, blind{})
	written := func(algorithm string) string {
		claims := map[string]any{"iss": "https://issuer.example", "sub": "user-1", "aud": Audience, "exp": time.Now().Add(time.Hour).Unix()}
		return unsigned(t, map[string]any{"alg": algorithm}, claims, func(string) []byte { return []byte("signature") })
	}

	for _, algorithm := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"} {
		t.Run(algorithm+" is left to the keys", func(t *testing.T) {
			t.Parallel()
			wantToken(t, verifier, written(algorithm))
		})
	}
	for _, algorithm := range []string{"none", "None", "", "HS256", "HS384", "HS512", "rs256", "RS1", "ES256K", "dir", "RSA-OAEP"} {
		t.Run("A10 alg "+algorithm+" is refused before any key is asked", func(t *testing.T) {
			t.Parallel()
			wantNoToken(t, verifier, written(algorithm))
		})
	}
}
