package db

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"bankgraph/models"
)

// What customers are sorted by that is not in their own row: each reads an index of the other table, row by row, and gives a customer once. The key is
// the other table's, since an index serves only what is in its own.
var (
	// byDecision is the newest decision. What is not marked as superseded is little more than that; whether it is the newest is looked up all the same.
	byDecision = kycOrder("kyc_status", "decided_at", isNewest)
	byOk       = kycOrder("kyc_status", "decided_at", "this.is_ok AND "+isNewest)
	byNotOk    = kycOrder("kyc_status", "decided_at", "NOT this.is_ok AND "+isNewest)
	// byAwaiting is the oldest document that waits for review.
	byAwaiting = kycOrder("live_kyc_document", "created_at", firstOf("this."+awaitingSQL, "created_at"))
)

const isNewest = `this.superseded_at IS NULL AND NOT EXISTS (SELECT FROM kyc_status AS newer
	WHERE newer.customer_id = this.customer_id AND newer.bank_id = this.bank_id AND (newer.recorded_at, newer.kyc_status_id) > (this.recorded_at, this.kyc_status_id))`

// kycOrder reads customers in the order of a column of a table, of whose rows the condition leaves one a customer.
func kycOrder(table, column, where string) string {
	return fmt.Sprintf(`(SELECT customer.*, this.%s AS kyc_order, this.customer_id AS kyc_key FROM customer
		JOIN %s AS this ON this.customer_id = customer.customer_id AND this.bank_id = customer.bank_id WHERE %s)`, column, table, where)
}

// firstOf is the condition that a document meets another one and is the first of its customer that does, by a column.
func firstOf(condition, column string) string {
	return fmt.Sprintf(`%s AND NOT EXISTS (SELECT FROM live_kyc_document AS first WHERE first.customer_id = this.customer_id AND first.bank_id = this.bank_id
		AND %s AND (first.%[3]s, first.kyc_document_id) < (this.%[3]s, this.kyc_document_id))`, condition, strings.ReplaceAll(condition, "this.", "first."), column)
}

// expiring is the condition on a document, under a name, that it expires in these days.
func expiring(document, from, before string) string {
	condition := document + "." + countingSQL + " AND " + document + ".expires_on IS NOT NULL"
	if from != "" {
		condition += " AND " + document + ".expires_on >= " + from
	}
	if before != "" {
		condition += " AND " + document + ".expires_on < " + before
	}
	return condition
}

// expiringIn is the same for the days of a filter.
func expiringIn(document string, days *models.DateRange) string {
	day := func(at *time.Time) string {
		if at == nil {
			return ""
		}
		return "'" + at.Format(time.DateOnly) + "'::date"
	}
	return expiring(document, day(days.From), day(days.Before))
}

// ofState are the conditions that the timeline of a customer says something. Other than of kycStateSQL, Postgres knows how many meet them.
var ofState = map[models.KycState]string{
	models.KycStateOk:    "EXISTS (SELECT FROM kyc_status AS this WHERE this.customer_id = row.customer_id AND this.bank_id = row.bank_id AND this.is_ok AND " + isNewest + ")",
	models.KycStateNotOk: "EXISTS (SELECT FROM kyc_status AS this WHERE this.customer_id = row.customer_id AND this.bank_id = row.bank_id AND NOT this.is_ok AND " + isNewest + ")",
	models.KycStateNone:  "NOT row.has_kyc_status AND NOT EXISTS (SELECT FROM kyc_status AS this WHERE this.customer_id = row.customer_id AND this.bank_id = row.bank_id)",
}

// inStates is the condition that the timeline of a customer says one of these.
func inStates(states []models.KycState) string {
	var conditions []string
	for _, state := range models.AllKycState {
		if slices.Contains(states, state) {
			conditions = append(conditions, "("+ofState[state]+")")
		}
	}
	if len(conditions) == 0 {
		return "false" // an empty list admits nothing
	}
	return strings.Join(conditions, " OR ")
}

// TellsOfDocuments says whether the filter or the order tells something of documents: who lists so must be allowed to see these.
func (l CustomerList) TellsOfDocuments() bool {
	of := l.order().Field
	return of == models.CustomerOrderFieldAwaitingReviewSince || of == models.CustomerOrderFieldNextExpiry ||
		l.Filter != nil && (l.Filter.DocumentsAwaitingReview != nil || l.Filter.DocumentsExpiring != nil)
}

// exists is the condition that the KYC file of a customer has such a document.
func exists(condition string) string {
	return "EXISTS (SELECT FROM live_kyc_document AS document WHERE document.customer_id = row.customer_id AND document.bank_id = row.bank_id AND " + condition + ")"
}

// whereKycDocuments adds the conditions on the documents of customers.
func whereKycDocuments(query *bun.SelectQuery, filter *models.CustomerFilter) *bun.SelectQuery {
	if awaiting := filter.DocumentsAwaitingReview; awaiting != nil {
		condition := exists("document." + awaitingSQL)
		if !*awaiting {
			condition = "NOT " + condition
		}
		query = query.Where(condition)
	}
	if filter.DocumentsExpiring != nil {
		query = query.Where(exists(expiringIn("document", filter.DocumentsExpiring)))
	}
	return query
}

// kycSections are the parts of a list that is sorted by what a KYC file says; nil for other orders. Parts that the filter leaves nothing in are left out.
func (l CustomerList) kycSections() []section {
	filter := l.Filter
	if filter == nil {
		filter = &models.CustomerFilter{}
	}
	states := func(state models.KycState) bool {
		return filter.KycStatus == nil || slices.Contains(filter.KycStatus, state)
	}
	noDecision := rest(ofState[models.KycStateNone])
	switch l.order().Field { //nolint:exhaustive // the others are columns of the customer
	case models.CustomerOrderFieldKycStatus:
		return l.byState(states, noDecision)
	case models.CustomerOrderFieldKycStatusSince:
		first := byDecision
		if !states(models.KycStateOk) {
			first = byNotOk
		} else if !states(models.KycStateNotOk) {
			first = byOk
		}
		return chosen(decided("decided", first), states(models.KycStateOk) || states(models.KycStateNotOk), noDecision, states(models.KycStateNone))
	case models.CustomerOrderFieldAwaitingReviewSince:
		awaiting := filter.DocumentsAwaitingReview
		return chosen(decided("awaiting", byAwaiting), awaiting == nil || *awaiting, rest("NOT "+exists("document."+awaitingSQL)), awaiting == nil || !*awaiting)
	case models.CustomerOrderFieldNextExpiry:
		of := func(document string) string { return expiring(document, todaySQL, "") }
		if filter.DocumentsExpiring != nil {
			of = func(document string) string { return expiringIn(document, filter.DocumentsExpiring) }
		}
		first := section{name: "expiring", from: kycOrder("live_kyc_document", "expires_on", firstOf(of("this"), "expires_on")), order: sorting{column: "kyc_order", cast: "date", key: "kyc_key"}}
		return chosen(first, true, rest("NOT "+exists(of("document"))), filter.DocumentsExpiring == nil)
	}
	return nil
}

// withinSections is the list with the conditions that its sections leave open.
func (l CustomerList) withinSections() CustomerList {
	by := l.order().Field
	if l.Filter != nil && (by == models.CustomerOrderFieldKycStatus || by == models.CustomerOrderFieldKycStatusSince) {
		open := *l.Filter
		open.KycStatus = nil // a section for each of these is all that there is
		l.Filter = &open
	}
	return l
}

// byState has a section for each state, in the order of the enum or the other way round.
func (l CustomerList) byState(states func(models.KycState) bool, noDecision section) []section {
	sections := []section{}
	for _, state := range models.AllKycState {
		if states(state) {
			sections = append(sections, map[models.KycState]section{
				models.KycStateOk: decided("ok", byOk), models.KycStateNotOk: decided("not_ok", byNotOk), models.KycStateNone: noDecision,
			}[state])
		}
	}
	if l.order().Direction == models.OrderDirectionDesc {
		slices.Reverse(sections)
	}
	return sections
}

// decided is a section in the order of an instant of another table.
func decided(name, from string) section {
	return section{name: name, from: from, order: sorting{column: "kyc_order", cast: "timestamptz", key: "kyc_key"}}
}

// rest are the customers of whom the order says nothing.
func rest(where string) section {
	return section{name: "rest", where: where, order: sorting{column: "created_at", cast: "timestamptz"}}
}

// chosen are those of two sections that may have rows.
func chosen(first section, hasFirst bool, other section, hasOther bool) []section {
	sections := []section{}
	if hasFirst {
		sections = append(sections, first)
	}
	if hasOther {
		sections = append(sections, other)
	}
	return sections
}
