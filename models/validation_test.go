package models

import "testing"

func TestATextThatNobodyCanSeeIsEmpty(t *testing.T) {
	t.Parallel()
	for text, isBlank := range map[string]bool{
		"": true, " ": true, "\t\n": true, "\u00a0\u2003\u3000": true, "\u200b\u200d\ufeff": true, "\u202e": true,
		"a": false, " a ": false, "0": false, "-": false, "\u4e2d": false, "\u0301": false, "\U0001f600": false,
	} {
		var required, optional, line Violations
		required.Length(&text, 1, 10)
		optional.Length(&text, 0, 10)
		line.Line(text, 10)
		if len(required) > 0 != isBlank || len(optional) > 0 || len(line) > 0 != isBlank {
			t.Errorf("%q: %v %v %v", text, required, optional, line)
		}
	}
}
