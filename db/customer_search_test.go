package db_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

const searchBank = "search.bank"

// people makes customers of a bank of these names, with the e-mail address of each behind a bar, and the telephone number behind another.
func people(t *testing.T, store *db.Store, names ...string) {
	t.Helper()
	execute(t, store, "INSERT INTO bank (bank_id, bank_uuid, short_name, full_name) VALUES ($1, $2, 'x', 'x') ON CONFLICT DO NOTHING", searchBank, uuid.New())
	var legalNames, emails, phones []string
	for _, name := range names {
		parts := append(strings.Split(name, "|"), "", "")
		legalNames, emails, phones = append(legalNames, parts[0]), append(emails, parts[1]), append(phones, parts[2])
	}
	execute(t, store, `INSERT INTO customer (customer_id, bank_id, customer_number, legal_name, email, mobile_phone_number)
		SELECT gen_random_uuid(), $1, gen_random_uuid()::text, name, nullif(email, ''), nullif(phone, '')
		FROM unnest($2::text[], $3::text[], $4::text[]) AS person (name, email, phone)`, searchBank, legalNames, emails, phones)
}

// found are the names that a list has.
func found(t *testing.T, page *models.CustomerConnection, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, customer := range page.Nodes() {
		names = append(names, customer.LegalName)
	}
	if count, err := page.TotalCount(t.Context()); err != nil || count != len(names) {
		t.Errorf("%d are counted and %d listed: %v", count, len(names), err)
	}
	slices.Sort(names)
	return names
}

func TestTheSearchFindsWordsAndTheirBeginnings(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	people(t, store, "Gonzalo Bravo|g.bravo@example.com", "José Ángel Núñez|jose@correo.example", "Jose\u0301 Pe\u0301rez", "Ørsted Łukasz Straße", "Ægir Þór",
		"O'Brien-Smith & Sons (Ltd) | Co", "ЮРИЙ Чайковский", "Νίκος ΠΑΠΑΔΌΠΟΥΛΟΣ", "山田太郎", "L’Hôpital", "12e5 Holding 2e5abc|1e5x@example.com", "Anna  Maria\tde la Cruz")
	for search, want := range map[string][]string{
		"gon bra": {"Gonzalo Bravo"}, "BRAVO gonzalo": {"Gonzalo Bravo"}, "g.bravo@ex": {"Gonzalo Bravo"}, "bravo@": {"Gonzalo Bravo"}, "gon bri": {},
		"onzalo": {}, "jose": {"Jose\u0301 Pe\u0301rez", "José Ángel Núñez"}, "JOSÉ": {"Jose\u0301 Pe\u0301rez", "José Ángel Núñez"},
		"jose\u0301 ange": {"José Ángel Núñez"}, "nunez": {"José Ángel Núñez"}, "correo": {"José Ángel Núñez"}, "orsted": {"Ørsted Łukasz Straße"},
		"lukasz strasse": {"Ørsted Łukasz Straße"}, "ŁUKASZ STRAẞE": {"Ørsted Łukasz Straße"}, "aegir": {"Ægir Þór"}, "þór": {"Ægir Þór"}, "THOR": {"Ægir Þór"},
		"o'brien": {"O'Brien-Smith & Sons (Ltd) "}, "brien smith": {"O'Brien-Smith & Sons (Ltd) "}, "sons (ltd": {"O'Brien-Smith & Sons (Ltd) "},
		"юрий": {"ЮРИЙ Чайковский"}, "ЧАЙК": {"ЮРИЙ Чайковский"}, "νικος": {"Νίκος ΠΑΠΑΔΌΠΟΥΛΟΣ"}, "παπαδόπουλος": {"Νίκος ΠΑΠΑΔΌΠΟΥΛΟΣ"},
		"山田": {"山田太郎"}, "hopital": {"L’Hôpital"}, "l'hôpital": {"L’Hôpital"}, "2e5abc": {"12e5 Holding 2e5abc"}, "2e5": {"12e5 Holding 2e5abc"}, "1e5x": {"12e5 Holding 2e5abc"},
		"cruz maria": {"Anna  Maria\tde la Cruz"}, "anna-maria": {"Anna  Maria\tde la Cruz"},
	} {
		page, err := store.Customers(t.Context(), db.CustomerList{Banks: []string{searchBank}, Filter: &models.CustomerFilter{Search: &search}}, models.Page{Limit: 100})
		if got := found(t, page, err); !slices.Equal(got, want) {
			t.Errorf("%q finds %q instead of %q", search, got, want)
		}
	}
}

// TestEveryLetterIsFoldedAlike holds what Go makes of a search against what the column's expression makes of a name, letter by letter.
func TestEveryLetterIsFoldedAlike(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	var names, queries []string
	for r := rune(0); r < 0x3000; r++ {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		name := "x" + string(r) + "y"
		query, err := db.SearchQuery(name)
		if err != nil {
			t.Fatal(err)
		}
		names, queries = append(names, name), append(queries, query)
	}
	people(t, store, names...)
	lost := scan[[]string](t, store, `SELECT coalesce(array_agg(name), '{}') FROM unnest($1::text[], $2::text[]) AS test (name, query) JOIN customer ON legal_name = name
		WHERE NOT search_words @@ to_tsquery('simple', query)`, names, queries)
	if len(names) < 5000 || len(lost) > 0 {
		t.Errorf("of %d names these do not find themselves: %q", len(names), lost)
	}
	for upper, lower := range map[string]string{"ÀÇÉÑÖŠŽÅŁØĐ": "aceñoszalod", "ΑΒΓΆΈΏΣ": "αβγαεως", "АБВЁЙЮЯҐЄ": "абвеиюяґє"} {
		people(t, store, upper)
		query, err := db.SearchQuery(lower)
		if err != nil || scan[int](t, store, `SELECT count(*) FROM customer WHERE legal_name = $1 AND search_words @@ to_tsquery('simple', $2)`, upper, query) != 1 {
			t.Errorf("%q does not find %q: %v", lower, upper, err)
		}
	}
}

func TestNothingOfASearchIsAnOperator(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	people(t, store, "Gonzalo Bravo", "Iris Willemsen")
	ask := func(search string) (*models.CustomerConnection, error) {
		return store.Customers(t.Context(), db.CustomerList{Banks: []string{searchBank}, Filter: &models.CustomerFilter{Search: &search}}, models.Page{Limit: 100})
	}
	for _, search := range []string{
		"gon | iris", "gon:* | iris:*", "gon <-> iris", "gon:*' | 'iris", `gon\' | iris`, "gon') OR true --", "gon ? iris", "gon $1 iris", "gon\x00 iris",
		"!gon iris", "(gon) (iris)", "gon:A iris", "gon''iris", `\gon \\iris`,
	} {
		page, err := ask(search)
		if got := found(t, page, err); len(got) != 0 {
			t.Errorf("%q finds %q", search, got)
		}
	}
	for _, search := range []string{"gon & bra", "gon & !bra", "!gon", "gon:*", "'gon'", `gon\bra`, "(gon) (bra", "bra:B gon", "gon\x00bra", "%gon%", "gon -- bra", "bra <2> gon"} {
		page, err := ask(search)
		want := 1
		if search == "bra <2> gon" {
			want = 0 // 2 is a word like others, and he has none
		}
		if got := found(t, page, err); len(got) != want {
			t.Errorf("%q finds %q", search, got)
		}
	}
	for _, search := range []string{"", " ", "g", "g ", "&", "':*", "!!!", "\u0301\u0301", "a", strings.Repeat("a", 201), strings.Repeat("a ", 11), "\x00\x00", `\\\\`} {
		if _, err := ask(search); models.CodeOf(err) != models.BadInput {
			t.Errorf("%.20q is taken: %v", search, err)
		}
	}
}

func TestAPatternOfATelephoneNumber(t *testing.T) {
	t.Parallel()
	store := dbtest.Empty(t)
	people(t, store, "a||+447700900123", "b||+447700900124", "c||+34600000123", "d||+34600123000", `e||+44\7009%`, "f||+4477_09001", "g")
	for pattern, want := range map[string]string{
		"+447700900123": "a", "+4477009001%": "ab", "%0123": "ac", "%123%0": "d", "%0123%": "acd", "%00123%": "acd", "+44%0123": "a", "+44770090012_": "ab", "_447700900123": "a",
		"+44______0123": "a", "%1234%": "", "1234": "", "%_0123": "ac", "0123%": "", `%\7009%`: "e", `\+447700900123`: "", `+44\7009\%`: "", `%\\7009%`: "", "%7009%0%1%2%3%": "a",
	} {
		page, err := store.CustomersByPhone(t.Context(), searchBank, pattern, models.Page{Limit: 100})
		if got := strings.Join(found(t, page, err), ""); got != want {
			t.Errorf("%q finds %q instead of %q", pattern, got, want)
		}
	}
	for _, pattern := range []string{"", "%", "%123%", "____", "+44%", "1%2%3%", "٠١٢٣٤", strings.Repeat("1", 51), strings.Repeat("%1", 26), "abcd"} {
		if _, err := store.CustomersByPhone(t.Context(), searchBank, pattern, models.Page{Limit: 100}); models.CodeOf(err) != models.BadInput {
			t.Errorf("%q is taken: %v", pattern, err)
		}
	}
	if page, err := store.CustomersByPhone(t.Context(), "no.bank", "%0123", models.Page{Limit: 100}); len(found(t, page, err)) != 0 {
		t.Error("a number of another bank is found")
	}
}

// lastStatement keeps the last statement that was sent.
type lastStatement struct {
	mu  sync.Mutex
	sql string
}

func (l *lastStatement) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sql = data.SQL
	return ctx
}

func (*lastStatement) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestSearchesAreServedByTheirIndexes(t *testing.T) {
	t.Parallel()
	var last lastStatement
	store := dbtest.Seeded(t, &last)
	execute(t, store, `INSERT INTO customer (customer_id, bank_id, customer_number, legal_name, mobile_phone_number)
		SELECT gen_random_uuid(), 'gh.29.uk', 'n' || n, 'Name' || md5(n::text), '+44' || 7700000000 + n * 7919 % 9999999 FROM generate_series(1, 5000) AS n`)
	execute(t, store, "ANALYZE customer")
	phone := func(pattern string) func() error {
		return func() error {
			_, err := store.CustomersByPhone(t.Context(), "gh.29.uk", pattern, models.Page{Limit: 20})
			return err
		}
	}
	search := "gon bra"
	for name, test := range map[string]struct {
		index string
		ask   func() error
	}{
		"a beginning":                  {"customer_by_phone on", phone("+34600%")},
		"a whole number":               {"customer_by_phone on", phone("+447700900123")},
		"an end":                       {"customer_by_phone_reversed on", phone("%0123")},
		"an end longer than the other": {"customer_by_phone_reversed on", phone("+4%0123")},
		"words": {"customer_by_search_words ", func() error {
			_, err := store.Customers(t.Context(), db.CustomerList{Banks: []string{"gh.29.uk"}, Filter: &models.CustomerFilter{Search: &search}}, models.Page{Limit: 20})
			return err
		}},
	} {
		if err := test.ask(); err != nil {
			t.Fatal(err)
		}
		rows, err := store.Pool().Query(t.Context(), "EXPLAIN "+last.sql)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || !strings.Contains(strings.Join(plan, "\n"), test.index) {
			t.Errorf("%s is not served by %s: %v\n%s", name, test.index, err, strings.Join(plan, "\n"))
		}
	}
}
