package models

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Violations are what is wrong with the fields of an input, all at once.
type Violations []*FieldError

// Add notes that something is wrong with a field, whose path is given from below "input" down.
func (v *Violations) Add(message string, path ...string) {
	*v = append(*v, &FieldError{Path: append([]string{"input"}, path...), Message: message})
}

// clockSkew is how much later than the server's clock a caller's may be.
const clockSkew = time.Minute

// Length notes a text that is shorter or longer than allowed, in characters, or that must not be empty and only seems not to be. One that is not
// there has no length.
func (v *Violations) Length(text *string, least, most int, path ...string) {
	if text == nil {
		return
	}
	switch length := utf8.RuneCountInString(*text); {
	case length < least, least > 0 && isBlank(*text):
		v.Add("This must not be empty.", path...)
	case length > most:
		v.Add(fmt.Sprintf("This has %d characters; at most %d are allowed.", length, most), path...)
	}
}

// Past notes an instant that has not come yet, by more than clocks differ.
func (v *Violations) Past(at time.Time, path ...string) {
	if at.After(time.Now().Add(clockSkew)) {
		v.Add("This must not be in the future.", path...)
	}
}

// Line notes a text that must be there, that is longer than allowed, or that is more than one line: such a text could
// pass for something else where it is shown.
func (v *Violations) Line(text string, most int, path ...string) {
	if isBlank(text) {
		v.Add("This must not be empty.", path...)
		return
	}
	v.Length(&text, 1, most, path...)
	if strings.ContainsFunc(text, isInvisible) {
		v.Add("This must be one line, without control characters.", path...)
	}
}

// isBlank says that nothing of a text is seen: spaces of any kind, and what takes no room.
func isBlank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// isInvisible says that a character ends a line, or turns the direction of what follows it.
func isInvisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// Err is a BadInput with all violations, nil when there are none.
func (v Violations) Err() error {
	if len(v) == 0 {
		return nil
	}
	refusal := Errorf(BadInput, "%s", v[0].Message).OBP("OBP-10001")
	if len(v) > 1 {
		refusal.Message = fmt.Sprintf("%d fields of the input are not as they must be.", len(v))
	}
	refusal.Fields = v
	return refusal
}

// At is the same violations of a part of an input, which is below the path.
func (v Violations) At(path ...string) Violations {
	moved := make(Violations, len(v))
	for i, violation := range v {
		moved[i] = &FieldError{Path: append(append([]string{"input"}, path...), violation.Path[1:]...), Message: violation.Message}
	}
	return moved
}

// without is the violations of fields of which nothing wrong is known yet.
func (v Violations) without(known Violations) (rest Violations) {
	for _, violation := range v {
		if !slices.ContainsFunc(known, func(other *FieldError) bool { return slices.Equal(other.Path, violation.Path) }) {
			rest = append(rest, violation)
		}
	}
	return rest
}
