package models

import (
	"errors"
	"fmt"
	"time"
)

// Code says what kind of failure an error is. Failures without a code are faults of the server,
// and nobody outside is told more than that. The sentence of an Internal one is for the log.
type Code string

// The codes. Those of an ErrorCode in the schema go to the client as extensions.code; the others become rejections.
const (
	Unauthenticated   Code = "UNAUTHENTICATED"
	Forbidden         Code = "FORBIDDEN"
	BadInput          Code = "BAD_USER_INPUT"
	NotFound          Code = "NOT_FOUND"
	InvalidState      Code = "INVALID_STATE"
	InsufficientFunds Code = "INSUFFICIENT_FUNDS"
	LimitExceeded     Code = "LIMIT_EXCEEDED"
	KeyConflict       Code = "IDEMPOTENCY_CONFLICT"
	ChallengeFailed   Code = "CHALLENGE_FAILED"
	ChallengeExpired  Code = "CHALLENGE_EXPIRED"
	Policy            Code = "POLICY"
	ParseFailed       Code = "GRAPHQL_PARSE_FAILED"
	ValidationFailed  Code = "GRAPHQL_VALIDATION_FAILED"
	VersionConflict   Code = "VERSION_CONFLICT"
	DocumentTooLarge  Code = "GRAPHQL_LIMIT_EXCEEDED"
	DocumentNotFound  Code = "PERSISTED_QUERY_NOT_FOUND"
	RateLimited       Code = "RATE_LIMITED"
	Unavailable       Code = "UPSTREAM_UNAVAILABLE"
	Timeout           Code = "TIMEOUT"
	CursorExpired     Code = "CURSOR_EXPIRED"
	SlowConsumer      Code = "SLOW_CONSUMER"
	Internal          Code = "INTERNAL"
)

// Error is a failure whose reason is known, with a sentence that the caller may read.
type Error struct {
	Code    Code
	OBPCode string // OBP's number for it, such as OBP-20006; empty when OBP has none
	Message string

	MissingRoles []*MissingRole // with Forbidden: any one of these would do
	RequiredView string         // with Forbidden: the permission that a view would need
	Fields       []*FieldError  // with BadInput of a mutation: which fields
	Resource, ID string         // with NotFound: what was looked for
	Status       string         // with InvalidState: the state that it is in
	Allowed      []string       // with InvalidState: the states that would do
	Version      int            // with VersionConflict: the one that the row has now
	Current      Node           // with VersionConflict: the row as it is now, when the caller may see it
	RetryAfter   time.Duration  // with RateLimited: when it would do
	Available    *Money         // with InsufficientFunds: what may be spent, when the caller may know it
	Limit        *Money         // with LimitExceeded: the limit
	Window       string         // with LimitExceeded: the time that the limit counts over
	ResetsAt     *time.Time     // with LimitExceeded: when to try again
	UsedAt       time.Time      // with KeyConflict: when the key was used
	CanReissue   bool           // with ChallengeExpired: whether there can be another code

	Err error // the cause, for the log only
}

// Error is the sentence for the caller.
func (e *Error) Error() string { return e.Message }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// OBP says which of OBP's numbers the error has.
func (e *Error) OBP(code string) *Error { e.OBPCode = code; return e }

// Errorf is an error with a code and a sentence.
func Errorf(code Code, format string, arguments ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, arguments...)}
}

// badInput is what scalars and identifiers say of an input that they cannot read.
func badInput(format string, arguments ...any) error {
	return Errorf(BadInput, format, arguments...).OBP("OBP-10001")
}

// Invalid is a BadInput that names the field of the input, from "input" down.
func Invalid(message string, path ...string) *Error {
	return &Error{Code: BadInput, OBPCode: "OBP-10001", Message: message, Fields: []*FieldError{{Path: path, Message: message}}}
}

// Missing is a NotFound of one resource.
func Missing(resource, id string) *Error {
	return &Error{Code: NotFound, Message: resource + " " + id + " was not found.", Resource: resource, ID: id}
}

// Taken is an InvalidState of an identifier that the client chose: there is another row of the bank with it. It does not say whose.
func Taken() *Error {
	refusal := Errorf(InvalidState, "This identifier is taken by a row that says something else: rows are only added. Choose another.")
	refusal.Status, refusal.Allowed = "TAKEN", []string{"FREE"}
	return refusal
}

// CodeOf is the code of an error, Internal when it has none.
func CodeOf(err error) Code {
	var known *Error
	if errors.As(err, &known) {
		return known.Code
	}
	return Internal
}

// IsRetryable says whether the same request may do later.
func (c Code) IsRetryable() bool {
	return c == Unavailable || c == Timeout || c == RateLimited || c == SlowConsumer
}
