package main

import (
	"errors"
	"time"

	"bankgraph/bank"
	"bankgraph/models"
)

// ChallengeFlags say how people are asked before something is paid.
type ChallengeFlags struct {
	Method     string        `help:"How codes reach people when a bank does not say it: ${enum}. dummy is the code 123 for everybody; auto is dummy in the demo, and email otherwise." enum:"auto,email,sms,dummy" default:"auto"`
	AllowDummy bool          `help:"Take the code 123 outside the demo, too: for development only. Who has a login can then approve every payment that they are asked about."`
	Block      time.Duration `help:"How long no answer of a user is taken after five wrong ones in a row." default:"15m" placeholder:"DURATION"`
	CodesTo    int           `help:"How many codes a user has sent to themselves in an hour at most, at all banks together, new ones for the same challenge included. As many again may be sent to them because of what others ask for at an account of theirs, at each, and because of refunds that are asked of them, at all together. Of these refunds each who asks may ask for a third." default:"60" placeholder:"NUMBER"`
	CodesBy    int           `help:"How many codes are sent in an hour at most because of one user who asks for payments. A refund that others are asked for counts once, however many of them there are." default:"120" placeholder:"NUMBER"`
}

// check says what of the flags cannot be.
func (f ChallengeFlags) check() error {
	if f.Block < time.Minute {
		return errors.New("--challenge-block must be at least a minute: codes could be guessed")
	}
	if f.CodesTo < 1 || f.CodesBy < 1 {
		return errors.New("--challenge-codes-to and --challenge-codes-by must be at least 1: without codes nothing can be approved")
	}
	return nil
}

var challengeMethods = map[string]models.ChallengeMethod{
	"email": models.ChallengeMethodEmail, "sms": models.ChallengeMethodSms, "dummy": models.ChallengeMethodDummy,
}

// open is how people are asked. A code that everybody knows is taken in the demo, and where somebody said so.
func (f ChallengeFlags) open(isDemo bool, keys [][]byte) (bank.Challenges, error) {
	allowsDummy := isDemo || f.AllowDummy
	method := challengeMethods[f.Method]
	switch {
	case method == "" && isDemo:
		method = models.ChallengeMethodDummy
	case method == "":
		method = models.ChallengeMethodEmail
	}
	if method == models.ChallengeMethodDummy && !allowsDummy {
		return bank.Challenges{}, errors.New("--challenge-method=dummy lets everybody approve every payment by 123: it is for the demo, and elsewhere it needs --challenge-allow-dummy")
	}
	return bank.Challenges{Keys: keys, Method: method, AllowDummy: allowsDummy, Block: f.Block, CodesTo: f.CodesTo, CodesBy: f.CodesBy}, nil
}
