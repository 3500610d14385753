package graph

import (
	"encoding/json"
	"fmt"
	"strings"
)

// hostile is a request that is made to cost the server more than it costs the sender.
type hostile struct {
	name string // begins with the identifiers of the cases that it is about
	body []byte
}

func document(name, text string) hostile { return withVariables(name, text, nil) }

func withVariables(name, text string, variables map[string]any) hostile {
	body, err := json.Marshal(map[string]any{"query": text, "variables": variables})
	if err != nil {
		panic(err) // texts and maps always can be written
	}
	return hostile{name, body}
}

// raw is a request whose JSON is itself the attack.
func raw(name string, parts ...string) hostile { return hostile{name, []byte(strings.Join(parts, ""))} }

// times is a text made of numbered pieces: %[1]d is the number of the piece and %[2]d that of the next.
func times(number int, piece string) string {
	var text strings.Builder
	for i := range number {
		if strings.Contains(piece, "%[") {
			fmt.Fprintf(&text, piece, i, i+1)
		} else {
			text.WriteString(piece)
		}
	}
	return text.String()
}

func nest(number int, opening, inside, closing string) string {
	return strings.Repeat(opening, number) + inside + strings.Repeat(closing, number)
}

// hostileRequests are the requests of the catalogue: deterministic, so that a result can be told apart from another.
func hostileRequests() []hostile {
	all := append(deepRequests(), longRequests()...)
	all = append(all, fragmentRequests()...)
	all = append(all, mergingRequests()...)
	all = append(all, wrongRequests()...)
	all = append(all, variableRequests()...)
	all = append(all, randomRequests()...)
	all = append(all, limitRequests()...)
	return append(all, productRequests()...)
}

const customers = "{ customers(first: 100) { nodes "

func deepRequests() []hostile {
	walk := nest(500, "{ relatesToKycDocument { id } relatesToKycCheck { id } kycMedia { nodes ", "{ id }", "} }")
	return []hostile{
		document("G01 50 levels of fields", nest(50, "{ a ", "", "}")),
		document("G01 5000 levels of fields", nest(5000, "{ a ", "", "}")),
		document("G01 900 levels of fields", nest(900, "{ a ", "{ b }", "}")),
		document("G01 a walk in a circle, of customers and accounts", "{ viewer "+nest(300, "{ customers { accounts { nodes { bank { bankId } } } } accountAccess { account { id } } viewer ", "{ id }", "}")+"}"),
		document("G01 a walk in a circle, of media and what they relate to", customers+walk+"} }"),
		document("G01 introspection in a circle", "{ __schema { types "+nest(60, "{ fields { type ", "{ name }", "} }")+"} }"),
		document("G01 introspection in a circle of types", "{ __schema { types "+nest(300, "{ ofType ", "{ name }", "}")+"} }"),
		document("G01 inline fragments in each other, 333", nest(333, "{ ... ", "{ __typename }", "}")),
		document("G01 inline fragments in each other, 990", "query "+nest(990, "{ ... ", "{ a }", "}")),
		document("G01 inline fragments on types in each other, 700", nest(700, "{ ... on Query ", "{ __typename }", "}")),
		document("G01 a list of lists, 990", "{ nodes(ids: "+nest(990, "[", "", "]")+") { id } }"),
		document("G01 a list of lists, 100000", "{ nodes(ids: "+nest(100000, "[", "", "]")+") { id } }"),
		document("G01 objects in objects, 990", "{ customers(filter: "+nest(990, "{ legalName: ", "1", "}")+") { totalCount } }"),
		document("G01 lists in the type of a variable", "query ($a: "+nest(990, "[", "ID", "]")+") { nodes(ids: $a) { id } }"),
		document("G01 many levels beside each other", "{ "+times(150, "a%[1]d { b { c { d { e { f { g } } } } } } ")+"}"),
	}
}

func longRequests() []hostile {
	return []hostile{
		document("G02 10000 aliases", "{ "+times(10000, "a%[1]d: __typename ")+"}"),
		document("G02 10000 times the same field", "{ "+times(10000, "__typename ")+"}"),
		document("G02 100000 directives", "{ __typename "+times(50000, "@a @b ")+"}"),
		document("G02 1900 directives in one place", "{ __typename "+times(1900, "@a ")+"}"),
		document("G02 directives in many places", "{ viewer { "+times(190, "user @a @b @skip(if: true) @include(if: true) @c { id } ")+"} }"),
		document("G02 directives at variables", "query ("+times(300, "$a%[1]d: Int @a @b @c @d @e ")+") { __typename }"),
		document("G02 a million tokens", "{"+strings.Repeat("a ", 1_000_000)+"}"),
		document("G02 3990 tokens", "{ banks { "+strings.Repeat("a ", 3990)+"} }"),
		document("G02 a comment of 10 MB", "#"+strings.Repeat("a", 10<<20)+"\n{ __typename }"),
		document("G02 a comment of 200 kB", "#"+strings.Repeat("a", 200_000)+"\n{ __typename }"),
		document("G02 100000 comments", strings.Repeat("#\n", 100_000)+"{ __typename }"),
		document("G02 comments between tokens", "{ "+strings.Repeat("#a\n#b\n#c\n__typename\n", 11_000)+"}"),
		document("G02 a million blanks", "{ __typename "+strings.Repeat(" ", 1_000_000)+"}"),
		document("G02 200000 line breaks", strings.Repeat("\n", 100_000)+"{ __typename }"),
		document("G02 200000 commas", "{ __typename "+strings.Repeat(",", 200_000)+"}"),
		document("G02 a name of 200 kB", "{ "+strings.Repeat("a", 200_000)+" }"),
		document("G02 an alias of 200 kB", "{ "+strings.Repeat("a", 200_000)+": __typename }"),
		document("G02 a text of 200 kB", `{ bank(bankId: "`+strings.Repeat("a", 200_000)+`") { id } }`),
		document("G02 a text of 100 kB of escapes", `{ bank(bankId: "`+strings.Repeat(`\u0041`, 30_000)+`") { id } }`),
		document("G02 a block of 100000 lines", `{ bank(bankId: """`+strings.Repeat(" a\n", 60_000)+`""") { id } }`),
		document("G02 a block that is indented", `{ bank(bankId: """`+strings.Repeat(strings.Repeat(" ", 50)+"a\n", 4_000)+`""") { id } }`),
		document("G02 a number of 200000 digits", "{ banks(first: "+strings.Repeat("9", 200_000)+") { id } }"),
		document("G02 650 operations", times(650, "query a%[1]d { __typename } ")),
		document("G02 1300 operations without a name", times(1300, "{ a } ")),
		document("G02 an operation with a name of 200 kB", "query "+strings.Repeat("a", 200_000)+" { __typename }"),
		raw("G02 an operationName of 200 kB", `{"query":"{ __typename }","operationName":"`, strings.Repeat("a", 200_000), `"}`),
		document("G02 introspection as editors ask", introspectionQuery),
		document("G02 introspection of everything, under 49 names", "{ __schema { "+times(49, "a%[1]d: types { name fields { name description args { name } type { name ofType { name } } } } ")+"} }"),
		document("G02 introspection of one type, under 19 names", `{ `+times(19, `a%[1]d: __type(name: "Customer") { fields { name description type { ofType { fields { name description args { name description } } } } } } `)+"}"),
		document("G02 introspection by fragments", "{ __schema { types { "+times(40, "...f%[1]d ")+"} } } "+times(40, "fragment f%[1]d on __Type { f%[1]d: fields { name description } } ")),
		document("G02 introspection of everything, 19 times", "{ "+times(19, "a%[1]d: __schema { types { name fields { name description args { name } type { name ofType { name } } } } } ")+"}"),
		raw("G02 JSON that is nested 100000 deep", `{"query":"{ __typename }","variables":{"a":`, nest(100_000, "[", "", "]"), `}}`),
		raw("G02 JSON objects nested 9000 deep", `{"query":"{ __typename }","variables":{"a":`, nest(9_000, `{"a":`, "1", "}"), `}}`),
		raw("G02 JSON with 10000 keys", `{"query":"{ __typename }","variables":{"z":0`, times(10_000, `,"a%[1]d":1`), `}}`),
		raw("G02 JSON with 20000 equal keys", `{"query":"{ __typename }","variables":{"z":0`, times(20_000, `,"a":1`), `}}`),
		raw("G02 JSON extensions with 100000 lists", `{"query":"{ __typename }","extensions":{"a":[`, strings.Repeat("[],", 80_000), `[]]}}`),
	}
}

func fragmentRequests() []hostile {
	all := []hostile{
		document("G02 a circle of 300 fragments", "{ ...f0 } "+times(299, "fragment f%[1]d on Query { ...f%[2]d } ")+"fragment f299 on Query { ...f0 }"),
		document("G02 fragments that spread all others", "{ ...f0 } "+times(40, "fragment f%[1]d on Query { "+times(40, "...f%[1]d ")+"} ")),
		document("G02 a fragment that is spread 190 times", "{ "+times(190, "...f ")+"} fragment f on Query { "+times(190, "__typename ")+"}"),
		document("G02 fragments with aliases", "{ "+times(19, "...f%[1]d ")+"} "+times(19, "fragment f%[1]d on Query { "+times(40, "a%[1]d: __typename ")+"} ")),
		document("G02 fragments of the same name", "{ ...f } "+times(380, "fragment f on Query { __typename } ")),
		document("G02 fragments that nobody spreads", "{ __typename } "+times(380, "fragment f%[1]d on Query { __typename } ")),
		document("G02 a chain of fragments that nobody spreads", "{ __typename } "+times(330, "fragment f%[1]d on Query { a ...f%[2]d } ")+"fragment f330 on Query { a }"),
		document("G02 a chain with fields at its end", "{ __typename } "+times(200, "fragment f%[1]d on Query { ...f%[2]d } ")+"fragment f200 on Query { viewer { "+times(12, "user { "+times(190, "id ")+"} ")+"} }"),
		document("G02 operations that share fragments", times(200, "query q%[1]d { ...f0 } ")+times(9, "fragment f%[1]d on Query { "+times(190, "__typename ")+"...f%[2]d } ")+"fragment f9 on Query { a }"),
		document("G02 operations that share fragments on a type", times(280, "query q%[1]d{...f}")+"fragment f on Query { viewer { "+times(10, "user { "+times(195, "id ")+"} ")+"} }"),
	}
	for _, levels := range []int{10, 20, 100, 300} {
		all = append(all, document(fmt.Sprintf("G02 fragments that double %d times", levels), doubling(levels)))
	}
	return all
}

// introspectionQuery is what editors and code generators send.
const introspectionQuery = `query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name }
	types { ...FullType } directives { name description locations args { ...InputValue } } } }
fragment FullType on __Type { kind name description
	fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
	inputFields { ...InputValue } interfaces { ...TypeRef }
	enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
	ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`
