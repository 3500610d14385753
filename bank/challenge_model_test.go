package bank_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"bankgraph/db/dbtest"
	"bankgraph/models"
)

// paperChallenge is what somebody is asked.
type paperChallenge struct {
	status   string
	attempts int
}

// challenge asks whom a request needs: who wants it, or all who may pay anybody from the account when it takes two, or when somebody else is to pay.
func (r *paperRequest) challenge(w *wish) {
	r.required, r.asked = max(1, r.payer.quorum), map[string]*paperChallenge{}
	if r.required == 1 && r.payer == w.at {
		r.asked[w.user] = &paperChallenge{status: "OPEN"}
		return
	}
	for user, right := range r.payer.may {
		if right == mayPayAnybody {
			r.asked[user] = &paperChallenge{status: "OPEN"}
		}
	}
}

func (r *paperRequest) isUndecided() bool {
	return r.status == "INITIATED" || r.status == "NEXT_CHALLENGE_PENDING"
}

// close cancels what is still open.
func (r *paperRequest) close() {
	for _, challenge := range r.asked {
		if challenge.status == "OPEN" {
			challenge.status = "CANCELLED"
		}
	}
}

// answer is an answer of a user to their own challenge, or to any when they have none.
func (p *paper) answer(r *paperRequest, user string, isRight bool) models.Code {
	challenge := r.asked[user]
	switch {
	case challenge == nil:
		return models.ChallengeFailed
	case challenge.status == "EXPIRED":
		return models.ChallengeExpired
	case challenge.status != "OPEN":
		return models.ChallengeFailed
	}
	challenge.attempts++
	if !isRight {
		if challenge.attempts == 3 {
			p.lose(r, challenge, "FAILED")
		}
		return models.ChallengeFailed
	}
	challenge.status = "ANSWERED"
	if r.given++; r.given < r.required {
		r.status = "NEXT_CHALLENGE_PENDING"
		return ""
	}
	return p.complete(r)
}

// lose ends a challenge without an answer, and the request with it when too few are left.
func (p *paper) lose(r *paperRequest, challenge *paperChallenge, status string) {
	challenge.status = status
	can := r.given
	for _, other := range r.asked {
		if other.status == "OPEN" {
			can++
		}
	}
	if can < r.required {
		p.release(r)
		r.status = "FAILED"
		r.close()
	}
}

// reject is a no of somebody who may.
func (p *paper) reject(r *paperRequest) models.Code {
	if !r.isUndecided() {
		return models.InvalidState
	}
	p.release(r)
	r.status = "REJECTED"
	r.close()
	return ""
}

// challenges are the statuses of all that were asked.
func (r *paperRequest) challenges() string {
	var all []string
	for user, challenge := range r.asked {
		all = append(all, fmt.Sprint(user, " ", challenge.status, " ", challenge.attempts))
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// waiting is a request, mostly one that waits for answers.
func (p *paper) waiting(rt *rapid.T, what string) *paperRequest {
	var undecided []*paperRequest
	for _, r := range p.requests {
		if r.isUndecided() {
			undecided = append(undecided, r)
		}
	}
	if len(undecided) > 0 && roll(rt, "waiting", 5) > 0 {
		return pick(rt, what, undecided)
	}
	return pick(rt, what, p.requests)
}

// answerOnPaper has somebody answer, rightly or not, and asks what came of it once more, of the other process, when it was right.
func (h till) answerOnPaper(rt *rapid.T, other till, p *paper) {
	r, user, isRight := p.waiting(rt, "answered"), pick(rt, "by", []string{"demo-owner", "demo-owner", "demo-owner", "demo-approver", "demo-approver", "demo-stranger"}), roll(rt, "right", 4) > 0
	h.sql("DELETE FROM user_authentication") // who is blocked is another test's
	whose := user
	if r.asked[user] == nil {
		whose = "demo-owner"
	}
	challenge := models.ID{Kind: models.KindChallenge, UUID: uuid.New()}
	if r.asked[whose] != nil {
		challenge = h.challengeOf(r.row, whose)
	}
	in := answerOf(r.row, challenge, map[bool]string{true: right, false: wrong}[isRight])
	row, err := h.AnswerChallenge(h.as(h.t, user), in)
	code := p.answer(r, user, isRight)
	same(rt, fmt.Sprintf("%s answers (right: %t) a request that is %s", user, isRight, r.status), err, code)
	p.outcomes["answer "+cmp.Or(string(code), string(r.status))]++
	r.learn(row)
	if err != nil {
		return
	}
	if again, err := other.AnswerChallenge(h.as(h.t, user), in); err != nil || again.Status != r.status {
		rt.Fatalf("once more: %+v %v, and it is %s", again, err, r.status)
	}
}

// expireOnPaper lets the time of one challenge go by.
func (h till) expireOnPaper(rt *rapid.T, other till, p *paper) {
	r, user := p.waiting(rt, "late"), pick(rt, "who", []string{"demo-owner", "demo-approver"})
	challenge := r.asked[user]
	if challenge == nil || challenge.status != "OPEN" {
		return
	}
	h.sql("UPDATE challenge SET expires_at = clock_timestamp() WHERE challenge_id = $1", h.challengeOf(r.row, user).UUID)
	dbtest.Codes(dbtest.Together(2, func(i int) error { return []till{h, other}[i].SweepChallenges(h.t.Context()) }))
	p.lose(r, challenge, "EXPIRED")
	p.outcomes["expired "+string(r.status)]++
}

func (h till) rejectOnPaper(rt *rapid.T, other till, p *paper) {
	r := p.waiting(rt, "rejected")
	_, err := other.RejectTransactionRequest(h.as(h.t, "demo-owner"), models.RejectTransactionRequestInput{BankID: r.row.BankID, AccountID: r.row.AccountID(), TransactionRequestID: r.row.ID()})
	code := p.reject(r)
	same(rt, "reject", err, code)
	p.outcomes["reject "+cmp.Or(string(code), "DONE")]++
}

// compareChallenges holds what was asked, and what was answered, against the model.
func (h till) compareChallenges(rt *rapid.T, p *paper) {
	for _, r := range p.requests {
		var got string
		if err := h.store.Pool().QueryRow(h.t.Context(), `SELECT coalesce(string_agg(u.username || ' ' || c.status || ' ' || c.attempts, '; ' ORDER BY u.username), '')
			FROM challenge AS c JOIN app_user AS u USING (user_id) WHERE c.transaction_request_id = $1`, r.row.TransactionRequestID).Scan(&got); err != nil || got != r.challenges() {
			rt.Fatalf("the bank has %q, the model %q: %v", got, r.challenges(), err)
		}
		if n := h.count("SELECT given_answers FROM transaction_request WHERE transaction_request_id = $1", r.row.TransactionRequestID); n != r.given {
			rt.Fatalf("%d answers are counted, in the model %d", n, r.given)
		}
	}
}
