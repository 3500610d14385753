package seed

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// User is a demo user, for help texts.
type User struct{ Name, Description string }

// Users are the demo users.
func Users() []User {
	return []User{
		{"demo-admin", "every role at both demo banks and system-wide"},
		{"demo-officer", "customer and KYC roles at " + firstBank + " only"},
		{"demo-owner", "is customer 5987953, and owns their two accounts"},
		{"demo-approver", "a second person with a view on the same two accounts"},
		{"demo-stranger", "logged in, and nothing more"},
	}
}

// forOfficers are the words in the names of roles that a KYC officer has.
var forOfficers = []string{"Customer", "Kyc", "TaxResidence", "SocialMediaHandle", "CrmEvent"}

func (r rows) addDemoUsers(o Options) {
	for i, user := range Users() {
		random := chanceFor(foundationStream, uint64(i)+1)
		id := r.addUser(random, o.Issuer, user.Name, opening)
		atBank, atSystem := o.Roles()
		switch user.Name {
		case "demo-admin":
			r.grant(random, id, firstBank, atBank)
			r.grant(random, id, secondBank, atBank)
			r.grant(random, id, "", atSystem)
		case "demo-officer":
			r.grant(random, id, firstBank, slices.DeleteFunc(slices.Clone(atBank), func(role string) bool {
				fits := slices.ContainsFunc(forOfficers, func(word string) bool { return strings.Contains(role, word) })
				return !fits || strings.Contains(role, "Link") || strings.HasPrefix(role, "CanSee") // the demo shows what is masked
			}))
		}
	}
}

func (r rows) addUser(random chance, issuer, name string, at time.Time) uuid.UUID {
	id := random.id(at)
	r.add("app_user", id, issuer, name, name, name+"@example.com", at)
	return id
}

func (r rows) grant(random chance, user uuid.UUID, bankID string, roles []string) {
	for _, role := range roles {
		r.add("entitlement", random.id(opening), user, bankID, role, opening)
	}
}

// demoUserID is the UUID that addDemoUsers gave.
func demoUserID(name string) uuid.UUID {
	i := slices.IndexFunc(Users(), func(user User) bool { return user.Name == name })
	return chanceFor(foundationStream, uint64(i)+1).id(opening)
}

// access is what the demo users have to do with customer 0: it is written when that customer is there.
func access() rows {
	r, random := newRows(), chanceFor(foundationStream, 99)
	first := newPerson(0)
	for _, account := range accountsOf(first) {
		r.add("account_access", random.id(opening), firstBank, account.id, demoUserID("demo-owner"), "owner", opening)
		r.add("account_access", random.id(opening), firstBank, account.id, demoUserID("demo-approver"), "standard", opening)
	}
	r.add("user_customer_link", random.id(opening), firstBank, demoUserID("demo-owner"), first.id, opening)
	return r
}

// addHolder makes a user for every second customer other than the first: they are the customer, and own the accounts.
func (r rows) addHolder(p person, issuer string) {
	if p.index == 0 || p.index%2 == 1 {
		return
	}
	random := chanceFor(userStream, uint64(p.index))
	user := r.addUser(random, issuer, "holder-"+p.number, p.since)
	r.add("user_customer_link", random.id(p.since), p.bankID, user, p.id, p.since)
	for _, account := range accountsOf(p) {
		r.add("account_access", random.id(p.since), p.bankID, account.id, user, "owner", p.since)
	}
}
