package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"bankgraph/auth"
	"bankgraph/models"
)

// presenter is the only gate through which an error leaves the server. A models.Error is shown, and so is what
// the GraphQL library says of a document; everything else is logged once and becomes "internal error".
type presenter struct{ log *slog.Logger }

// requestErrors are what the library says of a request that is no GraphQL, by how it begins, and what
// we say instead: the library repeats the whole body, with whatever is in it.
var requestErrors = map[string]string{
	"json request body could not be decoded":   "The request body is not JSON with `query`, `variables` and `operationName`.",
	"could not read request body":              "The request body could not be read; it may be at most 256 KiB.",
	"transport not supported":                  "Send a POST with the Content-Type application/json, or a query by GET.",
	"the address could not be decoded":         "The address has an escape that is none.",
	"variables could not be decoded":           "The variables are not JSON.",
	"extensions could not be decoded":          "The extensions are not JSON.",
	"GET requests only allow query operations": "Send mutations by POST.",
	"introspection disabled":                   "Introspection is switched off.",
}

func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	var known *models.Error
	var library *gqlerror.Error
	errors.As(err, &library)
	switch {
	case errors.As(err, &known):
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		known = models.Errorf(models.Timeout, "The request was given up.") // nobody reads it; it is no fault
	case errors.Is(err, context.DeadlineExceeded):
		known = models.Errorf(models.Timeout, "The request took too long and was ended.")
		known.Err = err
	case library != nil && ofDocument(library):
		return p.show(ctx, library.Message, library, nil, &models.Error{Code: models.Code(fmt.Sprint(library.Extensions["code"]))})
	case library != nil && ofArgument(ctx, library):
		known = models.Errorf(models.BadInput, "%s", library.Message).OBP("OBP-10001")
	default:
		known = requestError(library)
	}
	if known == nil {
		known = models.Errorf(models.Internal, "internal error").OBP("OBP-50000")
		known.Err = err
	}
	return p.show(ctx, known.Message, library, graphql.GetPath(ctx), known)
}

// show writes the error as clients see it, and logs the cause of what went wrong on our side.
func (p presenter) show(ctx context.Context, message string, library *gqlerror.Error, path ast.Path, known *models.Error) *gqlerror.Error {
	correlation := models.ID{Kind: "err", UUID: uuid.New()}.String()
	shown := &gqlerror.Error{Message: message, Path: path, Extensions: map[string]any{
		"code": known.Code, "correlationId": correlation,
		"retryable": known.Code == models.Unavailable || known.Code == models.Timeout,
	}}
	if library != nil {
		shown.Locations, shown.Rule = library.Locations, library.Rule
		if library.Path != nil {
			shown.Path = library.Path
		}
	}
	if known.OBPCode != "" {
		shown.Extensions["obpCode"] = known.OBPCode
	}
	if known.Code == models.Forbidden {
		shown.Extensions["missingRoles"], shown.Extensions["requiredView"] = known.MissingRoles, known.RequiredView
	}
	switch {
	case known.Code == models.Unauthenticated && known.Err != nil, known.Code == models.Forbidden:
		// Who tried what is for the log of the bank, not for an alarm.
		p.log.InfoContext(ctx, "refused", "correlationId", correlation, "code", string(known.Code), "path", shown.Path.String(), "user", userOf(ctx), "error", causeOf(known))
	case known.Err != nil:
		p.log.Error("request failed", "correlationId", correlation, "code", string(known.Code), "path", shown.Path.String(), "error", known.Err.Error())
	}
	return shown
}

// userOf names the caller for the log.
func userOf(ctx context.Context) string {
	if caller := auth.Caller(ctx); caller != nil {
		return caller.User.ID().String()
	}
	return "nobody"
}

// causeOf is why a request failed, as far as the caller is not told.
func causeOf(known *models.Error) string {
	if known.Err != nil {
		return known.Err.Error()
	}
	return known.Message
}

// ofDocument says that the library found the document wrong, and said so with a code.
func ofDocument(library *gqlerror.Error) bool {
	code, _ := library.Extensions["code"].(string)
	return library.Err == nil && strings.HasPrefix(code, "GRAPHQL_")
}

// ofArgument says that an argument could not be read: only then is the path longer than the field's.
func ofArgument(ctx context.Context, library *gqlerror.Error) bool {
	field := graphql.GetFieldContext(ctx)
	return field != nil && len(library.Path) > len(field.Path())
}

func requestError(library *gqlerror.Error) *models.Error {
	if library == nil {
		return nil
	}
	for beginning, sentence := range requestErrors {
		if strings.HasPrefix(library.Message, beginning) {
			return models.Errorf(models.BadInput, "%s", sentence).OBP("OBP-10001")
		}
	}
	return nil
}
