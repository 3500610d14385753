package db

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"bankgraph/models"
)

// Attempt is an answer that somebody wants to give.
type Attempt struct {
	Of        models.RequestRef
	Challenge uuid.UUID
	User      uuid.UUID
	Limit     int           // wrong answers in a row after which the user is blocked
	Block     time.Duration // and for how long
	// Blocked is called in the transaction of the attempt that blocks the user, with until when.
	Blocked func(tx *Store, until time.Time) error
}

// Claimed is what came of an Attempt.
type Claimed struct {
	Challenge    *models.KeptChallenge // as it is with the attempt counted; nil when none may be tried
	IsExpired    bool                  // it is the user's own, and too old: nothing was counted
	Failures     int                   // of the user in a row, with this one
	BlockedUntil *time.Time            // nil when the user is not blocked
	HasBlocked   bool                  // it is this one that has blocked the user
}

// claim is the state of the user's own challenge, counts the attempt, and counts it as a failure of the user, who may be blocked by it. It is always these statements, with as many rows read by
// key, whosever challenge it is, and with as many written: an attempt that there is none for is counted as a miss of the user. Neither write touches an index. Row locks are taken in the order
// of all who take both: the challenge, then the user.
const (
	claimOwn = `SELECT count(*) FROM challenge
		WHERE challenge_id = ? AND bank_id = ? AND account_id = ? AND transaction_request_id = ? AND user_id = ?
		  AND (status = 'EXPIRED' OR status = 'OPEN' AND expires_at <= clock_timestamp())`
	claimAttempt = `WITH own AS (
			UPDATE challenge SET attempts = attempts + 1, attempted_at = clock_timestamp()
			WHERE challenge_id = ?0 AND bank_id = ?1 AND account_id = ?2 AND transaction_request_id = ?3 AND user_id = ?4
			  AND status = 'OPEN' AND attempts < max_attempts AND expires_at > clock_timestamp()
			  AND NOT EXISTS (SELECT FROM user_authentication AS a WHERE a.user_id = challenge.user_id AND a.blocked_until > clock_timestamp())
			RETURNING ?5
		), missed AS (
			INSERT INTO user_authentication AS a (user_id, failures, misses) SELECT ?4, 0, 1 WHERE NOT EXISTS (SELECT FROM own)
			ON CONFLICT (user_id) DO UPDATE SET misses = a.misses + 1
		)
		SELECT ?5 FROM own`
	claimFailure = `INSERT INTO user_authentication AS a (user_id, failures, blocked_until)
		VALUES (?0, ?1, CASE WHEN ?1 >= ?2 THEN clock_timestamp() + ?3 * interval '1 second' END)
		ON CONFLICT (user_id) DO UPDATE SET
			failures = CASE WHEN a.blocked_until <= clock_timestamp() THEN ?1 ELSE a.failures + ?1 END,
			blocked_until = CASE
				WHEN a.blocked_until > clock_timestamp() THEN a.blocked_until
				WHEN CASE WHEN a.blocked_until IS NULL THEN a.failures ELSE 0 END + ?1 >= ?2 THEN clock_timestamp() + ?3 * interval '1 second' END
		RETURNING failures, blocked_until`
)

// Claim counts an attempt before anything of it is looked at. It must be committed by then, so that nothing takes it back.
func (s *Store) Claim(ctx context.Context, a Attempt) (claimed Claimed, err error) {
	err = s.InTx(ctx, func(tx *Store) error {
		claimed = Claimed{}
		named := []any{a.Challenge, a.Of.Bank, a.Of.Account, a.Of.RequestID, a.User}
		var expired int
		if err := tx.rows.NewRaw(claimOwn, named...).Scan(ctx, &expired); err != nil {
			return err
		}
		claimed.IsExpired = expired > 0
		challenge := new(models.KeptChallenge)
		switch err := tx.rows.NewRaw(claimAttempt, append(named, bun.Safe(strings.Join(tx.columnsOf(challenge), ", ")))...).Scan(ctx, challenge); {
		case none(err):
		case err != nil:
			return err
		default:
			claimed.Challenge = challenge
		}
		counts := 1
		if claimed.IsExpired {
			counts = 0 // nothing was guessed
		}
		if err := tx.rows.NewRaw(claimFailure, a.User, counts, a.Limit, a.Block.Seconds()).Scan(ctx, &claimed.Failures, &claimed.BlockedUntil); err != nil {
			return err
		}
		if claimed.Failures > a.Limit {
			claimed.Challenge = nil // somebody was faster: the user is blocked, and the attempt is gone
		}
		if claimed.HasBlocked = counts > 0 && claimed.Failures == a.Limit && claimed.BlockedUntil != nil; claimed.HasBlocked {
			return a.Blocked(tx, *claimed.BlockedUntil)
		}
		return nil
	})
	return claimed, known(err)
}

// permitted are the views on an account that permit something, and through which applications. mayAnswer says whether a user has one through theirs, or a role at its bank, by what the rows say now.
const (
	permitted = `SELECT a.user_id, a.client_id FROM account_access AS a JOIN account_view AS v USING (view_id)
		WHERE a.account_id = asked.account_id AND a.bank_id = asked.bank_id AND v.permissions @> ARRAY[asked.permission]`
	mayAnswer = `EXISTS (` + permitted + ` AND a.user_id = asked.user_id AND a.client_id IN ('', asked.client_id))
		OR EXISTS (SELECT FROM entitlement AS e WHERE e.user_id = asked.user_id AND e.bank_id = asked.bank_id AND e.role = asked.role)`
)

// Authority is what a user needs to pay from an account.
type Authority struct {
	User       uuid.UUID
	ClientID   string
	BankID     string
	Account    uuid.UUID
	Permission string
	Role       string // instead, at the bank
}

// HasAuthority says whether the user has it.
func (s *Store) HasAuthority(ctx context.Context, a Authority) (has bool, err error) {
	err = s.rows.NewRaw("SELECT "+mayAnswer+" FROM (SELECT ?::text AS bank_id, ?::uuid AS account_id, ?::uuid AS user_id, ?::text AS client_id, ?::text AS permission, ?::text AS role) AS asked",
		a.BankID, a.Account, a.User, a.ClientID, a.Permission, a.Role).Scan(ctx, &has)
	return has, known(err)
}

// AskAuthority asks the same under the locks of an order.
func AskAuthority(a Authority, take func(has bool)) Ask {
	return Ask{
		SQL: "SELECT asked.position, " + mayAnswer + ` FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY
			AS asked (bank_id, account_id, user_id, client_id, permission, role, position)`,
		Values: []any{a.BankID, a.Account, a.User, a.ClientID, a.Permission, a.Role},
		Answer: func(row pgx.CollectableRow) error {
			var has bool
			err := row.Scan(nil, &has)
			take(has)
			return err
		},
	}
}

// ChallengeStand is where a challenge stands under the locks.
type ChallengeStand struct {
	ID         uuid.UUID
	UserID     uuid.UUID
	Status     models.ChallengeStatus
	Events     int
	IsExpired  bool // too old, whether it is noted or not
	IsUsedUp   bool // no attempt is left, and whoever took the last one must have ended by now
	IsAtTheEnd bool // no attempt is left
}

const challengeStands = `c.challenge_id, c.user_id, c.status, c.event_count, c.expires_at <= clock_timestamp(),
	c.attempts = c.max_attempts AND c.attempted_at < clock_timestamp() - interval '30 seconds', c.attempts = c.max_attempts`

func (c *ChallengeStand) targets() []any {
	return []any{(*[16]byte)(&c.ID), (*[16]byte)(&c.UserID), (*string)(&c.Status), &c.Events, &c.IsExpired, &c.IsUsedUp, &c.IsAtTheEnd}
}

// ChallengesOf are the challenges of a request, by their keys.
func (s *Store) ChallengesOf(ctx context.Context, request *models.TransactionRequest) ([]*ChallengeStand, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+challengeStands+" FROM challenge AS c WHERE c.transaction_request_id = $1 AND c.bank_id = $2 ORDER BY c.challenge_id",
		pgx.QueryExecModeCacheStatement, [16]byte(request.TransactionRequestID), request.BankID)
	if err != nil {
		return nil, known(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*ChallengeStand, error) {
		c := &ChallengeStand{}
		return c, row.Scan(c.targets()...)
	})
	return found, known(err)
}

// AskChallenges asks the same under the locks of an order: take is called once a challenge, after begin.
func AskChallenges(request *models.TransactionRequest, begin func(), take func(*ChallengeStand)) Ask {
	return Ask{
		SQL: "SELECT asked.position, " + challengeStands + ` FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS asked (bank_id, transaction_request_id, position)
			JOIN challenge AS c USING (bank_id, transaction_request_id) ORDER BY c.challenge_id`,
		Values: []any{request.BankID, request.TransactionRequestID}, Begin: begin,
		Answer: func(row pgx.CollectableRow) error {
			c := &ChallengeStand{}
			err := row.Scan(append([]any{nil}, c.targets()...)...)
			take(c)
			return err
		},
	}
}

// EndChallenge is the row of the ledger that ends an open challenge, on top of what happened to it before.
func EndChallenge(bankID string, c *ChallengeStand, at time.Time) LedgerRow {
	const sql = `UPDATE challenge AS c SET status = row.status, ended_at = row.at, event_count = row.number
		FROM unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::bigint[]) AS row (bank_id, id, status, at, number)
		WHERE c.challenge_id = row.id AND c.bank_id = row.bank_id AND c.status = 'OPEN'`
	return LedgerRow{sql, []any{bankID, lineValue(c.ID), string(c.Status), at, c.Events}, 1}
}

// ForgiveFailures is the row of the ledger that counts a right answer of a user: what was wrong before counts no more.
func ForgiveFailures(user uuid.UUID) LedgerRow {
	return LedgerRow{forgiveFailures, []any{lineValue(user)}, 0}
}

// Forgive does the same without the ledger. With isLifted it also ends what would tell the user of being blocked.
func (s *Store) Forgive(ctx context.Context, user uuid.UUID, isLifted bool) error {
	statements := []string{forgiveFailures}
	if isLifted {
		statements = []string{voidChallengeAlerts, forgiveFailures}
	}
	for _, sql := range statements {
		if _, err := s.rows.NewRaw(strings.Replace(sql, "$1::uuid[]", "ARRAY[?]::uuid[]", 1), user).Exec(ctx); err != nil {
			return known(err)
		}
	}
	return nil
}

const forgiveFailures = `WITH whose AS (SELECT a.user_id FROM user_authentication AS a WHERE a.user_id = ANY($1::uuid[]) ORDER BY a.user_id FOR NO KEY UPDATE)
		UPDATE user_authentication AS a SET failures = 0, blocked_until = NULL FROM whose WHERE a.user_id = whose.user_id`

// DueChallenge is an open challenge that is too old or used up, and its request, which is to go on by that.
type DueChallenge struct {
	ExpiresAt            time.Time
	ChallengeID          uuid.UUID
	BankID               string
	TransactionRequestID uuid.UUID
}

// DueChallenges are some of them, behind one: those that expire first. No index knows what is used up, so that no attempt writes one: all that is open is looked at.
func (s *Store) DueChallenges(ctx context.Context, behind *DueChallenge, most int) ([]*DueChallenge, error) {
	due := []*DueChallenge{}
	query := s.rows.NewSelect().Table("challenge").Column("expires_at", "challenge_id", "bank_id", "transaction_request_id").Where("status = 'OPEN'").
		Where("expires_at <= clock_timestamp() OR attempts = max_attempts AND attempted_at < clock_timestamp() - interval '30 seconds'")
	if behind != nil {
		query = query.Where("(expires_at, challenge_id) > (?::timestamptz, ?::uuid)", behind.ExpiresAt, behind.ChallengeID)
	}
	err := query.Order("expires_at", "challenge_id").Limit(int64(most)).Scan(ctx, &due)
	return due, known(err)
}

// RequestOfChallenge is the request of a challenge of a user, nil when they have none with this UUID.
func (s *Store) RequestOfChallenge(ctx context.Context, bankID string, id, user uuid.UUID) (*models.TransactionRequest, error) {
	return One(ctx, func(request *models.TransactionRequest) *bun.SelectQuery {
		return s.rows.NewSelect().Model(request).
			Where("(transaction_request_id, bank_id) IN (SELECT transaction_request_id, bank_id FROM challenge WHERE challenge_id = ? AND bank_id = ? AND user_id = ?)", id, bankID, user)
	})
}

// OpenChallenge is the challenge of a user for a request that is still to be answered, nil when there is none.
func (s *Store) OpenChallenge(ctx context.Context, request *models.TransactionRequest, user uuid.UUID) (*models.KeptChallenge, error) {
	return One(ctx, func(challenge *models.KeptChallenge) *bun.SelectQuery {
		return s.rows.NewSelect().Model(challenge).Where("transaction_request_id = ?", request.TransactionRequestID).Where("bank_id = ?", request.BankID).Where("user_id = ?", user).
			Where("status = 'OPEN'").Where("expires_at > clock_timestamp()")
	})
}

// OwnChallenge is the challenge of a user with this UUID, which nobody else changes until the transaction ends; nil when there is none. now is the clock of the database.
func (s *Store) OwnChallenge(ctx context.Context, bankID string, id, user uuid.UUID) (challenge *models.KeptChallenge, now time.Time, err error) {
	challenge, err = One(ctx, func(row *models.KeptChallenge) *bun.SelectQuery {
		return s.rows.NewSelect().Model(row).Where("challenge_id = ?", id).Where("bank_id = ?", bankID).Where("user_id = ?", user).For("NO KEY UPDATE")
	})
	if err == nil {
		err = s.rows.NewRaw("SELECT clock_timestamp()").Scan(ctx, &now)
	}
	return challenge, now.UTC(), known(err)
}

// RenewChallenge writes what another code changes.
func (s *Store) RenewChallenge(ctx context.Context, challenge *models.KeptChallenge, event *models.ChallengeEvent) error {
	_, err := s.rows.NewUpdate().Model(challenge).Column("nonce", "code_hash", "resends", "sent_at", "expires_at", "event_count").WherePK().Where("bank_id = ?", challenge.BankID).Exec(ctx)
	if err != nil {
		return known(err)
	}
	_, err = s.rows.NewInsert().Model(event).Exec(ctx)
	return known(err)
}

// AskAttributeOfRequest asks, under the locks of an order, what a request has under the name of an attribute: take is called when there is something, after begin.
func AskAttributeOfRequest(like *models.TransactionRequestAttribute, begin func(), take func(*models.TransactionRequestAttribute)) Ask {
	return Ask{
		SQL: `SELECT asked.position, row.transaction_request_attribute_id, row.type, row.value FROM unnest($1::text[], $2::uuid[], $3::text[]) WITH ORDINALITY
			AS asked (bank_id, transaction_request_id, name, position) JOIN transaction_request_attribute AS row USING (bank_id, transaction_request_id, name)`,
		Values: []any{like.BankID, like.TransactionRequestID, like.Name}, Begin: begin,
		Answer: func(row pgx.CollectableRow) error {
			found := *like
			err := row.Scan(nil, (*[16]byte)(&found.TransactionRequestAttributeID), (*string)(&found.Type), &found.Value)
			take(&found)
			return err
		},
	}
}

// AttributeOfRequest is the row of the ledger that writes an attribute of a request, in the place of one of the same name.
func AttributeOfRequest(a *models.TransactionRequestAttribute) LedgerRow {
	const sql = `INSERT INTO transaction_request_attribute (transaction_request_attribute_id, bank_id, account_id, transaction_request_id, name, type, value)
		SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[])
		ON CONFLICT (transaction_request_id, bank_id, name) DO UPDATE SET type = EXCLUDED.type, value = EXCLUDED.value`
	return LedgerRow{sql, []any{
		lineValue(a.TransactionRequestAttributeID), a.BankID, lineValue(a.AccountID), lineValue(a.TransactionRequestID), a.Name, string(a.Type), a.Value,
	}, 1}
}

// BlockedUntil is until when a user's answers are not taken, nil when they are.
func (s *Store) BlockedUntil(ctx context.Context, user uuid.UUID) (*time.Time, error) {
	var until []time.Time
	err := s.rows.NewRaw("SELECT blocked_until FROM user_authentication WHERE user_id = ? AND blocked_until > clock_timestamp()", user).Scan(ctx, &until)
	if err != nil || len(until) == 0 {
		return nil, known(err)
	}
	return &until[0], nil
}

// ChallengePage is a page of the challenges of a user, at all banks, the newest first.
func (s *Store) ChallengePage(ctx context.Context, user uuid.UUID, filter *models.ChallengeFilter, page models.Page) (*models.ChallengeConnection, error) {
	return bankPage[models.Challenge](ctx, s, bankList{
		name: cursorName("Viewer.challenges", filter), isOfNoBank: true, order: sorting{column: "made_at", cast: "timestamptz"}, isDescending: true,
		where: func(query *bun.SelectQuery) *bun.SelectQuery {
			query = query.Where("row.user_id = ?", user)
			if filter != nil && filter.Status != nil {
				query = query.Where("row.status = ANY(?::text[])", pgdialect.Array(texts(filter.Status)))
			}
			return query
		},
	}, page)
}
