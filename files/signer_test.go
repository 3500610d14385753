package files_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/files"
)

var now = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

func claim() files.Claim {
	return files.Claim{
		Method: "PUT", BankID: "gh.29.uk", File: uuid.MustParse("019f0000-0000-7000-8000-000000000001"), Version: 2,
		User: uuid.MustParse("019f0000-0000-7000-8000-000000000003"), Through: "an app\nof & many = parts", Until: now.Add(time.Minute),
	}
}

// follow reads a link as a server does that is asked by a method at an instant.
func follow(t *testing.T, signer files.Signer, method, link string, at time.Time) (files.Claim, error) {
	t.Helper()
	address, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.TrimPrefix(address.EscapedPath(), "/files/"), "/")
	for i := range parts {
		if parts[i], err = url.PathUnescape(parts[i]); err != nil {
			t.Fatal(err)
		}
	}
	return signer.Read(method, parts[0], parts[1], parts[2], address.Query(), at)
}

func key(letter string) []byte { return []byte(strings.Repeat(letter, 32)) }

func TestALinkPermitsWhatWasSigned(t *testing.T) {
	t.Parallel()
	signer := files.NewSigner([][]byte{key("a")})
	got, err := follow(t, signer, "PUT", signer.Link(claim()), now)
	if err != nil || got != claim() {
		t.Errorf("%v %v", got, err)
	}
}

func TestALinkThatWasChangedPermitsNothing(t *testing.T) {
	t.Parallel()
	signer := files.NewSigner([][]byte{key("a")})
	link := signer.Link(claim())
	other := claim()
	other.File = uuid.MustParse("019f0000-0000-7000-8000-000000000002")
	other.User = other.File
	id := func(link string) string { return strings.Split(link, "/")[3] }
	user := func(link string) string {
		_, by, _ := strings.Cut(link, "by=")
		by, _, _ = strings.Cut(by, "&")
		return by
	}
	for what, changed := range map[string]string{
		"another bank":         strings.Replace(link, "gh.29.uk", "nl.07.demo", 1),
		"another file":         strings.Replace(link, id(link), id(signer.Link(other)), 1),
		"another version":      strings.Replace(link, "/2?", "/1?", 1),
		"a version written so": strings.Replace(link, "/2?", "/02?", 1),
		"a later end":          strings.Replace(link, "until=17", "until=18", 1),
		"an end written so":    strings.Replace(link, "until=", "until=0", 1),
		"no end":               strings.Replace(link, "until", "before", 1),
		"another user":         strings.Replace(link, user(link), user(signer.Link(other)), 1),
		"no user":              strings.Replace(link, "by=", "from=", 1),
		"no user's identifier": strings.Replace(link, "by=usr_", "by=cus_", 1),
		"another application":  strings.Replace(link, "through=an", "through=another", 1),
		"no application":       strings.Replace(link, "through=", "at=", 1),
		"no signature":         strings.Replace(link, "signature", "name", 1),
		"half a signature":     link[:len(link)-20],
		"bits behind its end":  link[:len(link)-1] + string(link[len(link)-1]+1),
		"an identifier":        strings.Replace(link, "kyfil_", "kydoc_", 1),
		"no identifier":        strings.Replace(link, id(link), "..", 1),
		"no number":            strings.Replace(link, "/2?", "/x?", 1),
		"a huge number":        strings.Replace(link, "/2?", "/99999999999?", 1),
		"a line break":         strings.Replace(link, "gh.29.uk", "gh.29.uk%0A", 1),
	} {
		if changed == link {
			t.Errorf("%s: nothing was changed", what)
		}
		if _, err := follow(t, signer, "PUT", changed, now); err != files.ErrClaim { //nolint:errorlint // it must be this one and nothing around it
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, try := range map[string]struct {
		signer files.Signer
		method string
		at     time.Time
	}{
		"another method": {signer, "GET", now}, "too late": {signer, "PUT", now.Add(time.Minute)},
		"another secret": {files.NewSigner([][]byte{key("b")}), "PUT", now}, "no secret": {files.Signer{}, "PUT", now},
	} {
		if _, err := follow(t, try.signer, try.method, link, try.at); err != files.ErrClaim { //nolint:errorlint // as above
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestLinksOfTheSecretBeforeAreBelievedWhileItIsNamed(t *testing.T) {
	t.Parallel()
	old, both := files.NewSigner([][]byte{key("a")}), files.NewSigner([][]byte{key("b"), key("a")})
	if _, err := follow(t, both, "PUT", old.Link(claim()), now); err != nil {
		t.Error(err)
	}
	if _, err := follow(t, old, "PUT", both.Link(claim()), now); err == nil {
		t.Error("the new secret does not sign")
	}
}
