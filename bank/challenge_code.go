package bank

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"math/big"
	"time"

	"bankgraph/models"
)

// ChallengePurpose is what the keys are for by which codes are hashed.
const ChallengePurpose = "codes of challenges"

// Challenges are how people are asked before something is paid. The zero Challenges ask nobody, so that nothing is taken that would have to be approved.
type Challenges struct {
	Keys       [][]byte               // by which codes are hashed: the one in use, and those that are still believed
	Method     models.ChallengeMethod // for banks that name none
	AllowDummy bool                   // whether there may be codes that everybody knows
	Block      time.Duration          // how long no answer of a user is taken after too many wrong ones
	CodesTo    int                    // how many codes a user has sent to themselves in an hour, and is sent because of others, counted apart; 0 for any number
	CodesBy    int                    // and how many are sent because of one who asks for payments; 0 for any number
	Failed     func()                 // is told of each answer that is not accepted; nil for nobody
}

// WithChallenges is the Bank with a way to ask people.
func (b *Bank) WithChallenges(c Challenges) *Bank {
	with := *b
	with.challenges = c
	return &with
}

const (
	dummyCode   = "123"
	codeDigits  = 6
	nonceLength = 16
	// maxFailures is how many wrong answers in a row, to any challenges, block a user: PSD2 allows five.
	maxFailures = 5
)

// newCode is a code that nobody can guess, and the nonce of the row that keeps it.
func newCode(method models.ChallengeMethod) (code string, nonce []byte, err error) {
	nonce = make([]byte, nonceLength)
	if _, err := rand.Read(nonce); err != nil {
		return "", nil, fmt.Errorf("make a code: %w", err)
	}
	if method == models.ChallengeMethodDummy {
		return dummyCode, nonce, nil
	}
	number, err := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(codeDigits), nil))
	if err != nil {
		return "", nil, fmt.Errorf("make a code: %w", err)
	}
	return fmt.Sprintf("%0*d", codeDigits, number), nonce, nil
}

// codeHash is what is kept of a code: over all that it approves, as the rows have it.
func codeHash(key []byte, r *models.TransactionRequest, c *models.KeptChallenge, code string) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range []string{
		c.ChallengeID.String(), r.TransactionRequestID.String(), c.UserID.String(),
		r.Amount.String(), r.Currency, r.CreditedAmount.String(), r.CreditedCurrency, r.ChargeAmount.String(), string(r.ChargePolicy),
		r.PayerBankID, r.PayerUUID.String(), r.PayeeBankID, textOf(r.PayeeUUID), textOf(r.PayeeCounterpartyID),
		optionalText(r.PayeeName), optionalText(r.PayeeScheme), optionalText(r.PayeeAddress), optionalText(r.PayeeBankScheme), optionalText(r.PayeeBankAddress),
		optionalText(r.CardLastFour), string(c.Nonce), code,
	} {
		writePart(mac, part)
	}
	return mac.Sum(nil)
}

// writePart writes a part with its length, so that no two lists of parts are the same.
func writePart(mac hash.Hash, part string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(part)))
	mac.Write(length[:])
	mac.Write([]byte(part))
}

func textOf(id fmt.Stringer) string { return fmt.Sprint(id) } // "<nil>" for none

// optionalText tells a text that is not there from an empty one.
func optionalText(text *string) string {
	if text == nil {
		return ""
	}
	return "=" + *text
}

// fits says whether a code is that of a challenge. It takes as long whatever is wrong, and also when there is no challenge.
func (c Challenges) fits(r *models.TransactionRequest, kept *models.KeptChallenge, code string) bool {
	isThere := r != nil && kept != nil
	if !isThere {
		r, kept = &models.TransactionRequest{}, &models.KeptChallenge{CodeHash: make([]byte, sha256.Size), Nonce: make([]byte, nonceLength)}
	}
	isRight := false
	for _, key := range c.Keys {
		isRight = hmac.Equal(codeHash(key, r, kept, code), kept.CodeHash) || isRight
	}
	return isRight && isThere && (kept.Method != models.ChallengeMethodDummy || c.AllowDummy)
}

// hashesOf are what an answer comes to, without its idempotency key, by each of the keys: the code is in it, so that it is a keyed hash, too.
func (c Challenges) hashesOf(in *models.AnswerTransactionRequestChallengeInput) [][]byte {
	same := *in
	same.IdempotencyKey = ""
	written, err := json.Marshal(same)
	if err != nil {
		panic(fmt.Sprintf("an input is no JSON: %v", err)) // it came as JSON
	}
	hashes := make([][]byte, len(c.Keys))
	for i, key := range c.Keys {
		mac := hmac.New(sha256.New, key)
		writePart(mac, "answerTransactionRequestChallenge")
		writePart(mac, string(written))
		hashes[i] = mac.Sum(nil)
	}
	return hashes
}
