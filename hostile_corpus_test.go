package main

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"bankgraph/models"
)

// trace is in every text of the corpus: it is a word that no row and no code of ours has, and no log may have.
const trace = "kanarie7"

// item is an input that has broken other servers: as JSON, and as a literal of a document where it can be written as one.
type item struct{ name, json, literal string }

// text is a text as it is, in both forms. Bytes that are no UTF-8 stay what they are.
func text(name, s string) item {
	var quoted strings.Builder
	quoted.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			quoted.WriteString("\\" + string(c))
		case '\n':
			quoted.WriteString(`\n`)
		case '\r':
			quoted.WriteString(`\r`)
		case '\x1b':
			quoted.WriteString(`\u001b`)
		case 0:
			quoted.WriteString(`\u0000`)
		default:
			quoted.WriteByte(c)
		}
	}
	quoted.WriteByte('"')
	return item{name, quoted.String(), quoted.String()}
}

// marked is a text with the trace.
func marked(name, s string) item { return text(name, s+trace) }

// same is what is written alike in JSON and in a document.
func same(name, s string) item { return item{name, s, s} }

// corpus is all of them, with cursors that were made from a real one.
func corpus(cursor, id string) []item {
	all := append(unicodeItems(), languageItems()...)
	all = append(all, numberItems()...)
	all = append(all, shapeItems()...)
	all = append(all, formItems()...)
	return append(all, idItems(cursor, id)...)
}

func unicodeItems() []item {
	return []item{
		marked("S01 NUL", "a\x00b"), text("S01 only NUL", "\x00"),
		{"S01 half a letter, the first", `"a\ud800` + trace + `"`, `"a\ud800` + trace + `"`},
		{"S01 half a letter, the second", `"\udc00` + trace + `"`, `"\udc00` + trace + `"`},
		{"S01 halves the wrong way round", `"\udc00\ud800"`, `"\udc00\ud800"`},
		{"S01 a letter beyond the first plane", `"\ud83d\ude00` + trace + `"`, `"\u{1F600}` + trace + `"`},
		{"S01 a letter beyond the last plane", `"\u{110000}"`, `"\u{110000}"`},
		marked("S01 a turn of direction", "gh.29.uk\u202e"), marked("S01 a blank of no width", "gh.29\u200b.uk"), marked("S01 joined", "a\u200db\u2060c"),
		marked("S01 letters with accents", "In\u00e9s"), marked("S01 letters with loose accents", "Ine\u0301s"), marked("S01 many loose accents", "a"+strings.Repeat("\u0301", 500)),
		marked("S01 a family of one letter", "👩‍👩‍👧‍👦"), marked("S01 a mark of byte order", "\ufeffgh.29.uk"), marked("S01 a letter that is none", "\uffff\ufffe"),
		marked("S01 the sign of lost letters", "\ufffd"), marked("S01 a long s and a dotless i", "\u017f\u0131\u0130\u00df"),
		marked("S01 10001 letters", strings.Repeat("a", 10_001)), marked("S01 200 kB", strings.Repeat("a", 200_000)),
		marked("S01 bytes of nothing", "\xff\xfe"), marked("S01 a letter that is cut", "\xe2\x82"), marked("S01 a letter that is too long", "\xc0\xaf"), marked("S01 half a letter in bytes", "\xed\xa0\x80"),
		text("S01 nothing", ""), text("S01 a blank", " "), marked("S01 control letters", "\x01\x02\x7f"),
		marked("S05 a blank behind", "gh.29.uk "), marked("S05 a line break behind", "gh.29.uk\n"), text("S05 a real bank with a line break", "gh.29.uk\n"),
		text("S05 another letter case", "GH.29.UK"), text("S05 a letter that looks alike", "gh.29.u\u043a"), text("S05 letters of double width", "\uff47\uff48.29.uk"),
	}
}

// languageItems would mean something to what reads them: a database, a query builder, a template, a terminal, a browser.
func languageItems() []item {
	var all []item
	for _, s := range []string{
		"'; DROP TABLE customer; -- ", "' OR 1=1-- ", "') OR ('1'='1", "\\'; --", "\\", "\\\\", "$1", "$$", "$x$", "/* */", "--", ";", "U&'\\0027", "E'\\x27'", "x'27'", "\" OR \"\"=\"",
		"1; COPY customer TO PROGRAM 'id'", "pg_sleep(10)", "'||pg_sleep(10)||'", "{1,2}", "{\"a\",NULL}", "{{{", "}", "\"", "'", "`", "(1,2)", "[1,2)", "NULL", "\\N",
		"%", "_", "%%%%", "\\%", "\\_", "%_%_%_%_%_%_%_%_%_%", "*", "?", "??", "?0", "?1", "?TableAlias", "?shard", "?TableName", "?PKs", "?Columns", ":name", "@name", "#1",
		"{0}", "%s", "%n", "%!s(MISSING)", "%99999999d", "${x}", "{{x}}", "{{.}}", "${jndi:ldap://x/}", "<%= 7*7 %>", "#{7*7}", "$(id)", "`id`", "|id", "&& id",
		"a\nlevel=ERROR msg=", "a\r\nSet-Cookie: a=b", "{\"level\":\"ERROR\"}", "\x1b[2J\x1b[31m", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;", "\u2028\u2029", "]]>", "<!--",
		"../../x", "..\\..\\x", "/etc/x", "%2e%2e%2f", "%00", "C:\\x", "file:///x", "con", "__proto__", "constructor", "toString", "(*", "(|(a=*))", "^(a+)+$",
	} {
		all = append(all, marked("S01 a text for others: "+s, s))
	}
	return all
}

func numberItems() []item {
	digits := strings.Repeat("9", 99)
	var all []item
	for _, s := range []string{
		"0", "1", "-1", "-0", "100", "101", "2147483647", "2147483648", "-2147483649", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616", digits, "-" + digits,
		"0.1", "1.0", "1e2", "1e400", "-1e400", "1e-400", "0." + digits, "1E400000000",
	} {
		all = append(all, same("a number: "+s, s), text("a number in a text: "+s, s))
	}
	for _, s := range []string{"NaN", "Infinity", "-Infinity", "0x10", "1_000", "+1", " 1", "1 ", "٣", "1,5", "1e"} {
		all = append(all, text("a number in a text: "+s, s))
	}
	return append(all, item{"a number that is none", "NaN", "NaN"}, item{"a number with a nought before it", "01", "01"}, same("a number of 3000 digits", strings.Repeat("9", 3000)))
}

func shapeItems() []item {
	quoted, _ := json.Marshal(trace)
	word := string(quoted)
	return []item{
		same("true", "true"), same("false", "false"), same("null", "null"), same("an empty list", "[]"), same("an empty object", "{}"),
		same("a list with null", "[null]"), same("lists with null", "[[null]]"), same("a list of a text", "["+word+"]"), same("a list of lists", "[["+word+"]]"), same("a list of an object", "[{}]"),
		same("lists in lists, 2000", strings.Repeat("[", 2000)+strings.Repeat("]", 2000)), same("lists in lists, 900", strings.Repeat("[", 900)+strings.Repeat("]", 900)),
		{"objects in objects, 900", strings.Repeat(`{"eq":`, 900) + "1" + strings.Repeat("}", 900), strings.Repeat("{eq:", 900) + "1" + strings.Repeat("}", 900)},
		{"an object with unknown keys", `{"x":1,"` + trace + `":2}`, `{x:1,` + trace + `:2}`},
		{"an object with a key twice", `{"eq":"a","eq":"b"}`, `{eq:"a",eq:"b"}`},
		{"an object with all keys", `{"eq":"a","in":["a"],"startsWith":"a"}`, `{eq:"a",in:["a"],startsWith:"a"}`},
		{"an object with null", `{"eq":null}`, `{eq:null}`},
		{"an object with a prototype", `{"__proto__":{"a":1},"constructor":{"prototype":{}}}`, `{__proto__:{a:1}}`},
		{"an object with a type", `{"__typename":"CustomerFilter"}`, `{__typename:"CustomerFilter"}`},
		{"an object with an empty key", `{"":1}`, ""},
		{"an object with a key of NUL", `{"\u0000":1}`, ""},
		{"an object with a long key", `{"` + strings.Repeat("k", 100_000) + `":1}`, ""},
		{"a list of 10000", "[" + strings.Repeat(word+",", 9_999) + word + "]", "[" + strings.Repeat(word+" ", 10_000) + "]"},
		{"a list of 1000", "[" + strings.Repeat(word+",", 999) + word + "]", "[" + strings.Repeat(word+" ", 1_000) + "]"},
		{"a list of 101 texts", "[" + strings.Repeat(word+",", 100) + word + "]", "[" + strings.Repeat(word+" ", 101) + "]"},
		{"a list of 5000 nulls", "[" + strings.Repeat("null,", 4999) + "null]", ""},
		{"an enum in a wrong case", `"ok"`, "ok"},
		{"an enum in another wrong case", `"Legal_Name"`, "Legal_Name"},
		{"an enum of another type", `"ASC"`, "ASC"},
		{"an enum with a blank", `"OK "`, ""},
		{"an enum as a number", "0", ""},
		{"an enum as a text", `"LEGAL_NAME"`, `"LEGAL_NAME"`},
		{"a variable that is not there", `"$x"`, "$x"},
		{"a block of text", word, `"""` + trace + `"""`},
		{"JSON that ends", `"` + trace, `"` + trace},
		{"JSON with a tail", word + " " + word, word + " " + word},
	}
}

// formItems are nearly in the form of something.
func formItems() []item {
	var all []item
	for _, s := range []string{
		"9999-99-99", "0000-00-00", "2026-02-30", "2026-02-29", "292277-01-01", "-0001-01-01", "2026-1-1", "20260101", "infinity", "-infinity", "today", "epoch", "now()", "9999-12-31", "1800-01-01", "1799-12-31",
		"2026-01-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T23:59:60Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00.1234567890123Z", "292277026596-12-04T15:30:07Z", "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z",
		"PT1H", "P99999999999Y", "-P1D", "1 hour", "ES6132835450432427368787", "ES6132835450432427368788", "es6132835450432427368787", "ES61 3283 5450 4324 2736 8787", "ES00", "DE89370400440532013000",
		"javascript:alert(1)", "file:///x", "https://a@b@c/", "https://[::1]:99999/", "http://169.254.169.254/", "//x", "https://x/" + strings.Repeat("a", 3000), "a@" + strings.Repeat("b", 300) + ".com", strings.Repeat("a", 65) + "@example.com", "\"a b\"@example.com", "a@b\nc.com",
		"eur", "EUR", "XXX", "ZZZ", "EU", "€", "+0", "+999999999999999999", "tel:+1", "00447700900123",
	} {
		all = append(all, text("a form: "+s, s))
	}
	return all
}

// idItems are made from what is really there: S05 asks that none of them finds another row.
func idItems(cursor, id string) []item {
	raw, _ := base64.RawURLEncoding.DecodeString(cursor)
	again := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	change := func(old, new string) string { return again(strings.Replace(string(raw), old, new, 1)) }
	prefix, digits, _ := strings.Cut(id, "_")
	return []item{
		text("S05 an identifier of another type", strings.Replace(id, prefix+"_", "acc_", 1)), text("S05 an identifier without a type", "_"+digits), text("S05 an identifier of no type", "xxx_"+digits), text("S05 a type without an identifier", prefix+"_"),
		text("S05 an identifier in capitals", strings.ToUpper(id)), text("S05 an identifier with a blank", id+" "), text("S05 an identifier with a line break", id+"\n"), text("S05 an identifier with a one before it", prefix+"_1"+digits), text("S05 an identifier with an l", prefix+"_l"+digits),
		text("S05 an identifier of noughts", prefix+"_1111111111111111"), text("S05 an identifier of the largest number", prefix+"_YcVfxkQb6JRzqk5kF2tNLv"), text("S05 a UUID", "0190163d-8694-739b-aea5-966c26f8ad91"), text("S05 a UUID of noughts", "00000000-0000-0000-0000-000000000000"),
		text("S05 base 64 of something", "Y3VzdG9tZXI6MQ=="), text("S05 base 64 of nothing", "===="), text("S05 300 letters", strings.Repeat("a", 300)), text("S05 254 letters", strings.Repeat("a", 254)),
		text("a cursor that is real", cursor), text("a cursor that is cut", cursor[:len(cursor)-3]), text("a cursor with a tail", cursor+"AAAA"), text("a cursor with padding", cursor+"=="), text("a cursor in another letter case", strings.ToUpper(cursor)),
		text("a cursor of another version", change(`"v":1`, `"v":2`)), text("a cursor of another list", change(`"l":"`, `"l":"x`)), text("a cursor with a quote", change(`"k":["`, `"k":["' OR 1=1 --`)), text("a cursor with NUL", change(`"k":["`, `"k":["\u0000`)),
		text("a cursor with half a letter", change(`"k":["`, `"k":["\ud800`)), text("a cursor with infinity", change(`"k":["2`, `"k":["infinity","2`)), text("a cursor with a year too many", change(`"k":["`, `"k":["29`)), text("a cursor of one key", change(`","`, ``)),
		text("a cursor of null", again("null")), text("a cursor of a list", again("[]")), text("a cursor of numbers", again(`{"v":1,"l":1,"k":[1,2]}`)), text("a cursor of JSON that is deep", again(strings.Repeat("[", 5000))), text("a cursor that somebody made", models.EncodeCursor("Customer.kycChecks", []string{trace, trace})),
		text("a cursor of bytes of nothing", again("\xff\xfe")), text("a cursor that is long", again(strings.Repeat("x", 8000))),
	}
}
