package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/auth"
	"bankgraph/models"
)

// presenter is the only gate through which an error leaves the server. A models.Error is shown, and so is what
// the GraphQL library says of a document; everything else is logged once and becomes "internal error".
type presenter struct{ log *slog.Logger }

func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	known, library := recognise(ctx, err)
	correlation := models.ID{Kind: "err", UUID: uuid.New()}.String()
	shown := &gqlerror.Error{Message: known.Message, Path: graphql.GetPath(ctx), Extensions: map[string]any{
		"code": known.Code, "correlationId": correlation, "retryable": known.Code.IsRetryable(),
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
	return shown
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
