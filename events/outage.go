package events

import "context"

// outage logs when something begins to fail and when it works again, and not each time that it fails meanwhile.
type outage struct {
	hub          *Hub
	began, ended string
	isFailing    bool
}

func (h *Hub) outage(began, ended string) *outage {
	return &outage{hub: h, began: began, ended: ended}
}

func (o *outage) note(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil: // the replica stops
	case err != nil && !o.isFailing:
		o.hub.Log.Warn(o.began, "error", o.hub.describe(err))
	case err == nil && o.isFailing:
		o.hub.Log.Info(o.ended)
	}
	o.isFailing = err != nil
}
