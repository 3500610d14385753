package db

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"bankgraph/models"
)

// SentCodes are the codes of the last hour.
type SentCodes struct {
	Count int
	Since *time.Time // when the first of them was sent, nil when there are none
}

// The codes that were sent to a user, each an event of a challenge, which can be four hours old when its code is sent for the last time. Those that they caused themselves, by what they asked for or by
// having a code sent anew, are counted at all banks together, and apart from those that others caused: who has others sent codes must not use up what they need for their own payments. What others
// caused is counted at the one account that pays, whose requests the others may see, so that a refusal tells them nothing of elsewhere and stops nobody elsewhere; and refunds that are asked for
// from outside are counted together, and those of each who asks.
//
// And those that were sent because of a user: one for each who was asked at an account of the call, and one for a refund that others were asked for, since how many of them there are is not
// the user's to know. A code that everybody knows is not sent.
const (
	codesTo = `LATERAL (
		SELECT count(*), min(e.occurred_at) FROM challenge AS c JOIN challenge_event AS e USING (challenge_id, bank_id)
		WHERE c.user_id = asked.user_id AND c.made_at > statement_timestamp() - interval '4 hours' AND c.method <> 'DUMMY'
		  AND e.status = 'OPEN' AND e.occurred_at > statement_timestamp() - interval '1 hour' AND e.user_id = c.user_id) AS sent (count, since)`
	codesOfOthers = `LATERAL (
		SELECT count(*), min(e.occurred_at) FROM challenge AS c JOIN challenge_event AS e USING (challenge_id, bank_id) JOIN transaction_request AS r USING (transaction_request_id, bank_id)
		WHERE c.user_id = asked.user_id AND c.made_at > statement_timestamp() - interval '4 hours' AND c.method <> 'DUMMY'
		  AND e.status = 'OPEN' AND e.occurred_at > statement_timestamp() - interval '1 hour' AND e.user_id IS DISTINCT FROM c.user_id AND `
	codesAt          = codesOfOthers + `(r.payer_account_id, r.payer_bank_id) = (asked.account_id, asked.bank_id) AND (r.account_id, r.bank_id) = (asked.account_id, asked.bank_id)) AS sent (count, since)`
	codesAskedBack   = codesOfOthers + `(r.payer_account_id, r.payer_bank_id) <> (r.account_id, r.bank_id)) AS sent (count, since)`
	codesAskedBackBy = codesOfOthers + `(r.payer_account_id, r.payer_bank_id) <> (r.account_id, r.bank_id) AND r.user_id = asked.asker_id) AS sent (count, since)`
	codesBy          = `LATERAL (
		SELECT count(DISTINCT CASE WHEN (r.payer_account_id, r.payer_bank_id) = (r.account_id, r.bank_id) THEN c.challenge_id ELSE r.transaction_request_id END), min(r.started_at)
		FROM transaction_request AS r JOIN challenge AS c USING (transaction_request_id, bank_id)
		WHERE r.user_id = asked.user_id AND r.required_answers > 0 AND r.started_at > statement_timestamp() - interval '1 hour' AND c.method <> 'DUMMY') AS sent (count, since)`
)

// CodesTo are the codes that a user has had sent to themselves.
func (s *Store) CodesTo(ctx context.Context, user uuid.UUID) (sent SentCodes, err error) {
	err = s.rows.NewRaw("SELECT sent.count, sent.since FROM (SELECT ?::uuid AS user_id) AS asked, "+codesTo, user).Scan(ctx, &sent.Count, &sent.Since)
	return sent, known(err)
}

// AskCodesTo asks the same under the locks of an order.
func AskCodesTo(user uuid.UUID, take func(SentCodes)) Ask { return askCodes(codesTo, user, take) }

// AskCodesAt asks under the locks of an order for the codes that others have had sent to a user because of what an account was to pay.
func AskCodesAt(at models.AccountRef, user uuid.UUID, take func(SentCodes)) Ask {
	ask := askCodes(codesAt, user, take)
	ask.SQL = "SELECT asked.position, sent.count, sent.since FROM unnest($1::uuid[], $2::text[], $3::uuid[]) WITH ORDINALITY AS asked (user_id, bank_id, account_id, position), " + codesAt
	ask.Values = []any{user, at.BankID, at.Account}
	return ask
}

// AskCodesAskedBack asks under the locks of an order for the codes that were sent to a user because others want money back.
func AskCodesAskedBack(user uuid.UUID, take func(SentCodes)) Ask {
	return askCodes(codesAskedBack, user, take)
}

// AskCodesAskedBackBy asks the same of what one of the others wants back.
func AskCodesAskedBackBy(asker, user uuid.UUID, take func(SentCodes)) Ask {
	ask := askCodes(codesAskedBackBy, user, take)
	ask.SQL = "SELECT asked.position, sent.count, sent.since FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (user_id, asker_id, position), " + codesAskedBackBy
	ask.Values = []any{user, asker}
	return ask
}

// AskCodesBy asks under the locks of an order for the codes that were sent because of a user.
func AskCodesBy(user uuid.UUID, take func(SentCodes)) Ask { return askCodes(codesBy, user, take) }

func askCodes(sent string, user uuid.UUID, take func(SentCodes)) Ask {
	return Ask{
		SQL:    "SELECT asked.position, sent.count, sent.since FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (user_id, position), " + sent,
		Values: []any{user},
		Answer: func(row pgx.CollectableRow) error {
			var found SentCodes
			err := row.Scan(nil, &found.Count, &found.Since)
			take(found)
			return err
		},
	}
}

// AskAskedBack asks whether others were asked for a refund of the same transaction already, and have not decided, or were in the last hour, whatever became of that.
func AskAskedBack(request *models.TransactionRequest, take func(is bool)) Ask {
	return Ask{
		SQL: `SELECT asked.position, EXISTS (
				SELECT FROM transaction_request AS r WHERE r.original_id = asked.id AND r.reservation_id IS NOT NULL AND r.required_answers > 0
				AND (r.status IN ('INITIATED', 'NEXT_CHALLENGE_PENDING') OR r.started_at > statement_timestamp() - interval '1 hour')
				AND (r.payer_account_id, r.payer_bank_id) <> (r.account_id, r.bank_id))
			FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (id, position)`,
		Values: []any{*request.OriginalUUID},
		Answer: func(row pgx.CollectableRow) error {
			var is bool
			err := row.Scan(nil, &is)
			take(is)
			return err
		},
	}
}
