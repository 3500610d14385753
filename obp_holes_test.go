package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bankgraph/auth"
	"bankgraph/db/dbtest"
)

// hole is a place where OBP lets somebody read or write what is not theirs, and the tests that show that it is closed here.
type hole struct {
	what  string
	tests []string // the file, and a test in it or the name of a case
}

// holesOfOBP are those of its operations on customers, their KYC files and what hangs from them.
var holesOfOBP = []hole{
	{"no operation compares the customer's bank with the bank of the call: a role at one bank changes customers of all", []string{
		"bank/customer_test.go A01 a customer of another bank, at one's own", "children_test.go A02 another bank's customer at the own bank",
		"walk_test.go A02 nobody writes into it",
	}},
	{"nor does any that reads: a role at one bank shows customers, KYC records, addresses and tax residences of all", []string{
		"walk_test.go A01 nobody walks into it", "matrix_nodes_test.go TestA01RoleMatrixOfNodes", "visibility_test.go A02 the right number at the wrong bank finds nothing",
	}},
	{"update and delete of an address or a tax residence do not ask whose it is", []string{
		"children_test.go A01 a child of another customer of the bank", "children_test.go A01 a child of another bank's customer",
	}},
	{"updateCustomerAddress asks for no role, or for the one to make customers", []string{"matrix_test.go TestA05RoleMatrixOfMutations", "matrix_contract_test.go TestA05TheSchemaAsksForWhatTheContractSays"}},
	{"getTaxResidence and deleteTaxResidence ask for no role", []string{"matrix_test.go TestA05RoleMatrixOfEdges", "matrix_test.go TestA05RoleMatrixOfMutations"}},
	{"every user finds customers by telephone number", []string{
		"matrix_test.go TestA05RoleMatrixOfQueries", "search_test.go TestA02TelephonesOfAnotherBankAreNotFound",
		"search_test.go TestT02WhoMayNotSearchTelephonesLearnsNothing",
	}},
	{"every user sees what is planned with all customers of a bank", []string{"matrix_test.go TestA05RoleMatrixOfEdges", "loaders/crm_event_test.go TestTheEventsOfABankAreThoseOfItsCustomers"}},
	{"KYC records are read by roles for all banks only, so that each officer sees every bank", []string{"matrix_test.go TestA05RoleMatrixOfEdges", "walk_test.go A01 nobody walks into it"}},
	{"one role to change names changes the branch and the data as well", []string{"matrix_contract_test.go TestEachPartOfAPatchNeedsItsRole"}},
	{"who may link users to customers links themselves, and reads", []string{"bank/user_customer_link_test.go TestNobodySaysOfThemselvesWhichCustomerTheyAre"}},
	{"who may give roles takes them all", []string{"bank/entitlement_test.go TestNobodyGivesThemselvesARole"}},
	{"an overview shows whatever account has an attribute with the customer's number", []string{"obp_holes_test.go TestA02AnAttributeMakesNobodyAnAccountHolder"}},
	{"an invitation of one bank opens at another", []string{"bank/user_invitation_test.go A02 the right one at another bank"}},
}

func TestEachHoleOfOBPHasItsTest(t *testing.T) {
	t.Parallel()
	for _, hole := range holesOfOBP {
		if len(hole.tests) == 0 {
			t.Errorf("no test shows that this is closed: %s", hole.what)
		}
		for _, test := range hole.tests {
			file, name, _ := strings.Cut(test, " ")
			source, err := os.ReadFile(filepath.FromSlash(file))
			if err != nil || !strings.Contains(string(source), "func "+name+"(") && !strings.Contains(string(source), `"`+name+`"`) {
				t.Errorf("%s has no test %q, which shows that this is closed: %s (%v)", file, name, hole.what, err)
			}
		}
	}
}

// TestA02AnAttributeMakesNobodyAnAccountHolder gives an account of another bank, and one of another customer of the bank, the attribute by which OBP
// finds the accounts of an overview.
func TestA02AnAttributeMakesNobodyAnAccountHolder(t *testing.T) {
	t.Parallel()
	d := openDoor(t, dbtest.Seeded(t))
	tag, err := d.store.Pool().Exec(t.Context(), `INSERT INTO account_attribute (account_attribute_id, bank_id, account_id, name, type, value)
		SELECT gen_random_uuid(), bank_id, account_id, name, 'STRING', '5987953' FROM customer_account, unnest(array['customer_number', 'CUSTOMER_NUMBER']) AS name
		WHERE customer_id <> (SELECT customer_id FROM customer WHERE bank_id = $1 AND customer_number = '5987953')`, homeBank)
	if err != nil || tag.RowsAffected() < 100 {
		t.Fatal(tag, err)
	}
	d.hold(t, "demo-stranger", held{auth.CanGetCustomerOverview, homeBank}, held{auth.CanGetCustomerOverviewFlat, homeBank})
	for _, field := range []string{"customerOverview", "customerOverviewFlat"} {
		answer := d.ask("demo-stranger", `{ at: `+field+`(bankId: "gh.29.uk", customerNumber: "5987953") { accounts(first: 50) { totalCount nodes { id bankId } } } }`, nil)
		if accounts := answer.find(t, "at", "accounts").(map[string]any); accounts["totalCount"] != 2.0 || len(accounts["nodes"].([]any)) != 2 || strings.Contains(string(answer.raw), otherBank) {
			t.Errorf("%s: %s", field, answer.raw)
		}
	}
}
