package graph

import (
	"fmt"
	"sort"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// largest is the largest document of a kind that is still taken: what the limits let through must be cheap as well.
func largest(name string, kind func(size int) string) hostile {
	const most = 5_000
	first := sort.Search(most, func(size int) bool {
		parsed, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: kind(size + 1)}, DefaultLimits.Tokens)
		return err != nil || DefaultLimits.measure(parsed) != nil
	})
	return document(fmt.Sprintf("G02 just within the limits: %s, %d", name, first), kind(first))
}

// inSets are so many fields in fragments of at most 190 on a type, all spread beside each other.
func inSets(size int, on, field string) string {
	var spread, fragments strings.Builder
	for i := 0; i < size; i += 190 {
		fmt.Fprintf(&spread, "...f%d ", i)
		fmt.Fprintf(&fragments, "fragment f%d on %s { %s } ", i, on, strings.Repeat(field+" ", min(190, size-i)))
	}
	return spread.String() + "} } } " + fragments.String()
}

func limitRequests() []hostile {
	const user, node, chain = "{ viewer { user { id ", "{ customers { nodes { id ", "{ viewer { ...f0 } } "
	return []hostile{
		largest("one field", func(n int) string { return user + inSets(n, "User", "id") }),
		largest("one field that is wrong", func(n int) string { return user + inSets(n, "User", "wrong") }),
		largest("one field with an argument", func(n int) string { return node + inSets(n, "Customer", "kycChecks(first: 1) { totalCount }") }),
		largest("one field with conflicts", func(n int) string { return user + "... { " + times(n, "x(a: %[1]d) ") + "} } } }" }),
		largest("one field with texts", func(n int) string {
			return node + inSets(n, "Customer", `kycChecks(after: "`+strings.Repeat("a", 200)+`") { totalCount }`)
		}),
		largest("a field with a large argument", func(n int) string {
			return node + inSets(n, "Customer", `kycChecks(first: { `+times(9, "a%[1]d: 1 ")+`}) { totalCount }`)
		}),
		largest("inline fragments around a field", func(n int) string { return "{ viewer { user " + nest(n, "{ id id ... ", "{ id }", "}") + "} }" }),
		largest("inline fragments around each other", func(n int) string { return "{ viewer { user " + nest(n, "{ ... ", "{ id }", "}") + "} }" }),
		largest("inline fragments beside each other", func(n int) string { return "{ viewer { user { " + times(n, "... { id } ") + "} } }" }),
		largest("inline fragments of an interface", func(n int) string {
			return "{ node(id: 1) { " + times(min(n, 190), "... on Customer { id bank { id } } ") + "... { " + times(max(0, n-190), "... on Account { id bank { id } } ") + "} } }"
		}),
		largest("a chain of fragments", func(n int) string {
			return chain + times(n, "fragment f%[1]d on Viewer { user { id } ...f%[2]d } ") + fmt.Sprintf("fragment f%d on Viewer { user { id } }", n)
		}),
		largest("a chain of fragments with mistakes", func(n int) string {
			return chain + times(n, "fragment f%[1]d on Viewer { usr { id } ...f%[2]d } ") + fmt.Sprintf("fragment f%d on Viewer { user { id } }", n)
		}),
		largest("fragments beside each other", func(n int) string {
			return "{ viewer { ... { " + times(min(n, 190), "...f%[1]d ") + "} " + strings.ReplaceAll(times(max(0, n-190), "...g%[1]d "), "g", "f1") + "} } " + times(n, "fragment f%[1]d on Viewer { user { id } } ")
		}),
		largest("operations with one fragment", func(n int) string {
			return times(n, "query q%[1]d { ...f } ") + "fragment f on Query { viewer { user { " + strings.Repeat("id ", 60) + "} } }"
		}),
		largest("operations with one fragment of texts", func(n int) string {
			return times(n, "query q%[1]d { ...f } ") + "fragment f on Query { ... { " + times(15, `bank(bankId: "`+strings.Repeat("a", 12_000)+`") { id } `) + "} }"
		}),
		largest("fields that all spread the same", func(n int) string {
			return "{ viewer { " + times(n, "user { ...f ...g ...h } ") + "} } " + "fragment f on User { id username } fragment g on User { id email } fragment h on User { id userId }"
		}),
		largest("objects in objects", func(n int) string {
			return "{ " + times(min(n, 19), "viewer { "+times(1+n/19, "user { id username email userId createdAt } ")+"} ") + "}"
		}),
		largest("objects with other fields", func(n int) string {
			return "{ viewer { " + times(min(n, 190), "user { x%[1]da x%[1]db x%[1]dc x%[1]dd x%[1]de x%[1]df } ") + "... { " + times(max(0, n-190), "user { y%[1]da y%[1]db y%[1]dc y%[1]dd y%[1]de y%[1]df } ") + "} } }"
		}),
		largest("types of introspection", func(n int) string {
			return "{ __schema { types { ... { " + times(n, "fields { type { name } } ") + "} } } }"
		}),
		largest("values of an enum", func(n int) string {
			return "{ customers(filter: { kycStatus: [" + strings.Repeat("OK ", n) + "] }) { totalCount } }"
		}),
		largest("directives", func(n int) string {
			return "{ viewer { " + times(min(n, 190), "user @skip(if: true) @include(if: false) { id } ") + "} }"
		}),
		largest("fields of the root", func(n int) string { return "{ " + times(n, "banks { id bankId } ") + "}" }),
	}
}
