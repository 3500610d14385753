package graph

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/auth"
	"bankgraph/models"
)

// presenter is the only gate through which an error leaves the server. A models.Error is shown, and so is what
// the GraphQL library says of a document; everything else is logged once and becomes "internal error".
type presenter struct {
	log    *slog.Logger
	denied deniedFunc // nil to tell nobody
}

// deniedFunc is told that the caller was refused a read: which, at which bank if it is known, and how.
type deniedFunc = func(ctx context.Context, action, bankID string, outcome models.AuditOutcome) error

func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	known, library := recognise(ctx, err)
	shown := &gqlerror.Error{Message: known.Message, Path: graphql.GetPath(ctx), Extensions: map[string]any{
		"code": known.Code, "correlationId": auth.Correlation(ctx).String(), "retryable": known.Code.IsRetryable(),
	}}
	if library != nil {
		shown.Locations, shown.Rule = library.Locations, library.Rule
		if library.Path != nil {
			shown.Path = briefPath(library.Path)
		}
	}
	if known.OBPCode != "" {
		shown.Extensions["obpCode"] = known.OBPCode
	}
	switch known.Code { //nolint:exhaustive // the others say nothing more
	case models.Forbidden:
		shown.Extensions["missingRoles"], shown.Extensions["requiredView"] = known.MissingRoles, known.RequiredView
	case models.RateLimited:
		shown.Extensions["retryAfterMs"] = known.RetryAfter.Milliseconds()
	case models.Internal:
		shown.Message, shown.Extensions["obpCode"] = "internal error", "OBP-50000"
	}
	p.record(ctx, known, shown)
	p.audit(ctx, known)
	return shown
}

// audit tells the audit trail who was refused a read, or reads so much that it is refused. Mutations tell it themselves.
func (p presenter) audit(ctx context.Context, known *models.Error) {
	outcome := map[models.Code]models.AuditOutcome{models.Forbidden: models.AuditOutcomeDenied, models.RateLimited: models.AuditOutcomeLimited}[known.Code]
	if outcome == "" || p.denied == nil {
		return
	}
	bankID := ""
	for _, missing := range known.MissingRoles {
		bankID = cmp.Or(bankID, models.Text(missing.BankID))
	}
	if err := p.denied(ctx, actionOf(ctx), bankID, outcome); err != nil {
		p.log.ErrorContext(ctx, "a denied read is not in the audit trail", "correlationId", auth.Correlation(ctx).String(), "fault", describe(err))
	}
}

// actionOf is the field that is being read, or the operation's first one when it was refused as a whole.
func actionOf(ctx context.Context) string {
	if field := graphql.GetFieldContext(ctx); field != nil && field.Field.Field != nil {
		return field.Object + "." + field.Field.Name
	}
	if !graphql.HasOperationContext(ctx) || graphql.GetOperationContext(ctx).Operation == nil {
		return "request"
	}
	operation := graphql.GetOperationContext(ctx).Operation
	for _, selection := range operation.SelectionSet {
		if field, ok := selection.(*ast.Field); ok {
			return field.Name
		}
	}
	return string(operation.Operation)
}

// record logs what somebody was refused, and what went wrong on our side: once, and without what it was about.
func (p presenter) record(ctx context.Context, known *models.Error, shown *gqlerror.Error) {
	if isFlood(ctx) {
		return
	}
	line := []any{"correlationId", shown.Extensions["correlationId"], "code", string(known.Code), "path", shown.Path.String()}
	switch {
	case known.Code == models.Unauthenticated && known.Err != nil, known.Code == models.Forbidden:
		// Who tried what is for the record of the bank, not for an alarm.
		p.log.InfoContext(ctx, "refused", append(line, "user", userOf(ctx), "fault", describe(known.Err))...)
	case known.Code == models.Internal, known.Err != nil:
		p.log.ErrorContext(ctx, "request failed", append(line, "fault", describe(known))...)
	}
}

// recognise finds what may be said of an error. What it does not know becomes Internal.
func recognise(ctx context.Context, err error) (known *models.Error, library *gqlerror.Error) {
	errors.As(err, &library)
	switch {
	case errors.As(err, &known):
		return known, library
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return models.Errorf(models.Timeout, "The request was given up."), library // nobody reads it; it is no fault
	case errors.Is(err, context.DeadlineExceeded):
		known = models.Errorf(models.Timeout, "The request took too long and was ended.")
	case library != nil && ofDocument(library):
		return ofTheLibrary(library), library
	case library != nil && library.Message == "introspection disabled":
		return models.Errorf(models.BadInput, "Introspection is switched off.").OBP("OBP-10001"), library
	case library != nil && ofArgument(ctx, library):
		return models.Errorf(models.BadInput, "%s", brief(library.Message)).OBP("OBP-10001"), library
	default:
		known = models.Errorf(models.Internal, "")
	}
	known.Err = err
	return known, library
}

// userOf names the caller for the log.
func userOf(ctx context.Context) string {
	if caller := auth.Caller(ctx); caller != nil {
		return caller.User.ID().String()
	}
	return "nobody"
}

// ofDocument says that the library found the document wrong, and said so with a code.
func ofDocument(library *gqlerror.Error) bool {
	code, _ := library.Extensions["code"].(string)
	return library.Err == nil && strings.HasPrefix(code, "GRAPHQL_")
}

// ofTheLibrary is what the library says of a document, with the code and the words of ours where its own mislead.
func ofTheLibrary(library *gqlerror.Error) *models.Error {
	switch {
	case strings.HasPrefix(library.Message, "exceeded "): // its limits of tokens and of nesting
		return models.Errorf(models.DocumentTooLarge, "The document %s.", library.Message)
	case library.Message == "operation  not found":
		return models.Errorf(models.ValidationFailed, "The document has several operations: say which by `operationName`.")
	}
	return models.Errorf(models.Code(fmt.Sprint(library.Extensions["code"])), "%s", brief(library.Message))
}

// ofArgument says that an argument could not be read: only then is the path longer than the field's.
func ofArgument(ctx context.Context, library *gqlerror.Error) bool {
	field := graphql.GetFieldContext(ctx)
	return field != nil && len(library.Path) > len(field.Path())
}
