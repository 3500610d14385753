package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"bankgraph/auth"
	"bankgraph/models"
)

// Documents are those that clients may name instead of sending them: trusted ones, from a manifest that was made when a
// client was built; and those that some client sent before, with their hash (APQ). These are kept in
// memory only, in each replica, and only after they passed all checks: the name is the hash, so nobody can put one in
// the place of another.
type Documents struct {
	hook

	trusted    map[string]string   // texts, by name
	texts      map[string]struct{} // hashes of the trusted texts, for clients that send them
	operations map[string]struct{} // names of the operations in them
	onlyThese  bool
	registered *lru.LRU[string] // texts, by hash
}

var _ interface {
	graphql.HandlerExtension
	graphql.OperationParameterMutator
	graphql.OperationContextMutator
} = &Documents{}

// hashPrefix stands before hashes in documentId, as the draft of GraphQL over HTTP has it.
const hashPrefix = "sha256:"

// ReadDocuments reads a manifest of trusted documents: a JSON object from names to texts, as graphql-codegen and
// relay-compiler write it. An empty one trusts none. With onlyThese, callers without the role CanExploreGraph can run no others.
func ReadDocuments(manifest []byte, onlyThese bool) (*Documents, error) {
	d := newDocuments()
	d.onlyThese = onlyThese
	if len(manifest) == 0 {
		return d, nil
	}
	var listed map[string]string
	if err := json.Unmarshal(manifest, &listed); err != nil {
		return nil, fmt.Errorf("the manifest of trusted documents is not a JSON object from names to texts: %w", err)
	}
	for name, text := range listed {
		document, errs := gqlparser.LoadQueryWithRules(Contract(), text, rules.NewDefaultRules())
		if len(errs) > 0 {
			return nil, fmt.Errorf("the trusted document %s does not fit the schema: %s", name, errs[0].Message)
		}
		for _, operation := range document.Operations {
			d.operations[operation.Name] = struct{}{}
		}
		d.trusted[strings.TrimPrefix(name, hashPrefix)] = text
		d.texts[hashOf(text)] = struct{}{}
	}
	return d, nil
}

func newDocuments() *Documents {
	return &Documents{trusted: map[string]string{}, texts: map[string]struct{}{}, operations: map[string]struct{}{}, registered: lru.New[string](keptDocuments)}
}

// Knows says which operations have names that are worth remembering: those in trusted documents; nil when there are none,
// and any may be.
func (d *Documents) Knows() func(operation string) bool {
	if d == nil || len(d.operations) == 0 {
		return nil
	}
	return func(operation string) bool {
		_, isKnown := d.operations[operation]
		return isKnown
	}
}

// MutateOperationParameters puts the text in the place of its name.
func (d *Documents) MutateOperationParameters(ctx context.Context, request *graphql.RawParams) *gqlerror.Error {
	name, isNamed := documentName(request.Extensions)
	switch {
	case !isNamed:
	case request.Query != "":
		if hashOf(request.Query) != name {
			return gqlerror.Wrap(models.Errorf(models.BadInput, "The hash is not that of the document: it should be SHA-256 of `query`, in hexadecimal.").OBP("OBP-10001"))
		}
	default:
		text, found := d.trusted[name]
		if !found {
			text, found = d.registered.Get(ctx, name)
		}
		if !found {
			// The words are those of the protocol: clients look for them.
			return gqlerror.Wrap(models.Errorf(models.DocumentNotFound, "PersistedQueryNotFound"))
		}
		request.Query = text
	}
	if !d.onlyThese {
		return nil
	}
	if _, isTrusted := d.texts[hashOf(request.Query)]; isTrusted {
		return nil
	}
	if err := auth.ExploreGraph.AllowSomewhere(ctx); err != nil {
		return gqlerror.Wrap(err)
	}
	return nil
}

// MutateOperationContext keeps a document that was sent with its hash, now that it passed all checks.
func (d *Documents) MutateOperationContext(ctx context.Context, operation *graphql.OperationContext) *gqlerror.Error {
	if name, isNamed := documentName(operation.Extensions); isNamed && len(operation.RawQuery) <= maxKeptDocument {
		if _, isTrusted := d.trusted[name]; !isTrusted {
			d.registered.Add(ctx, name, operation.RawQuery)
		}
	}
	return nil
}

// documentName is the name by which a request asks for a document: `documentId`, or the hash of APQ.
func documentName(extensions map[string]any) (string, bool) {
	persisted, _ := extensions["persistedQuery"].(map[string]any)
	name, isText := persisted["sha256Hash"].(string)
	return name, isText && name != ""
}

// nameDocument notes a `documentId` where APQ has its hash: it is the same question.
func nameDocument(request *graphql.RawParams, documentID string) {
	if request.Extensions == nil {
		request.Extensions = map[string]any{}
	}
	request.Extensions["persistedQuery"] = map[string]any{"sha256Hash": strings.TrimPrefix(documentID, hashPrefix)}
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
