package seed

import "time"

// The demo banks. The first one has seven customers of ten, among them customer 0.
const (
	firstBank  = "gh.29.uk"
	secondBank = "nl.07.demo"
)

// branches is how many branches each bank has.
const branches = 12

func bankOf(index int) string {
	if index%10 < 7 {
		return firstBank
	}
	return secondBank
}

// foundation is what is there before any customer: the banks, and the demo users with their roles.
func foundation(o Options) rows {
	r, random := newRows(), chanceFor(foundationStream, 0)
	r.addBank(random, firstBank, "Greenhill", "Greenhill Demonstration Bank plc", "DEMOGB2LXXX")
	r.addBank(random, secondBank, "Lage Landen", "Lage Landen Demobank N.V.", "DEMONL2AXXX")
	r.addDemoUsers(o)
	r.addTransactionRequestTypes(chanceFor(settingStream, 9))
	for i, bankID := range []string{firstBank, secondBank} {
		random := chanceFor(settingStream, uint64(i))
		r.addExchangeRates(random, bankID)
		r.addAttributeDefinitions(random, bankID)
	}
	return r
}

func (r rows) addBank(random chance, bankID, shortName, fullName, bic string) {
	founded := opening.Add(-24 * time.Hour)
	r.add("bank", bankID, random.id(founded), shortName, fullName, "https://images.example.com/"+bankID+".png",
		"https://"+bankID+".example.com", bic, founded, founded)
}
