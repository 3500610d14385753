package models

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
)

// ibans are the examples of the SWIFT registry, one a country.
var ibans = strings.Fields(`
	AD1200012030200359100100 AE070331234567890123456 AL47212110090000000235698741 AT611904300234573201
	AZ21NABZ00000000137010001944 BA391290079401028494 BE68539007547034 BG80BNBG96611020345678
	BH67BMAG00001299123456 BR1800360305000010009795493C1 BY13NBRB3600900000002Z00AB00 CH9300762011623852957
	CR05015202001026284066 CY17002001280000001200527600 CZ6508000000192000145399 DE89370400440532013000
	DK5000400440116243 DO28BAGR00000001212453611324 EE382200221020145685 EG380019000500000000263180002
	ES9121000418450200051332 FI2112345600000785 FO6264600001631634 FR1420041010050500013M02606
	GB29NWBK60161331926819 GE29NB0000000101904917 GI75NWBK000000007099453 GL8964710001000206
	GR1601101250000000012300695 GT82TRAJ01020000001210029690 HR1210010051863000160 HU42117730161111101800000000
	IE29AIBK93115212345678 IL620108000000099999999 IQ98NBIQ850123456789012 IS140159260076545510730339
	IT60X0542811101000000123456 JO94CBJO0010000000000131000302 KW81CBKU0000000000001234560101 KZ86125KZT5004100100
	LB62099900000001001901229114 LI21088100002324013AA LT121000011101001000 LU280019400644750000
	LV80BANK0000435195001 MC5811222000010123456789030 MD24AG000225100013104168 ME25505000012345678951
	MK07250120000058984 MR1300020001010000123456753 MT84MALT011000012345MTLCAST001S MU17BOMM0101101030300200000MUR
	NL91ABNA0417164300 NO9386011117947 PK36SCBL0000001123456702 PL61109010140000071219812874
	PS92PALS000000000400123456702 PT50000201231234567890154 QA58DOHB00001234567890ABCDEFG RO49AAAA1B31007593840000
	RS35260005601001611379 SA0380000000608010167519 SE4550000000058398257466 SI56263300012039086
	SK3112000000198742637541 SM86U0322509800000000270100 TN5910006035183598478831 TR330006100519786457841326
	UA213223130000026007233566001 VA59001123000012345678 VG96VPVG0000012345678901 XK051212012345678906
`)

// checkDigits are those that ISO 7064 gives an account number of a country, by plain arithmetic.
func checkDigits(country, account string) string {
	return fmt.Sprintf("%02d", 98-remainder(account+country+"00"))
}

// remainder is what is left of a text when its letters are numbers from 10 on, after a division by 97.
func remainder(s string) int64 {
	var digits strings.Builder
	for _, c := range s {
		if 'A' <= c && c <= 'Z' {
			fmt.Fprint(&digits, c-'A'+10)
		} else {
			digits.WriteRune(c)
		}
	}
	number, isNumber := new(big.Int).SetString(digits.String(), 10)
	if !isNumber {
		return -1
	}
	return number.Mod(number, big.NewInt(97)).Int64()
}

func wantIBANRefused(t *testing.T, s string) {
	t.Helper()
	if got, err := UnmarshalIBAN(s); err == nil || got != "" {
		t.Errorf("%q was taken", s)
	}
}

func TestIBAN(t *testing.T) {
	t.Parallel()

	for _, iban := range ibans {
		t.Run(iban+" of the registry is taken", func(t *testing.T) {
			t.Parallel()
			got, err := UnmarshalIBAN(iban)
			if err != nil || got != iban {
				t.Fatalf("got %q, %v", got, err)
			}
			if text := written(t, MarshalIBAN(got)); text != iban {
				t.Errorf("it is written %q", text)
			}
		})
	}

	t.Run("one wrong digit anywhere is seen", func(t *testing.T) {
		t.Parallel()
		for _, iban := range ibans {
			for i := 2; i < len(iban); i++ {
				if iban[i] < '0' || iban[i] > '9' {
					continue
				}
				for wrong := byte('0'); wrong <= '9'; wrong++ {
					if wrong != iban[i] {
						wantIBANRefused(t, iban[:i]+string(wrong)+iban[i+1:])
					}
				}
			}
		}
	})

	t.Run("two neighbours in the wrong order are seen", func(t *testing.T) {
		t.Parallel()
		for _, iban := range ibans {
			for i := 4; i+1 < len(iban); i++ {
				a, b := iban[i], iban[i+1]
				if a != b && a <= '9' && b <= '9' {
					wantIBANRefused(t, iban[:i]+string(b)+string(a)+iban[i+2:])
				}
			}
		}
	})

	t.Run("a wrong length is seen even when the check digits are right", func(t *testing.T) {
		t.Parallel()
		for _, iban := range ibans {
			country, account := iban[:2], iban[4:]
			for _, other := range []string{account + "0", "0" + account, account[:len(account)-1], account[1:], account + account, ""} {
				wantIBANRefused(t, country+checkDigits(country, other)+other)
			}
		}
	})

	t.Run("small letters and spaces are refused", func(t *testing.T) {
		t.Parallel()
		for _, iban := range ibans {
			for _, other := range []string{
				strings.ToLower(iban), strings.ToLower(iban[:2]) + iban[2:], iban[:4] + " " + iban[4:], " " + iban, iban + " ", iban + "\n",
				iban[:len(iban)-1] + " ", "IBAN" + iban, iban[:4] + "-" + iban[4:],
			} {
				wantIBANRefused(t, other)
			}
		}
		wantIBANRefused(t, "DE89 3704 0044 0532 0130 00")
		// Its small letter stands where it leaves the length as it is.
		wantIBANRefused(t, "FR1420041010050500013m02606")
	})
}

func TestIBANRefusals(t *testing.T) {
	t.Parallel()

	t.Run("an account has one number only", func(t *testing.T) {
		t.Parallel()
		// 00, 01 and 99 leave the same remainder as these, so that arithmetic alone lets them through.
		twins := map[string]string{"97": "00", "98": "01", "02": "99"}
		for number := 0; len(twins) > 0; number++ {
			account := fmt.Sprintf("%018d", number)
			right := checkDigits("DE", account)
			twin, has := twins[right]
			if !has {
				continue
			}
			delete(twins, right)
			if _, err := UnmarshalIBAN("DE" + right + account); err != nil {
				t.Errorf("DE%s%s: %v", right, account, err)
			}
			if remainder(account+"DE"+twin) != 1 {
				t.Errorf("%s is no twin of %s", twin, right)
			}
			wantIBANRefused(t, "DE"+twin+account)
		}
	})

	t.Run("a country without IBANs is refused", func(t *testing.T) {
		t.Parallel()
		for _, country := range []string{"US", "CA", "JP", "CN", "AU", "ZZ", "UK", "00", "de", "D\u0415"} {
			account := strings.Repeat("0", 18)
			wantIBANRefused(t, country+checkDigits(country, account)+account)
		}
	})

	t.Run("what is no number is refused", func(t *testing.T) {
		t.Parallel()
		for _, s := range []string{
			"", "D", "DE", "DE8", "DE89", "DE8937040044053201300\u0660", "DE8937040044053201300\u0660\u0660", "DEAA370400440532013000", "DE+9370400440532013000",
			"DE 9370400440532013000", "DE-8370400440532013000", "\uff24\uff258937040044053201300", "../../etc/passwd000000",
		} {
			_, err := UnmarshalIBAN(s)
			wantBadInput(t, err)
		}
	})
}

// FuzzIBAN holds the check against one that only uses big numbers.
func FuzzIBAN(f *testing.F) {
	for _, iban := range ibans {
		f.Add(iban)
	}
	for _, s := range []string{"", "DE", "DE89", "DE00370400440532013000", "DE89 3704 0044 0532 0130 00", "de89370400440532013000", "\u0414\u0415"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := UnmarshalIBAN(s)
		if err != nil {
			wantBadInput(t, err)
		} else if got != s {
			t.Errorf("%q was read as %q", s, got)
		}
		right := len(s) >= 4 && len(s) == ibanLengths[s[:2]] && strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" &&
			s[2:4] == checkDigits(s[:2], s[4:])
		if right != (err == nil) {
			t.Errorf("%q: %v", s, err)
		}
	})
}
