package seed

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/models"
)

// made are the rows of so many customers, without a database.
func made(customers int) rows {
	r := newRows()
	for index := range customers {
		r.addCustomer(index, "issuer")
	}
	return r
}

// value is what a row has in a column; nil for NULL, and never a pointer.
func value(t *testing.T, tableName string, row []any, column string) any {
	t.Helper()
	for _, table := range tables {
		for i, name := range table.columns {
			if table.name != tableName || name != column {
				continue
			}
			v := reflect.ValueOf(row[i])
			for v.Kind() == reflect.Pointer && !v.IsNil() {
				v = v.Elem()
			}
			if !v.IsValid() || v.Kind() == reflect.Pointer {
				return nil
			}
			return v.Interface()
		}
	}
	t.Fatalf("there is no column %s.%s", tableName, column)
	return nil
}

func TestTheRowsOfACustomerDoNotDependOnTheOthers(t *testing.T) {
	t.Parallel()
	few, many := made(50), made(500)
	for table, want := range few {
		if got := many[table]; len(got) < len(want) || !reflect.DeepEqual(got[:len(want)], want) {
			t.Errorf("%s: the rows of the first 50 customers differ when there are 500", table)
		}
	}
}

func TestEveryRowFitsItsTable(t *testing.T) {
	t.Parallel()
	everything := made(200)
	for _, table := range tables {
		for _, row := range everything[table.name] {
			if len(row) != len(table.columns) {
				t.Fatalf("%s: %d values for %d columns", table.name, len(row), len(table.columns))
			}
		}
	}
}

func TestNothingIsThereTwice(t *testing.T) {
	t.Parallel()
	everything := made(20_000)

	t.Run("UUIDs, all of version 7", func(t *testing.T) {
		t.Parallel()
		seen := map[uuid.UUID]bool{}
		for table, rows := range everything {
			for _, row := range rows {
				id, isKey := row[0].(uuid.UUID)
				if !isKey || table == "account_holder" || strings.HasSuffix(table, "_event") && table != "crm_event" { // they have the customer, the request or the challenge first
					continue
				}
				if seen[id] || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
					t.Errorf("%s: %s", table, id)
				}
				seen[id] = true
			}
		}
	})

	t.Run("customer numbers", func(t *testing.T) {
		t.Parallel()
		seen := map[any]bool{}
		for _, row := range everything["customer"] {
			number := value(t, "customer", row, "customer_number")
			if seen[number] {
				t.Error(number)
			}
			seen[number] = true
		}
	})

	t.Run("addresses of accounts", func(t *testing.T) {
		t.Parallel()
		seen := map[[3]any]bool{}
		for _, row := range everything["account_routing"] {
			address := [3]any{row[0], row[2], row[3]}
			if seen[address] {
				t.Error(address)
			}
			seen[address] = true
		}
	})
}

func TestNumbersAreThoseThatTheGraphTakes(t *testing.T) {
	t.Parallel()
	everything := made(2_000)
	for _, row := range everything["customer"] {
		if _, err := models.UnmarshalPhoneNumber(value(t, "customer", row, "mobile_phone_number")); err != nil {
			t.Error(err)
		}
		if _, err := models.UnmarshalEmailAddress(value(t, "customer", row, "email")); err != nil {
			t.Error(err)
		}
	}
	for _, row := range everything["account_routing"] {
		if row[2] != "IBAN" {
			continue
		}
		if _, err := models.UnmarshalIBAN(row[3]); err != nil {
			t.Error(err)
		}
	}
	for _, row := range everything["counterparty"] {
		get := func(column string) string { text, _ := value(t, "counterparty", row, column).(string); return text }
		input := models.CreateCounterpartyInput{
			BankID: get("bank_id"), Name: get("name"), Currency: get("currency"),
			AccountRouting: &models.RoutingInput{Scheme: get("account_scheme"), Address: get("account_address")},
			BankRouting:    &models.RoutingInput{Scheme: get("bank_scheme"), Address: get("bank_address")},
		}
		made := input.Counterparty(uuid.Nil)
		if err := made.Validate().Err(); err != nil || made.NameKey != get("name_key") {
			t.Errorf("%+v: %v", made, err)
		}
	}
}

func TestTheKycFileMakesSense(t *testing.T) {
	t.Parallel()
	everything := made(5_000)

	for _, row := range everything["kyc_document"] {
		get := func(column string) any { return value(t, "kyc_document", row, column) }
		createdAt := get("created_at").(time.Time)
		for _, reason := range get("decline_reasons").([]string) {
			expiresOn, expires := get("expires_on").(time.Time)
			if reason == "EXPIRED_DOCUMENT" && (!expires || expiresOn.After(createdAt)) {
				t.Errorf("a %s was declined as expired on %s, but expires on %s", get("type"), createdAt, expiresOn)
			}
		}
		if issuedOn, issued := get("issued_on").(time.Time); issued && issuedOn.After(createdAt) {
			t.Errorf("a %s of %s came in on %s", get("type"), issuedOn, createdAt)
		}
		if get("type") == "SELFIE_IMAGE" && (get("number") != nil || get("issued_on") != nil) {
			t.Error("a picture of a face has a number or a day of issue")
		}
	}

	for _, row := range everything["kyc_media"] {
		if value(t, "kyc_media", row, "relates_to_kyc_document_id") == nil && value(t, "kyc_media", row, "relates_to_kyc_check_id") == nil {
			t.Error("a medium relates to nothing")
		}
	}

	for _, row := range everything["kyc_status"] {
		if recordedAt := value(t, "kyc_status", row, "recorded_at").(time.Time); recordedAt.After(today) {
			t.Errorf("a decision was recorded on %s, after the demo's last day", recordedAt)
		}
	}
}
