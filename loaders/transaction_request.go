package loaders

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"bankgraph/auth"
	"bankgraph/db"
	"bankgraph/models"
)

// Requests is the edge from accounts to their transaction requests, which a caller may filter and sort. Those of all accounts that are asked for alike are read by
// one statement.
type Requests struct{ Edge }

// AccountTransactionRequests are the requests of an account.
var AccountTransactionRequests = &Requests{register("Account.transactionRequests", auth.SeeTransactionRequests)}

// requestsKey is one page of one account. What is asked of the rows stands in it as JSON, so that those that ask alike are found.
type requestsKey struct {
	parent db.Parent
	page   models.Page
	asked  string
}

type requestsAsked struct {
	Filter *models.TransactionRequestFilter
	Order  *models.TransactionRequestOrder

	NoStatus, NoType bool // an empty list, which JSON leaves out, finds nothing
}

// Load is the page of an account's requests that the arguments ask for.
func (e *Requests) Load(ctx context.Context, account *models.Account, filter *models.TransactionRequestFilter, order *models.TransactionRequestOrder, arguments models.PageArguments) (*models.TransactionRequestConnection, error) {
	if err := e.See.Allow(ctx, account.Ref()); err != nil {
		return nil, err
	}
	page, err := arguments.Page()
	if err != nil {
		return nil, err
	}
	list, _ := db.TransactionRequestList(filter, order)
	for _, cursor := range []string{page.After, page.Before} {
		if _, err := list.Key(cursor); err != nil {
			return nil, err
		}
	}
	noStatus, noType := filter != nil && filter.Status != nil && len(filter.Status) == 0, filter != nil && filter.Type != nil && len(filter.Type) == 0
	asked, err := json.Marshal(requestsAsked{filter, order, noStatus, noType})
	if err != nil {
		return nil, fmt.Errorf("write a filter: %w", err)
	}
	key := requestsKey{parentOf(account.Ref()), page, string(asked)}
	items, err := load(ctx, question[requestsKey]{e.Edge, slot{e, "rows"}, key, key}, e.read)
	if err != nil {
		return nil, err
	}
	return db.Connection(list.Name(), page, items, func(ctx context.Context) (int, error) {
		key.page = models.Page{}
		return load(ctx, question[requestsKey]{e.Edge, slot{e, "count"}, key, key}, e.count)
	}), nil
}

func (e *Requests) read(ctx context.Context, s *db.Store, keys []requestsKey) ([][]db.Item[models.TransactionRequest], error) {
	found, err := askedAlike(keys, func(like requestsKey, list db.List, where []db.Condition, parents []db.Parent) ([][]db.Item[models.TransactionRequest], error) {
		return db.Children[models.TransactionRequest](ctx, s, list, parents, db.Span{Page: like.page, Where: where})
	})
	var shown []*models.TransactionRequest
	for i, items := range found {
		for _, item := range items[:min(len(items), keys[i].page.Limit)] {
			shown = append(shown, item.Row)
		}
	}
	hand(from(ctx), shown)
	return found, err
}

func (e *Requests) count(ctx context.Context, s *db.Store, keys []requestsKey) ([]int, error) {
	return askedAlike(keys, func(_ requestsKey, list db.List, where []db.Condition, parents []db.Parent) ([]int, error) {
		return db.CountsWhere[models.TransactionRequest](ctx, s, list, parents, db.Span{Where: where})
	})
}

// askedAlike answers keys group by group: those that differ in the account alone by one read.
func askedAlike[V any](keys []requestsKey, read func(like requestsKey, list db.List, where []db.Condition, parents []db.Parent) ([]V, error)) ([]V, error) {
	answers, done := make([]V, len(keys)), make([]bool, len(keys))
	for i, key := range keys {
		if done[i] {
			continue
		}
		var asked requestsAsked
		if err := json.Unmarshal([]byte(key.asked), &asked); err != nil {
			return nil, fmt.Errorf("read a filter: %w", err)
		}
		if asked.NoStatus {
			asked.Filter.Status = []models.TransactionRequestStatus{}
		}
		if asked.NoType {
			asked.Filter.Type = []models.TransactionRequestType{}
		}
		list, where := db.TransactionRequestList(asked.Filter, asked.Order)
		var at []int
		var parents []db.Parent
		for j := i; j < len(keys); j++ {
			if keys[j].page == key.page && keys[j].asked == key.asked {
				at, parents, done[j] = append(at, j), append(parents, keys[j].parent), true
			}
		}
		found, err := read(key, list, where, parents)
		if err != nil {
			return nil, err
		}
		for j, position := range at {
			answers[position] = found[j]
		}
	}
	return answers, nil
}

// TransactionsOf are the transactions of a request, as they stand on the accounts that the caller sees.
func TransactionsOf(ctx context.Context, request *models.TransactionRequest) ([]*models.Transaction, error) {
	if request.TransactionUUID == nil {
		return []*models.Transaction{}, RequestTransactions.See.Allow(ctx, request.Ref())
	}
	all, err := RequestTransactions.Load(ctx, request, *request.TransactionUUID)
	return slices.DeleteFunc(slices.Clone(all), func(t *models.Transaction) bool { return !RequestTransactions.See.Admits(ctx, t.Ref()) }), err
}

// AttributeOf is a request's attribute with this identifier, nil when it has none.
func AttributeOf(ctx context.Context, request *models.TransactionRequest, id models.ID) (*models.TransactionRequestAttribute, error) {
	key, err := id.As(models.KindTransactionRequestAttribute)
	if err != nil {
		return nil, err
	}
	all, err := RequestAttribute.Load(ctx, request, request.TransactionRequestID)
	for _, attribute := range all {
		if attribute.TransactionRequestAttributeID == key {
			return attribute, err
		}
	}
	return nil, err
}

// paying is a request, or its challenge: what has a payee.
type paying interface {
	PayeeFor(sees func(models.Ref) bool) *models.TransactionRequestPayee
}

// PayeeOf is the payee of something as the caller is told it.
func PayeeOf(ctx context.Context, of paying) *models.TransactionRequestPayee {
	return of.PayeeFor(sees(ctx))
}

// ChallengesOf are the challenges of a request, or of what there is to know of its status, that the caller may see; nil when there are only others.
func ChallengesOf(ctx context.Context, edge *Rows[*models.Challenge], of models.Referrer, request *models.TransactionRequest) ([]*models.Challenge, error) {
	all, err := edge.Load(ctx, of, request.TransactionRequestID)
	shown := slices.DeleteFunc(slices.Clone(all), func(c *models.Challenge) bool { return !auth.SeeChallenges.Admits(ctx, c.Ref()) })
	if len(shown) == 0 && AnswersOf(ctx, request, 0) == nil {
		return nil, err
	}
	return shown, err
}

// AnswersOf is a number of answers to the challenges of a request as the caller is told it: nil when they do not see requests of the account that pays.
func AnswersOf(ctx context.Context, request *models.TransactionRequest, answers int) *int {
	if !auth.SeeTransactionRequests.Admits(ctx, request.PayerRef()) {
		return nil
	}
	return &answers
}

// PayerAccountIDOf identifies the account that pays a request as the caller is told it.
func PayerAccountIDOf(ctx context.Context, request *models.TransactionRequest) *models.ID {
	return request.PayerAccountIDFor(sees(ctx))
}

// sees says which accounts the caller sees anyway.
func sees(ctx context.Context) func(models.Ref) bool {
	return func(ref models.Ref) bool { return auth.SeeAccounts.Admits(ctx, ref) }
}

// Made is what the caller is told of a request that they have made: all of it when they may see requests.
func Made(ctx context.Context, request *models.TransactionRequest) *models.CreateTransactionRequestSuccess {
	if request == nil {
		return nil
	}
	return &models.CreateTransactionRequestSuccess{ID: request.ID(), Status: request.Status, TransactionRequest: seen(ctx, request)}
}

// Answered is the same of one that they have answered a challenge of.
func Answered(ctx context.Context, request *models.TransactionRequest) *models.AnswerTransactionRequestChallengeSuccess {
	if request == nil {
		return nil
	}
	return &models.AnswerTransactionRequestChallengeSuccess{
		ID: request.ID(), Status: request.Status, MissingAnswers: request.MissingAnswers(), TransactionRequest: seen(ctx, request),
	}
}

// Rejected is the same of one that they have said no to.
func Rejected(ctx context.Context, request *models.TransactionRequest) *models.RejectTransactionRequestSuccess {
	if request == nil {
		return nil
	}
	return &models.RejectTransactionRequestSuccess{ID: request.ID(), Status: request.Status, TransactionRequest: seen(ctx, request)}
}

// Cancelled is the same of one that they have taken back.
func Cancelled(ctx context.Context, request *models.TransactionRequest) *models.CancelTransactionRequestSuccess {
	if request == nil {
		return nil
	}
	return &models.CancelTransactionRequestSuccess{ID: request.ID(), Status: request.Status, TransactionRequest: seen(ctx, request)}
}

// seen is the request when the caller may see requests of one of its accounts, nil otherwise.
func seen(ctx context.Context, request *models.TransactionRequest) *models.TransactionRequest {
	if !auth.SeeTransactionRequests.Admits(ctx, request.Ref()) {
		return nil
	}
	return HandedOne(ctx, request)
}
