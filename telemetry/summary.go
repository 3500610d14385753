package telemetry

import (
	"regexp"
	"strings"
)

// token is one word of SQL, or something that is none: a text, a comment, a quoted name, a sign. A text or comment that does not
// end is taken to the end of the statement, so that nothing of it can be taken for a name.
var token = regexp.MustCompile(`(?s)` + strings.Join([]string{
	`[eE]'(?:[^'\\]|\\.|'')*(?:'|$)`, // a text with escapes
	`'(?:[^']|'')*(?:'|$)`,           // a text
	`\$[A-Za-z_]*\$.*`,               // a text between dollars, and all that follows: we write none
	`--[^\n]*`, `/\*.*?(?:\*/|$)`,    // comments
	`"(?:[^"]|"")*(?:"|$)`,              // a quoted name
	`[A-Za-z_][A-Za-z0-9_]*`, `[0-9.]+`, // a word, a number
	`\S`,
}, "|"))

// tableForm is what our tables are called. Anything else is no name of ours.
var tableForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// verbs are the words that a statement can begin with; those in WITH are said by what they lead to.
var verbs = map[string]bool{
	"SELECT": true, "INSERT": true, "UPDATE": true, "DELETE": true, "MERGE": true, "COPY": true, "BEGIN": true, "COMMIT": true, "ROLLBACK": true,
	"SAVEPOINT": true, "RELEASE": true, "SET": true, "LISTEN": true, "NOTIFY": true, "LOCK": true, "TRUNCATE": true, "WITH": true,
}

// summarize is the verb of a statement and its first table, empty when it has none. Both are words of the
// statement itself, never of a value in it.
func summarize(sql string) (verb, table string) {
	verb = "SQL"
	previous, candidate := "", ""
	for word := range words(sql) {
		// A name that a parenthesis follows is a function, and one that a point follows a schema.
		if candidate != "" && word != "(" && word != "." {
			return verb, candidate
		}
		candidate = ""
		upper := strings.ToUpper(word)
		switch {
		case verb == "SQL" && !verbs[upper]:
			return verb, ""
		case verb == "SQL", verb == "WITH" && verbs[upper]:
			verb = upper
		}
		if name := strings.Trim(word, `"`); tableForm.MatchString(name) && !notTables[upper] {
			switch previous {
			case "INTO", "UPDATE":
				return verb, name
			case "FROM", "JOIN":
				candidate = name
			}
		}
		previous = upper
	}
	return verb, candidate
}

// notTables are the words that may stand where a table does.
var notTables = map[string]bool{"ONLY": true, "LATERAL": true, "SELECT": true, "OF": true, "SKIP": true, "SET": true, "NOWAIT": true}

// words are the tokens of a statement, without comments.
func words(sql string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for len(sql) > 0 {
			found := token.FindStringIndex(sql)
			if found == nil {
				return
			}
			word := sql[found[0]:found[1]]
			sql = sql[found[1]:]
			if !strings.HasPrefix(word, "--") && !strings.HasPrefix(word, "/*") && !yield(word) {
				return
			}
		}
	}
}
