package seed

import (
	"strings"

	"github.com/jackc/pgx/v5/pgtype"
)

// rates are those of OBP's sandbox, years old and good for a demo only: what one of the first currency is in the second, and the other way round. OBP's
// table gives JOD and ILS each other's value in EUR, and JOD in AUD that of GBP; here they are right. Its XBT is no currency of ISO 4217 and is left out. PLN
// and CZK, which it does not have, are made up. Where there and back again made money in the last digits, the way back is cut.
const rates = `
EUR GBP 0.860011 1.16277     EUR USD 1.07428 0.930856      EUR JPY 121.567 0.00822591    EUR AED 3.94594 0.253425      EUR INR 72.3136 0.0138286
EUR KRW 1233.03 0.000811008  EUR XAF 655.957 0.00152449    EUR JOD 0.838098 1.19317      EUR ILS 4.20494 0.237707      EUR AUD 1.49707 0.667969
EUR HKD 8.88926 0.112495     EUR MXN 26.0359 0.0384        EUR PLN 4.32 0.231481         EUR CZK 25.2 0.039682
GBP USD 1.2493 0.800446      GBP JPY 141.373 0.0070734     GBP AED 4.58882 0.217920      GBP INR 84.095 0.0118913      GBP KRW 1433.92 0.000697388
GBP XAF 762.826 0.00131091   GBP JOD 0.936707 1.06756      GBP ILS 4.7002 0.212756       GBP AUD 1.63992 0.609785      GBP HKD 10.1468 0.0985443
GBP MXN 29.242 0.0341        USD JPY 113.161 0.00883695    USD AED 3.6731 0.27224        USD INR 67.3135 0.0148558     USD KRW 1147.78 0.00087124
USD XAF 610.601 0.00163773   USD JOD 0.708659 1.41111      USD ILS 3.55495 0.281297      USD AUD 1.27347 0.785256      USD HKD 7.84766 0.127426
USD MXN 21.748 0.0459        JPY AED 0.032459 30.8080      JPY INR 0.594846 1.68110      JPY KRW 10.1428 0.0985917     JPY XAF 5.39585 0.185327
JPY JOD 0.00639777 156.304   JPY ILS 0.0320926 31.1598     JPY AUD 0.0114819 87.0935     JPY HKD 0.0709891 14.0866     JPY MXN 0.2053 4.8687
AED INR 18.3255 0.0545671    AED KRW 312.482 0.00320018    AED XAF 166.236 0.00601554    AED JOD 0.1930565 5.17983     AED ILS 0.968033 1.03302
AED AUD 0.346779 2.88368     AED HKD 2.13685 0.467977      AED MXN 5.9217 0.1688         INR KRW 17.0512 0.0586468     INR XAF 9.07101 0.110241
INR JOD 0.0110959 90.1233    INR ILS 0.0556764 17.9609     INR AUD 0.0198319 50.4238     INR HKD 0.109972 9.09322      INR MXN 0.2983 3.3513
KRW XAF 0.531986 1.87974     KRW JOD 0.000630634 1585.68   KRW ILS 0.00316552 315.903    KRW AUD 0.00111694 895.303    KRW HKD 0.00697233 143.424
KRW MXN 0.0183 54.4512       XAF JOD 0.00127784 782.570    XAF ILS 0.00641333 155.925    XAF AUD 0.00228226 438.162    XAF HKD 0.0135503 73.7991
XAF MXN 0.0396 25.189        JOD ILS 5.02018 0.199196      JOD AUD 1.79807 0.556151      JOD HKD 11.0687 0.0903448     JOD MXN 30.8336 0.0324
ILS AUD 0.352661 2.83558     ILS HKD 2.16985 0.460861      ILS MXN 6.4871 0.1541         AUD HKD 5.61346 0.178137      AUD MXN 16.0826 0.0621
HKD MXN 2.8067 0.3562`

// addExchangeRates gives a bank the demo's rates, which are good since before its first customer.
func (r rows) addExchangeRates(c chance, bankID string) {
	fields := strings.Fields(rates)
	for i := 0; i < len(fields); i += 4 {
		r.add("exchange_rate", c.id(opening), bankID, fields[i], fields[i+1], exactly(fields[i+2]), exactly(fields[i+3]), dayOf(opening), opening, opening)
	}
}

// exactly is a number as it is written here.
func exactly(number string) (n pgtype.Numeric) {
	if err := n.Scan(number); err != nil {
		panic(err) // it is a constant of this file
	}
	return n
}
