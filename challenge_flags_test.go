package main

import (
	"strings"
	"testing"
	"time"

	"bankgraph/models"
)

// TestACodeThatEverybodyKnowsIsForTheDemo: elsewhere the server does not start with it, unless somebody says so.
func TestACodeThatEverybodyKnowsIsForTheDemo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		flags  ChallengeFlags
		isDemo bool
		want   models.ChallengeMethod // empty: refused
		dummy  bool
	}{
		"the demo":                  {ChallengeFlags{Method: "auto"}, true, models.ChallengeMethodDummy, true},
		"elsewhere":                 {ChallengeFlags{Method: "auto"}, false, models.ChallengeMethodEmail, false},
		"by text message":           {ChallengeFlags{Method: "sms"}, false, models.ChallengeMethodSms, false},
		"dummy elsewhere":           {ChallengeFlags{Method: "dummy"}, false, "", false},
		"dummy for developers":      {ChallengeFlags{Method: "dummy", AllowDummy: true}, false, models.ChallengeMethodDummy, true},
		"a demo that sends letters": {ChallengeFlags{Method: "email"}, true, models.ChallengeMethodEmail, true},
	} {
		challenges, err := test.flags.open(test.isDemo, nil)
		if (err != nil) != (test.want == "") || challenges.Method != test.want || challenges.AllowDummy != test.dummy {
			t.Errorf("%s: %+v %v", name, challenges, err)
		}
	}
	for _, flags := range []ChallengeFlags{{Block: time.Minute, CodesTo: 0, CodesBy: 1}, {Block: time.Minute, CodesTo: 1, CodesBy: -1}} {
		if err := flags.check(); err == nil || !strings.Contains(err.Error(), "--challenge-codes-to") {
			t.Error(err)
		}
	}
	if err := (ChallengeFlags{Block: time.Second}).check(); err == nil || !strings.Contains(err.Error(), "--challenge-block") {
		t.Error(err)
	}
}

// TestTheServerDoesNotStartWithACodeThatEverybodyKnows: the program itself, with a database that is not the demo's.
func TestTheServerDoesNotStartWithACodeThatEverybodyKnows(t *testing.T) {
	t.Parallel()
	asksInTurn(t)
	out, err := command(t, "--addr", "127.0.0.1:0", "--data-dir", dataDir(t), "--demo", "off", "--challenge-method", "dummy").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--challenge-allow-dummy") {
		t.Errorf("%v: %s", err, out)
	}
}
