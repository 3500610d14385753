package outbox

import (
	"context"

	"github.com/google/uuid"

	"bankgraph/models"
)

// hooksSealedAtOnce is how many webhooks are read by one statement whose secrets are sealed anew.
const hooksSealedAtOnce = 100

// sealAnew seals the secrets of webhooks with the secret of the server that is in use, those that are sealed with one that is still believed: when all are, nobody has to believe that any more. Who
// reads the log learns how many are left: which nothing opens, or could not be written. While there is a secret that is still believed, the log says so each time, also that none is left.
func (o *Outbox) sealAnew(ctx context.Context) {
	if o.Seal == nil {
		return
	}
	sealed, left := 0, 0
	for after := uuid.Nil; ; {
		hooks, err := o.store.WebhooksAfter(ctx, after, hooksSealedAtOnce)
		if err != nil {
			o.warn(ctx, "the secrets of webhooks are not sealed anew, which is left for the next time", err)
			return
		}
		for _, hook := range hooks {
			of, isLeft, err := o.resealed(hook)
			changed := 0
			if err == nil && of != nil {
				changed, err = o.store.ResealWebhook(ctx, hook, of.SealedSecret, of.SealedPrevious)
			}
			sealed += changed // none when somebody was faster
			if isLeft || err != nil {
				left++
			}
			o.warn(ctx, "the secret of a webhook is not sealed anew, which is left for the next time", err)
		}
		if len(hooks) < hooksSealedAtOnce {
			break
		}
		after = hooks[len(hooks)-1].WebhookID
	}
	if len(o.keys) > 1 || left > 0 {
		o.log.Info("secrets of webhooks were sealed with the secret in use", "sealed", sealed, "left", left)
	}
}

// resealed is a webhook with seals by the key in use, nil when it has these; isLeft says whether its secret opens with none.
func (s *Seal) resealed(w *models.Webhook) (changed *models.Webhook, isLeft bool, err error) {
	of := *w
	for i, seal := range []*[]byte{&of.SealedSecret, &of.SealedPrevious} {
		if *seal == nil {
			continue
		}
		secret, key := s.revealBy(*seal, boundTo(w))
		switch {
		case key < 0:
			isLeft = isLeft || i == 0 // the one before is passed over, and forgotten after its day
		case key > 0:
			if *seal, err = s.close(secret, boundTo(w)); err != nil {
				return nil, isLeft, err
			}
			changed = &of
		}
	}
	return changed, isLeft, nil
}
