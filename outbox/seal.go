package outbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"bankgraph/models"
)

// Purpose is what the keys are for that codes, and the secrets of webhooks, are sealed with.
const Purpose = "codes of challenges, sealed for their delivery"

// Seal closes a code into a message, so that who reads the database reads no code. A seal opens for its own message, kind and recipient only: moved to
// another message, or to one whose recipient was changed, it stays closed.
type Seal struct{ keys []cipher.AEAD }

// NewSeal is a Seal with the keys of the secret in use, and of those that are still believed.
func NewSeal(keys [][]byte) (*Seal, error) {
	if len(keys) == 0 {
		return nil, errors.New("seal a code: there is no secret to do it with")
	}
	seal := &Seal{}
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("seal a code: %w", err)
		}
		sealed, err := cipher.NewGCM(block)
		if err != nil {
			return nil, fmt.Errorf("seal a code: %w", err)
		}
		seal.keys = append(seal.keys, sealed)
	}
	return seal, nil
}

// SealCode seals a code into a message, whose identifier, kind and recipient must not change from then on.
func (s *Seal) SealCode(message *models.OutboxMessage, code string) error {
	sealed, err := s.close(code, bound(message))
	message.Sealed = sealed
	return err
}

// SealSecret is the secret of a webhook, sealed. It opens for this webhook of this bank only, and stays what it is when the webhook changes.
func (s *Seal) SealSecret(webhook *models.Webhook, secret string) ([]byte, error) {
	return s.close(secret, boundTo(webhook))
}

func (s *Seal) close(text string, to []byte) ([]byte, error) {
	nonce := make([]byte, s.keys[0].NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("close a seal: %w", err)
	}
	return s.keys[0].Seal(nonce, nonce, []byte(text), to), nil
}

// errSeal says that a seal is none of ours, or was moved. It has no more to say: nothing of the seal belongs into a log.
var errSeal = errors.New("the seal of a message does not open")

// open is the code in a message.
func (s *Seal) open(message *models.OutboxMessage) (string, error) {
	return s.reveal(message.Sealed, bound(message))
}

// openSecrets are the secrets that sign for a webhook: its own and, for a day after it was replaced, the one before, unless that does not open.
func (s *Seal) openSecrets(webhook *models.Webhook) ([]string, error) {
	secret, err := s.reveal(webhook.SealedSecret, boundTo(webhook))
	if err != nil {
		return nil, err
	}
	secrets := []string{secret}
	if before, err := s.reveal(webhook.SealedPrevious, boundTo(webhook)); err == nil {
		secrets = append(secrets, before)
	}
	return secrets, nil
}

// OpensSecret says whether the secret of a webhook can be opened: by one that cannot nobody signs.
func (s *Seal) OpensSecret(webhook *models.Webhook) bool {
	_, err := s.reveal(webhook.SealedSecret, boundTo(webhook))
	return err == nil
}

func (s *Seal) reveal(sealed, to []byte) (string, error) {
	text, key := s.revealBy(sealed, to)
	if key < 0 {
		return "", errSeal
	}
	return text, nil
}

// revealBy also says by which key, -1 for none.
func (s *Seal) revealBy(sealed, to []byte) (text string, by int) {
	for i, key := range s.keys {
		if len(sealed) < key.NonceSize() {
			break
		}
		if text, err := key.Open(nil, sealed[:key.NonceSize()], sealed[key.NonceSize():], to); err == nil {
			return string(text), i
		}
	}
	return "", -1
}

// boundTo is what the seal of a webhook's secret is bound to. No identifier of a message looks like its first line.
func boundTo(w *models.Webhook) []byte {
	return []byte(strings.Join([]string{"webhook", w.WebhookID.String(), w.BankID}, "\n"))
}

// bound is what a seal is bound to. None of the parts but the last can hold the sign between them.
func bound(m *models.OutboxMessage) []byte {
	return []byte(strings.Join([]string{m.MessageID.String(), m.BankID, string(m.Kind), m.AboutID.String(), m.Recipient}, "\n"))
}
