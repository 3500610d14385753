package seed

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

var documentTypes = words("PASSPORT DRIVERS_LICENSE GOVERNMENT_ID DOMESTIC_PASSPORT ADDRESS_DOCUMENT BANK_STATEMENT TAX_ID_NUMBER FINANCIAL_DOCUMENT PERMANENT_RESIDENCE_PERMIT SELFIE_IMAGE")

// lasting are the documents that expire, after ten years; the others only have a day when they were written.
var lasting = words("PASSPORT DRIVERS_LICENSE GOVERNMENT_ID DOMESTIC_PASSPORT PERMANENT_RESIDENCE_PERMIT")

var declines = []struct{ reason, comment string }{
	{"BAD_QUALITY", "The scan is too dark to read."},
	{"EXPIRED_DOCUMENT", "It had expired when it came in."},
	{"WRONG_NAME", "The name differs from the customer's."},
	{"DOCUMENT_DAMAGED", "A corner with the number is missing."},
	{"DOCUMENT_INCOMPLETE", "The back side is missing."},
}

// issuers are who issues a document, each of some town.
var issuers = map[string]string{
	"PASSPORT": "Passport Office", "DRIVERS_LICENSE": "Licensing Office", "GOVERNMENT_ID": "Registry", "DOMESTIC_PASSPORT": "Passport Office",
	"ADDRESS_DOCUMENT": "Registry", "BANK_STATEMENT": "Savings Bank", "TAX_ID_NUMBER": "Tax Office", "FINANCIAL_DOCUMENT": "Savings Bank",
	"PERMANENT_RESIDENCE_PERMIT": "Registry",
}

func (r rows) addDocuments(p person, checks []check) []uuid.UUID {
	c, more := p.random, chanceFor(documentStream, uint64(p.index))
	var ids []uuid.UUID
	for i := range c.from(1, 3) {
		kind := "PASSPORT"
		if i > 0 {
			kind = of(c, documentTypes)
		}
		at := c.between(p.since, today)
		paper := paperOf(kind, c.day(at.AddDate(-8, 0, 0), at))
		d := document{id: c.id(at), kind: kind, at: at, status: "VALID", reasons: []string{}}
		ids = append(ids, d.id)
		switch {
		case c.in(20):
			d.status = "NEW"
		case c.in(12):
			decline := of(c, declines)
			if decline.reason == "EXPIRED_DOCUMENT" && !paper.expire(at) {
				decline = declines[0]
			}
			d.status, d.reasons, d.comment = "INVALID", []string{decline.reason}, &decline.comment
		}
		number, place := c.pattern(p.country.passport), of(c, p.country.cities).name
		if kind != "SELFIE_IMAGE" { // a picture of a face has no number and nobody who issued it
			authority := issuers[kind] + " of " + place
			paper.number, paper.place, d.authority = &number, &place, &authority
		}
		d.paper, d.provider = paper, of(c, words("ADMIN MANUAL RECOGNITION"))
		if kind == "BANK_STATEMENT" || kind == "FINANCIAL_DOCUMENT" {
			d.proveFunds(more)
		}
		r.addDocument(p, more, d)
	}
	r.addCards(p, more, checks)
	return ids
}

// addDocument writes a document; one that was reviewed was so within two days.
func (r rows) addDocument(p person, more chance, d document) {
	reviewed, updated := (*time.Time)(nil), d.at
	if d.status != "NEW" {
		updated = more.between(d.at, earlier(d.at.AddDate(0, 0, 2), today))
		reviewed = &updated
	}
	r.add("kyc_document", d.id, p.bankID, p.id, d.kind, d.number, d.issued, d.place, d.authority, d.expires, d.provider, d.status, d.reasons, d.comment,
		append([]string{}, d.incomes...), d.income, d.amount, d.currency, d.paid, d.purpose, d.origin, d.firstSix, d.lastFour,
		d.supersedes, d.superseded, d.after, reviewed, d.at, updated)
}

// proveFunds writes on a document what its customer lives on.
func (d *document) proveFunds(c chance) {
	d.incomes = []string{of(c, words("SALARY DIVIDENDS SAVINGS INVESTMENTS"))}
	d.income = new(of(c, words("BELOW_FIFTY_THOUSAND FIFTY_TO_HUNDRED_THOUSAND HUNDRED_TO_THREE_HUNDRED_THOUSAND")))
	if d.kind == "FINANCIAL_DOCUMENT" {
		paid := d.at.AddDate(0, -1, 0)
		d.amount, d.currency, d.paid = amount(int64(c.from(100_000, 9_000_000))), new("EUR"), &paid
		d.purpose, d.origin = new("Purchase of a flat"), new("Savings of several years")
	}
}

// addCards gives some customers a payment card, and some of these a second one, which took its place after a check. The numbers are those of issuers' test cards.
func (r rows) addCards(p person, c chance, checks []check) {
	if p.index%4 != 1 {
		return
	}
	at := c.between(p.since, today)
	first := newCard(c, at)
	later := slices.IndexFunc(checks, func(made check) bool { return made.at.After(at) })
	if p.index%8 == 1 && later >= 0 {
		second := newCard(c, c.between(checks[later].at, today))
		first.superseded, first.after, second.supersedes = &second.at, &checks[later].id, &first.id
		r.addDocument(p, c, second)
	}
	r.addDocument(p, c, first)
}

func newCard(c chance, at time.Time) document {
	card := of(c, []struct{ first, last string }{{"411111", "1111"}, {"555555", "4444"}, {"400000", "0002"}})
	return document{
		id: c.id(at), kind: "PAYMENT_CARD", at: at, status: of(c, words("NEW VALID")), reasons: []string{}, provider: "MANUAL",
		paper: paper{expires: new(dayOf(at).AddDate(3, 0, 0))}, firstSix: &card.first, lastFour: &card.last,
	}
}

func earlier(one, other time.Time) time.Time {
	if one.Before(other) {
		return one
	}
	return other
}

// document is a row of its table.
type document struct {
	paper

	id                        uuid.UUID
	kind, provider, status    string
	at                        time.Time
	reasons                   []string
	comment, authority        *string
	incomes                   []string
	income                    *string
	amount                    pgtype.Numeric
	currency, purpose, origin *string
	paid                      *time.Time
	firstSix, lastFour        *string
	supersedes                *uuid.UUID
	superseded                *time.Time
	after                     *uuid.UUID // the check since which it could be superseded
}

// paper is what stands on a document.
type paper struct {
	number, place   *string
	issued, expires *time.Time
}

func paperOf(kind string, issued time.Time) paper {
	switch {
	case kind == "SELFIE_IMAGE":
		return paper{}
	case slices.Contains(lasting, kind):
		return paper{issued: &issued, expires: new(issued.AddDate(10, 0, 0))}
	default:
		return paper{issued: &issued}
	}
}

// expire makes a paper that had expired by then, if it is of the kind that does.
func (p *paper) expire(at time.Time) bool {
	if p.expires == nil {
		return false
	}
	expires := dayOf(at).AddDate(0, -3, 0)
	p.issued, p.expires = new(expires.AddDate(-10, 0, 0)), &expires
	return true
}
