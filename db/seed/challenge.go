package seed

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// unanswered is what the first customer wanted to pay from the second account, in hundredths.
const unanswered = 1500_00

// addChallenges has two users approve what the first customer's second account pays from the threshold on, and a payment that neither did in time.
func (r rows) addChallenges(p person) {
	if p.index != 0 {
		return
	}
	c, accounts := chanceFor(challengeStream, 0), accountsOf(p)
	from, to := accounts[1], accounts[0]
	r.add("account_attribute", c.id(from.opened), p.bankID, from.id, from.productCode, nil, "REQUIRED_CHALLENGE_ANSWERS", "INTEGER", "2", from.opened)
	at := from.opened.Add(60 * 24 * time.Hour)
	end := at.Add(10 * time.Minute)
	owner, request, currency := demoUserID("demo-owner"), c.id(at), p.country.currency
	r.add("transaction_request", request, p.bankID, from.id, "ACCOUNT", "FAILED", p.bankID, from.id, p.bankID, to.id, currency, amount(unanswered), currency, amount(unanswered),
		amount(0), "Payment", "SHARED", "A new roof", dayOf(at), at, end, nil, owner, "demo", 2, "CHALLENGES_EXPIRED", 2)
	r.add("transaction_request_event", request, p.bankID, 1, "INITIATED", owner, at, nil)
	r.add("transaction_request_event", request, p.bankID, 2, "FAILED", nil, end, "CHALLENGES_EXPIRED")
	for _, user := range []uuid.UUID{owner, demoUserID("demo-approver")} {
		challenge := c.id(at)
		r.add("challenge", challenge, p.bankID, from.id, request, user, "can_add_transaction_request_to_any_account", "DUMMY", "EXPIRED", c.bytes(16), c.bytes(32), 0, 3, 600,
			0, at, at, end, end, 2)
		r.add("challenge_event", challenge, p.bankID, 1, "OPEN", at)
		r.add("challenge_event", challenge, p.bankID, 2, "EXPIRED", end)
	}
}

// bytes are some that say nothing.
func (c chance) bytes(length int) []byte {
	var all []byte
	for len(all) < length {
		all = binary.BigEndian.AppendUint64(all, c.Uint64())
	}
	return all[:length]
}
