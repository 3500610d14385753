package files

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"bankgraph/models"
)

// Claim is what a link permits: one method, on one version of one file of one bank, until an instant.
type Claim struct {
	Method  string // PUT or GET
	BankID  string
	File    uuid.UUID
	Version int
	User    uuid.UUID // to whom the link was given
	Through string    // the application that they used
	Until   time.Time // in whole seconds
}

// ErrClaim says that a link permits nothing: it was changed, it is over, or nobody signed it. It is never told which.
var ErrClaim = errors.New("files: this link permits nothing")

// Purpose is what the keys of a Signer are made for.
const Purpose = "file links"

// Signer signs claims and believes those that are signed. The zero Signer does neither.
type Signer struct{ keys [][]byte }

// NewSigner signs with the first of these keys, and believes all.
func NewSigner(keys [][]byte) Signer { return Signer{keys} }

// mac is over all of a claim. No part can run into the next: none of them has a line break in it, and the one that others name is quoted.
func (c Claim) mac(key []byte) []byte {
	hash := hmac.New(sha256.New, key)
	fmt.Fprintf(hash, "v2\n%s\n%s\n%s\n%d\n%s\n%q\n%d", c.Method, c.BankID, c.File, c.Version, c.User, c.Through, c.Until.Unix())
	return hash.Sum(nil)
}

// Link is the path and the query of a link that permits a claim.
func (s Signer) Link(c Claim) string {
	signature := base64.RawURLEncoding.EncodeToString(c.mac(s.keys[0]))
	return fmt.Sprintf("/files/%s/%s/%d?by=%s&through=%s&until=%d&signature=%s", url.PathEscape(c.BankID), models.ID{Kind: models.KindKycFile, UUID: c.File}, c.Version,
		models.ID{Kind: models.KindUser, UUID: c.User}, url.QueryEscape(c.Through), c.Until.Unix(), signature)
}

// Read is the claim of a link, as the parts of its address have it, when it is signed and not over. All failures are one, and
// take the same time, as far as a secret is concerned.
func (s Signer) Read(method, bankID, file, version string, query url.Values, now time.Time) (Claim, error) {
	id, err := models.ParseID(file)
	if err != nil || id.Kind != models.KindKycFile {
		return Claim{}, ErrClaim
	}
	number, err := number(version)
	if err != nil {
		return Claim{}, ErrClaim
	}
	until, err := number64(query.Get("until"))
	if err != nil {
		return Claim{}, ErrClaim
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(query.Get("signature"))
	if err != nil {
		return Claim{}, ErrClaim
	}
	user, err := models.ParseID(query.Get("by"))
	if err != nil || user.Kind != models.KindUser {
		return Claim{}, ErrClaim
	}
	claim := Claim{method, bankID, id.UUID, number, user.UUID, query.Get("through"), time.Unix(until, 0).UTC()}
	isSigned := false
	for _, key := range s.keys {
		isSigned = hmac.Equal(claim.mac(key), signature) || isSigned
	}
	if !isSigned || !now.Before(claim.Until) {
		return Claim{}, ErrClaim
	}
	return claim, nil
}

// number64 reads a number in its one spelling.
func number64(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err == nil && (n < 0 || strconv.FormatInt(n, 10) != text) {
		err = ErrClaim
	}
	return n, err
}

func number(text string) (int, error) {
	n, err := number64(text)
	if err == nil && n > 1<<30 {
		err = ErrClaim
	}
	return int(n), err
}
