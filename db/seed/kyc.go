package seed

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// The KYC file of a customer. Each kind is made with the ones that it relates to at hand.

// staff are the demo's KYC team.
var staff = []struct{ id, name string }{
	{"staff-01", "Reviewer One"}, {"staff-02", "Reviewer Two"}, {"staff-03", "Reviewer Three"},
}

func (r rows) addKyc(p person) {
	checks := r.addChecks(p)
	documents := r.addDocuments(p, checks)
	r.addMedia(p, documents, keysOf(checks))
	r.addStatuses(p)
	r.addFiles(p)
}

// addFiles makes a file that is awaited for every third customer. The demo has no contents: what is uploaded to it is the user's own.
func (r rows) addFiles(p person) {
	if p.index%3 != 0 {
		return
	}
	c := chanceFor(fileStream, uint64(p.index))
	at := c.between(p.since, today)
	r.add("kyc_file", c.id(at), p.bankID, p.id, of(c, []string{"Passport, first page", "Proof of address", "Selfie with document"}), "AWAITING_UPLOAD", 1, at)
}

// check is a row of its table, as others relate to it.
type check struct {
	id uuid.UUID
	at time.Time
}

func keysOf(checks []check) (ids []uuid.UUID) {
	for _, made := range checks {
		ids = append(ids, made.id)
	}
	return ids
}

func (r rows) addChecks(p person) []check {
	c := p.random
	var made []check
	for range c.from(1, 4) {
		at, member := c.between(p.since, today), of(c, staff)
		id := c.id(at)
		made = append(made, check{id, at})
		satisfied, comment := true, "Everything fits."
		if c.in(15) {
			satisfied, comment = false, "The address could not be confirmed."
		}
		r.add("kyc_check", id, p.bankID, p.id, at, of(c, words("online_meeting branch_visit video_call register_search")),
			member.id, member.name, satisfied, comment, at)
	}
	return made
}

func (r rows) addMedia(p person, documents, checks []uuid.UUID) {
	c := p.random
	least, related := 0, 40
	if p.index == 0 { // the example has some of everything
		least, related = 2, 100
	}
	for i := range c.from(least, 3) {
		at := c.between(p.since, today)
		id, kind := c.id(at), of(c, words("scan photo video"))
		document, check := maybe(c, 40+related, of(c, documents)), maybe(c, related, of(c, checks))
		if document == nil && check == nil { // a picture of nothing in the file would say nothing
			document = &documents[0]
		}
		r.add("kyc_media", id, p.bankID, p.id, kind, fmt.Sprintf("https://media.example.com/kyc/%s/%d.jpg", p.number, i+1), at,
			document, check, at)
	}
}

// addStatuses makes a timeline that mostly ends well; three customers of a hundred have none.
func (r rows) addStatuses(p person) {
	c := p.random
	count := c.from(1, 5)
	if c.in(3) {
		count = 0
	}
	if p.index == 0 {
		count = 2
	}
	at := p.since
	var last []any
	for i := range count {
		if at = at.Add(time.Hour); !at.Before(today) {
			return
		}
		at = c.between(at, today)
		isOk := c.in(60) || i == count-1 && (p.index == 0 || c.in(70))
		if last != nil {
			last[len(last)-1] = at
		}
		// Decided in the morning, recorded a little later: the timeline goes by the record.
		last = []any{c.id(at), p.bankID, p.id, isOk, at.Add(-10 * time.Minute), at, nil}
		r.add("kyc_status", last...)
		customer := r["customer"][len(r["customer"])-1] // theirs, and has_kyc_status is its last column
		customer[len(customer)-1] = true
	}
}
