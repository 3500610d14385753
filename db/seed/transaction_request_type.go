package seed

import "strings"

// requestTypes are the terms of the first bank: it takes all types, and those between accounts cost nothing. The second bank has set none, and takes the
// defaults. A dash is nothing.
const requestTypes = `
SANDBOX_TAN  - EUR 1000.00 100000.00 250000.00 Payment      SHARED   0.00 0    -    -
ACCOUNT      - EUR 1000.00 100000.00 250000.00 Payment      SHARED   0.00 0    -    -
ACCOUNT_OTP  - EUR 0.00    100000.00 250000.00 Payment      SHARED   0.00 0    -    -
COUNTERPARTY - EUR 1000.00 100000.00 250000.00 Payment      SHARED   0.00 0.01 2.00 50.00
SEPA         - EUR 1000.00 100000.00 250000.00 SEPA_payment SHARED   0.20 0    -    -
SEPA         GBP GBP 900.00 90000.00 200000.00 SEPA_payment SHARED   1.50 0.05 -    25.00
SIMPLE       - EUR 1000.00 100000.00 250000.00 Payment      SHARED   0.00 0.01 2.00 50.00
CARD         - EUR 500.00  2500.00   5000.00   Card_payment RECEIVER 0.10 1.2  -    -
FREE_FORM    - EUR 1000.00 100000.00 -         Order        SHARED   5.00 0    -    -
REFUND       - EUR 0.00    100000.00 -         Refund       SHARED   0.00 0    -    -`

func (r rows) addTransactionRequestTypes(c chance) {
	for line := range strings.SplitSeq(strings.TrimSpace(requestTypes), "\n") {
		f := strings.Fields(line)
		forCurrency := strings.Trim(f[1], "-")
		values := []any{c.id(opening), firstBank, f[0], forCurrency, true, f[2]}
		for i, field := range f[3:] {
			switch {
			case field == "-":
				values = append(values, nil)
			case i == 3 || i == 4: // the summary and the policy
				values = append(values, strings.ReplaceAll(field, "_", " "))
			default:
				values = append(values, exactly(field))
			}
		}
		r.add("transaction_request_type", append(values, opening, opening)...)
	}
}
