package seed

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// person is what the rows of one customer have in common.
type person struct {
	random  chance
	index   int
	id      uuid.UUID
	bankID  string
	number  string
	name    string
	isWoman bool
	country country
	born    time.Time
	since   time.Time
	branch  string
}

// Customer numbers walk through all numbers of seven digits in steps that share no factor with their count:
// no two are the same, and neighbours do not look it. Customer 0 has the number of OBP's examples.
const (
	numberStep   = 7_368_787
	numberRange  = 9_000_000
	numberLowest = 1_000_000
	firstNumber  = 5_987_953
)

func numberOf(index int) string {
	return fmt.Sprint(numberLowest + (firstNumber-numberLowest+index*numberStep)%numberRange)
}

func newPerson(index int) person {
	random := chanceFor(customerStream, uint64(index))
	p := person{random: random, index: index, bankID: bankOf(index), number: numberOf(index), country: of(random, countries)}
	p.since = random.between(opening, today.AddDate(-1, 0, 0))
	p.id = random.id(p.since)
	p.born = random.day(today.AddDate(-90, 0, 0), today.AddDate(-23, 0, 0))
	names := p.country.men
	if random.in(50) {
		p.isWoman, names = true, p.country.women
	}
	p.name = of(random, names) + " " + of(random, p.country.families)
	p.branch = fmt.Sprintf("%s-%02d", strings.ToUpper(p.bankID[:2]), random.from(1, branches))
	return p
}

// addCustomer makes customer number index, with all that hangs from it.
func (r rows) addCustomer(index int, issuer string) {
	p := newPerson(index)
	r.addPerson(p)
	r.addAddresses(p)
	r.addTaxResidences(p)
	r.addCustomerAttributes(p)
	r.addHandles(p)
	r.addCrmEvents(p)
	r.addKyc(p)
	balances := r.addAccounts(p)
	r.addCounterparties(p)
	r.addTransactions(p, balances)
	r.addChallenges(p)
	r.addHolder(p, issuer)
}

func (r rows) addPerson(p person) {
	c := p.random
	dependants := []time.Time{}
	for range max(0, c.from(-2, 3)) {
		dependants = append(dependants, c.day(p.born.AddDate(20, 0, 0), today))
	}
	limit := int64(c.from(0, 200)) * 250_00
	mail := strings.ToLower(fmt.Sprintf("%s.%s@%s", plainLetters.Replace(strings.Fields(p.name)[0]), p.number, of(c, words("example.com example.org example.net"))))
	titles := words("Dr. Prof. Mr. Mr.")
	if p.isWoman {
		titles = words("Dr. Prof. Ms. Ms.")
	}
	title, suffix := maybe(c, 15, of(c, titles)), maybe(c, 5, of(c, words("Jr. Sr. II")))
	if p.isWoman {
		suffix = nil
	}
	r.add("customer", p.id, p.bankID, p.number, p.name,
		title, suffix, c.pattern(p.country.phone), mail,
		"https://images.example.com/faces/"+p.number+".jpg", c.between(p.since, today),
		p.born, of(c, words("single married divorced widowed partnership")), len(dependants), dependants,
		of(c, words("AAA AA A BBB BB B")), of(c, []string{"Demo Rating Agency", "Credit Register", "Own scoring"}),
		amount(limit), p.country.currency,
		of(c, []string{"Secondary school", "Vocational training", "Bachelor", "Master", "Doctorate"}),
		of(c, words("employed self-employed retired student unemployed")), p.branch,
		p.since, c.between(p.since, today), false)
}

// plainLetters writes given names with the letters that an e-mail address can have everywhere.
var plainLetters = strings.NewReplacer("á", "a", "Á", "A", "é", "e", "è", "e", "É", "E", "í", "i", "ï", "i", "ł", "l")

func (r rows) addAddresses(p person) {
	c := p.random
	for i, tags := range [][]string{{"home", "mailing"}, {"work"}, {"former"}}[:c.from(1, 3)] {
		place, at := of(c, p.country.cities), p.since.Add(time.Duration(i)*time.Hour)
		r.add("customer_address", c.id(at), p.bankID, p.id, fmt.Sprintf(of(c, p.country.streets), c.from(1, 180)),
			maybe(c, 20, fmt.Sprintf("Flat %d", c.from(1, 40))), place.name, place.state, c.pattern(place.postcode), p.country.code,
			tags, "OK", at, at)
	}
}

func (r rows) addTaxResidences(p person) {
	c := p.random
	r.add("tax_residence", c.id(p.since), p.bankID, p.id, p.country.name, c.pattern(p.country.taxNumber), p.since)
	if other := of(c, countries); c.in(12) && other.code != p.country.code {
		at := p.since.Add(time.Hour)
		r.add("tax_residence", c.id(at), p.bankID, p.id, other.name, c.pattern(other.taxNumber), at)
	}
}

func (r rows) addCustomerAttributes(p person) {
	c := p.random
	attributes := [][3]string{
		{"SPECIAL_TAX_NUMBER", "STRING", c.pattern("#########")},
		{"CUSTOMER_SINCE", "DATE_WITH_DAY", p.since.Format(time.DateOnly)},
		{"RISK_SCORE", "INTEGER", fmt.Sprint(c.from(1, 100))},
		{"LOYALTY_FACTOR", "DOUBLE", fmt.Sprintf("1.%02d", c.from(0, 99))},
	}
	for _, attribute := range attributes[:c.from(2, 4)] {
		r.add("customer_attribute", c.id(p.since), p.bankID, p.id, attribute[0], attribute[1], attribute[2], p.since)
	}
}

func (r rows) addHandles(p person) {
	c := p.random
	least := 0
	if p.index == 0 { // the example has some of everything
		least = 2
	}
	for i, network := range []string{"mastodon", "linkedin", "bluesky"}[:c.from(least, 3)] {
		at := p.since.Add(time.Duration(i+1) * 24 * time.Hour)
		r.add("social_media_handle", c.id(at), p.bankID, p.id, network, "@demo."+network+"."+p.number, at, maybe(c, 80, at.Add(time.Hour)), at)
	}
}

func (r rows) addCrmEvents(p person) {
	c := p.random
	for range c.from(0, 3) {
		at := c.between(p.since, today)
		planned := at.AddDate(0, 0, c.from(1, 20))
		var happened *time.Time
		var result *string
		if planned.Before(today) && c.in(80) {
			happened, result = &planned, maybe(c, 90, of(c, []string{"Agreed", "No interest", "Call again", "Papers sent"}))
		}
		r.add("crm_event", c.id(at), p.bankID, p.id, of(c, words("Call Meeting Letter Campaign")),
			of(c, []string{"Yearly talk about savings", "Offer of a mortgage", "Question about a card", "Renewal of an identity document"}),
			of(c, words("PHONE BRANCH EMAIL POST")), planned, happened, result, at)
	}
}
