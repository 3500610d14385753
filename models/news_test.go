package models

import (
	"testing"
	"time"
)

// TestWhatWasReadWithAnEventIsShownForAMoment: somebody who reads slowly is shown what is there by then.
func TestWhatWasReadWithAnEventIsShownForAMoment(t *testing.T) {
	t.Parallel()
	caller, object := &Caller{}, &Challenge{}
	for name, test := range map[string]struct {
		kind    EventKind
		read    *Snapshot
		to      *Caller
		isShown bool
	}{
		"just now":                    {EventKindKycStatusAdded, &Snapshot{At: time.Now(), Object: object}, caller, true},
		"too long ago":                {EventKindKycStatusAdded, &Snapshot{At: time.Now().Add(-2 * snapshotAge), Object: object}, caller, false},
		"a heartbeat, as long ago":    {EventKindHeartbeat, &Snapshot{At: time.Now().Add(-2 * snapshotAge), Object: object}, caller, true},
		"a heartbeat, too long ago":   {EventKindHeartbeat, &Snapshot{At: time.Now().Add(-2 * heartbeatAge), Object: object}, caller, false},
		"without the reader's rights": {EventKindKycStatusAdded, &Snapshot{At: time.Now(), Object: object}, nil, false},
		"nothing":                     {EventKindKycStatusAdded, nil, caller, false},
	} {
		event := &Event{Kind: test.kind, Number: 7, Snapshot: test.read}
		told := event.To(test.to)
		fresh := told.Fresh()
		if told.Number != 7 || fresh != told.Snapshot || (fresh != nil) != test.isShown || fresh != nil && (fresh.Caller != caller || fresh.Object != any(object)) {
			t.Errorf("%s: %+v", name, fresh)
		}
		if test.read != nil && (event.Snapshot != test.read || test.read.Caller != nil) {
			t.Errorf("%s: what one is told changed what others are told", name)
		}
	}
}

func TestStreamsSayWhatTheirNewsAreAbout(t *testing.T) {
	t.Parallel()
	for stream, kind := range map[Stream]Kind{
		"user:018f": KindChallenge, "account:gh.29.uk:018f": KindTransactionRequest, "kyc:gh.29.uk": KindKycStatus, "kyc": KindKycStatus, "": "", "other:1": "",
	} {
		if got := stream.About(); got != kind {
			t.Errorf("%q is about %q", stream, got)
		}
	}
}
