package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"bankgraph/db"
	"bankgraph/db/dbtest"
	"bankgraph/models"
)

var (
	// parallelGuesses is how many guesses the rounds of B04 have together; 20000 is what the case asks for.
	parallelGuesses = flag.Int("parallel-guesses", 640, "how many answers the case B04 gives at once, 64 a round")
	// challengeRaces is how often C16 cancels and answers at the same instant; 200 is what the case asks for.
	challengeRaces = flag.Int("challenge-races", 15, "how often the case C16 cancels and answers at once")
)

// TestChallengesThroughTwoServers has the cases of challenges that need two processes on one database.
func TestChallengesThroughTwoServers(t *testing.T) {
	t.Parallel()
	all := startTwoServers(t)
	for _, part := range []struct {
		name string
		run  func(s *twoServers)
	}{
		{"B04 many guesses at once, one of them right", guessesAtOnce},
		{"C04 all that must answer do so at once", approversAtOnce},
		{"C11 an answer at the moment when the challenge expires", answerAtTheEnd},
		{"C13 an answer whose reply is lost is given again", answerAgain},
		{"C16 a right answer and a cancellation at the same instant", answerAndCancel},
		{"M13 completions and a payment want the same last money", lastMoneyApproved},
		{"T01 nothing is told by time", timing},
	} {
		t.Run(part.name, func(t *testing.T) {
			s := all.in(t)
			s.execute("DELETE FROM user_authentication")
			part.run(s)
			s.wantBooks()
			s.wantChallenges()
		})
	}
	if n := all.count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"); n != 0 {
		t.Errorf("%d deadlocks", n)
	}
}

// wantChallenges says that each challenge has told of each of its transitions, that none took more attempts than it may, and that none is open whose request has ended.
func (s *twoServers) wantChallenges() {
	s.t.Helper()
	for what, sql := range map[string]string{
		"have not told of each transition":    "SELECT count(*) FROM challenge AS c WHERE event_count <> (SELECT count(*) FROM challenge_event AS e WHERE (e.challenge_id, e.bank_id) = (c.challenge_id, c.bank_id))",
		"took more attempts than they may":    "SELECT count(*) FROM challenge WHERE attempts > max_attempts",
		"are open though their request ended": "SELECT count(*) FROM challenge AS c JOIN transaction_request AS r USING (transaction_request_id, bank_id) WHERE c.status = 'OPEN' AND r.ended_at IS NOT NULL",
		"hold money though they ended":        "SELECT count(*) FROM transaction_request AS r JOIN reservation AS v USING (reservation_id) WHERE r.ended_at IS NOT NULL AND v.state = 'HELD'",
		"have other answers than are counted": "SELECT count(*) FROM transaction_request AS r WHERE given_answers <> (SELECT count(*) FROM challenge AS c WHERE (c.transaction_request_id, c.bank_id) = (r.transaction_request_id, r.bank_id) AND c.status = 'ANSWERED')",
	} {
		if n := s.count(sql); n != 0 {
			s.t.Errorf("%d %s", n, what)
		}
	}
}

const answerDocument = `mutation ($input: AnswerTransactionRequestChallengeInput!) { at: answerTransactionRequestChallenge(input: $input) {
	... on AnswerTransactionRequestChallengeSuccess { id status missingAnswers transactionRequest { statusInfo { ... on TransactionRequestCompleted { transactionId } } } }
	... on Rejection { code message }
} }`

const cancelDocument = `mutation ($input: CancelTransactionRequestInput!) { at: cancelTransactionRequest(input: $input) {
	... on CancelTransactionRequestSuccess { id status } ... on Rejection { code message } } }`

// send sends a mutation whose one field is called at, and gives back what became of it; the raw answer without what differs by chance is in raw.
func (s *twoServers) send(ctx context.Context, server int, user, document string, input payment) learned {
	body, err := json.Marshal(map[string]any{"query": document, "variables": map[string]any{"input": input}})
	if err != nil {
		return learned{code: "NO JSON", raw: err.Error()}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, *s.server[server].base.Load()+"/graphql", bytes.NewReader(body))
	if err != nil {
		return learned{code: "NO REQUEST", raw: err.Error()}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+s.tokens[user])
	response, err := s.client.Do(request)
	if err != nil {
		return learned{code: lost, raw: err.Error()}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return learned{code: lost, raw: err.Error()}
	}
	var answer struct {
		Data struct {
			At struct {
				Code, ID, Status   string
				TransactionRequest struct {
					StatusInfo struct{ TransactionID string }
				}
			}
		}
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return learned{code: "NO ANSWER", raw: string(text)}
	}
	if len(answer.Errors) > 0 {
		return learned{code: answer.Errors[0].Extensions.Code, raw: string(text)}
	}
	at := answer.Data.At
	return learned{code: cmp.Or(at.Code, done), id: at.TransactionRequest.StatusInfo.TransactionID, status: at.Status, raw: string(text)}
}

// pending is a request that waits for answers, and its challenges by user.
type pending struct {
	account    *models.Account
	request    models.ID
	challenges map[string]models.ID
}

// ask has demo-owner ask for a payment that must be approved.
func (s *twoServers) pend(from, to *models.Account, amount string) pending {
	s.t.Helper()
	made := s.settle(rand.IntN(2), "demo-owner", payFrom(from, to, amount))
	if made.code != done || made.status != "INITIATED" {
		s.t.Fatalf("%+v", made)
	}
	return pendingOf(s.t, s.store, from, uuid.MustParse(made.id))
}

// pendingOf are the challenges of a request.
func pendingOf(t testing.TB, store *db.Store, from *models.Account, id uuid.UUID) pending {
	t.Helper()
	p := pending{from, models.ID{Kind: models.KindTransactionRequest, UUID: id}, map[string]models.ID{}}
	rows, err := store.Pool().Query(t.Context(), "SELECT username, challenge_id::text FROM challenge JOIN app_user USING (user_id) WHERE transaction_request_id = $1", id)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var user, challenge string
		if err := rows.Scan(&user, &challenge); err != nil {
			t.Fatal(err)
		}
		p.challenges[user] = models.ID{Kind: models.KindChallenge, UUID: uuid.MustParse(challenge)}
	}
	return p
}

// named is what names the request in an input.
func (p pending) named() payment {
	return payment{"bankId": p.account.BankID, "accountId": p.account.ID().String(), "transactionRequestId": p.request.String()}
}

// answer is an answer to the challenge of a user.
func (p pending) answer(user, code string) payment {
	return p.named().with("challengeId", p.challenges[user].String()).with("answer", code).with("idempotencyKey", uuid.NewString())
}

// takes says how many users must approve what an account pays.
func (s *twoServers) takes(account *models.Account, answers int) {
	s.t.Helper()
	s.execute("INSERT INTO account_attribute (account_attribute_id, bank_id, account_id, name, type, value) VALUES (gen_random_uuid(), $1, $2, 'REQUIRED_CHALLENGE_ANSWERS', 'INTEGER', $3)",
		account.BankID, account.AccountID, fmt.Sprint(answers))
}

func guessesAtOnce(s *twoServers) {
	const atOnce = 64
	rounds, paid, evaluated, beyond := max(1, *parallelGuesses/atOnce), 0, 0, 0
	for range rounds {
		anna, ben := s.open("1500"), s.open("0")
		p, lucky := s.pend(anna, ben, "1000"), rand.IntN(atOnce)
		s.execute("DELETE FROM user_authentication")
		answers := dbtest.Together(atOnce, func(i int) learned {
			code := fmt.Sprintf("%06d", 1000+i)
			if i == lucky {
				code = "123"
			}
			return s.send(context.Background(), i%2, "demo-owner", answerDocument, p.answer("demo-owner", code))
		})
		counts := codes(answers)
		attempts := s.count("SELECT attempts FROM challenge WHERE challenge_id = $1", p.challenges["demo-owner"].UUID)
		if evaluated += attempts; attempts > 3 {
			beyond++
		}
		if counts[done] > 1 || counts[done]+counts["CHALLENGE_FAILED"] != atOnce {
			s.t.Errorf("%v", counts)
		}
		if n := s.count("SELECT count(*) FROM posting WHERE account_id = $1", anna.AccountID); n != counts[done] {
			s.t.Errorf("%d postings after %v", n, counts)
		}
		if counts[done] == 1 {
			paid++
			s.has(anna, "500", "0")
			continue
		}
		s.has(anna, "1500", "0")
		if late := s.send(context.Background(), 0, "demo-owner", answerDocument, p.answer("demo-owner", "123")); late.code != "CHALLENGE_FAILED" {
			s.t.Errorf("a right answer after the last attempt: %+v", late)
		}
	}
	if beyond > 0 {
		s.t.Errorf("in %d rounds more was evaluated than is allowed", beyond)
	}
	s.t.Logf("%d guesses in %d rounds, %d evaluated, in %d rounds more than is allowed; %d were paid", rounds*atOnce, rounds, evaluated, beyond, paid)
}

func approversAtOnce(s *twoServers) {
	for range 10 {
		anna, ben := s.open("1500"), s.open("0")
		s.takes(anna, 2)
		p := s.pend(anna, ben, "1000")
		users := []string{"demo-owner", "demo-approver"}
		answers := dbtest.Together(2, func(i int) learned {
			return s.send(context.Background(), i%2, users[i], answerDocument, p.answer(users[i], "123"))
		})
		if counts := codes(answers); counts[done] != 2 || answers[0].status == answers[1].status && answers[0].status != "COMPLETED" {
			s.t.Errorf("%+v", answers)
		}
		if n := s.count("SELECT count(*) FROM transaction_request_event WHERE transaction_request_id = $1 AND status = 'COMPLETED'", p.request.UUID); n != 1 {
			s.t.Errorf("completed %d times", n)
		}
		if n := s.count("SELECT count(*) FROM posting WHERE account_id IN ($1, $2)", anna.AccountID, ben.AccountID); n != 2 {
			s.t.Errorf("%d postings", n)
		}
		s.has(ben, "1000", "0")
	}
}

// answerAtTheEnd answers through both servers around the instant at which the challenge expires by the clock of the database. What clocks the servers have does not matter: nothing asks them.
func answerAtTheEnd(s *twoServers) {
	outcomes := map[string]int{}
	for round := range 12 {
		anna, ben := s.open("1500"), s.open("0")
		p := s.pend(anna, ben, "1000")
		s.execute("DELETE FROM user_authentication")
		s.execute("UPDATE challenge SET expires_at = clock_timestamp() + $2 * interval '1 millisecond' WHERE transaction_request_id = $1", p.request.UUID, 4*round)
		answers := dbtest.Together(3, func(i int) learned {
			return s.send(context.Background(), i%2, "demo-owner", answerDocument, p.answer("demo-owner", "123"))
		})
		counts := codes(answers)
		paid := s.count("SELECT count(*) FROM posting WHERE account_id = $1", anna.AccountID)
		if counts[done] != paid || paid > 1 {
			s.t.Errorf("%v, and %d postings", counts, paid)
		}
		if paid == 0 {
			s.until("FAILED", p)
			s.has(anna, "1500", "0")
		}
		outcomes[fmt.Sprint(counts)]++
	}
	s.t.Logf("%v", outcomes)
}

// until waits for the sweeper of either server.
func (s *twoServers) until(status string, p pending) {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); s.count("SELECT count(*) FROM transaction_request WHERE transaction_request_id = $1 AND status = $2", p.request.UUID, status) == 0; {
		if time.Now().After(end) {
			s.t.Fatalf("the request is not %s", status)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// answerAgain drops the connection while the answer is on its way, and sends it once more through the other server.
func answerAgain(s *twoServers) {
	gone := 0
	for round := range 20 {
		anna, ben := s.open("1500"), s.open("0")
		p := s.pend(anna, ben, "1000")
		in := p.answer("demo-owner", "123")
		ctx, drop := context.WithTimeout(context.Background(), time.Duration(1+round)*time.Millisecond)
		first := s.send(ctx, 0, "demo-owner", answerDocument, in)
		drop()
		if first.code == lost {
			gone++
		}
		var ids []string
		for i := range 4 {
			// While the first is on its way still, its attempt is counted and its outcome is not there.
			again := s.send(context.Background(), (1+i)%2, "demo-owner", answerDocument, in)
			if again.code != done || again.status != "COMPLETED" || again.id == "" {
				s.t.Errorf("%d: %+v after %+v", i, again, first)
			}
			if len(ids) == 0 || ids[0] != again.id {
				ids = append(ids, again.id)
			}
		}
		if len(ids) != 1 {
			s.t.Errorf("%v", ids)
		}
		if n := s.count("SELECT count(*) FROM posting WHERE account_id = $1", anna.AccountID); n != 1 {
			s.t.Errorf("%d postings", n)
		}
	}
	s.t.Logf("%d answers of 20 were lost", gone)
}

func answerAndCancel(s *twoServers) {
	outcomes := map[string]int{}
	for range *challengeRaces {
		anna, ben := s.open("1500"), s.open("0")
		p := s.pend(anna, ben, "1000")
		answers := dbtest.Together(2, func(i int) learned {
			if i == 0 {
				return s.send(context.Background(), rand.IntN(2), "demo-owner", answerDocument, p.answer("demo-owner", "123"))
			}
			<-time.After(time.Duration(rand.IntN(40)) * time.Millisecond) // an answer has more to do before it comes to the account
			return s.send(context.Background(), rand.IntN(2), "demo-owner", cancelDocument, p.named())
		})
		paid := s.count("SELECT count(*) FROM posting WHERE account_id IN ($1, $2)", anna.AccountID, ben.AccountID)
		said := answers[0].code + " " + answers[1].code
		outcomes[said]++
		switch {
		case said == done+" INVALID_STATE" && paid == 2:
			s.has(anna, "500", "0")
		case said == "CHALLENGE_FAILED "+done && paid == 0:
			s.has(anna, "1500", "0")
		default:
			s.t.Errorf("%d postings after %+v", paid, answers)
		}
		s.execute("DELETE FROM user_authentication")
	}
	s.t.Logf("%v", outcomes)
}

// lastMoneyApproved has what waits for its answers reserved, so that whoever asks too late is refused by then, and all that was promised can be paid.
func lastMoneyApproved(s *twoServers) {
	for range 4 {
		anna, ben := s.open("2500"), s.open("0")
		s.takes(anna, 2)
		one, two := s.pend(anna, ben, "1000"), s.pend(anna, ben, "1000")
		for _, p := range []pending{one, two} {
			if next := s.send(context.Background(), 0, "demo-approver", answerDocument, p.answer("demo-approver", "123")); next.status != "NEXT_CHALLENGE_PENDING" {
				s.t.Errorf("%+v", next)
			}
		}
		answers := dbtest.Together(4, func(i int) learned {
			if i < 2 {
				return s.send(context.Background(), i, "demo-owner", answerDocument, []pending{one, two}[i].answer("demo-owner", "123"))
			}
			return s.settle(i%2, "demo-owner", payFrom(anna, ben, "400"))
		})
		if counts := codes(answers); counts[done] != 3 || counts["INSUFFICIENT_FUNDS"] != 1 || answers[0].code != done || answers[1].code != done {
			s.t.Errorf("%+v", answers)
		}
		s.has(anna, "100", "0")
		if late := s.settle(0, "demo-owner", payFrom(anna, ben, "1000")); late.code != "INSUFFICIENT_FUNDS" {
			s.t.Errorf("%+v", late)
		}
	}
}
