package db_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bankgraph/db"
	"bankgraph/db/dbtest"
)

// ours are the tables of the house; the others belong to the library that migrates.
const ours = `SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE 'goose%'`

// constraint is a key or a check of a table, as the catalogs have it.
type constraint struct {
	Name, Table, Kind string // the kind is p, u, f or c
	Columns           []string
	HasBank           bool // whether the table has a bank_id
	IsIndexed         bool // whether an index begins with the columns, in any order
}

func constraints(t *testing.T, store *db.Store) []constraint {
	t.Helper()
	// Newer servers keep NOT NULL there as well, under names that nobody ever sees.
	rows, err := store.Pool().Query(t.Context(), `
		SELECT conname AS name, conrelid::regclass::text AS table, contype::text AS kind,
		       ARRAY(SELECT attname::text FROM unnest(conkey) AS key JOIN pg_attribute ON attrelid = conrelid AND attnum = key) AS columns,
		       EXISTS (SELECT FROM pg_attribute WHERE attrelid = conrelid AND attname = 'bank_id') AS has_bank,
		       EXISTS (SELECT FROM pg_index WHERE indrelid = conrelid AND indpred IS NULL AND indisvalid
		               AND ARRAY(SELECT unnest((indkey::int2[])[0:cardinality(conkey) - 1]) ORDER BY 1) = ARRAY(SELECT unnest(conkey) ORDER BY 1)
		       ) AS is_indexed
		FROM pg_constraint WHERE conrelid IN (`+ours+`) AND contype IN ('p', 'u', 'f', 'c') ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[constraint])
	if err != nil || len(found) < 100 {
		t.Fatalf("%d constraints, %v", len(found), err)
	}
	return found
}

func TestEveryConstraintHasANameThatWeChose(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, file := range migrations(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(content)
	}
	var chosen []string
	for _, match := range regexp.MustCompile(`CONSTRAINT (\w+) `).FindAllStringSubmatch(text.String(), -1) {
		chosen = append(chosen, match[1])
	}
	generated := regexp.MustCompile(`_(check|fkey|key|excl)\d*$`)
	for _, c := range constraints(t, dbtest.Empty(t)) {
		if !slices.Contains(chosen, c.Name) || generated.MatchString(c.Name) {
			t.Errorf("%s of %s has a name that Postgres chose", c.Name, c.Table)
		}
		if !strings.HasPrefix(c.Name, c.Table+"_") {
			t.Errorf("%s does not begin with the name of its table %s", c.Name, c.Table)
		}
	}
}

// withoutBank are the keys of tables with a bank that do not contain it, and why.
var withoutBank = map[string]string{
	"entitlement_user_exists":        "users belong to no bank",
	"user_customer_link_user_exists": "users belong to no bank",
	"account_access_user_exists":     "users belong to no bank",
	"account_access_view_exists":     "views are the same at all banks",
	"event_pkey":                     "the bank is in the name of the stream, and that of a user is of no bank",
}

func TestEveryKeyContainsTheBank(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range constraints(t, dbtest.Empty(t)) {
		if c.Kind == "c" || !c.HasBank || slices.Contains(c.Columns, "bank_id") {
			continue
		}
		seen[c.Name] = true
		if withoutBank[c.Name] == "" {
			t.Errorf("%s of %s leaves out bank_id: %v", c.Name, c.Table, c.Columns)
		}
	}
	for name := range withoutBank {
		if !seen[name] {
			t.Errorf("%s is no exception any more", name)
		}
	}
}

// withoutIndex are the foreign keys that no index begins with, and why a change of the other table does
// not read the whole table all the same.
var withoutIndex = map[string]string{
	"account_bank_exists":                  "banks are not deleted, and their key does not change",
	"account_access_view_exists":           "views are not deleted, and their key does not change",
	"account_attribute_contract_exists":    "the index of the account finds its few attributes",
	"kyc_document_superseded_exists":       "the index of those that supersede has all of them",
	"kyc_document_superseded_after_exists": "the index of the customer finds its few documents",
	"kyc_document_portrait_exists":         "the index of the customer finds its few documents",
	"kyc_document_front_side_exists":       "the index of the customer finds its few documents",
	"kyc_document_back_side_exists":        "the index of the customer finds its few documents",
	"kyc_document_other_side_1_exists":     "the index of the customer finds its few documents",
	"kyc_document_other_side_2_exists":     "the index of the customer finds its few documents",
	"kyc_document_other_side_3_exists":     "the index of the customer finds its few documents",
	"kyc_media_check_exists":               "the index of the customer finds its few media",
	"kyc_media_document_exists":            "the index of the customer finds its few media",
}

func TestEveryForeignKeyHasAnIndex(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range constraints(t, dbtest.Empty(t)) {
		if c.Kind != "f" || c.IsIndexed {
			continue
		}
		seen[c.Name] = true
		if withoutIndex[c.Name] == "" {
			t.Errorf("no index begins with %v of %s, which %s needs", c.Columns, c.Table, c.Name)
		}
	}
	for name := range withoutIndex {
		if !seen[name] {
			t.Errorf("%s is no exception any more", name)
		}
	}
}

func TestTheTablesUseNoMoreOfPostgresThanTheHouseAllows(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	for name, query := range map[string]string{
		"tables without a primary key": `SELECT relname::text FROM pg_class WHERE oid IN (` + ours + `)
			AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = pg_class.oid AND contype = 'p')`,
		"instants without a zone": `SELECT attrelid::regclass || '.' || attname FROM pg_attribute WHERE attrelid IN (` + ours + `) AND attnum > 0
			AND NOT attisdropped AND (atttypid IN ('timestamp'::regtype, 'timestamp[]'::regtype, 'time'::regtype, 'timetz'::regtype)
			                          OR attname LIKE '%\_at' AND atttypid <> 'timestamptz'::regtype)`,
		"numbers that are not exact": `SELECT attrelid::regclass || '.' || attname FROM pg_attribute WHERE attrelid IN (` + ours + `) AND attnum > 0
			AND atttypid IN ('real'::regtype, 'double precision'::regtype, 'money'::regtype)`,
		"numbers that Postgres counts": `SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND relname NOT LIKE 'goose%'`,
		"types of our own":             `SELECT typname::text FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r')`,
		"triggers":                     `SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal`,
		"rules":                        `SELECT rulename::text FROM pg_rewrite WHERE rulename <> '_RETURN' AND ev_class >= 16384`,
		"functions":                    `SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace`,
		"extensions":                   `SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'`,
		"checks that are not enforced": `SELECT conname::text FROM pg_constraint WHERE conrelid IN (` + ours + `) AND (NOT convalidated OR condeferrable)`,
	} {
		if found := strs(t, store, query); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// TestTheOrderOfTextsIsTheSameOnEveryServer looks at the columns that lists are sorted by: the collation of
// the system would order them differently on another machine, and cursors would skip rows.
func TestTheOrderOfTextsIsTheSameOnEveryServer(t *testing.T) {
	t.Parallel()
	found := strs(t, dbtest.Empty(t), `
		SELECT DISTINCT indrelid::regclass || '.' || attname
		FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey::int2[])
		WHERE indrelid IN (`+ours+`) AND NOT indisunique AND attcollation <> 0 AND attcollation <> '"C"'::regcollation`)
	if len(found) > 0 {
		t.Errorf("sorted by the system's collation: %v", found)
	}
}
