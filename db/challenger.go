package db

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/models"
)

// askedOf is something that is asked of an account: the name of an attribute, or a permission.
type askedOf struct {
	account models.AccountRef
	what    string
}

// AttributeValues are the values that an account has under a name, in order. Those of all accounts of a ground are read together, once.
func (s *Store) AttributeValues(ctx context.Context, g *RequestGround, account *models.Account, name string) ([]string, error) {
	return ofAccount(g, g.knownValues(), account, name, func(accounts []*models.Account) (map[models.AccountRef][]string, error) {
		banks, keys := keysOf(accounts)
		return byAccount[string](s.pool.Query(ctx, `
			SELECT DISTINCT row.bank_id, row.account_id, row.value FROM unnest($1::text[], $2::uuid[]) AS asked (bank_id, account_id)
			JOIN account_attribute AS row USING (account_id, bank_id) WHERE row.name = $3 ORDER BY row.value`, pgx.QueryExecModeCacheStatement, banks, keys, name))(
			func(value *string) []any { return []any{value} })
	})
}

// Challengers are the users who have a view on an account that permits something, in the order of their identifiers, and no more than most, which is always the same. A view through one
// application counts while the application is switched on. Those of all accounts of a ground are read together, once.
func (s *Store) Challengers(ctx context.Context, g *RequestGround, account *models.Account, permission string, most int) ([]*models.Challenger, error) {
	found, err := ofAccount(g, g.knownChallengers(), account, permission, func(accounts []*models.Account) (map[models.AccountRef][]models.Challenger, error) {
		banks, keys := keysOf(accounts)
		return byAccount[models.Challenger](s.pool.Query(ctx, `
			SELECT asked.bank_id, asked.account_id, who.user_id, who.username, who.email, who.phone_number
			FROM (SELECT o.bank_id, o.account_id, $3::text AS permission FROM unnest($1::text[], $2::uuid[]) AS o (bank_id, account_id)) AS asked
			CROSS JOIN LATERAL (
				SELECT u.* FROM app_user AS u WHERE u.user_id IN (
					SELECT p.user_id FROM (`+permitted+`) AS p
					JOIN app_user AS whose ON whose.user_id = p.user_id
					LEFT JOIN consumer ON consumer.issuer = whose.issuer AND consumer.client_id = p.client_id
					WHERE p.client_id = '' OR consumer.is_enabled)
				ORDER BY u.user_id LIMIT $4) AS who
			ORDER BY who.user_id`, pgx.QueryExecModeCacheStatement, banks, keys, permission, most))(
			func(c *models.Challenger) []any {
				return []any{(*[16]byte)(&c.UserID), &c.Username, &c.Email, &c.PhoneNumber}
			})
	})
	challengers := make([]*models.Challenger, len(found))
	for i := range found {
		challengers[i] = &found[i]
	}
	return challengers, err
}

// Challenger is one user, nil when there is none.
func (s *Store) Challenger(ctx context.Context, userID uuid.UUID) (*models.Challenger, error) {
	user, err := s.User(ctx, userID)
	if err != nil || user == nil {
		return nil, err
	}
	return &models.Challenger{UserID: user.UserID, Username: user.Username, Email: user.Email, PhoneNumber: user.PhoneNumber}, nil
}

// ChallengerOn is the same, read once for a ground: all that stands on one is asked by the same user.
func (s *Store) ChallengerOn(ctx context.Context, g *RequestGround, userID uuid.UUID) (*models.Challenger, error) {
	if g != nil && g.caller != nil && g.caller.UserID == userID {
		return g.caller, nil
	}
	found, err := s.Challenger(ctx, userID)
	if g != nil && err == nil {
		g.caller = found
	}
	return found, err
}

func (g *RequestGround) knownValues() map[askedOf][]string {
	if g == nil {
		return nil
	}
	return g.values
}

func (g *RequestGround) knownChallengers() map[askedOf][]models.Challenger {
	if g == nil {
		return nil
	}
	return g.challengers
}

// ofAccount is what there is of an account. What is not known of an account of a ground is read of all its accounts together.
func ofAccount[V any](g *RequestGround, known map[askedOf][]V, account *models.Account, what string, read func([]*models.Account) (map[models.AccountRef][]V, error)) ([]V, error) {
	ref := models.AccountRef{BankID: account.BankID, Account: account.AccountID}
	if values, isKnown := known[askedOf{ref, what}]; isKnown {
		return values, nil
	}
	accounts := []*models.Account{account}
	if g.Account(account.BankID, account.AccountID) != nil {
		accounts = g.accounts
	}
	found, err := read(accounts)
	if err != nil {
		return nil, err
	}
	if known != nil {
		for _, of := range accounts {
			ref := models.AccountRef{BankID: of.BankID, Account: of.AccountID}
			known[askedOf{ref, what}] = found[ref]
		}
	}
	return found[ref], nil
}

func keysOf(accounts []*models.Account) (banks []string, keys [][16]byte) {
	for _, account := range accounts {
		banks, keys = append(banks, account.BankID), append(keys, account.AccountID)
	}
	return banks, keys
}

// byAccount reads rows that begin with the account that they belong to.
func byAccount[V any](rows pgx.Rows, err error) func(targets func(*V) []any) (map[models.AccountRef][]V, error) {
	return func(targets func(*V) []any) (map[models.AccountRef][]V, error) {
		if err != nil {
			return nil, known(err)
		}
		found := map[models.AccountRef][]V{}
		var ref models.AccountRef
		var value V
		_, err := pgx.ForEachRow(rows, append([]any{&ref.BankID, (*[16]byte)(&ref.Account)}, targets(&value)...), func() error {
			found[ref] = append(found[ref], value)
			return nil
		})
		return found, known(err)
	}
}
