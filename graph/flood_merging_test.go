package graph

import (
	"fmt"
	"strings"
)

// spread is a document of fragments on a type, all of them spread beside each other below the viewer's user, where
// the validator compares each with each.
func spread(number int, fields string) string {
	return "{ viewer { user { " + times(number, "...f%[1]d ") + "} } } " + times(number, "fragment f%[1]d on User { "+fields+" } ")
}

// mergingRequests are about the rule that fields of one name must be the same: it compares each of them with each.
func mergingRequests() []hostile {
	merge := func(name, text string) hostile { return document("G02 merging: "+name, text) }
	return []hostile{
		merge("the same field in 14 fragments", spread(14, times(198, "id "))),
		merge("the same field in 200 fragments", spread(200, "id id id id id id id id")),
		merge("3000 fields in sets of 190", "{ "+times(15, "viewer { user { "+times(190, "id ")+"} } ")+"}"),
		merge("one set of 190 by 15 inline fragments", "{ viewer { user { "+times(15, "... { "+times(190, "id ")+"} ")+"} } }"),
		merge("inline fragments nested around a field", "{ viewer { user "+nest(300, "{ id id id id id ... ", "{ id }", "}")+"} }"),
		merge("objects of objects", "{ "+times(19, "viewer { "+times(15, "user { id id id id id username username } ")+"} ")+"}"),
		merge("different arguments", "{ customers { nodes { "+times(190, "kycChecks(first: %[1]d) { totalCount } ")+"} } }"),
		merge("many arguments", "{ customers { nodes { "+times(60, "kycChecks("+times(15, "a%[1]d: 1 ")+") { totalCount } ")+"} } }"),
		merge("400 arguments that are turned around", "{ "+times(4, "bank("+times(300, "a%[1]d: 1 ")+") { id } ")+"}"),
		merge("1200 arguments of two fields", "{ bank("+times(600, "a%[1]d: 1 ")+") { id } bank("+backwards(600, "a%d: 1 ")+") { id } }"),
		merge("large objects as arguments", "{ "+times(19, "customers(filter: { "+times(55, "a%[1]d: 1 ")+"}) { totalCount } ")+"}"),
		merge("large objects as arguments, in fragments", "{ ...f ...g } "+times(1, "fragment f on Query { "+times(19, "customers(filter: { "+times(50, "a%[1]d: 1 ")+"}) { totalCount } ")+"} fragment g on Query { customers { totalCount } } ")),
		merge("long texts as arguments", "{ viewer { "+times(100, `customers(bankId: "`+strings.Repeat("a", 2000)+`") { id } `)+"} }"),
		merge("long names", "{ viewer { user { "+times(100, strings.Repeat("a", 2400)+" ")+"} } }"),
		merge("long names that differ at their end", "{ viewer { user { "+times(100, "a: "+strings.Repeat("a", 2400)+"%[1]d ")+"} } }"),
		merge("one name for many fields", "{ viewer { user { "+times(49, "a: id%[1]d ")+"} } }"),
		merge("one name for many fields, in fragments", "{ viewer { user { "+times(7, "...f%[1]d ")+"} } } "+times(7, "fragment f%[1]d on User { "+times(190, "a: b ")+"} ")),
		merge("different types below a union", "mutation { createEntitlement(input: { userId: 1, role: 1 }) { "+times(150, "... on CreateEntitlementSuccess { entitlement { id role } } ... on NotFoundRejection { id code } ")+"} }"),
		merge("different types below an interface", "{ node(id: 1) { "+times(60, "... on Customer { id bank { id } } ... on Account { id bank { id } } ... on Bank { id } ... on Node { id } ")+"} }"),
		merge("interface and types by fragments", "{ node(id: 1) { "+times(60, "...f%[1]d ...g%[1]d ")+"} } "+times(60, "fragment f%[1]d on Customer { id bank { id id id } } fragment g%[1]d on Account { id bank { id id id } } ")),
		merge("a fragment inside many fields", "{ "+times(19, "viewer { ...f user { ...g } } ")+"} fragment f on Viewer { "+times(10, "user { ...g } ")+"} fragment g on User { "+times(190, "id ")+"}"),
		merge("fragments whose fields spread fragments", chained(25, 20, 5)),
		merge("fragments whose fields spread many fragments", chained(18, 6, 14)),
		merge("long conflicts", "{ "+times(19, "viewer { "+times(19, "user { "+times(4, "a: %[1]d"+"x ")+"} ")+"} ")+"}"),
		merge("conflicts of conflicts", conflicting(3, 10)),
		merge("conflicts of conflicts, deeper", conflicting(6, 3)),
		merge("conflicts of conflicts, deepest", conflicting(10, 2)),
	}
}

func backwards(number int, piece string) string {
	var text strings.Builder
	for i := range number {
		fmt.Fprintf(&text, piece, number-1-i)
	}
	return text.String()
}

// chained are fragments with fields that have fragments below them, which are compared again for each pair of fields.
func chained(fragments, fields, spreads int) string {
	var text strings.Builder
	text.WriteString("{ " + times(fragments, "...f%[1]d ") + "} ")
	for i := range fragments {
		fmt.Fprintf(&text, "fragment f%d on Query { ", i)
		for j := range fields {
			text.WriteString("viewer { ")
			for k := range spreads {
				fmt.Fprintf(&text, "...f%d ", (i+j+k+1)%fragments)
			}
			text.WriteString("} ")
		}
		text.WriteString("} ")
	}
	return text.String()
}

// conflicting is a tree of equal fields whose leaves all differ: the message of the conflict names each pair.
func conflicting(levels, width int) string {
	leaf := 0
	var tree func(level int) string
	tree = func(level int) string {
		var text strings.Builder
		for range width {
			if level == 0 {
				leaf++
				fmt.Fprintf(&text, "a: b%d ", leaf)
			} else {
				text.WriteString("viewer { " + tree(level-1) + "} ")
			}
		}
		return text.String()
	}
	return "{ " + tree(levels-1) + "}"
}

// wrongRequests are documents with as many mistakes as their limits allow: each makes an error, some with a search for
// names that are similar.
func wrongRequests() []hostile {
	wrong := func(name, text string) hostile { return document("G02 mistakes: "+name, text) }
	return []hostile{
		wrong("fields that are not there", "{ "+times(19, "viewer { "+times(190, "x%[1]d ")+"} ")+"}"),
		wrong("fields that are nearly there", "{ customers { nodes { "+times(14, "... { "+times(195, "relationshipStatu%[1]d ")+"} ")+"} } }"),
		wrong("fields of types of an interface", "{ node(id: 1) { "+times(14, "... { "+times(195, "bankId ")+"} ")+"} }"),
		wrong("long fields that are not there", "{ customers { nodes { "+times(100, strings.Repeat("x", 2400)+"%[1]d ")+"} } }"),
		wrong("a field of 250 kB that is not there", "{ customers { nodes { "+strings.Repeat("x", 250_000)+" } } }"),
		wrong("fields of no type", "{ "+times(18, "banks { "+times(190, "x%[1]d ")+"} ")+"}"),
		wrong("arguments that are not there", "{ customers("+times(1300, "x%[1]d: 1 ")+") { totalCount } }"),
		wrong("arguments that are there twice", "{ customers("+times(1300, "first: 1 ")+") { totalCount } }"),
		wrong("long arguments that are not there", "{ customers("+times(100, strings.Repeat("x", 2400)+"%[1]d: 1 ")+") { totalCount } }"),
		wrong("fields of an input that are not there", "{ customers(filter: { "+times(1300, "x%[1]d: 1 ")+"}) { totalCount } }"),
		wrong("values of an enum that are not there", "{ customers(filter: { kycStatus: [ "+times(3900, "X%[1]d ")+"] }) { totalCount } }"),
		wrong("long values of an enum", "{ customers(filter: { kycStatus: [ "+times(100, strings.Repeat("X", 2400)+" ")+"] }) { totalCount } }"),
		wrong("a list with one wrong value", "{ nodes(ids: [ "+times(3900, "1.5 ")+"]) { id } }"),
		wrong("texts where an object belongs", "{ customers(filter: { legalName: { in: [ "+times(3900, "1 ")+"] } }) { totalCount } }"),
		wrong("types that are not there", "{ viewer { "+times(190, "... on Xxxxxxxxxxx%[1]d { id } ")+"} }"),
		wrong("fragments on types that are not there", "{ __typename } "+times(390, "fragment f%[1]d on Xxxxxxxxxxx%[1]d { id } ")),
		wrong("fragments on long types", "{ __typename } "+times(100, "fragment f%[1]d on "+strings.Repeat("X", 2400)+" { id } ")),
		wrong("fragments that are not there", "{ viewer { "+times(190, "...x%[1]d ")+"} }"),
		wrong("fragments where they cannot be", "{ viewer { "+times(14, "... { "+times(195, "...f ")+"} ")+"} } fragment f on Customer { id }"),
		wrong("inline fragments where they cannot be", "{ node(id: 1) { "+times(190, "... on Node { ... on Viewer { user { id } } } ")+"} }"),
		wrong("interfaces in interfaces", "{ node(id: 1) { "+times(190, "... on Node { ... on Node { id } } ")+"} }"),
		wrong("objects without fields", "{ "+times(19, "viewer { "+times(190, "user ")+"} ")+"}"),
		wrong("texts with fields", "{ viewer { user { "+times(190, "id { a b c } ")+"} } }"),
		wrong("directives that are not there", "{ viewer { "+times(190, "user @a @b @c @d @e { id } ")+"} }"),
	}
}

func variableRequests() []hostile {
	with := func(name, text string, variables map[string]any) hostile {
		return withVariables("G02 variables: "+name, text, variables)
	}
	many := map[string]any{}
	for i := range 10_000 {
		many[fmt.Sprintf("a%d", i)] = i
	}
	list := func(number int, value any) []any {
		values := make([]any, number)
		for i := range values {
			values[i] = value
		}
		return values
	}
	const ids = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
	const filter = "query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }"
	deep := any("x")
	for range 5_000 {
		deep = []any{deep}
	}
	return []hostile{
		with("800 definitions", "query ("+times(800, "$a%[1]d: Int ")+") { __typename }", nil),
		with("800 definitions of the same", "query ("+times(800, "$a: Int ")+") { __typename }", nil),
		with("800 definitions of no type", "query ("+times(800, "$a%[1]d: X%[1]d ")+") { __typename }", nil),
		with("600 that are used from the last to the first", "query ("+times(600, "$a%[1]d: ID! ")+") { nodes(ids: [ "+backwards(600, "$a%d ")+"]) { id } }", many),
		with("one that is used 1800 times", "query ($a: ID!) { nodes(ids: [ "+strings.Repeat("$a ", 1800)+"]) { id } }", map[string]any{"a": "bnk_1"}),
		with("one that is not there, 1800 times", "query q { nodes(ids: [ "+strings.Repeat("$a ", 1800)+"]) { id } }", nil),
		with("defaults", "query ("+times(300, "$a%[1]d: [ID!] = [1 2 3 4] ")+") { __typename }", nil),
		with("a default of 3900 values", "query ($ids: [ID!]! = [ "+times(3900, "1 ")+"]) { nodes(ids: $ids) { id } }", nil),
		with("a list of 60000 numbers", ids, map[string]any{"ids": list(60_000, 1)}),
		with("a list of 40000 texts", ids, map[string]any{"ids": list(40_000, "a")}),
		with("a list of 40000 nulls", ids, map[string]any{"ids": list(40_000, nil)}),
		with("lists in lists", ids, map[string]any{"ids": deep}),
		with("a filter of 10000 fields", filter, map[string]any{"f": many}),
		with("a filter of 40000 texts", filter, map[string]any{"f": map[string]any{"legalName": map[string]any{"in": list(40_000, "a")}}}),
		with("a filter of 20000 states", filter, map[string]any{"f": map[string]any{"kycStatus": list(20_000, "OK")}}),
		with("a text of 200 kB", "query ($a: String!) { bank(bankId: $a) { id } }", map[string]any{"a": strings.Repeat("a", 200_000)}),
		with("a list of 40000 texts, used 15 times", "query ($ids: [ID!]!) { "+times(15, "a%[1]d: nodes(ids: $ids) { id } ")+"}", map[string]any{"ids": list(40_000, "a")}),
		with("a filter of 40000 texts, used 15 times", "query ($f: CustomerFilter) { "+times(15, "a%[1]d: customers(filter: $f) { totalCount } ")+"}", map[string]any{"f": map[string]any{"legalName": map[string]any{"in": list(40_000, "a")}}}),
		with("many that are not used", "{ __typename }", many),
	}
}

// productRequests are within each limit, and multiply.
func productRequests() []hostile {
	list := func(levels int) string {
		text := "{ id }"
		for range levels {
			text = "{ kycMedia(first: 100) { nodes { relatesToKycDocument { id } relatesToKycCheck { id } } } accounts(first: 100) { nodes " + text + " } }"
		}
		return text
	}
	wide := times(20, "kycChecks(first: 100) { nodes { id } } kycMedia(last: 100) { nodes { id } } ")
	return []hostile{
		document("G04 lists in lists in lists", "{ customers(first: 100) { nodes { accounts(first: 100) { nodes { bank { id } } } } } }"),
		document("G04 two lists in a list", customers+list(1)+"} }"),
		document("G04 many lists in a list", customers+"{ "+wide+"} } }"),
		document("G04 the viewer's own lists", "{ "+times(19, "a%[1]d: viewer { customers { accounts(first: 100) { nodes { contracts { id } attributes { id } } } kycChecks(first: 100) { nodes { id } } } } ")+"}"),
		document("G04 edges and nodes", "{ customers(first: 100) { edges { node { accounts(first: 100) { edges { node { bank { id } attributes { id } } } nodes { contracts { id } } } } } nodes { accounts(first: 100) { nodes { id } } } } }"),
		withVariables("G04 sizes by variables", "query ($n: Int) { "+times(19, "a%[1]d: customers(first: $n) { nodes { accounts(first: $n) { nodes { id bank { id } } } } } ")+"}", map[string]any{"n": 100}),
		withVariables("G04 sizes that overflow", "query ($n: Int) { customers(first: $n) { nodes { accounts(first: $n) { nodes { id } } } } }", map[string]any{"n": 9223372036854775807}),
	}
}
